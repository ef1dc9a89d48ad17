package delta_test

import (
	"errors"
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

func TestSnapshotFind(t *testing.T) {
	var s delta.Snapshot
	s.Reset(7)
	for id := protocol.EntityID(2); id <= 40; id += 2 {
		s.Add(id, 0, 0, 1, 1)[0] = int32(id) * 10
	}
	for id := range protocol.EntityID(45) {
		e := s.Find(id)
		if has := id >= 2 && id <= 40 && id%2 == 0; has != (e != nil) {
			t.Fatalf("id %d: found %v", id, e != nil)
		}
		if e != nil && (e.ID != id || e.Row[0] != int32(id)*10) {
			t.Fatalf("id %d: %+v", id, *e)
		}
	}
}

func TestSnapshotAddPanicsOutOfOrder(t *testing.T) {
	for _, id := range []protocol.EntityID{4, 5} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Add of %d after 5 did not panic", id)
				}
			}()
			var s delta.Snapshot
			s.Add(5, 0, 0, 0, 1)
			s.Add(id, 0, 0, 0, 1)
		}()
	}
}

// Rows must stay where they were handed out while the block behind them is replaced by a larger
// one, must be zero even in reused memory, and must not run into each other.
func TestSnapshotRows(t *testing.T) {
	var s delta.Snapshot
	for round := range 3 {
		s.Reset(protocol.Tick(round))
		var rows [][]int32
		for id := protocol.EntityID(1); id <= 300; id++ {
			row := s.Add(id, 0, 0, 0, 7)
			if !slices.Equal(row, make([]int32, 7)) {
				t.Fatalf("round %d: row %d begins as %v", round, id, row)
			}
			for i := range row {
				row[i] = int32(id)
			}
			rows = append(rows, row)
		}
		for i, row := range rows {
			id := i + 1
			if e := s.Find(protocol.EntityID(id)); &e.Row[0] != &row[0] || row[0] != int32(id) || row[6] != int32(id) {
				t.Fatalf("round %d: row %d became %v", round, id, row)
			}
			if _ = append(row, -1); id < len(rows) && rows[id][0] != int32(id+1) {
				t.Fatalf("appending to row %d overwrote another", id)
			}
		}
	}
	if n := testing.AllocsPerRun(20, func() {
		s.Reset(1)
		for id := protocol.EntityID(1); id <= 300; id++ {
			s.Add(id, 0, 0, 0, 7)
		}
	}); n != 0 {
		t.Errorf("%v allocations once warm", n)
	}
}

func TestSnapshotCopyFrom(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	a := evolve(rng, s, &delta.Snapshot{}, 50)
	b := &delta.Snapshot{}
	b.Add(9, 0, 0, 0, 1)
	b.CopyFrom(a)
	if err := same(b, a); err != nil {
		t.Fatal(err)
	}
	a.Entities()[0].Row[0]++
	if same(b, a) == nil {
		t.Error("the copy shares rows")
	}
}

func TestValidate(t *testing.T) {
	fields := func(n int) []delta.Field { return make([]delta.Field, n) }
	own := delta.Kind{Name: "own", Fields: fields(1)}
	kinds := func(k ...delta.Kind) *delta.Schema { return &delta.Schema{Kinds: k, Own: own} }
	drifting := func(d ...delta.Drift) *delta.Schema {
		return &delta.Schema{Kinds: []delta.Kind{own}, Own: delta.Kind{Fields: []delta.Field{{}, {}, {Mode: delta.Turn, Turn: 256}}, Drifts: d}}
	}
	tests := []struct {
		name string
		s    *delta.Schema
		want error
	}{
		{"good", testSchema(), nil},
		{"no kinds", kinds(), delta.ErrTooMany},
		{"too many kinds", kinds(slices.Repeat([]delta.Kind{own}, protocol.MaxKinds+1)...), delta.ErrTooMany},
		{"no fields", kinds(delta.Kind{}), delta.ErrTooMany},
		{"too many fields", kinds(delta.Kind{Fields: fields(protocol.MaxFields + 1)}), delta.ErrTooMany},
		{"own row without fields", &delta.Schema{Kinds: []delta.Kind{own}}, delta.ErrTooMany},
		{"positioned without y", kinds(delta.Kind{Fields: fields(1), Positioned: true}), delta.ErrField},
		{"range upside down", kinds(delta.Kind{Fields: []delta.Field{{Min: 2, Max: 1}}}), delta.ErrField},
		{"odd circle", kinds(delta.Kind{Fields: []delta.Field{{Mode: delta.Turn, Turn: 360}}}), delta.ErrField},
		{"motion field missing", kinds(delta.Kind{Fields: fields(4), Motion: &delta.Motion{X: 0, Y: 1, VX: 2, VY: 3, T0: 4}}), delta.ErrField},
		{"a tick that moves", kinds(delta.Kind{Fields: []delta.Field{{Tick: true, Mode: delta.Lerp}}}), delta.ErrField},
		{"changes of 25 bits", kinds(delta.Kind{Fields: []delta.Field{{Bits: 25}}}), delta.ErrField},
		{"an entity that drifts", kinds(delta.Kind{Fields: fields(2), Drifts: []delta.Drift{{Place: 0, Speed: 1}}}), delta.ErrField},
		{"a drift by a field that is missing", drifting(delta.Drift{Place: 0, Speed: 3}), delta.ErrField},
		{"a drift of a heading", drifting(delta.Drift{Place: 2, Speed: 1}), delta.ErrField},
		{"a velocity that drifts", drifting(delta.Drift{Place: 0, Speed: 1}, delta.Drift{Place: 1, Speed: 0}), delta.ErrField},
		{"a drift", drifting(delta.Drift{Place: 0, Speed: 1}), nil},
		{"motion field not a step", kinds(delta.Kind{Fields: []delta.Field{{Mode: delta.Lerp}}, Motion: &delta.Motion{}}), delta.ErrField},
	}
	for _, tt := range tests {
		if err := tt.s.Validate(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestIndex(t *testing.T) {
	s := testSchema()
	if got := s.Kinds[1].Index("hp"); got != 4 {
		t.Errorf("hp is field %d, want 4", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a name that is not there")
		}
	}()
	s.Kinds[1].Index("mana")
}
