package delta_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// A schema with every shape of kind: small, exactly one group, one more than a group, the largest,
// ranges, both circles and a motion.
func testSchema() *delta.Schema {
	wide := make([]delta.Field, protocol.MaxFields)
	for i := range wide {
		wide[i] = delta.Field{Name: fmt.Sprintf("f%d", i), Mode: delta.Mode(i % 2)}
	}
	wide[100] = delta.Field{Name: "heading", Mode: delta.Turn, Turn: 256}
	s := &delta.Schema{
		Kinds: []delta.Kind{
			{Name: "one", Fields: []delta.Field{{Name: "x", Mode: delta.Lerp}}},
			{Name: "seven", Positioned: true, Fields: []delta.Field{
				{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp},
				{Name: "aim", Mode: delta.Turn, Turn: 65536}, {Name: "yaw", Mode: delta.Turn, Turn: 256},
				{Name: "hp", Min: 0, Max: 100}, {Name: "team", Min: -1, Max: 1}, {Name: "state"},
			}},
			{Name: "eight", Fields: []delta.Field{
				{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}, {Name: "e"}, {Name: "f"}, {Name: "g"}, {Name: "h"},
			}},
			{Name: "wide", Fields: wide},
			{Name: "bolt", Positioned: true, Motion: &delta.Motion{X: 0, Y: 1, VX: 2, VY: 3, T0: 4}, Fields: []delta.Field{
				{Name: "x"}, {Name: "y"}, {Name: "vx"}, {Name: "vy"}, {Name: "t0", Tick: true},
			}},
		},
		Own: delta.Kind{Name: "own", Drifts: []delta.Drift{{Place: 0, Speed: 2}, {Place: 1, Speed: 3}}, Fields: []delta.Field{
			{Name: "x"}, {Name: "y"}, {Name: "vx", Bits: 6}, {Name: "vy", Bits: 6}, {Name: "aim", Mode: delta.Turn, Turn: 65536},
			{Name: "ammo", Min: 0, Max: 200}, {Name: "reload"}, {Name: "score", Told: true}, {Name: "deaths", Told: true},
		}},
	}
	if err := s.Validate(); err != nil {
		panic(err)
	}
	return s
}

// seeded returns a generator and prints its seed if the test fails.
func seeded(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 1))
}

// randomize changes every field with chance p to a value that may travel.
func randomize(rng *rand.Rand, k *delta.Kind, row []int32, p float64) {
	for i := range k.Fields {
		if rng.Float64() >= p {
			continue
		}
		f := &k.Fields[i]
		switch {
		case f.Mode == delta.Turn:
			row[i] = rng.Int32N(f.Turn)
		case f.Min != 0 || f.Max != 0:
			row[i] = f.Min + rng.Int32N(f.Max-f.Min+1)
		case rng.IntN(8) == 0:
			row[i] = []int32{math.MinInt32, math.MaxInt32, -1, 0}[rng.IntN(4)]
		case rng.IntN(2) == 0:
			row[i] += rng.Int32N(200) - 100
		default:
			row[i] = int32(rng.Uint32())
		}
	}
}

// evolve makes the next snapshot of a random world: some entities go, some are born anew or change
// hands, some change, some come.
func evolve(rng *rand.Rand, s *delta.Schema, old *delta.Snapshot, tick protocol.Tick) *delta.Snapshot {
	next := &delta.Snapshot{}
	next.Reset(tick)
	for id := protocol.EntityID(1); id <= 40; id++ {
		e := old.Find(id)
		switch {
		case e != nil && rng.IntN(10) > 0:
			row := next.Add(id, e.Kind, e.Owner, e.Birth, len(e.Row))
			copy(row, e.Row)
			randomize(rng, &s.Kinds[e.Kind], row, []float64{0, 0.05, 0.5, 1}[rng.IntN(4)])
		case rng.IntN(2) == 0:
			kind := uint8(rng.IntN(len(s.Kinds)))
			k := &s.Kinds[kind]
			birth := tick - protocol.Tick(rng.Uint32N(min(uint32(tick), 300)+1))
			if e != nil && e.Birth == birth {
				birth = tick
			}
			randomize(rng, k, next.Add(id, kind, protocol.PlayerID(rng.IntN(65)), birth, len(k.Fields)), 0.7)
		}
	}
	return next
}

func same(a, b *delta.Snapshot) error {
	if a.Tick != b.Tick || len(a.Entities()) != len(b.Entities()) {
		return fmt.Errorf("tick %d with %d entities, want %d with %d", a.Tick, len(a.Entities()), b.Tick, len(b.Entities()))
	}
	for i := range a.Entities() {
		x, y := &a.Entities()[i], &b.Entities()[i]
		if !x.Same(y) || x.Owner != y.Owner || !slices.Equal(x.Row, y.Row) {
			return fmt.Errorf("entity %+v, want %+v", *x, *y)
		}
	}
	return nil
}
