package delta_test

import (
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/wire"
)

// encode writes what leads from base to cur, choosing among the forms as a server does. Base may be
// nil. Absolute stands for every choice of a form that does not read the base.
func encode(c *delta.Coder, s *delta.Schema, base, cur *delta.Snapshot, absolute func() bool) (recs delta.Records, removed []protocol.EntityID) {
	var none delta.Snapshot
	if base == nil {
		base = &none
	}
	for i := range base.Entities() {
		if id := base.Entities()[i].ID; cur.Find(id) == nil {
			removed = append(removed, id)
		}
	}
	for i := range cur.Entities() {
		e := &cur.Entities()[i]
		k := &s.Kinds[e.Kind]
		switch prev := base.Find(e.ID); {
		case prev == nil || !prev.Same(e) || prev.Owner != e.Owner:
			if prev != nil && absolute() {
				removed = append(removed, e.ID) // allowed, not needed
			}
			c.Spawn(&recs, k, cur.Tick, e)
		case absolute():
			c.Absolute(&recs, k, e)
		default:
			c.Delta(&recs, k, prev, e)
		}
	}
	slices.Sort(removed)
	return recs, removed
}

func decode(recs delta.Records, s *delta.Schema, base *delta.Snapshot, removed []protocol.EntityID, dst *delta.Snapshot) error {
	var r wire.Reader
	r.Reset(recs.Bytes)
	err := delta.DecodeEntities(&r, recs.Ints, s, base, removed, dst)
	r.End()
	if err == nil {
		err = r.Err()
	}
	return err
}

// TestSequence plays random worlds to a receiver that is sometimes skipped, and wants it to hold
// exactly what the sender does after every frame it gets.
func TestSequence(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	var c delta.Coder
	for range 20 {
		truth := &delta.Snapshot{}
		var sent, got *delta.Snapshot // the base on both sides, nil before the first frame
		tick := protocol.Tick(rng.Uint32N(1000))
		for range 40 {
			tick = tick.Add(1 + rng.IntN(3))
			truth = evolve(rng, s, truth, tick)
			if rng.IntN(4) == 0 {
				continue // skipped: the base stays
			}
			recs, removed := encode(&c, s, sent, truth, func() bool { return rng.IntN(5) == 0 })
			next := &delta.Snapshot{}
			next.Reset(tick)
			if err := decode(recs, s, got, removed, next); err != nil {
				t.Fatalf("tick %d: %v", tick, err)
			}
			if err := same(next, truth); err != nil {
				t.Fatalf("tick %d: %v", tick, err)
			}
			sent, got = truth, next
		}
	}
}

func TestRowSequence(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	var c delta.Coder
	for _, k := range []*delta.Kind{&s.Own, &s.Kinds[1], &s.Kinds[3]} {
		truth, sent, got := make([]int32, len(k.Fields)), make([]int32, len(k.Fields)), make([]int32, len(k.Fields))
		for range 300 {
			randomize(rng, k, truth, []float64{0, 0.05, 1}[rng.IntN(3)])
			var recs delta.Records
			c.Row(&recs, k, sent, truth)
			if slices.Equal(sent, truth) != (recs.Ints == 0) {
				t.Fatalf("%d integers for equal=%v", recs.Ints, slices.Equal(sent, truth))
			}
			var r wire.Reader
			r.Reset(recs.Bytes)
			if err := delta.DecodeRow(&r, recs.Ints, k, got, got); err != nil {
				t.Fatal(err)
			}
			if r.End(); r.Err() != nil || !slices.Equal(got, truth) {
				t.Fatalf("%v: got %v, want %v", r.Err(), got, truth)
			}
			copy(sent, truth)
		}
	}
}

func TestDeltaOfEqualRowsIsNothing(t *testing.T) {
	s := testSchema()
	var c delta.Coder
	recs := delta.Records{Ints: 3, Bytes: []byte{1, 2, 3}}
	e := delta.Entity{ID: 1, Kind: 2, Birth: 5, Row: make([]int32, 8)}
	o := delta.Entity{ID: 1, Kind: 2, Birth: 5, Row: make([]int32, 8)}
	if c.Delta(&recs, &s.Kinds[2], &e, &o) || recs.Ints != 3 || len(recs.Bytes) != 3 {
		t.Errorf("written: %+v", recs)
	}
}

