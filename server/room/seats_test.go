package room

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room/walk"
)

func TestBookedSeatsCountUntilTheyExpire(t *testing.T) {
	h := newHall(t, Config{MaxPlayers: 2})
	if err := h.book([]Booking{{"a", protocol.Second}, {"b", protocol.Second}}); err != nil {
		t.Fatal(err)
	}
	if err := h.book([]Booking{{"a", protocol.Second}}); err != nil {
		t.Errorf("booking the same seat again: %v", err)
	}
	if err := h.book([]Booking{{"c", protocol.Second}}); !errors.Is(err, Refusal(protocol.CloseRoomFull)) {
		t.Errorf("a third booking for two seats: %v", err)
	}
	if _, err := h.join("walk-in", ""); !errors.Is(err, Refusal(protocol.CloseRoomFull)) {
		t.Errorf("a walk-in takes a booked seat: %v", err)
	}
	if _, err := h.Admit(Entrant{Name: "Ann", Booking: "a", Sender: &client{t: t}}); err != nil {
		t.Errorf("the booked seat is refused: %v", err)
	}
	if in := h.Info(); in.People != 1 || in.Booked != 1 {
		t.Errorf("%+v", in)
	}
	h.now = protocol.Second
	if _, err := h.join("walk-in", ""); err != nil {
		t.Errorf("an expired booking still keeps its seat: %v", err)
	}
}

func TestARoomForBookingsOnly(t *testing.T) {
	h := newHall(t, Config{Booked: true, Watchers: 1})
	if _, err := h.join("walk-in", ""); !errors.Is(err, Refusal(protocol.CloseForbidden)) {
		t.Errorf("a walk-in gets %v", err)
	}
	if _, err := h.Admit(Entrant{Watch: true, Sender: &client{t: t}}); !errors.Is(err, Refusal(protocol.CloseForbidden)) {
		t.Errorf("a watching walk-in gets %v", err)
	}
	if _, err := h.Admit(Entrant{Booking: "late", Sender: &client{t: t}}); err != nil {
		t.Errorf("a ticket whose booking is gone, in a room with seats: %v", err)
	}
}

func TestTheSamePersonHasOneSeat(t *testing.T) {
	h := newHall(t, Config{})
	seat := func() *client {
		c := &client{t: t}
		if _, err := h.Admit(Entrant{Name: "Ann", ID: "uuid-ann", Sender: c}); err != nil {
			t.Fatal(err)
		}
		return c
	}
	first, second := seat(), seat()
	if first.closed != protocol.CloseReplaced || h.Info().People != 1 || first.welcome.Player != second.welcome.Player {
		t.Errorf("first closed with %d; %+v", first.closed, h.Info())
	}
}

func TestAWelcomeThatWasLostDoesNotLoseTheSeat(t *testing.T) {
	h := newHall(t, Config{})
	first := h.mustJoin("Ann", "")
	first.seat.Lost()
	h.pass(1, nil)
	for range 3 { // whose Welcomes never arrive
		h.mustJoin("Ann", first.welcome.Token).seat.Lost()
		h.pass(1, nil)
	}
	third := h.mustJoin("Ann", first.welcome.Token)
	h.pass(1, func() { h.send(third, 1, 0) })
	if _, err := h.join("Ann", first.welcome.Token); !errors.Is(err, Refusal(protocol.CloseSessionGone)) {
		t.Errorf("the old token still opens after the new one was used: %v", err)
	}
}

