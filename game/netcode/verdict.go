package netcode

import (
	"hindsight/game"
	"hindsight/protocol"
)

// Verdicts counts how the authority judged the shots that this client foresaw.
type Verdicts struct {
	Agreed   int // as seen on the screen
	Denied   int // otherwise than seen
	Excused  int // otherwise, and the authority says why: the target had meanwhile died
	Lost     int // no verdict came: the command was late, or its event too old to be sent
	Unasked  int // a verdict on a shot that was not foreseen
	Overflow int // foreseen shots forgotten because too many were waiting
}

// verdicts matches what was foreseen with what was judged, by the tick of the command. Several
// shots of one tick are matched in order.
type verdicts struct {
	waiting []protocol.Event // foreseen, oldest first
	count   Verdicts
}

const (
	verdictsMax  = 64
	verdictWait  = 64 // ticks after which no verdict will come
	verdictFirst = 2  // the first of Args that is a pair
)

// reset forgets the waiting.
func (v *verdicts) reset() { v.waiting = v.waiting[:0] }

// foresee takes in a Verdict event of the predictor's.
func (v *verdicts) foresee(e *protocol.Event) {
	if len(v.waiting) == verdictsMax {
		v.drop(0)
		v.count.Overflow++
	}
	v.waiting = append(v.waiting, *e)
}

// judge takes in a Verdict event of the authority's and returns the VerdictResult to show. A verdict
// on a shot that was not foreseen contradicts nothing on the screen and is shown as agreed.
func (v *verdicts) judge(e *protocol.Event) protocol.Event {
	result := protocol.Event{Kind: game.VerdictResult, Tick: e.Tick, N: max(e.N, verdictFirst), Args: e.Args}
	result.Args[1] = 0
	for i := range v.waiting {
		if v.waiting[i].Args[0] != e.Args[0] {
			continue
		}
		switch {
		case samePairs(&v.waiting[i], e):
			v.count.Agreed++
			result.Args[1] = 1
		case e.Args[1]&game.VerdictExcused != 0:
			v.count.Excused++
		default:
			v.count.Denied++
		}
		v.drop(i)
		return result
	}
	v.count.Unasked++
	result.Args[1] = 1
	return result
}

// expire gives up on shots whose verdict should have come by tick t.
func (v *verdicts) expire(t protocol.Tick) {
	for len(v.waiting) > 0 && t.Sub(protocol.Tick(v.waiting[0].Args[0])) > verdictWait {
		v.drop(0)
		v.count.Lost++
	}
}

func (v *verdicts) drop(i int) { v.waiting = append(v.waiting[:i], v.waiting[i+1:]...) }

// samePairs reports whether both verdicts name the same targets and hits.
func samePairs(a, b *protocol.Event) bool {
	na, nb := max(a.N, verdictFirst), max(b.N, verdictFirst)
	if na != nb {
		return false
	}
	for i := verdictFirst; i < int(na); i++ {
		if a.Args[i] != b.Args[i] {
			return false
		}
	}
	return true
}
