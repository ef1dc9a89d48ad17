package replication

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

var schema = &delta.Schema{
	Kinds: []delta.Kind{
		{Name: "mover", Positioned: true, Private: true, Fields: []delta.Field{
			{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp}, {Name: "aim", Mode: delta.Turn, Turn: 256}, {Name: "hp", Max: 100}}},
		{Name: "score", Fields: []delta.Field{{Name: "points"}}},
	},
	Own: delta.Kind{Name: "own", Fields: []delta.Field{{Name: "x"}, {Name: "ammo"}}},
}

const nobody = protocol.PlayerID(60)

// stage is an authority's side with a changing crowd of entities, and the receiving side of one
// client.
type stage struct {
	rng     *rand.Rand
	past    *rewind.History
	table   *Table
	journal *Journal
	births  map[protocol.EntityID]protocol.Tick
	tick    protocol.Tick
}

func newStage(seed uint64) *stage {
	return &stage{rng: rand.New(rand.NewPCG(seed, 1)), past: rewind.New(schema), table: NewTable(schema),
		journal: &Journal{}, births: map[protocol.EntityID]protocol.Tick{}}
}

// step makes the next tick: entities come, go, are reborn under the same id, change or stay.
func (s *stage) step() {
	s.tick++
	before := s.past.At(s.table.Tick())
	prev := s.past.At(s.tick - 1)
	now := s.past.Put(s.tick)
	for id := protocol.EntityID(1); id <= 40; id++ {
		roll := s.rng.IntN(100)
		_, alive := s.births[id]
		switch {
		case alive && roll < 3, !alive && roll > 10:
			delete(s.births, id)
			continue
		case !alive || roll < 6:
			s.births[id] = s.tick
		}
		kind := uint8(id % 2)
		row := now.Add(id, kind, protocol.PlayerID(id%5), s.births[id], len(schema.Kinds[kind].Fields))
		if prev != nil && prev.Find(id) != nil {
			copy(row, prev.Find(id).Row)
		}
		if roll > 50 {
			row[0] += int32(s.rng.IntN(400) - 200)
		}
	}
	s.journal.Events([]game.Event{{Event: protocol.Event{Kind: 2, Tick: s.tick, N: 1, Args: [protocol.MaxEventArgs]int32{int32(s.tick)}, Keep: true}}})
	s.table.Advance(now, before)
}

// screen decodes what a peer is sent.
type screen struct {
	dec  frame.Decoder
	held *rewind.History
	body frame.Body
	got  []int32 // first argument of every event
}

func (c *screen) receive(t *testing.T, b []byte) *delta.Snapshot {
	t.Helper()
	h, err := c.dec.Header(b)
	if err != nil {
		t.Fatal(err)
	}
	base := &delta.Snapshot{}
	if h.Base != 0 {
		base.CopyFrom(c.held.At(h.Base))
	}
	s := c.held.Put(h.Tick)
	if err := c.dec.Body(schema, base, slices.Clone(c.body.Own), &c.body, s); err != nil {
		t.Fatal(err)
	}
	for i := range c.body.Events {
		c.got = append(c.got, c.body.Events[i].Args[0])
	}
	return s
}

// show writes what a player may see of a snapshot, for comparison.
func show(s *delta.Snapshot, me protocol.PlayerID) string {
	out := ""
	for _, e := range s.Entities() {
		if e.Owner != me || !schema.Kinds[e.Kind].Private {
			out += fmt.Sprintln(e)
		}
	}
	return out
}

func TestClientHoldsWhatIsThereWhateverWasSkipped(t *testing.T) {
	for seed := range uint64(20) {
		s := newStage(seed)
		s.step()
		peer := NewPeer(schema, 3, s.journal)
		c := screen{held: rewind.New(schema)}
		last := protocol.Tick(0)
		own := []int32{0, 7}
		for range 400 {
			s.step()
			if s.rng.IntN(4) == 0 && s.tick-last < 50 {
				continue // skipped before encoding
			}
			own[0] = int32(s.tick)
			b, err := peer.Compose(nil, s.table, s.journal, frame.Header{Heard: s.tick}, own, protocol.Micros(s.tick)*16667)
			if err != nil {
				t.Fatal(err)
			}
			got := c.receive(t, b)
			if want := show(s.past.At(s.tick), 3); show(got, nobody) != want {
				t.Fatalf("seed %d tick %d: client has\n%swant\n%s", seed, s.tick, show(got, nobody), want)
			}
			if !slices.Equal(c.body.Own, own) {
				t.Fatalf("seed %d tick %d: own row %v, want %v", seed, s.tick, c.body.Own, own)
			}
			last = s.tick
		}
		for i := 1; i < len(c.got); i++ {
			if c.got[i] != c.got[i-1]+1 {
				t.Fatalf("seed %d: event %d follows %d", seed, c.got[i], c.got[i-1])
			}
		}
		if len(c.got) < 300 {
			t.Fatalf("seed %d: only %d events arrived", seed, len(c.got))
		}
	}
}

func TestUnchangedEntitiesCostNothing(t *testing.T) {
	s := newStage(1)
	s.step()
	peer := NewPeer(schema, 0, s.journal)
	own := []int32{1, 2}
	if _, err := peer.Compose(nil, s.table, s.journal, frame.Header{}, own, 0); err != nil {
		t.Fatal(err)
	}
	still := s.past.Put(2)
	still.CopyFrom(s.past.At(1))
	still.Tick = 2
	s.table.Advance(still, s.past.At(1))
	b, err := peer.Compose(nil, s.table, s.journal, frame.Header{Heard: 2}, own, 0)
	if err != nil || len(b) > 14 {
		t.Errorf("a snapshot without news is %d bytes (%x), err %v; want at most 14", len(b), b, err)
	}
}

