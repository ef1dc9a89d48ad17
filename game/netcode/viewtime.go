package netcode

import (
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
)

// viewTime says which moment of the received past to draw. The moment runs with real time, behind
// the newest snapshot by a delay that covers the snapshot interval and nearly all of the lateness
// seen in the last seconds, so that there is nearly always a snapshot on either side of it. On TCP
// the lateness of a lost segment is a round trip, and one buffer of that length hides every single
// loss.
//
// It never goes back. It runs 5 % faster or slower at most to follow the delay, up to 25 % faster
// to catch up after a stall, and jumps only when it is a quarter of a second behind. Past the newest
// snapshot it goes on for 100 ms and then stands still.
type viewTime struct {
	rate     rate
	interval phase // between two snapshots

	// Arrivals. The offset of a snapshot is when it arrived less its tick; the least offset is the
	// path at its fastest and all lateness is counted from it.
	offsets [latenessSamples]phase
	count   int
	least   phase
	late    phase // high quantile of lateness
	stalls  stalls
	held    phase // lateness of the newest snapshot, unless it came in a burst
	arrived protocol.Micros
	outside int // snapshots in a row too late to count

	running  bool
	now      protocol.Micros // local time of pos
	pos      phase           // the moment drawn
	delay    phase           // behind the newest snapshot's time line
	catching bool            // catching up after a stall
	key      int64           // the last view given out, in 1/256 tick

	ahead        bool // pos is past the newest snapshot
	underruns    int
	extrapolated protocol.Micros
	jumps        int
}

const (
	latenessSamples = 512 // 8.5 s at 60 Hz
	latenessRank    = 100 // the quantile is 1 - 1/latenessRank
	latenessLimit   = 250 * protocol.Millisecond
	latenessReset   = 60 // snapshots beyond the limit before the path counts as changed

	delayMax      = 150 * protocol.Millisecond
	extrapolation = 100 * protocol.Millisecond

	viewServo     = 400 * protocol.Millisecond
	viewLimit     = 65536 * 5 / 100
	shrinkLimit   = 65536 * 1 / 100 // how fast the delay is taken back
	catchLimit    = 65536 * 25 / 100
	catchServo    = 200 * protocol.Millisecond
	catchFrom     = 50 * protocol.Millisecond
	catchUntil    = 5 * protocol.Millisecond
	viewJumpAfter = 250 * protocol.Millisecond
)

// restart forgets everything but the totals.
func (v *viewTime) restart(r rate, every int) {
	*v = viewTime{
		rate: r, interval: phase(every) * tickPhase, delay: 2 * phase(every) * tickPhase, stalls: v.stalls,
		underruns: v.underruns, extrapolated: v.extrapolated, jumps: v.jumps,
	}
}

// receive takes in that the snapshot of tick t arrived.
func (v *viewTime) receive(now protocol.Micros, t protocol.Tick) {
	offset := v.rate.phase(now) - at(t)
	burst := now-v.arrived < v.rate.micros(v.interval)/2
	v.arrived = now
	if v.count > 0 {
		tooLate := offset-v.least > v.rate.phase(latenessLimit)
		if tooLate || burst && v.outside > 0 {
			// No delay could bridge this, nor does the rest of the burst tell what a delay is for.
			if v.outside++; v.outside < latenessReset || burst {
				return
			}
			v.count = 0
		}
	}
	v.outside = 0
	if burst && v.held != 0 { // what follows was there all the time: it was a stall
		v.stalls.note(now, v.held)
	}
	if v.held = 0; !burst && v.count > 0 && offset-v.least <= v.rate.phase(stallMost) {
		v.held = max(offset-v.least, 0)
	}
	v.offsets[v.count%latenessSamples] = offset
	v.count++
	if v.count == 1 {
		v.least, v.late = offset, 0
	}
	if offset < v.least || offset-v.least > v.late || v.count%8 == 0 {
		v.measure()
	}
	if !v.running {
		v.running, v.now = true, now
		v.pos = v.target(now)
	}
}