func TestWatchersSeeEverythingAndTakeNoSeat(t *testing.T) {
	h := newHall(t, Config{Watchers: 1, MaxPlayers: 1, Rotation: walk.Rotation(1)})
	ann := h.mustJoin("Ann", "")
	w := &client{t: t}
	seat, err := h.Admit(Entrant{Watch: true, Sender: w})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Admit(Entrant{Watch: true, Sender: &client{t: t}}); !errors.Is(err, Refusal(protocol.CloseRoomFull)) {
		t.Errorf("the second of one watcher gets %v", err)
	}
	w.seat = seat
	h.pass(30, func() { h.send(ann, 3, 0); h.send(w, 100, 0) })
	if w.welcome.Player != 0 || h.Info().People != 1 || h.Info().Watchers != 1 {
		t.Errorf("%+v, %+v", w.welcome, h.Info())
	}
	if e := w.scene[w.frames%2].Entities(); len(e) != 1 || e[0].Row[0] != 90 {
		t.Errorf("the watcher sees %v, want Ann at 90", e)
	}
	h.pass(40, func() { h.send(ann, 3, 0); h.send(w, 0, 0) })
	if w.starts != 2 {
		t.Errorf("%d starts, want the next match's too", w.starts)
	}
	seat.Lost()
	h.pass(1, nil)
	if h.Info().Watchers != 0 {
		t.Error("the watcher's place leaked")
	}
}

func TestAStandInPlaysForTheLost(t *testing.T) {
	h := newHall(t, Config{StandIn: true})
	bob := h.mustJoin("Bob", "")
	ann := h.mustJoin("Ann", "")
	h.pass(10, func() { h.send(ann, 5, 0); h.send(bob, 0, 0) })
	ann.seat.Lost()
	h.pass(int(standInAfter*60/protocol.Second), func() { h.send(bob, 0, 0) })
	stood := h.match.Snapshot().Find(protocol.EntityID(ann.welcome.Player)).Row[0]
	h.pass(20, func() { h.send(bob, 0, 0) })
	again := h.mustJoin("Ann", ann.welcome.Token)
	h.pass(1, func() { h.send(again, 5, 0); h.send(bob, 0, 0) })
	if got := again.body.Own[0]; got < stood+18 || got > stood+20+5 {
		t.Errorf("Ann is at %d: the stand-in should have walked on from %d by 1 a tick, and she by 5", got, stood)
	}
	if again.start.Press != [2]uint8{5, 6} {
		t.Errorf("press counters go on from %v, want 5 and 6", again.start.Press)
	}
	for _, n := range bob.notices {
		if n.Kind == frame.NoticeLeave {
			t.Errorf("others were told that somebody left: %+v", n)
		}
	}
}

// When a whole room is cut, its stand-ins come one in a tick, and none for those who are back soon.
func TestStandInsDoNotComeAllAtOnce(t *testing.T) {
	h := newHall(t, Config{StandIn: true})
	var all []*client
	for _, name := range []string{"Ann", "Bob", "Cid", "Dee"} {
		all = append(all, h.mustJoin(name, ""))
	}
	h.pass(10, func() {
		for _, c := range all {
			h.send(c, 1, 0)
		}
	})
	for _, c := range all {
		c.seat.Lost()
	}
	h.pass(60, nil)
	back := h.mustJoin("Ann", all[0].welcome.Token)
	standIns := func() (n int) {
		for _, p := range h.players {
			if p.bot != nil {
				n++
			}
		}
		return n
	}
	most := 0
	for range 90 {
		before := standIns()
		h.pass(1, func() { h.send(back, 1, 0) })
		most = max(most, standIns()-before)
	}
	if most != 1 || standIns() != 3 {
		t.Errorf("%d stand-ins came in one tick, there are %d of 3", most, standIns())
	}
}

