package room

import (
	"math/rand/v2"
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

func TestNobodyMovesFasterBySendingMore(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	h.pass(120, func() {
		h.send(c, 5, 0, 1, 2, 3, 4, 5, 6, 7) // every tick eight times over, from now on
		h.send(c, 100, 0)
		h.send(c, 100, -1)
	})
	if got := c.body.Own; got[0] != 5*120 || got[1] != 120 {
		t.Errorf("after 120 ticks: x %d in %d steps, want 600 in 120", got[0], got[1])
	}
	if f := h.meter.fates; f[FateRepeated] == 0 || f[FateStale] == 0 {
		t.Errorf("fates %v: repeated and stale ones went uncounted", f)
	}
}

// Commands come in any order, twice, too early and never: each tick gets the first that came for it.
func TestScheduleAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	var s schedule
	filed := map[protocol.Tick]protocol.Micros{}
	for now := protocol.Tick(0); now < 3000; now++ {
		for range rng.IntN(4) {
			a := arrival{cmd: protocol.Command{Tick: now + 1 + protocol.Tick(rng.IntN(MaxLead+4)), Aim: uint16(rng.Uint32())}, echo: now, at: protocol.Micros(rng.Uint32())}
			want := FateUsed
			if _, have := filed[a.cmd.Tick]; have {
				want = FateRepeated
			}
			if a.cmd.Tick > now+MaxLead {
				want = FateEarly
			}
			if got := s.put(now, &a); got != want {
				t.Fatalf("tick %d at %d: %v, want %v", a.cmd.Tick, now, got, want)
			}
			if want == FateUsed {
				filed[a.cmd.Tick] = a.at
			}
		}
		at, have := filed[now+1]
		if got, ok := s.take(now + 1); ok != have || got.at != at || got.cmd.Tick != now+1 {
			t.Fatalf("tick %d: %+v, %v; want the one that came at %d, %v", now+1, got, ok, at, have)
		}
	}
}

func TestLateCommandsAreJudgedOnceAndInOrder(t *testing.T) {
	var s schedule
	put := func(now, tick protocol.Tick) Fate { return s.put(now, &arrival{cmd: protocol.Command{Tick: tick}}) }
	put(0, 1)
	s.take(1) // in time
	for tick := protocol.Tick(2); tick <= 30; tick++ {
		s.take(tick) // assumed
	}
	for _, tt := range []struct {
		tick protocol.Tick
		want Fate
	}{
		{1, FateStale},                 // was used
		{30 - game.MaxLate, FateStale}, // too old
		{31 - game.MaxLate, FateLate},
		{31 - game.MaxLate, FateStale}, // a second time
		{20, FateLate},
		{18, FateStale}, // after a later one
		{30, FateLate},
		{31, FateUsed},
		{29, FateStale},
	} {
		if got := put(30, tt.tick); got != tt.want {
			t.Errorf("tick %d: %v, want %v", tt.tick, got, tt.want)
		}
	}
	if len(s.late) != 3 || s.late[0].cmd.Tick != 31-game.MaxLate || s.late[2].cmd.Tick != 30 {
		t.Errorf("late: %+v", s.late)
	}
	if !s.astray(29) || !s.astray(30) || s.astray(31) {
		t.Error("a player is astray until he has a snapshot from after the last assumed tick")
	}
	s.restart()
	if put(30, 30) != FateStale || len(s.late) != 0 {
		t.Error("a new connection may fire the old one's shots again")
	}
}

func TestMissingCommandsAreHeldThenNeutral(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	h.pass(10, func() { h.send(c, 1, 0) })
	h.pass(60, nil)
	if got := c.body.Own[0]; got != 10+holdTicks {
		t.Errorf("x %d, want %d: the last command is held for %d ticks", got, 10+holdTicks, holdTicks)
	}
	if c.header.Cause&frame.CauseLate == 0 {
		t.Error("the client is not told that its commands were missing")
	}
}

func TestCommandsFarAheadAreDropped(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	h.send(c, 1, MaxLead+5)
	h.pass(MaxLead+20, nil)
	if h.meter.fates[FateEarly] != 1 || c.body.Own[0] != 0 {
		t.Errorf("fates %v, x %d", h.meter.fates, c.body.Own[0])
	}
}

func TestFloodIsBoundedAndCounted(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	for range 100 {
		h.send(c, 1, 0, 1, 2, 3)
	}
	h.pass(1, nil)
	if got := h.meter.fates[FateFlooded]; got != 400-(2*mostArrivals-fewArrivals) {
		t.Errorf("%d flooded, want %d", got, 400-(2*mostArrivals-fewArrivals))
	}
}

func TestMarginTellsHowEarlyCommandsArrive(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	h.pass(3, nil)
	due := h.due(h.match.Tick() + 3)
	h.now = due - 37*ms
	h.send(c, 1, 2)
	h.pass(1, nil)
	if c.header.Heard != 6 || c.header.Margin != 37*4 {
		t.Errorf("heard %d margin %d, want 6 and 148 quarters of a millisecond", c.header.Heard, c.header.Margin)
	}
}
