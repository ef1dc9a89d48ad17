package replication

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

const plainReach = 600 // units

// citizen is somebody who walks about in a plain.
type citizen struct {
	x, y, vx, vy int32
	birth        protocol.Tick
	there        bool
}

// plain is a world of walkers, some of whom go and come back anew, with flying things, a row about the
// match and a row for each player.
type plain struct {
	rng      *rand.Rand
	schema   *delta.Schema
	people   []citizen
	tick     protocol.Tick
	now      *delta.Snapshot
	interest *Interest
	past     *rewind.History
}

const (
	plainRow  = protocol.EntityID(2)    // + player: a row of his own
	plainBody = protocol.EntityID(1100) // + player
	plainShot = protocol.EntityID(3000) // + player
)

func newPlain(people int, seed uint64) *plain {
	s := &delta.Schema{
		Kinds: []delta.Kind{
			{Name: "row", Fields: []delta.Field{{Name: "points"}}},
			{Name: "body", Positioned: true, Private: true, Fields: []delta.Field{{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp}}},
			{Name: "shot", Positioned: true, Private: true, Motion: &delta.Motion{X: 0, Y: 1, VX: 2, VY: 3, T0: 4}, Fields: make([]delta.Field, 5)},
		},
		Own: delta.Kind{Name: "own", Fields: []delta.Field{{Name: "x"}, {Name: "y"}}},
	}
	p := &plain{rng: rand.New(rand.NewPCG(seed, 9)), schema: s, past: rewind.New(s), interest: NewInterest(s, plainReach)}
	for range people {
		p.people = append(p.people, citizen{x: p.rng.Int32N(100_000) - 20_000, y: p.rng.Int32N(60_000) - 20_000})
	}
	return p
}

// step makes the next tick.
func (p *plain) step() {
	p.tick++
	s := p.past.Put(p.tick)
	s.Add(1, 0, 0, 1, 1)
	for i := range p.people {
		c := &p.people[i]
		if p.rng.IntN(40) == 0 {
			c.vx, c.vy = p.rng.Int32N(300)-150, p.rng.Int32N(300)-150
		}
		if p.rng.IntN(300) == 0 || !c.there && p.rng.IntN(10) == 0 {
			if c.there = !c.there; c.there {
				c.birth = p.tick
			}
		}
		c.x, c.y = c.x+c.vx, c.y+c.vy
		owner := protocol.PlayerID(i + 1)
		if i < 3 {
			owner = 0 // the board
		}
		s.Add(plainRow+protocol.EntityID(i), 0, owner, 1, 1)
	}
	for i, c := range p.people {
		if c.there {
			row := s.Add(plainBody+protocol.EntityID(i), 1, protocol.PlayerID(i+1), c.birth, 2)
			row[0], row[1] = c.x, c.y
		}
	}
	for i := range p.people {
		t0 := p.tick - p.tick%60
		row := s.Add(plainShot+protocol.EntityID(i), 2, protocol.PlayerID(i+1), t0, 5)
		copy(row, []int32{int32(i) * 900, int32(i) * 500, 2000, -500, int32(t0)})
	}
	p.now = s
	p.interest.Advance(s)
}

// life is one entity from its birth on.
type life struct {
	id    protocol.EntityID
	birth protocol.Tick
}

// follow has an eye look from where a citizen is, or was last.
func (p *plain) follow(e *Eye, i int) []int32 {
	if c := p.people[i]; c.there {
		e.X, e.Y, e.Open = c.x, c.y, true
	}
	return p.interest.Look(e, protocol.PlayerID(i+1))
}

// far returns the square of how far an entity is from a place, false if it has no place.
func (p *plain) far(e *delta.Entity, x, y int32) (int64, bool) {
	k := &p.schema.Kinds[e.Kind]
	if !k.Positioned {
		return 0, false
	}
	ex, ey := k.Place(p.tick, e.Row)
	dx, dy := int64(ex-x), int64(ey-y)
	return dx*dx + dy*dy, true
}