// A processor that has no time for ticks has none for bots either.
func TestNoStandInsWhileTicksAreLate(t *testing.T) {
	h := newHall(t, Config{StandIn: true})
	ann, bob := h.mustJoin("Ann", ""), h.mustJoin("Bob", "")
	h.pass(10, func() { h.send(ann, 1, 0); h.send(bob, 1, 0) })
	ann.seat.Lost()
	h.pass(int(standInAfter*60/protocol.Second)-30, func() { h.send(bob, 1, 0) })
	next, _ := h.Next()
	h.now = next + protocol.Second/30 // three ticks at once
	h.Tick(h.now)
	stands := func() bool { return h.player(ann.welcome.Player).bot != nil }
	waited := 0
	for h.pass(1, func() { h.send(bob, 1, 0) }); !stands() && waited < 300; waited++ {
		h.pass(1, func() { h.send(bob, 1, 0) })
	}
	if waited < 55 || waited > 65 {
		t.Errorf("a bot came %d ticks after the late one, want 60", waited)
	}
}

func TestResultsTellWhatEveryoneDid(t *testing.T) {
	var results []Result
	h := newHall(t, Config{Rotation: walk.Rotation(1), Result: func(r Result) { results = append(results, r) }})
	admit := func(id string) *client {
		c := &client{t: t}
		s, err := h.Admit(Entrant{Name: id, ID: id, Sender: c})
		if err != nil {
			t.Fatal(err)
		}
		c.seat = s
		return c
	}
	ann, bob := admit("ann"), admit("bob")
	h.pass(20, func() { h.send(ann, 1, 0); h.send(bob, 1, 0) })
	bob.seat.Leave()
	h.pass(40, func() { h.send(ann, 1, 0) })
	if len(results) != 1 || len(results[0].Players) != 2 {
		t.Fatalf("results %+v", results)
	}
	a, b := results[0].Players[0], results[0].Players[1]
	if a.ID != "ann" || a.Left || a.Ticks != 60 || a.Score != 60 || b.ID != "bob" || !b.Left || b.Ticks != 20 || b.Score != 20 {
		t.Errorf("ann %+v, bob %+v", a, b)
	}
}

func TestTheLastMatchEndsTheRoom(t *testing.T) {
	h := newHall(t, Config{Rotation: walk.Rotation(1)})
	ann := h.mustJoin("Ann", "")
	h.lastMatch = true
	h.pass(30, nil)
	if h.ended {
		t.Error("ended in the middle of its match")
	}
	h.pass(30, nil)
	if !h.ended || ann.starts != 1 {
		t.Errorf("ended: %v; Ann saw %d matches begin, want 1", h.ended, ann.starts)
	}
	h.now, _ = h.Next()
	if err := h.Run(context.Background()); err != nil || ann.closed != protocol.CloseRestart {
		t.Errorf("Run = %v, Ann was closed with %d", err, ann.closed)
	}
}

func TestOrdersToARoom(t *testing.T) {
	h := newHall(t, Config{})
	ann := h.mustJoin("Ann", "")
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- h.Run(ctx) }()
	order := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	order("lock", h.Lock(ctx, true))
	if _, err := h.Join(ctx, Entrant{Name: "Bob", Sender: &client{t: t}}); !errors.Is(err, Refusal(protocol.CloseForbidden)) {
		t.Errorf("a locked room gives %v", err)
	}
	order("book", func() error {
		if err := h.Book(ctx, Booking{ID: "x", Expires: protocol.Second}); !errors.Is(err, Refusal(protocol.CloseForbidden)) {
			return fmt.Errorf("a locked room takes a booking: %v", err)
		}
		return nil
	}())
	order("unlock", h.Lock(ctx, false))
	order("announce", h.Announce(ctx, "hello"))
	order("kick", h.Kick(ctx, ann.welcome.Player, protocol.CloseForbidden))
	order("kick nobody", h.Kick(ctx, 7, protocol.CloseForbidden))
	order("unbook", h.Unbook(ctx, "x"))
	stop()
	order("run", <-done)
	if ann.closed != protocol.CloseForbidden || h.Info().People != 0 {
		t.Errorf("Ann was closed with %d; %+v", ann.closed, h.Info())
	}
	if err := h.Lock(context.Background(), true); !errors.Is(err, ErrClosed) {
		t.Errorf("an order to a room that ended: %v", err)
	}
}
