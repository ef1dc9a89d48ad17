package delta_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

func TestBlendEnds(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	for range 200 {
		for i := range s.Kinds[:4] { // those without a motion
			k := &s.Kinds[i]
			a, b := make([]int32, len(k.Fields)), make([]int32, len(k.Fields))
			randomize(rng, k, a, 1)
			randomize(rng, k, b, 1)
			got := make([]int32, len(k.Fields))
			v := protocol.View{A: 10, B: 12}
			if delta.Blend(k, v, a, b, got); !slices.Equal(got, a) {
				t.Fatalf("%s: frac 0 is not A", k.Name)
			}
			v.Frac = 256
			if delta.Blend(k, v, a, b, got); !slices.Equal(got, b) {
				t.Fatalf("%s: frac 256 is not B", k.Name)
			}
			v.Frac = uint16(rng.IntN(protocol.MaxFrac))
			if delta.Blend(k, v, a, a, got); !slices.Equal(got, a) {
				t.Fatalf("%s: between equal rows at %d", k.Name, v.Frac)
			}
		}
	}
}

func TestBlendFields(t *testing.T) {
	circle := func(n int32) delta.Field { return delta.Field{Mode: delta.Turn, Turn: n} }
	line, step := delta.Field{Mode: delta.Lerp}, delta.Field{}
	tests := []struct {
		name string
		f    delta.Field
		a, b int32
		frac uint16
		want int32
	}{
		{"half way", line, 0, 10, 128, 5},
		{"half way back", line, 10, 0, 128, 5},
		{"rounds down", line, 0, 1, 255, 0},
		{"rounds down below zero", line, 0, -1, 1, -1},
		{"past B", line, 0, 10, 512, 20},
		{"the longest way", line, math.MinInt32, math.MaxInt32, 128, -1},
		{"step before B", step, 1, 2, 255, 1},
		{"step at B", step, 1, 2, 256, 2},
		{"step past B", step, 1, 2, 1000, 2},
		{"across zero", circle(256), 250, 6, 128, 0},
		{"back across zero", circle(256), 6, 250, 128, 0},
		{"a fine circle across zero", circle(65536), 65535, 1, 128, 0},
		{"not across zero", circle(256), 10, 100, 128, 55},
		{"half a turn goes down", circle(256), 0, 128, 128, 192},
		{"past B round the circle", circle(256), 240, 250, 1024, 24},
		{"rounds down on the circle", circle(256), 0, 255, 1, 255},
	}
	for _, tt := range tests {
		k := delta.Kind{Fields: []delta.Field{tt.f}}
		got := []int32{-7}
		delta.Blend(&k, protocol.View{A: 1, B: 2, Frac: tt.frac}, []int32{tt.a}, []int32{tt.b}, got)
		if got[0] != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got[0], tt.want)
		}
	}
}

// A turn never takes the longer way: what lies half way between A and B lies on the shorter arc.
func TestBlendTurnIsShorter(t *testing.T) {
	k := delta.Kind{Fields: []delta.Field{{Mode: delta.Turn, Turn: 256}}}
	away := func(x, y int32) int32 { d := (x - y) & 255; return min(d, 256-d) }
	got := []int32{0}
	for a := range int32(256) {
		for b := range int32(256) {
			delta.Blend(&k, protocol.View{A: 1, B: 2, Frac: 128}, []int32{a}, []int32{b}, got)
			if m := got[0]; m < 0 || m > 255 || away(a, m)+away(m, b) != away(a, b) {
				t.Fatalf("from %d to %d by way of %d", a, b, m)
			}
		}
	}
}

func TestBlendMayAlias(t *testing.T) {
	k := &testSchema().Kinds[1]
	a, b := []int32{0, 10, 65000, 5, 100, 0, 1}, []int32{8, 20, 600, 250, 50, 1, 2}
	v := protocol.View{A: 4, B: 6, Frac: 100}
	want := make([]int32, len(a))
	delta.Blend(k, v, a, b, want)
	intoA, intoB := slices.Clone(a), slices.Clone(b)
	delta.Blend(k, v, intoA, b, intoA)
	delta.Blend(k, v, a, intoB, intoB)
	if !slices.Equal(intoA, want) || !slices.Equal(intoB, want) {
		t.Errorf("into A %v, into B %v, want %v", intoA, intoB, want)
	}
}