// Whoever is within reach is shown. Who is beyond leave is not shown for longer than the linger, and was
// within before. What has no place is shown if it is nobody's or one's own.
func TestInterestShowsWhoIsNear(t *testing.T) {
	for seed := range uint64(3) {
		p := newPlain(120, seed)
		eyes := make([]Eye, 40)
		near := make([]map[life]protocol.Tick, len(eyes)) // when each entity was last within leave
		for i := range near {
			near[i] = map[life]protocol.Tick{}
		}
		reach := p.interest.reach
		leave := p.interest.leave + 2<<p.interest.shift // from the eye, rather than from its cell
		for range 400 {
			p.step()
			for i := range eyes {
				if p.rng.IntN(4) == 0 {
					continue // pacing leaves it out
				}
				e := &eyes[i]
				seen := p.follow(e, i)
				if !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) < len(seen) {
					t.Fatalf("tick %d: indices do not ascend: %v", p.tick, seen)
				}
				for j, k := 0, 0; j < len(p.now.Entities()); j++ {
					ent := &p.now.Entities()[j]
					shown := k < len(seen) && int(seen[k]) == j
					if shown {
						k++
					}
					far, placed := p.far(ent, e.X, e.Y)
					name := life{ent.ID, ent.Birth}
					if placed && e.Open && far <= leave*leave {
						near[i][name] = p.tick
					}
					switch {
					case !placed && shown != (ent.Owner == 0 || ent.Owner == protocol.PlayerID(i+1)):
						t.Fatalf("tick %d: player %d and the row of %d: shown is %v", p.tick, i+1, ent.Owner, shown)
					case placed && e.Open && far <= reach*reach && !shown:
						t.Fatalf("tick %d: entity %d is within reach of player %d and not shown", p.tick, ent.ID, i+1)
					case placed && shown && (near[i][name] == 0 || p.tick-near[i][name] > lingerTicks):
						t.Fatalf("tick %d: entity %d is shown to player %d, and was near in tick %d", p.tick, ent.ID, i+1, near[i][name])
					}
				}
			}
		}
	}
}

// Two peers whose eyes lie in one cell, and who have been shown nothing before, see the same.
func TestInterestIsSharedByACell(t *testing.T) {
	p := newPlain(200, 7)
	for range 60 {
		p.step()
	}
	side := int32(1) << p.interest.shift
	for range 200 {
		x, y := p.rng.Int32N(60_000)&^(side-1), p.rng.Int32N(40_000)&^(side-1)
		a := Eye{X: x + p.rng.Int32N(side), Y: y + p.rng.Int32N(side), Open: true}
		b := Eye{X: x + p.rng.Int32N(side), Y: y + p.rng.Int32N(side), Open: true}
		made := p.interest.made
		if as, bs := p.interest.Look(&a, 0), p.interest.Look(&b, 0); !slices.Equal(as, bs) {
			t.Fatalf("in one cell %v and %v are seen", as, bs)
		}
		if p.interest.made > made+1 {
			t.Fatal("one cell had two lists made")
		}
	}
}

// Somebody who stands at the margin does not come and go, however those between whom the margin lies
// step to and fro.
func TestNobodyFlickersAtTheMargin(t *testing.T) {
	p := newPlain(2, 1)
	side := int32(1) << p.interest.shift
	for _, away := range []int64{p.interest.reach - 40, p.interest.reach, p.interest.reach + int64(side)} {
		var e Eye
		changes, shown := 0, false
		for tick := protocol.Tick(1); tick < 400; tick++ {
			var s delta.Snapshot
			s.Reset(tick)
			row := s.Add(plainBody, 1, 2, 1, 2)
			row[0] = int32(away)
			p.interest.Advance(&s)
			e.X, e.Open = int32(tick%2)*side-side/2, true // across a cell's border and back
			if now := len(p.interest.Look(&e, 1)) > 0; now != shown {
				changes, shown = changes+1, now
			}
		}
		if changes > 1 {
			t.Errorf("%d 1/16 units away: %d changes", away, changes)
		}
	}
}

