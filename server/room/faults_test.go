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
