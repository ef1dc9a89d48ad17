package netcode

import "hindsight/protocol"

// phase is a point on a match's time line, or a length of it, in millionths of a tick: tick t
// begins at t*tickPhase. A time in Micros times the tick rate in Hz is a phase exactly, so no clock
// here drifts by rounding.
type phase int64

const tickPhase phase = 1_000_000

// at returns the phase at which tick t begins.
func at(t protocol.Tick) phase { return phase(t) * tickPhase }

// tick returns the tick that p lies in.
func (p phase) tick() protocol.Tick { return protocol.Tick(floorDiv(p, tickPhase)) }

// rate is a simulation rate in Hz; it converts between clock and match time.
type rate int64

func (r rate) phase(m protocol.Micros) phase  { return phase(m) * phase(r) }
func (r rate) micros(p phase) protocol.Micros { return protocol.Micros(p / phase(r)) }

// floorDiv divides rounding towards minus infinity; b is positive.
func floorDiv(a, b phase) phase {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// lowest keeps the few smallest phases of a stream in ascending order, which is all that a low
// quantile of a short window needs.
type lowest struct {
	n    int
	vals [16]phase
}

// add offers a value; at most want are kept.
func (l *lowest) add(v phase, want int) {
	want = min(want, len(l.vals))
	if l.n == want {
		if want == 0 || v >= l.vals[l.n-1] {
			return
		}
		l.n--
	}
	i := l.n
	for ; i > 0 && l.vals[i-1] > v; i-- {
		l.vals[i] = l.vals[i-1]
	}
	l.vals[i] = v
	l.n++
}

// last returns the largest of the kept, 0 if there is none.
func (l *lowest) last() phase {
	if l.n == 0 {
		return 0
	}
	return l.vals[l.n-1]
}