// TestBytes pins the layout that PROTOCOL.md describes.
func TestBytes(t *testing.T) {
	s := testSchema()
	entity := func(id protocol.EntityID, kind uint8, row ...int32) *delta.Entity {
		return &delta.Entity{ID: id, Kind: kind, Owner: 3, Birth: 90, Row: row}
	}
	wide := func(set map[int]int32) []int32 {
		row := make([]int32, protocol.MaxFields)
		for i, v := range set {
			row[i] = v
		}
		return row
	}
	var c delta.Coder
	tests := []struct {
		name  string
		write func(*delta.Records)
		ints  int
		want  string
	}{
		{"a delta of two fields", func(r *delta.Records) {
			c.Delta(r, &s.Kinds[1], entity(5, 1, 100, 200, 0, 0, 100, 0, 0), entity(5, 1, 103, 200, 65535, 0, 100, 0, 0))
		}, 4, "14" + "05" + "03" + "ff"},
		{"an absolute row leaves out zeroes", func(r *delta.Records) {
			c.Absolute(r, &s.Kinds[1], entity(5, 1, 0, 200, 0, 255, 100, -1, 0))
		}, 6, "15" + "3a" + "ccc8" + "ff" + "64" + "ff"},
		{"a spawn", func(r *delta.Records) {
			c.Spawn(r, &s.Kinds[0], 100, entity(300, 0, -1))
		}, 6, "cd04b2" + "00" + "03" + "0a" + "01" + "ff"},
		{"a row of zeroes", func(r *delta.Records) { c.Absolute(r, &s.Kinds[0], entity(1, 0, 0)) }, 2, "05" + "00"},
		{"two groups", func(r *delta.Records) {
			c.Absolute(r, &s.Kinds[2], entity(1, 2, 0, 7, 0, 0, 0, 0, 0, 9))
		}, 6, "05" + "03" + "02" + "07" + "01" + "09"},
		{"the first and last of 32 groups", func(r *delta.Records) {
			c.Absolute(r, &s.Kinds[3], entity(1, 3, wide(map[int]int32{0: 1, 223: 2})...))
		}, 6, "05" + "ce80000001" + "01" + "01" + "40" + "02"},
		{"no group at all", func(r *delta.Records) { c.Absolute(r, &s.Kinds[3], entity(1, 3, wide(nil)...)) }, 2, "05" + "00"},
		{"a difference that wraps", func(r *delta.Records) {
			c.Delta(r, &s.Kinds[0], entity(1, 0, math.MaxInt32), entity(1, 0, math.MinInt32))
		}, 3, "04" + "01" + "01"},
	}
	for _, tt := range tests {
		var recs delta.Records
		tt.write(&recs)
		if got := hex.EncodeToString(recs.Bytes); got != tt.want || recs.Ints != tt.ints {
			t.Errorf("%s: %s of %d integers, want %s of %d", tt.name, got, recs.Ints, tt.want, tt.ints)
		}
	}
}

