package room

import (
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room/walk"
)

// Who plays on without reading is given up within five seconds of what was last read, an onlooker too. The
// seat is kept, and whoever reads is left alone.
func TestWhoDoesNotReadIsGivenUp(t *testing.T) {
	h := newHall(t, Config{Watchers: 1, Rotation: walk.Rotation(100)})
	c, reader := h.mustJoin("Ann", ""), h.mustJoin("Bob", "")
	w := &client{t: t}
	seat, err := h.Admit(Entrant{Watch: true, Sender: w})
	if err != nil {
		t.Fatal(err)
	}
	w.seat = seat
	h.pass(60, func() { h.send(c, 0, 0); h.send(w, 0, 0); h.send(reader, 0, 0) })
	echo, watched := c.header.Tick, w.header.Tick
	still := func() {
		h.send(reader, 0, 0)
		for c, echo := range map[*client]protocol.Tick{c: echo, w: watched} {
			c.seat.Input(h.now, &frame.Input{Echo: echo, Commands: []protocol.Command{{Tick: h.match.Tick() + 1}}})
		}
	}
	h.pass(4800*60/1000, still)
	if c.closed != 0 || w.closed != 0 {
		t.Fatalf("closed with %d and %d before it was time", c.closed, w.closed)
	}
	h.pass(200*60/1000, still)
	if c.closed != protocol.CloseTooSlow || w.closed != protocol.CloseTooSlow {
		t.Errorf("closed with %d and %d after five seconds", c.closed, w.closed)
	}
	if reader.closed != 0 || h.player(c.welcome.Player).status != frame.Detached || h.Info().Watchers != 0 {
		t.Errorf("the reader is closed with %d, the seat is %d, %d look on", reader.closed, h.player(c.welcome.Player).status, h.Info().Watchers)
	}
	if back, err := h.join("Ann", c.welcome.Token); err != nil || back.welcome.Player != c.welcome.Player {
		t.Errorf("the seat is gone: %v", err)
	}
}

// A tab that was frozen in the background has minutes of frames before it when it is looked at again, and says
// so before it has read them.
func TestATabThatWakesHasTimeToRead(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	h.pass(60, func() { h.send(c, 0, 0) })
	echo := c.header.Tick
	say := func(hidden bool) {
		c.seat.Input(h.now, &frame.Input{Echo: echo, Hidden: hidden, Commands: []protocol.Command{{Tick: h.match.Tick() + 1}}})
	}
	say(true)
	h.pass(120*60, nil)
	h.pass(4*60, func() { say(false) })
	if c.closed != 0 {
		t.Fatalf("closed with %d while it was waking", c.closed)
	}
	h.pass(600, func() { h.send(c, 0, 0) })
	if c.closed != 0 || h.player(c.welcome.Player).status != frame.Playing {
		t.Errorf("closed with %d, status %d", c.closed, h.player(c.welcome.Player).status)
	}
}

// A machine that gives a room a third of the time it needs has its match go at the speed that is left:
// every turn makes up for a few ticks, gives up the rest, tells everyone how late it was, and the debt does
// not grow.
func TestAStarvedRoomGoesSlowerAndTellsEveryone(t *testing.T) {
	const turn = 200 * ms // what a turn takes, of which a room may make up for 4 ticks: 67 ms
	h := newHall(t, Config{Bots: 2})
	c := h.mustJoin("Ann", "")
	h.pass(10, func() { h.send(c, 1, 0) })
	frames := c.frames
	const turns = 50
	for range turns {
		before := h.match.Tick()
		h.now += turn
		h.send(c, 1, 0, 1, 2, 3)
		h.Tick(h.now)
		if steps := h.match.Tick().Sub(before); steps != maxCatchUp {
			t.Fatalf("a turn made up for %d ticks", steps)
		}
		if next, awake := h.Next(); !awake || next <= h.now {
			t.Fatalf("a debt of %d us is left", h.now-next)
		}
		if c.header.Late*uint32(quarter) < uint32(turn-20*ms) {
			t.Fatalf("the client is told of %d us", c.header.Late*uint32(quarter))
		}
	}
	if c.frames != frames+turns || c.closed != 0 {
		t.Errorf("%d snapshots in %d turns, closed with %d", c.frames-frames, turns, c.closed)
	}
	if given := turns * (200*60/1000 - maxCatchUp); h.meter.overrun < given-turns || h.meter.overrun > given+turns {
		t.Errorf("%d ticks were given up, want about %d", h.meter.overrun, given)
	}
	h.pass(60, func() { h.send(c, 1, 0) })
	if c.header.Late != 0 {
		t.Errorf("late by %d when there is time again", c.header.Late)
	}
}
