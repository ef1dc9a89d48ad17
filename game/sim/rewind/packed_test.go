package rewind_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// cast is a schema of kinds of several widths.
func cast() *delta.Schema {
	s := &delta.Schema{Own: delta.Kind{Name: "own", Fields: make([]delta.Field, 1)}}
	for _, n := range []int{1, 7, 70, protocol.MaxFields} {
		s.Kinds = append(s.Kinds, delta.Kind{Name: "kind", Fields: make([]delta.Field, n)})
	}
	return s
}

// evolve fills s with what came of the snapshot before: entities move a little or far, come, go, and are
// born anew, also as another kind.
func evolve(rng *rand.Rand, schema *delta.Schema, before, s *delta.Snapshot) {
	for id := protocol.EntityID(1); id <= 60; id++ {
		was := before.Find(id)
		if was == nil && rng.IntN(4) > 0 || was != nil && rng.IntN(40) == 0 {
			continue
		}
		if was != nil && rng.IntN(20) > 0 {
			row := s.Add(id, was.Kind, was.Owner, was.Birth, len(was.Row))
			copy(row, was.Row)
			for range rng.IntN(4) {
				row[rng.IntN(len(row))] += rng.Int32N(2000) - 1000
			}
			continue
		}
		kind := uint8(rng.IntN(len(schema.Kinds)))
		row := s.Add(id, kind, protocol.PlayerID(rng.IntN(300)), s.Tick, len(schema.Kinds[kind].Fields))
		for i := range row {
			row[i] = []int32{0, int32(rng.Uint32()), math.MinInt32, math.MaxInt32}[rng.IntN(4)]
		}
	}
}

func same(a, b *delta.Snapshot) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Tick == b.Tick && slices.EqualFunc(a.Entities(), b.Entities(), func(x, y delta.Entity) bool {
		return x.Same(&y) && slices.Equal(x.Row, y.Row)
	})
}

// A packed history holds what one that packs nothing does, at every tick and view, whether all ticks
// are there or some are not, and so does a copy of it.
func TestPackedHoldsTheSame(t *testing.T) {
	s := cast()
	for seed, most := range []int{1, 1, 3, 12, 40} {
		rng := rand.New(rand.NewPCG(uint64(seed), 9))
		whole, packed, other := rewind.New(s), rewind.NewPacked(s), rewind.NewPacked(s)
		last := &delta.Snapshot{}
		for tick, n := protocol.Tick(1), 0; n < 150; n++ {
			now := whole.Put(tick)
			evolve(rng, s, last, now)
			packed.Put(tick).CopyFrom(now)
			if n%3 > 0 {
				packed.Done()
			}
			last = now
			copied := n%50 == 49
			if copied {
				other.CopyFrom(packed)
			}
			for q := tick - min(tick, rewind.Size+5); q < tick+3; q++ {
				a, b := packed.At(q), packed.At(q+1)
				if wantA, wantB := whole.At(q), whole.At(q+1); !same(a, wantA) || !same(b, wantB) {
					t.Fatalf("seed %d, tick %d: %d or the one behind it is not what it was", seed, tick, q)
				}
				if got := packed.Whole(q); got != nil && !same(got, whole.At(q)) || got == nil && tick-q < rewind.Recent && most == 1 && q > 0 && q <= tick {
					t.Fatalf("seed %d, tick %d: %d is not whole", seed, tick, q)
				}
				if copied && (!same(other.At(q), whole.At(q)) || !same(other.Before(q), whole.Before(q)) || !same(other.After(q), whole.After(q))) {
					t.Fatalf("seed %d, tick %d: the copy has another %d", seed, tick, q)
				}
			}
			for range 5 {
				a := tick - protocol.Tick(rng.IntN(int(min(tick, rewind.Size+5))))
				v := protocol.View{A: a, B: a.Add(rng.IntN(16)), Frac: uint16(rng.IntN(300))}
				if !same(packed.Seen(v), whole.Seen(v)) {
					t.Fatalf("seed %d, tick %d: %+v shows something else", seed, tick, v)
				}
			}
			tick += protocol.Tick(1 + rng.IntN(most))
		}
		packed.Clear()
		if packed.Seen(protocol.View{}) != nil || packed.At(1) != nil {
			t.Fatal("a cleared history holds something")
		}
	}
}

func TestPackedAllocatesNothingOnceWarm(t *testing.T) {
	s := cast()
	h := rewind.NewPacked(s)
	tick := protocol.Tick(0)
	step := func() {
		tick++
		now := h.Put(tick)
		for id := protocol.EntityID(1); id <= 40; id++ {
			row := now.Add(id, 1, 0, 1, 7)
			row[0], row[3] = int32(tick)*7, int32(id)
		}
		if tick > rewind.Size {
			h.Seen(protocol.View{A: tick - 40, B: tick - 37, Frac: 9})
			h.Seen(protocol.View{A: tick - 13, B: tick - 10, Frac: 9})
		}
	}
	for range 3 * rewind.Size {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

// BenchmarkPut is what a tick adds to a history: 38 entities, of which 16 move.
func BenchmarkPut(b *testing.B) { benchmark(b, func(h *rewind.History, t protocol.Tick) {}) }

// BenchmarkSeen is a tick with a shot at what was seen 12 and 40 ticks ago.
func BenchmarkSeen(b *testing.B) {
	for name, ago := range map[string]protocol.Tick{"12": 12, "40": 40} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, func(h *rewind.History, t protocol.Tick) { h.Seen(protocol.View{A: t - ago, B: t - ago + 3, Frac: 99}) })
		})
	}
}

func benchmark(b *testing.B, then func(*rewind.History, protocol.Tick)) {
	for _, kind := range []struct {
		name string
		make func(*delta.Schema) *rewind.History
	}{{"whole", rewind.New}, {"packed", rewind.NewPacked}} {
		b.Run(kind.name, func(b *testing.B) {
			h := kind.make(cast())
			b.ReportAllocs()
			tick := protocol.Tick(0)
			for b.Loop() {
				tick++
				now := h.Put(tick)
				for id := protocol.EntityID(1); id <= 38; id++ {
					row := now.Add(id, 1, 0, 1, 7)
					if id > 22 {
						row[0], row[1], row[2] = int32(tick)*7, int32(tick)*9, int32(tick)*3
					}
				}
				if tick > rewind.Size {
					then(h, tick)
				}
			}
		})
	}
}
