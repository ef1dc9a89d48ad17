package netcode

import (
	"hindsight/game"
	"hindsight/protocol"
)

// Verdicts counts how the authority judged the shots that this client foresaw.
type Verdicts struct {
	Agreed   int // as seen on the screen
	Denied   int // otherwise than seen
	Excused  int // otherwise, for something nobody could have seen: target or shooter were hit meanwhile
	Lost     int // no verdict came: the command was late, or its event too old to be sent
	Unasked  int // a verdict on a shot that was not foreseen
	Overflow int // foreseen shots forgotten because too many were waiting
}

// verdicts matches what was foreseen with what was judged, by the tick of the command. Several
// shots of one tick are matched in order.
type verdicts struct {
	waiting []foreseen // oldest first
	count   Verdicts
}

// foreseen is a shot on the screen that has not been judged.
type foreseen struct {
	protocol.Event
	excused bool // its shooter was hit before it, and did not know yet
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
	v.waiting = append(v.waiting, foreseen{Event: *e})
}

// excuse takes in that others had a hand in the player's state before the authority knew of any
// command after tick t: shots since then, if they were fired at all, were fired by another than the
// player believed to be.
func (v *verdicts) excuse(t protocol.Tick) {
	for i := range v.waiting {
		if w := &v.waiting[i]; protocol.Tick(w.Args[0]).Sub(t) > 0 {
			w.excused = true
		}
	}
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
		case samePairs(&v.waiting[i].Event, e):
			v.count.Agreed++
			result.Args[1] = 1
		case e.Args[1]&game.VerdictExcused != 0 || v.waiting[i].excused:
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
		if v.waiting[0].excused {
			v.count.Excused++
		} else {
			v.count.Lost++
		}
		v.drop(0)
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
