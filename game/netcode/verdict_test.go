package netcode

import (
	"testing"

	"hindsight/game"
	"hindsight/protocol"
)

func TestVerdictsAreMatchedByTick(t *testing.T) {
	event := func(args ...int32) *protocol.Event {
		e := protocol.NewEvent(game.Verdict, args...)
		return &e
	}
	tests := []struct {
		name          string
		seen          []*protocol.Event
		judged        *protocol.Event
		agreed        int32
		want          Verdicts
		pairs, waited int
	}{
		{"the same hit", []*protocol.Event{event(7, 0, 3, 1)}, event(7, 0, 3, 1), 1, Verdicts{Agreed: 1}, 1, 0},
		{"the same miss", []*protocol.Event{event(7, 0)}, event(7, 0), 1, Verdicts{Agreed: 1}, 0, 0},
		{"a hit denied", []*protocol.Event{event(7, 0, 3, 1)}, event(7, 0), 0, Verdicts{Denied: 1}, 0, 0},
		{"another target", []*protocol.Event{event(7, 0, 3, 1)}, event(7, 0, 4, 1), 0, Verdicts{Denied: 1}, 1, 0},
		{"fewer pellets", []*protocol.Event{event(7, 0, 3, 5)}, event(7, 0, 3, 4), 0, Verdicts{Denied: 1}, 1, 0},
		{"a dead target", []*protocol.Event{event(7, 0, 3, 1)}, event(7, game.VerdictExcused), 0, Verdicts{Excused: 1}, 0, 0},
		{"excused and agreed", []*protocol.Event{event(7, 0)}, event(7, game.VerdictExcused), 1, Verdicts{Agreed: 1}, 0, 0},
		{"of another tick", []*protocol.Event{event(6, 0, 3, 1)}, event(7, 0, 3, 1), 1, Verdicts{Unasked: 1}, 1, 1},
		{"two shots in a tick", []*protocol.Event{event(7, 0, 3, 1), event(7, 0)}, event(7, 0, 3, 1), 1, Verdicts{Agreed: 1}, 1, 1},
	}
	for _, tt := range tests {
		var v verdicts
		for _, e := range tt.seen {
			v.foresee(e)
		}
		got := v.judge(tt.judged)
		if got.Kind != game.VerdictResult || got.Args[0] != 7 || got.Args[1] != tt.agreed || int(got.N) != 2+2*tt.pairs {
			t.Errorf("%s: result %+v", tt.name, got)
		}
		if v.count != tt.want || len(v.waiting) != tt.waited {
			t.Errorf("%s: %+v with %d waiting", tt.name, v.count, len(v.waiting))
		}
	}
}

func TestVerdictsThatNeverComeAreLost(t *testing.T) {
	var v verdicts
	for tick := int32(1); tick <= 3; tick++ {
		e := protocol.NewEvent(game.Verdict, tick*10, 0)
		v.foresee(&e)
	}
	v.expire(20 + verdictWait)
	if v.count.Lost != 1 || len(v.waiting) != 2 {
		t.Errorf("%+v with %d waiting", v.count, len(v.waiting))
	}
	for range verdictsMax + 5 {
		e := protocol.NewEvent(game.Verdict, 100, 0)
		v.foresee(&e)
	}
	if v.count.Overflow != 7 || len(v.waiting) != verdictsMax {
		t.Errorf("%+v with %d waiting", v.count, len(v.waiting))
	}
}

func TestShotsOfOneWhoWasHitMeanwhileAreExcused(t *testing.T) {
	var v verdicts
	for _, tick := range []int32{10, 20, 30} {
		e := protocol.NewEvent(game.Verdict, tick, 0, 3, 1)
		v.foresee(&e)
	}
	v.excuse(15)
	for _, tick := range []int32{10, 20} { // judged otherwise
		e := protocol.NewEvent(game.Verdict, tick, 0)
		v.judge(&e)
	}
	v.expire(30 + verdictWait + 1) // 30 was never fired
	if v.count != (Verdicts{Denied: 1, Excused: 2}) {
		t.Errorf("%+v", v.count)
	}
	v.excuse(0)
	e := protocol.NewEvent(game.Verdict, 40, 0, 3, 1)
	v.foresee(&e)
	if v.judge(&e); v.count.Agreed != 1 {
		t.Errorf("%+v", v.count)
	}
}