// A flying entity is where its velocity has brought it, whichever two snapshots are blended.
func TestBlendMotion(t *testing.T) {
	k := &testSchema().Kinds[4]
	row := []int32{1600, -1600, 512, -768, 100} // from (100, -100), 2 and -3 units a tick, at tick 100
	got := make([]int32, 5)
	for _, tt := range []struct {
		v    protocol.View
		x, y int32 // 1/16 unit
	}{
		{protocol.View{A: 100, B: 100}, 1600, -1600},
		{protocol.View{A: 100, B: 101, Frac: 128}, 1600 + 16, -1600 - 24},
		{protocol.View{A: 101, B: 101}, 1600 + 32, -1600 - 48},
		{protocol.View{A: 110, B: 112, Frac: 128}, 1600 + 11*32, -1600 - 11*48},
		{protocol.View{A: 108, B: 110, Frac: 384}, 1600 + 11*32, -1600 - 11*48}, // extrapolated
		{protocol.View{A: 90, B: 92, Frac: 10}, 1600, -1600},                    // not before its start
		{protocol.View{A: 100, B: 101, Frac: 1}, 1600, -1601},                   // 1/8 and -3/16, rounded down
	} {
		if delta.Blend(k, tt.v, row, row, got); got[0] != tt.x || got[1] != tt.y {
			t.Errorf("%+v: at %d, %d, want %d, %d", tt.v, got[0], got[1], tt.x, tt.y)
		}
	}
}

func TestSeen(t *testing.T) {
	s := testSchema()
	snap := func(tick protocol.Tick, ents ...delta.Entity) *delta.Snapshot {
		sn := &delta.Snapshot{}
		sn.Reset(tick)
		for _, e := range ents {
			copy(sn.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
		}
		return sn
	}
	at := func(id protocol.EntityID, birth protocol.Tick, x int32) delta.Entity {
		return delta.Entity{ID: id, Owner: protocol.PlayerID(id), Birth: birth, Row: []int32{x}}
	}
	eight := delta.Entity{ID: 9, Kind: 2, Birth: 1, Row: []int32{1, 2, 3, 4, 5, 6, 7, 8}}
	seven := delta.Entity{ID: 9, Kind: 1, Birth: 1, Row: []int32{1, 2, 3, 4, 5, 0, 7}}
	tests := []struct {
		name       string
		a, b, want *delta.Snapshot
	}{
		{"in both: blended", snap(10, at(1, 1, 0)), snap(12, at(1, 1, 8)), snap(10, at(1, 1, 4))},
		{"only in A: as in A", snap(10, at(1, 1, 3)), snap(12), snap(10, at(1, 1, 3))},
		{"only in B: as in B", snap(10), snap(12, at(1, 11, 3)), snap(10, at(1, 11, 3))},
		{"born anew: as in A", snap(10, at(1, 1, 0)), snap(12, at(1, 11, 8)), snap(10, at(1, 1, 0))},
		{"another kind: as in A", snap(10, eight), snap(12, seven), snap(10, eight)},
		{"merged in order",
			snap(10, at(1, 1, 0), at(3, 1, 0), at(4, 1, 40), at(8, 1, 1)),
			snap(12, at(2, 11, 7), at(3, 1, 8), at(4, 1, 80), at(9, 11, 2)),
			snap(10, at(1, 1, 0), at(2, 11, 7), at(3, 1, 4), at(4, 1, 60), at(8, 1, 1), at(9, 11, 2))},
		{"nothing", snap(10), snap(12), snap(10)},
	}
	var got delta.Snapshot
	for _, tt := range tests {
		delta.Seen(s, protocol.View{A: 10, B: 12, Frac: 128}, tt.a, tt.b, &got)
		if err := same(&got, tt.want); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestSeenAllocates(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	a := evolve(rng, s, &delta.Snapshot{}, 400)
	b := evolve(rng, s, a, 402)
	var dst delta.Snapshot
	if n := testing.AllocsPerRun(100, func() {
		delta.Seen(s, protocol.View{A: 400, B: 402, Frac: 77}, a, b, &dst)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkSeen is what a shot costs before anything is tested: the scene of a room as it was seen.
func BenchmarkSeen(b *testing.B) {
	s, rng := testSchema(), rand.New(rand.NewPCG(1, 1))
	var at [2]delta.Snapshot
	for t := range at {
		at[t].Reset(protocol.Tick(10 + 2*t))
		for id := range 48 {
			kind := uint8(id % 2)
			row := at[t].Add(protocol.EntityID(id+1), kind, 0, 1, len(s.Kinds[kind].Fields))
			randomize(rng, &s.Kinds[kind], row, 1)
		}
	}
	var dst delta.Snapshot
	b.ReportAllocs()
	for b.Loop() {
		delta.Seen(s, protocol.View{A: 10, B: 12, Frac: 77}, &at[0], &at[1], &dst)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(48*b.N), "ns/entity")
}