// What a client holds is what its eye sees, whatever was skipped, whoever left and came back meanwhile,
// and whichever id was given away.
func TestClientHoldsWhatItsEyeSees(t *testing.T) {
	p := newPlain(60, 3)
	table, journal := NewTable(p.schema), &Journal{}
	const me = 5
	peer, eye := NewPeer(p.schema, me, journal), Eye{}
	dec, held, body := frame.Decoder{}, rewind.New(p.schema), frame.Body{}
	for range 600 {
		before := p.past.At(table.Tick())
		p.step()
		table.Advance(p.now, before)
		if p.rng.IntN(3) == 0 {
			continue
		}
		peer.Seen = p.follow(&eye, me-1)
		b, err := peer.Compose(nil, table, journal, frame.Header{}, []int32{1, 2}, protocol.Micros(p.tick)*16667)
		if err != nil {
			t.Fatal(err)
		}
		h, err := dec.Header(b)
		if err != nil {
			t.Fatal(err)
		}
		base := &delta.Snapshot{}
		if h.Base != 0 {
			base.CopyFrom(held.At(h.Base))
		}
		got := held.Put(h.Tick)
		if err := dec.Body(p.schema, base, slices.Clone(body.Own), &body, got); err != nil {
			t.Fatalf("tick %d: %v", p.tick, err)
		}
		want := &delta.Snapshot{}
		for _, i := range peer.Seen {
			if e := &p.now.Entities()[i]; e.Owner != me || !p.schema.Kinds[e.Kind].Private {
				copy(want.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
			}
		}
		if a, b := fmt.Sprint(got.Entities()), fmt.Sprint(want.Entities()); a != b {
			t.Fatalf("tick %d: client has\n%s\nwant\n%s", p.tick, a, b)
		}
	}
}

// One who comes into a crowd is shown the nearest first, and everyone soon.
func TestACrowdComesInParts(t *testing.T) {
	p := newPlain(0, 1)
	const crowd = 3 * maxEntries
	var e Eye
	e.Open = true
	for tick := protocol.Tick(1); tick <= 3; tick++ {
		var s delta.Snapshot
		s.Reset(tick)
		for i := range crowd {
			s.Add(plainBody+protocol.EntityID(i), 1, 0, 1, 2)[0] = int32(crowd - i)
		}
		p.interest.Advance(&s)
		seen := p.interest.Look(&e, 1)
		if want := maxEntries * int(tick); len(seen) != want || int(seen[0]) != crowd-want {
			t.Errorf("snapshot %d: %d are seen, the farthest of them number %d from the end", tick, len(seen), crowd-int(seen[0]))
		}
	}
}

func TestInterestAllocates(t *testing.T) {
	p, eyes := newPlain(300, 2), make([]Eye, 100)
	for range 300 {
		p.step()
		for i := range eyes {
			p.follow(&eyes[i], i)
		}
	}
	if n := testing.AllocsPerRun(50, func() {
		p.interest.Advance(p.now)
		for i := range eyes {
			p.follow(&eyes[i], i)
		}
	}); n > 0 {
		t.Errorf("%v allocations once warm", n)
	}
}

// BenchmarkInterest is a snapshot of a town of a thousand for all of them.
func BenchmarkInterest(b *testing.B) {
	p := newPlain(0, 1)
	for range 1000 {
		p.people = append(p.people, citizen{x: p.rng.Int32N(8192 * 16), y: p.rng.Int32N(8192 * 16), there: true, birth: 1})
	}
	p.interest = NewInterest(p.schema, 1152)
	eyes := make([]Eye, len(p.people))
	p.step()
	seen := 0
	b.ReportAllocs()
	for b.Loop() {
		p.interest.Advance(p.now)
		for i := range eyes {
			seen += len(p.follow(&eyes[i], i))
		}
	}
	b.ReportMetric(float64(seen)/float64(b.N*len(eyes)), "seen/eye")
	b.ReportMetric(float64(p.interest.made), "lists")
}
