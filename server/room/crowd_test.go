package room

import (
	"strconv"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// newcomer is a client that takes in all it is sent.
type newcomer struct {
	t      testing.TB
	bytes  []byte
	dec    frame.Decoder
	held   *rewind.History
	body   frame.Body
	me     protocol.PlayerID
	names  map[protocol.PlayerID]string
	seats  int // in the Start
	newest *delta.Snapshot

	x, y   int32         // where its eye was
	jumped protocol.Tick // when that was somewhere else
}

func (c *newcomer) Ready() bool                   { return true }
func (c *newcomer) Waited() protocol.Micros       { return 0 }
func (c *newcomer) Buffer() []byte                { return c.bytes[:0] }
func (c *newcomer) Close(code protocol.CloseCode) { c.t.Errorf("closed with %d", code) }

func (c *newcomer) Post(b []byte) {
	if len(b) > protocol.MaxFrame {
		c.t.Errorf("a frame of %d bytes", len(b))
	}
	switch kind, _ := c.dec.Type(b); kind {
	case frame.TypeWelcome:
		var w frame.Welcome
		if err := c.dec.Welcome(b, &w); err != nil {
			c.t.Error(err)
		}
		c.me = w.Player
	case frame.TypeStart:
		var s frame.Start
		if err := c.dec.Start(b, &s); err != nil {
			c.t.Error(err)
		}
		c.names, c.seats = map[protocol.PlayerID]string{}, len(s.Roster)
		for _, seat := range s.Roster {
			c.names[seat.Player] = seat.Name
		}
	}
}

func (c *newcomer) Send(b []byte) {
	c.bytes = b
	if len(b) > protocol.MaxFrame {
		c.t.Errorf("a snapshot of %d bytes", len(b))
	}
	h, err := c.dec.Header(b)
	if err != nil {
		c.t.Fatal(err)
	}
	base := &delta.Snapshot{}
	if h.Base != 0 {
		base.CopyFrom(c.held.At(h.Base))
	}
	c.newest = c.held.Put(h.Tick)
	if err := c.dec.Body(arena.Schema, base, append([]int32(nil), c.body.Own...), &c.body, c.newest); err != nil {
		c.t.Fatal(err)
	}
	for _, n := range c.body.Notices {
		switch n.Kind {
		case frame.NoticeJoin:
			c.names[n.Player] = n.Text
		case frame.NoticeLeave:
			delete(c.names, n.Player)
		}
	}
}

// newTown returns a room of a crowd with so many bots.
func newTown(tb testing.TB, bots int, now *protocol.Micros) *Room {
	rotation, err := maps.NewRotation(map[string]string{"mode": "crowd"}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tokens := 0
	r, err := New(Config{
		ID: "town", Host: game.Host{Definition: arena.Game, NewRotation: maps.NewRotation}, Rotation: rotation, Seed: 3, Bots: bots,
		Watchers: 2,
		Now:      func() protocol.Micros { return *now },
		Token:    func() string { tokens++; return strconv.Itoa(tokens) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// run has the room's next tick.
func run(r *Room, now *protocol.Micros) {
	if due, _ := r.Next(); *now < due {
		*now = due
	}
	r.Tick(*now)
}

// Who comes into a crowd gets a Start that fits a frame, is told of everyone else soon, and is shown who
// is near and nobody else. So is who looks on, around the one who leads.
func TestANewcomerInACrowd(t *testing.T) {
	now := protocol.Micros(0)
	r := newTown(t, 900, &now)
	c := &newcomer{t: t, held: rewind.New(arena.Schema)}
	seat, err := r.Admit(Entrant{Name: "Ann", Sender: c})
	if err != nil {
		t.Fatal(err)
	}
	w := &newcomer{t: t, held: rewind.New(arena.Schema)}
	looker, err := r.Admit(Entrant{Watch: true, Sender: w})
	if err != nil {
		t.Fatal(err)
	}
	if c.names[c.me] != "Ann" || c.seats < 200 || c.seats > 890 {
		t.Errorf("a Start with %d seats, the own one %q", c.seats, c.names[c.me])
	}
	var in frame.Input
	for tick := range 200 {
		run(r, &now)
		if c.newest == nil {
			continue
		}
		in.Echo = c.newest.Tick
		in.Commands = append(in.Commands[:0], protocol.Command{Tick: r.Match().Tick() + 1, MoveX: 127, Held: 1})
		seat.Input(now, &in)
		looker.Input(now, &in)
		if tick < 60 || c.newest.Tick != r.Match().Tick() || w.newest.Tick != c.newest.Tick {
			continue
		}
		x, y, _ := r.Match().Eye(c.me)
		checkShown(t, r, c, x, y)
		x, y, _ = r.Match().Eye(0)
		checkShown(t, r, w, x, y)
	}
	for _, c := range []*newcomer{c, w} {
		if len(c.names) != 900 {
			t.Errorf("%d names are known, want all 900", len(c.names))
		}
		for id, name := range c.names {
			if p := r.player(id); p == nil || p.name != name {
				t.Errorf("player %d is called %q", id, name)
			}
		}
	}
}

// checkShown compares what a client holds with what is there around a place.
func checkShown(t *testing.T, r *Room, c *newcomer, x, y int32) {
	t.Helper()
	reach := int64(r.Match().Reach()) * 16
	if max(x-c.x, c.x-x, y-c.y, c.y-y) > 100*16 {
		c.jumped = c.newest.Tick // what it was shown there lingers
	}
	c.x, c.y = x, y
	board := 0
	for _, e := range r.Match().Snapshot().Entities() {
		have := c.newest.Find(e.ID) != nil
		k := &arena.Schema.Kinds[e.Kind]
		if !k.Positioned {
			if want := e.Owner == 0 || e.Owner == c.me; have != want {
				t.Fatalf("a row of %d: shown is %v", e.Owner, have)
			}
			if have && e.Kind == arena.KindScore {
				board++
			}
			continue
		}
		ex, ey := k.Place(c.newest.Tick, e.Row)
		dx, dy := int64(ex-x), int64(ey-y)
		far := dx*dx + dy*dy
		if near := far <= reach*reach; near && !have && (e.Owner != c.me || c.me == 0) {
			t.Fatalf("entity %d is near and not shown", e.ID)
		}
		if far > 4*reach*reach && have && c.newest.Tick-c.jumped > 50 {
			t.Fatalf("entity %d is far away and shown", e.ID)
		}
	}
	if board < 10 || board > 11 {
		t.Errorf("%d rows of scores", board)
	}
}

// In a crowd people speak one at a time.
func TestChatOfACrowdIsBounded(t *testing.T) {
	now := protocol.Micros(0)
	r := newTown(t, 20, &now)
	c := &newcomer{t: t, held: rewind.New(arena.Schema)}
	seat, err := r.Admit(Entrant{Name: "Ann", Sender: c})
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for range 60 {
		for range 5 {
			seat.Chat("hello")
			r.answer()
		}
		run(r, &now)
		for _, n := range c.body.Notices {
			if n.Kind == frame.NoticeChat {
				said++
			}
		}
		c.body.Notices = c.body.Notices[:0]
	}
	if said < linesMost || said > 2*linesMost {
		t.Errorf("%d lines in a second", said)
	}
}

// BenchmarkCrowd is a tick of a room of a thousand: people who run, turn and fire half of the time, with
// two ticks to a snapshot, all but the sockets; and bots alone, with one who looks.
func BenchmarkCrowd(b *testing.B) {
	b.Run("people", func(b *testing.B) {
		now := protocol.Micros(0)
		r := &benchRoom{Room: newTown(b, 0, &now), now: &now}
		for i := range arena.MaxCrowd {
			c := &runner{index: i}
			var err error
			if c.seat, err = r.Admit(Entrant{Name: "runner", Sender: c}); err != nil {
				b.Fatal(err)
			}
			r.all = append(r.all, c)
		}
		for range 200 {
			r.tick()
		}
		before := r.all[3].sent
		b.ReportAllocs()
		for b.Loop() {
			r.tick()
		}
		b.ReportMetric(float64(2*(r.all[3].sent-before))/float64(b.N), "B/snapshot")
	})
	b.Run("bots", func(b *testing.B) {
		now := protocol.Micros(0)
		r := &benchRoom{Room: newTown(b, arena.MaxCrowd, &now), now: &now}
		c := &runner{index: 0}
		var err error
		if c.seat, err = r.Admit(Entrant{Name: "runner", Sender: c}); err != nil {
			b.Fatal(err)
		}
		r.all = append(r.all, c)
		for range 300 {
			r.tick()
		}
		b.ReportAllocs()
		for b.Loop() {
			r.tick()
		}
	})
}