func TestRefusedEntities(t *testing.T) {
	s := testSchema()
	base := &delta.Snapshot{}
	base.Reset(90)
	base.Add(3, 0, 0, 80, 1)
	copy(base.Add(5, 1, 2, 80, 7), []int32{1, 2, 3, 4, 100, 0, 0})
	tests := []struct {
		name, in string
		ints     int
		removed  []protocol.EntityID
		want     string
	}{
		{"a form that does not exist", "0f0101", 3, nil, "unknown form"},
		{"change of an unknown entity", "100101", 3, nil, "unknown"},
		{"change past the last", "18010a", 3, nil, "unknown"},
		{"absolute row of an unknown entity", "110101", 3, nil, "unknown"},
		{"change of a removed entity", "0c0101", 3, []protocol.EntityID{3}, "unknown"},
		{"removal of an unknown entity", "", 0, []protocol.EntityID{4}, "unknown"},
		{"removal twice", "", 0, []protocol.EntityID{3, 3}, "unknown"},
		{"removals out of order", "", 0, []protocol.EntityID{5, 3}, "unknown"},
		{"the same entity twice", "0c01010c0101", 6, nil, "out of order"},
		{"descending order", "1401010c0101", 6, nil, "out of order"},
		{"entity 0", "020000000105", 6, nil, "out of range"},
		{"spawn of an unknown kind", "1205000000", 5, nil, "out of range"},
		{"spawn for an impossible owner", "1200cd0401000000", 5, nil, "out of range"},
		{"spawn before time", "12000064" + "00", 5, nil, "out of range"},
		{"negative age", "120000ff00", 5, nil, "out of range"},
		{"mask with a bit too many", "0c0200", 3, nil, "out of range"},
		{"negative mask", "0cff", 2, nil, "out of range"},
		{"group mask with a bit too many", "120200000400", 6, nil, "out of range"},
		{"empty group", "120200000100", 6, nil, "out of range"},
		{"field above its range", "141001", 3, nil, "field"},
		{"field below its range", "1420fe", 3, nil, "field"},
		{"difference beyond 32 bits", "0c01ce80000000", 3, nil, "out of range"},
		{"id beyond 16 bits", "ce00040000", 1, nil, "out of range"},
		{"record cut short by its count", "0c0101", 2, nil, "cut short"},
		{"record cut short by its bytes", "0c01", 3, nil, "truncated"},
		{"nil for a value", "0c01c0", 3, nil, "not an integer"},
		{"float for a value", "0c01ca00000000", 3, nil, "not an integer"},
		{"more integers than records", "0c010101", 4, nil, "out of range"},
	}
	for _, tt := range tests {
		b, err := hex.DecodeString(tt.in)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		dst := &delta.Snapshot{}
		dst.Reset(99)
		err = decode(delta.Records{Ints: tt.ints, Bytes: b}, s, base, tt.removed, dst)
		if !errors.Is(err, wire.ErrBad) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestRefusedRows(t *testing.T) {
	own := &testSchema().Own
	for _, tt := range []struct {
		name, in string
		ints     int
		want     string
	}{
		{"cut short", "0101", 2, "cut short"},
		{"too long", "01010100", 4, "too long"},
		{"group that does not exist", "04", 1, "out of range"},
		{"field out of range", "0120ff", 3, "field"},
	} {
		b, _ := hex.DecodeString(tt.in)
		var r wire.Reader
		r.Reset(b)
		err := delta.DecodeRow(&r, tt.ints, own, make([]int32, 9), make([]int32, 9))
		if !errors.Is(err, wire.ErrBad) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestIDsAreBounded(t *testing.T) {
	s := testSchema()
	var c delta.Coder
	for id, good := range map[protocol.EntityID]bool{1: true, protocol.MaxEntities: true, protocol.MaxEntities + 1: false, 65535: false} {
		var recs delta.Records
		c.Spawn(&recs, &s.Kinds[0], 2, &delta.Entity{ID: id, Birth: 2, Row: make([]int32, len(s.Kinds[0].Fields))})
		dst := &delta.Snapshot{}
		dst.Reset(2)
		if err := decode(recs, s, nil, nil, dst); good != (err == nil) {
			t.Errorf("id %d: %v", id, err)
		}
	}
}

func TestCoderPanicsOnBugs(t *testing.T) {
	s := testSchema()
	ok := []int32{0, 0, 0, 0, 0, 0, 0}
	with := func(i int, v int32) *delta.Entity {
		row := slices.Clone(ok)
		row[i] = v
		return &delta.Entity{ID: 1, Kind: 1, Birth: 5, Row: row}
	}
	var c delta.Coder
	var recs delta.Records
	k := &s.Kinds[1]
	for name, write := range map[string]func(){
		"out of range":         func() { c.Delta(&recs, k, with(0, 0), with(4, 101)) },
		"off the circle":       func() { c.Absolute(&recs, k, with(3, 256)) },
		"negative on a circle": func() { c.Spawn(&recs, k, 9, with(2, -1)) },
		"own row out of range": func() { c.Row(&recs, k, ok, with(5, 2).Row) },
		"no id":                func() { c.Spawn(&recs, k, 9, &delta.Entity{Kind: 1, Birth: 5, Row: ok}) },
		"born in the future":   func() { c.Spawn(&recs, k, 4, with(0, 0)) },
		"another birth":        func() { c.Delta(&recs, k, &delta.Entity{ID: 1, Kind: 1, Birth: 4, Row: ok}, with(0, 0)) },
		"another owner":        func() { c.Delta(&recs, k, &delta.Entity{ID: 1, Kind: 1, Birth: 5, Owner: 1, Row: ok}, with(0, 0)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			write()
		}()
	}
}

func TestCodecAllocates(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	a := evolve(rng, s, &delta.Snapshot{}, 400)
	b := evolve(rng, s, a, 401)
	var c delta.Coder
	var recs, one delta.Records
	var r wire.Reader
	var dst delta.Snapshot
	own := make([]int32, len(s.Own.Fields))
	next := slices.Clone(own)
	next[0], next[8] = 5, 6
	var removed []protocol.EntityID
	for i := range a.Entities() {
		if id := a.Entities()[i].ID; b.Find(id) == nil {
			removed = append(removed, id)
		}
	}
	run := func() {
		recs.Reset()
		for i := range b.Entities() {
			e := &b.Entities()[i]
			k := &s.Kinds[e.Kind]
			one.Reset()
			if p := a.Find(e.ID); p == nil || !p.Same(e) || p.Owner != e.Owner {
				c.Spawn(&one, k, b.Tick, e)
			} else if i%2 == 0 {
				c.Absolute(&one, k, e)
			} else {
				c.Delta(&one, k, p, e)
			}
			recs.Append(one)
		}
		r.Reset(recs.Bytes)
		dst.Reset(b.Tick)
		if err := delta.DecodeEntities(&r, recs.Ints, s, a, removed, &dst); err != nil {
			t.Fatal(err)
		}
		recs.Reset()
		c.Row(&recs, &s.Own, own, next)
		r.Reset(recs.Bytes)
		if err := delta.DecodeRow(&r, recs.Ints, &s.Own, own, own); err != nil {
			t.Fatal(err)
		}
		clear(own)
	}
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if err := same(&dst, b); err != nil {
		t.Error(err)
	}
}

func BenchmarkDelta(b *testing.B) {
	s := testSchema()
	prev := &delta.Entity{ID: 40, Kind: 1, Birth: 5, Row: []int32{4000, 3000, 1000, 10, 100, 1, 3}}
	cur := &delta.Entity{ID: 40, Kind: 1, Birth: 5, Row: []int32{4020, 2990, 1900, 10, 100, 1, 3}}
	var c delta.Coder
	var recs delta.Records
	b.ReportAllocs()
	for b.Loop() {
		recs.Reset()
		c.Delta(&recs, &s.Kinds[1], prev, cur)
	}
	b.ReportMetric(float64(len(recs.Bytes)), "B/entity")
}