// measure finds the least offset and the high quantile of lateness in the window.
func (v *viewTime) measure() {
	n := min(v.count, latenessSamples)
	v.least = v.offsets[0]
	var highest lowest // of the negated offsets
	for _, o := range v.offsets[:n] {
		v.least = min(v.least, o)
		highest.add(-o, n/latenessRank+1)
	}
	v.late = -highest.last() - v.least
}

// wanted is the delay that the measured lateness asks for.
func (v *viewTime) wanted(now protocol.Micros) phase {
	least := v.interval * 5 / 4
	return min(least+max(v.late, v.stalls.usual(now)), max(v.rate.phase(delayMax), least))
}

// head is the match time of which a snapshot would arrive right now, were it not late.
func (v *viewTime) head(now protocol.Micros) phase { return v.rate.phase(now) - v.least }

func (v *viewTime) target(now protocol.Micros) phase { return v.head(now) - v.delay }

// advance moves the view to now. Newest is the newest snapshot received.
func (v *viewTime) advance(now protocol.Micros, newest protocol.Tick) {
	if !v.running || now <= v.now {
		return
	}
	elapsed := now - v.now
	v.now = now
	p := v.rate.phase(elapsed)

	if wanted := v.wanted(now); wanted > v.delay {
		v.delay = wanted
	} else {
		v.delay = max(wanted, v.delay-p*shrinkLimit>>16)
	}
	behind := v.target(now) - p - v.pos
	if behind > v.rate.phase(viewJumpAfter) && v.pos+p < at(newest) { // there is something to jump to
		v.pos = max(v.pos, min(v.target(now), at(newest)))
		v.jumps++
		v.catching = false
	} else {
		v.pos += p + p*phase(v.steer(behind))>>16
	}
	if oldest := at(newest) - protocol.MaxInterp*tickPhase; v.pos < oldest { // no longer judged as seen
		v.pos = oldest
		v.jumps++
	}
	v.pos = min(v.pos, at(newest)+v.rate.phase(extrapolation))
	v.account(elapsed, newest)
}

// steer returns the deviation from real time, in 1/65536, when the view is behind by so much.
func (v *viewTime) steer(behind phase) int64 {
	if behind > v.rate.phase(catchFrom) {
		v.catching = true
	} else if behind < v.rate.phase(catchUntil) {
		v.catching = false
	}
	if v.catching {
		return clamp(int64(behind)*65536/int64(v.rate.phase(catchServo)), 0, catchLimit)
	}
	return clamp(int64(behind)*65536/int64(v.rate.phase(viewServo)), -viewLimit, viewLimit)
}

// account counts the time drawn past the newest snapshot.
func (v *viewTime) account(elapsed protocol.Micros, newest protocol.Tick) {
	ahead := v.pos > at(newest)
	if ahead {
		if v.extrapolated += elapsed; !v.ahead {
			v.underruns++
		}
	}
	v.ahead = ahead
}

// view expresses the present moment in the snapshots held: the received ticks on either side of it
// and the fraction between them, rounded down to 8 bits. What is drawn is the result, not pos. It
// returns the zero view before the first snapshot.
func (v *viewTime) view(h *rewind.History) protocol.View {
	newest := h.Newest()
	if !v.running || newest == 0 {
		return protocol.View{}
	}
	// Before gives the oldest snapshot when there is none before: the first, or after a long gap.
	here := v.pos.tick()
	if here.Sub(newest) >= 0 {
		here = newest - 1
	}
	a, b := h.Before(here).Tick, newest
	if a != newest {
		b = h.After(a + 1).Tick
	}
	view := protocol.View{A: a, B: b}
	past := v.pos - at(a)
	if a == b || past < 0 { // a single snapshot, or the oldest
		view.B = a
		v.key = max(v.key, int64(a)<<8)
		return view
	}
	span := int64(b.Sub(a))
	frac := int64(floorDiv(past*256, phase(span)*tickPhase))
	// A coarser pair of snapshots can round to an earlier moment than was drawn before, which the
	// server would refuse: then the fraction is the next one up.
	if short := v.key - int64(a)<<8 - span*frac; short > 0 {
		frac += (short + span - 1) / span
	}
	frac = min(frac, protocol.MaxFrac-1)
	view.Frac = uint16(frac)
	v.key = int64(a)<<8 + span*frac
	return view
}