func TestPeerBehindTheJournalIsTold(t *testing.T) {
	s := newStage(1)
	peer := NewPeer(schema, 1, s.journal)
	s.step()
	for range journalMost/eventHead + 1 {
		s.journal.Events([]game.Event{{}})
	}
	if _, err := peer.Compose(nil, s.table, s.journal, frame.Header{}, make([]int32, 2), 0); err != ErrBehind {
		t.Errorf("err = %v, want ErrBehind", err)
	}
}

func TestEventsReachWhomTheyAreFor(t *testing.T) {
	j := &Journal{}
	j.Events([]game.Event{
		{Event: protocol.Event{Kind: 2, Tick: 100}},
		{Event: protocol.Event{Kind: 3, Tick: 100}, To: 7},
		{Event: protocol.Event{Kind: 4, Tick: 100}, Except: 7},
		{Event: protocol.Event{Kind: 5, Tick: 10}},
		{Event: protocol.Event{Kind: 6, Tick: 10, Keep: true}},
	})
	for id, want := range map[protocol.PlayerID]string{7: "[2 3 6]", 8: "[2 4 6]"} {
		_, es, _ := j.take(&Scratch{}, Mark{}, id, nil, 101)
		kinds := []uint8{}
		for _, e := range es {
			kinds = append(kinds, e.Kind)
		}
		if got := fmt.Sprint(kinds); got != want {
			t.Errorf("player %d is told %s, want %s", id, got, want)
		}
	}
}

func TestComposeDoesNotAllocate(t *testing.T) {
	s := newStage(1)
	peer := NewPeer(schema, 3, s.journal)
	buf := make([]byte, 0, protocol.MaxFrame)
	own := make([]int32, 2)
	tick := func() {
		s.tick++
		before := s.past.At(s.tick - 1)
		now := s.past.Put(s.tick)
		for id := protocol.EntityID(1); id <= 40; id++ {
			now.Add(id, 0, 0, 1, 4)[0] = int32(s.tick) * int32(id)
		}
		s.table.Advance(now, before)
		if _, err := peer.Compose(buf, s.table, s.journal, frame.Header{}, own, protocol.Micros(s.tick)); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 {
		tick()
	}
	if n := testing.AllocsPerRun(200, tick); n != 0 {
		t.Errorf("%v allocations per tick", n)
	}
}

// A client that is shown a part holds that part and no more, whatever was skipped: also when an entity
// comes, goes and comes back, or its id is given away, while nobody looks.
func TestClientHoldsWhatItIsShown(t *testing.T) {
	for seed := range uint64(20) {
		s := newStage(seed)
		s.step()
		peer := NewPeer(schema, 3, s.journal)
		c := screen{held: rewind.New(schema)}
		last := protocol.Tick(0)
		for range 400 {
			s.step()
			if s.rng.IntN(4) == 0 && s.tick-last < 50 {
				continue
			}
			now, want := s.past.At(s.tick), &delta.Snapshot{}
			peer.Seen = []int32{}
			for i := range now.Entities() {
				if e := &now.Entities()[i]; (s.tick/8+protocol.Tick(e.ID))%3 > 0 {
					peer.Seen = append(peer.Seen, int32(i))
					copy(want.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
				}
			}
			b, err := peer.Compose(nil, s.table, s.journal, frame.Header{Heard: s.tick}, []int32{0, 7}, protocol.Micros(s.tick)*16667)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(c.receive(t, b), nobody); got != show(want, 3) {
				t.Fatalf("seed %d tick %d: client has\n%swant\n%s", seed, s.tick, got, show(want, 3))
			}
			last = s.tick
		}
	}
}

// What happens far away is not told, unless it is for everyone or for this very player.
func TestEventsAreHeardNearBy(t *testing.T) {
	j := &Journal{}
	j.Events([]game.Event{
		{Event: protocol.Event{Kind: 2, Tick: 100}, Placed: true, X: 500, Y: 0},
		{Event: protocol.Event{Kind: 3, Tick: 100}, Placed: true, X: 500, Y: 1},
		{Event: protocol.Event{Kind: 4, Tick: 100}, Placed: true, X: 9000, To: 7},
		{Event: protocol.Event{Kind: 5, Tick: 100}},
		{Event: protocol.Event{Kind: 6, Tick: 100, Keep: true}, Placed: true, X: -9000},
		{Event: protocol.Event{Kind: 7, Tick: 100}, Placed: true, X: -2000000000, Y: 2000000000},
	})
	for want, hearing := range map[string]*Hearing{
		"[2 4 5]": {X: -100, Radius: 600}, "[4 5]": {X: -101, Radius: 600}, "[2 3 4 5 6 7]": nil,
	} {
		_, es, _ := j.take(&Scratch{}, Mark{}, 7, hearing, 101)
		kinds := []uint8{}
		for _, e := range es {
			kinds = append(kinds, e.Kind)
		}
		if got := fmt.Sprint(kinds); got != want {
			t.Errorf("with %+v %s is told, want %s", hearing, got, want)
		}
	}
}
