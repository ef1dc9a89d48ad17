package rewind_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// townSchema has walkers, things that fly, and rows without a place.
func townSchema() *delta.Schema {
	place := []delta.Field{{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp}, {Name: "aim", Mode: delta.Turn, Turn: 256}}
	row := delta.Kind{Name: "row", Fields: []delta.Field{{Name: "points"}}}
	return &delta.Schema{Own: row, Kinds: []delta.Kind{
		row, {Name: "walker", Positioned: true, Fields: place},
		{Name: "shot", Positioned: true, Motion: &delta.Motion{X: 0, Y: 1, VX: 2, VY: 3, T0: 4}, Fields: make([]delta.Field, 5)},
	}}
}

// town is a crowd of walkers who come, go, are born anew elsewhere and step as far as they like.
type town struct {
	rng    *rand.Rand
	h      *rewind.History
	tick   protocol.Tick
	births [300]protocol.Tick
	at     [300]rewind.Place
}

func newTown(seed uint64) *town {
	return &town{rng: rand.New(rand.NewPCG(seed, 4)), h: rewind.New(townSchema())}
}

// step adds a tick; one that hides lets walkers vanish and come back as who they were.
func (w *town) step(hides bool) {
	w.tick++
	s := w.h.Put(w.tick)
	s.Add(1, 0, 0, 1, 1)
	for i := range w.births {
		switch n := w.rng.IntN(60); {
		case n == 0:
			w.births[i] = 0
		case w.births[i] == 0 && n < 20:
			w.births[i] = w.tick
			w.at[i] = rewind.Place{X: w.rng.Int32N(200_000) - 30_000, Y: w.rng.Int32N(150_000)}
		}
		w.at[i].X += w.rng.Int32N(400) - 200
		w.at[i].Y += w.rng.Int32N(400) - 200
		if w.births[i] != 0 && !(hides && w.rng.IntN(10) == 0) {
			row := s.Add(protocol.EntityID(10+i), 1, 0, w.births[i], 3)
			row[0], row[1], row[2] = w.at[i].X, w.at[i].Y, w.rng.Int32N(256)
		}
	}
	s.Add(1000, 2, 0, 1, 5)[2] = 900
}

// SeenIn finds exactly what Seen shows in the box, at every view: between two snapshots, beyond them,
// across many, too old and too new; of walkers who were born anew, and of those who were gone meanwhile.
func TestSeenInIsWhatIsSeenThere(t *testing.T) {
	for seed := range uint64(6) {
		w, schema := newTown(seed), townSchema()
		found := 0
		for range 150 {
			w.step(seed%3 == 2)
			if seed == 1 && w.rng.IntN(20) == 0 {
				w.tick++ // a tick that is not held
			}
			for range 40 {
				v := protocol.View{A: protocol.Tick(max(0, int(w.tick)-w.rng.IntN(80)))}
				v.B, v.Frac = v.A+protocol.Tick(w.rng.IntN(16)), uint16(w.rng.IntN(256*3))
				lo := rewind.Place{X: w.rng.Int32N(180_000) - 30_000, Y: w.rng.Int32N(150_000)}
				hi := rewind.Place{X: lo.X + w.rng.Int32N(20_000), Y: lo.Y + w.rng.Int32N(20_000)}
				if w.rng.IntN(20) == 0 {
					hi.X += 400_000 // all around the grid
				}
				var want []string
				for _, e := range w.h.Seen(v).Entities() {
					if e.Kind == 1 && e.Row[0] >= lo.X && e.Row[0] <= hi.X && e.Row[1] >= lo.Y && e.Row[1] <= hi.Y {
						want = append(want, print(&e))
					}
				}
				in := w.h.SeenIn(v, lo, hi)
				var got []string
				for _, e := range in.Entities() {
					if len(e.Row) != len(schema.Kinds[e.Kind].Fields) {
						t.Fatalf("a row of %d cells", len(e.Row))
					}
					got = append(got, print(&e))
				}
				if found += len(got); !slices.Equal(got, want) {
					t.Fatalf("seed %d tick %d, view %+v in %v to %v:\n%v\nwant\n%v", seed, w.tick, v, lo, hi, got, want)
				}
			}
		}
		if found < 2000 {
			t.Fatalf("seed %d: only %d were found", seed, found)
		}
	}
}

func print(e *delta.Entity) string {
	b := []byte{}
	for _, v := range append([]int32{int32(e.ID), int32(e.Kind), int32(e.Owner), int32(e.Birth)}, e.Row...) {
		b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	return string(b)
}

func TestSeenInOfNothing(t *testing.T) {
	h := rewind.New(townSchema())
	if h.SeenIn(protocol.View{A: 3, B: 4}, rewind.Place{}, rewind.Place{X: 9, Y: 9}) != nil {
		t.Error("something is seen in an empty history")
	}
	w := newTown(1)
	for range 10 {
		w.step(false)
	}
	w.h.Clear()
	if w.h.SeenIn(protocol.View{A: 3, B: 4}, rewind.Place{}, rewind.Place{X: 9, Y: 9}) != nil {
		t.Error("something is seen in a cleared history")
	}
	// The next match gets there with ticks of its own.
	w.h.Put(3).Add(10, 1, 0, 3, 3)[0] = 5
	if got := w.h.SeenIn(protocol.View{A: 3, B: 3}, rewind.Place{}, rewind.Place{X: 9, Y: 9}).Entities(); len(got) != 1 {
		t.Errorf("%d are seen, want the one", len(got))
	}
}

func TestSeenInAllocates(t *testing.T) {
	w := newTown(3)
	look := func() {
		w.step(false)
		v := protocol.View{A: w.tick - 9, B: w.tick - 8, Frac: 99}
		w.h.SeenIn(v, rewind.Place{X: 40_000, Y: 40_000}, rewind.Place{X: 60_000, Y: 60_000})
	}
	for range 400 {
		look()
	}
	if n := testing.AllocsPerRun(100, look); n > 0 {
		t.Errorf("%v allocations once warm", n)
	}
}

// BenchmarkSeenIn is one look back at a screen of a town of 300, BenchmarkSeenAll at all of it.
func BenchmarkSeenIn(b *testing.B) {
	w := newTown(1)
	for range 64 {
		w.step(false)
	}
	v := protocol.View{A: 40, B: 42, Frac: 99}
	b.ReportAllocs()
	for b.Loop() {
		w.h.SeenIn(v, rewind.Place{X: 40_000, Y: 40_000}, rewind.Place{X: 56_000, Y: 52_000})
	}
}

func BenchmarkSeenAll(b *testing.B) {
	w := newTown(1)
	for range 64 {
		w.step(false)
	}
	v := protocol.View{A: 40, B: 42, Frac: 99}
	for b.Loop() {
		w.h.Seen(v)
	}
}
