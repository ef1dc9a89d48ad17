package room

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/server/room/walk"
)

// picture is what the room showed in a tick, in words.
func picture(match int, s *delta.Snapshot) string {
	var b strings.Builder
	fmt.Fprint(&b, "match ", match, " tick ", s.Tick, ":")
	for _, e := range s.Entities() {
		fmt.Fprint(&b, " ", e.ID, " of ", e.Owner, " since ", e.Birth, " at ", e.Row)
	}
	return b.String()
}

// watch admits an onlooker.
func (h *hall) watch() *client {
	h.t.Helper()
	c := &client{t: h.t}
	var err error
	if c.seat, err = h.Admit(Entrant{Watch: true, Sender: c}); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// hear has an onlooker say that it is there.
func (h *hall) hear(w *client) {
	w.seat.Input(h.now, &frame.Input{Echo: w.header.Tick, Commands: []protocol.Command{{Tick: w.header.Tick}}})
}

func TestOnlookersSeeExactlyWhatTheRoomPublishedThen(t *testing.T) {
	for _, every := range []int{1, 2} {
		t.Run(fmt.Sprint("every ", every), func(t *testing.T) {
			const delay = 120 // ticks
			h := newHall(t, Config{Watchers: 2, WatchDelay: 2 * protocol.Second, Bots: 3, SnapshotEvery: every, Rotation: walk.Rotation(5)})
			a := h.mustJoin("ada", "")
			w := h.watch()
			var shown []string // by the room, in turn
			late := (*client)(nil)
			for i := range 1000 { // three matches
				h.send(a, 1, 0)
				h.hear(w)
				if i == 500 {
					late = h.watch()
				}
				if late != nil {
					h.hear(late)
				}
				frames, starts := w.frames, w.starts
				h.pass(1, nil)
				if h.table.Tick() != h.match.Tick() || h.match.Tick() == 0 {
					continue // none in this tick
				}
				shown = append(shown, picture(h.played, h.match.Snapshot()))
				if w.frames != frames+1 {
					t.Fatalf("tick %d: %d snapshots", i, w.frames-frames)
				}
				n := len(shown) - 1 - delay/every
				if n < 0 {
					if got := w.scene[w.frames%2].Entities(); len(got) != 0 {
						t.Fatalf("tick %d: saw %v before it was time", i, got)
					}
					continue
				}
				if starts != w.starts && w.header.Base != 0 {
					t.Fatalf("tick %d: a match begins with a difference", i)
				}
				// The Start while there was nothing to show, and one with each match.
				if got := picture(w.starts-1, &w.scene[w.frames%2]); got != shown[n] {
					t.Fatalf("tick %d: saw %s\nwhen the room had shown %s", i, got, shown[n])
				}
				if late != nil && picture(w.starts-1, &late.scene[late.frames%2]) != shown[n] {
					t.Fatalf("tick %d: who comes late sees something else", i)
				}
			}
			if w.closed != 0 || w.starts != 4 {
				t.Errorf("closed %d, %d starts", w.closed, w.starts)
			}
			if title := w.start.Title; !strings.HasSuffix(title, " · 2 s ago") {
				t.Errorf("title %q does not tell of the delay", title)
			}
		})
	}
}

func TestOnlookersHearOfPeopleAndChatAsLate(t *testing.T) {
	h := newHall(t, Config{Watchers: 2, WatchDelay: protocol.Second, MaxPlayers: 4})
	w := h.watch()
	at := func(ticks int) {
		h.pass(ticks, func() { h.hear(w) })
	}
	at(90)
	a := h.mustJoin("ada", "")
	a.seat.Chat("hello")
	h.answer()
	joined, chat := frame.Notice{Kind: frame.NoticeJoin, Player: 1, Text: "ada"}, frame.Notice{Kind: frame.NoticeChat, Player: 1, Text: "hello"}
	at(60)
	if w.told(joined) || w.told(chat) || len(h.watch().start.Roster) != 0 {
		t.Fatal("an onlooker heard of it at once")
	}
	h.watchers = h.watchers[:1]
	at(1)
	if !w.told(joined) || !w.told(chat) {
		t.Fatal("an onlooker did not hear of it after the delay")
	}
	late := h.watch()
	if want := []frame.Seat{{Player: 1, Name: "ada"}}; !slices.Equal(late.start.Roster, want) {
		t.Errorf("roster %+v, want %+v", late.start.Roster, want)
	}
	a.seat.Leave()
	h.watchers = h.watchers[:1]
	at(62)
	if late = h.watch(); len(late.start.Roster) != 0 {
		t.Errorf("roster %+v after everybody has left", late.start.Roster)
	}
}

func TestARoomThatRestsKeepsWhatItHasNotShown(t *testing.T) {
	h := newHall(t, Config{Watchers: 1, WatchDelay: protocol.Second, Bots: 2, MaxPlayers: 4})
	a := h.mustJoin("ada", "")
	h.pass(100, func() { h.send(a, 1, 0) })
	a.seat.Leave()
	h.pass(1, nil)
	if _, awake := h.Next(); awake {
		t.Fatal("the room is awake")
	}
	h.now += 3600 * protocol.Second
	w := h.watch()
	h.pass(1, func() { h.hear(w) })
	if w.header.Tick != 102-60 || len(w.scene[w.frames%2].Entities()) != 2 {
		t.Errorf("an onlooker who wakes the room sees tick %d, %d walkers", w.header.Tick, len(w.scene[w.frames%2].Entities()))
	}
}

func TestABroadcastAllocatesNothing(t *testing.T) {
	h := newHall(t, Config{Watchers: 1, WatchDelay: protocol.Second, Bots: 8})
	w := h.watch()
	tick := func() {
		w.seat.Input(h.now, &frame.Input{Echo: h.broadcast.table.Tick(), Commands: make([]protocol.Command, 1)})
		h.now, _ = h.Next()
		h.attend(h.now)
		h.step(h.now)
		h.table.Advance(h.match.Snapshot(), h.match.Past().At(h.table.Tick()))
		h.broadcast.pass(h.table, h.journal, h.now)
	}
	for range 300 {
		tick()
	}
	if n := testing.AllocsPerRun(300, func() {
		h.now, _ = h.Next()
		h.step(h.now)
		h.table.Advance(h.match.Snapshot(), h.match.Past().At(h.table.Tick()))
		h.broadcast.pass(h.table, h.journal, h.now)
	}); n != 0 {
		t.Errorf("%v allocations per tick", n)
	}
}

func TestNoBroadcastWithoutOnlookersOrDelay(t *testing.T) {
	for _, cfg := range []Config{{WatchDelay: protocol.Second}, {Watchers: 4}} {
		if h := newHall(t, cfg); h.broadcast != nil {
			t.Errorf("%+v keeps a broadcast", cfg)
		}
	}
	if h := newHall(t, Config{Watchers: 1, WatchDelay: 1 << 50}); h.cfg.WatchDelay != MaxWatchDelay {
		t.Errorf("delay %d", h.cfg.WatchDelay)
	}
}
