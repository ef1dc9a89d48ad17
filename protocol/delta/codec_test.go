package delta_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/delta/deltatest"
	"hindsight/protocol/wire"
)

// joined is the bits of a scene and of its changes, if there are any, as a frame has them.
func joined(s *deltatest.Sender) []byte {
	var w wire.Bits
	w.Copy(&s.Scene, 0, s.Scene.Len())
	if s.Changes.Len() > 0 {
		w.Flag(true)
		w.Copy(&s.Changes, 0, s.Changes.Len())
	}
	return w.Bytes()
}

func decode(b []byte, s *delta.Schema, base *delta.Snapshot, skipped bool, dst *delta.Snapshot) error {
	var r wire.BitReader
	var d delta.Decoder
	r.Reset(b)
	if err := d.Entities(&r, s, base, skipped, dst); err != nil {
		return err
	}
	r.End()
	return r.Err()
}

// TestSequence plays random worlds to a receiver that is sometimes skipped, and wants it to hold
// exactly what the sender does after every frame it gets.
func TestSequence(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	for range 20 {
		sender := deltatest.NewSender(s)
		truth := &delta.Snapshot{}
		var got *delta.Snapshot // nil before the first frame
		tick := protocol.Tick(rng.Uint32N(1000))
		for range 40 {
			tick = tick.Add(1 + rng.IntN(3))
			truth = evolve(rng, s, truth, tick)
			if rng.IntN(4) == 0 {
				sender.Pass(truth)
				continue
			}
			skipped := sender.Send(truth)
			next := &delta.Snapshot{}
			next.Reset(tick)
			if err := decode(joined(sender), s, got, skipped, next); err != nil {
				t.Fatalf("tick %d: %v", tick, err)
			}
			if err := same(next, truth); err != nil {
				t.Fatalf("tick %d: %v", tick, err)
			}
			got = next
		}
	}
}

func TestRowSequence(t *testing.T) {
	s, rng := testSchema(), seeded(t)
	var c delta.Coder
	var d delta.Decoder
	for _, k := range []*delta.Kind{&s.Own, &s.Kinds[1], &s.Kinds[3]} {
		truth, sent, got := make([]int32, len(k.Fields)), make([]int32, len(k.Fields)), make([]int32, len(k.Fields))
		for tick := range protocol.Tick(300) {
			randomize(rng, k, truth, []float64{0, 0.05, 1}[rng.IntN(3)])
			ticks := rng.IntN(9)
			var w, all wire.Bits
			if c.Row(&w, k, tick, ticks, sent, truth); w.Len() > 0 {
				all.Flag(true)
				all.Copy(&w, 0, w.Len())
			}
			var r wire.BitReader
			r.Reset(all.Bytes())
			if err := d.Row(&r, k, tick, ticks, got, got); err != nil {
				t.Fatal(err)
			}
			if r.End(); r.Err() != nil || !slices.Equal(got, truth) || !slices.Equal(sent, truth) {
				t.Fatalf("%v: got %v, want %v", r.Err(), got, truth)
			}
		}
	}
}

// TestBits pins the layout that PROTOCOL.md describes. A gap in the bits stands between two parts.
func TestBits(t *testing.T) {
	s := testSchema()
	entity := func(id protocol.EntityID, kind uint8, row ...int32) *delta.Entity {
		return &delta.Entity{ID: id, Kind: kind, Owner: 3, Birth: 90, Row: row}
	}
	var c delta.Coder
	var rest delta.Track
	tests := []struct {
		name  string
		write func(*wire.Bits)
		want  string
	}{
		{"a change of two fields", func(w *wire.Bits) {
			c.Change(w, &s.Kinds[2], 100, entity(5, 2, 1, 2, 3, 4, 5, 6, 7, 8), entity(5, 2, 1, 5, 3, 4, 5, 6, 6, 8))
		}, "010" + " 010 1110" + " 00101 1001"},
		{"a field that is as it is sent", func(w *wire.Bits) {
			c.Change(w, &s.Own, 100, &delta.Entity{Row: make([]int32, 9)}, &delta.Entity{Row: []int32{5: 200, 8: 0}})
		}, "1 00110 11001000"},
		{"a tick", func(w *wire.Bits) {
			c.Change(w, &s.Kinds[4], 4100, entity(1, 4, 0, 0, 0, 0, 4090), entity(1, 4, 0, 0, 0, 0, 4102))
		}, "1 00101 10100"},
		{"a difference that wraps", func(w *wire.Bits) {
			c.Change(w, &s.Kinds[0], 1, entity(1, 0, math.MaxInt32), entity(1, 0, math.MinInt32))
		}, "1 1 1010"},
		{"a spawn at rest", func(w *wire.Bits) {
			c.Spawn(w, s, 100, entity(300, 1, 100, -1, 65535, 255, 100, -1, 0), &rest)
		}, "001 111 1 10001001" + " 01100 1001000" + " 101" + " 1111111111111111 11111111 1100100 00 100" + " 000 10000000000"},
		{"a row of zeroes", func(w *wire.Bits) { c.Whole(w, &s.Kinds[0], 1, entity(1, 0, 0), &rest) }, "100"},
	}
	for _, tt := range tests {
		var w wire.Bits
		tt.write(&w)
		got := ""
		for _, b := range w.Bytes() {
			got += fmt.Sprintf("%08b", b)
		}
		if want := strings.ReplaceAll(tt.want, " ", ""); got[:w.Len()] != want {
			t.Errorf("%s: %s, want %s", tt.name, got[:w.Len()], want)
		}
	}
}

// three is a base with a mover at rest and two that are no movers.
func three() *delta.Snapshot {
	s := &delta.Snapshot{}
	s.Reset(90)
	s.Add(3, 0, 0, 80, 1)
	copy(s.Add(5, 1, 2, 80, 7), []int32{1, 2, 3, 4, 100, 0, 0})
	s.Add(9, 2, 0, 80, 8)
	return s
}

func TestRefusedEntities(t *testing.T) {
	s := testSchema()
	// news writes who is gone and how many are new.
	news := func(w *wire.Bits, born uint32, gone ...uint32) {
		w.Flag(true)
		w.Number(uint32(len(gone)), 0)
		for _, gap := range gone {
			w.Number(gap, 3)
		}
		w.Number(born, 0)
	}
	// head says that mover 5 is as foreseen.
	head := func(w *wire.Bits) {
		var c delta.Coder
		var at delta.Track
		e := &three().Entities()[1]
		c.Move(w, &s.Kinds[1], 99, e, e, &at)
	}
	tests := []struct {
		name, want string
		write      func(w *wire.Bits)
	}{
		{"", "", func(w *wire.Bits) { w.Flag(false); head(w) }},
		{"", "", func(w *wire.Bits) { news(w, 0, 0, 0, 0) }},
		{"four gone of three", "range", func(w *wire.Bits) { news(w, 0, 0, 0, 0, 0) }},
		{"a slot that is not there", "slot", func(w *wire.Bits) { news(w, 0, 3) }},
		{"a slot past the last", "slot", func(w *wire.Bits) { news(w, 0, 2, 0) }},
		{"a new entity where one is", "place", func(w *wire.Bits) { news(w, 1); w.Number(2, 6) }},
		{"a new entity with too high an id", "range", func(w *wire.Bits) { news(w, 1); w.Number(protocol.MaxEntities, 6) }},
		{"more new ones than there are ids", "range", func(w *wire.Bits) { news(w, protocol.MaxEntities+1) }},
		{"an unknown kind", "kind", func(w *wire.Bits) { news(w, 1); w.Number(0, 6); w.Put(5, 3); w.Number(0, 2) }},
		{"an impossible owner", "range", func(w *wire.Bits) { news(w, 1); w.Number(0, 6); w.Put(0, 3); w.Number(protocol.MaxPlayers+1, 2) }},
		{"a birth before time", "before time", func(w *wire.Bits) {
			news(w, 1)
			w.Number(0, 6)
			w.Put(0, 3)
			w.Number(0, 2)
			w.Flag(true)
			w.Number(99, 7)
		}},
		{"an unknown mood", "mood", func(w *wire.Bits) { newMover(w, news); w.Put(6, 3) }},
		{"a velocity out of range", "velocity", func(w *wire.Bits) {
			newMover(w, news)
			w.Put(1, 3)
			w.Put(0, 5)
			w.Signed(1<<25+1, 12)
			w.Put(0, 5)
			w.Signed(0, 12)
			w.Signed(0, 10)
		}},
		{"a step out of range", "turn", func(w *wire.Bits) { newMover(w, news); w.Put(0, 3); w.Signed(32768, 10) }},
		{"two heads that announce fields", "twice", func(w *wire.Bits) {
			w.Flag(false)
			for range 2 {
				w.Copy(also(s), 0, also(s).Len())
			}
			head(w)
		}},
		{"a field above its range", "field", func(w *wire.Bits) {
			w.Flag(false)
			head(w)
			w.Flag(true)
			w.Number(0, 0)
			w.Number(1, 2)
			w.Number(0, 0)
			w.Number(8, 0)
			w.Signed(1, 3)
		}},
		{"a slot of no change", "slot", func(w *wire.Bits) { w.Flag(false); head(w); w.Flag(true); w.Number(0, 0); w.Number(2, 2) }},
		{"more changes than slots", "slot", func(w *wire.Bits) {
			w.Flag(false)
			head(w)
			w.Flag(true)
			w.Number(1, 0)
			w.Number(1, 2)
			w.Number(0, 0)
			w.Number(0, 0)
			w.Signed(1, 3)
			w.Number(0, 2)
		}},
		{"cut short", "truncated", func(w *wire.Bits) { news(w, 1); w.Number(0, 6) }},
		{"bits that are left", "trailing", func(w *wire.Bits) { w.Flag(false); head(w); w.Put(0, 16) }},
	}
	for _, tt := range tests {
		var w wire.Bits
		tt.write(&w)
		dst := &delta.Snapshot{}
		dst.Reset(99)
		err := decode(w.Bytes(), s, three(), false, dst)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("control: %v", err)
		case tt.want != "" && (!errors.Is(err, wire.ErrBad) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// newMover writes a new mover of kind 1 up to its track.
func newMover(w *wire.Bits, news func(*wire.Bits, uint32, ...uint32)) {
	news(w, 1)
	w.Number(0, 6)
	w.Put(1, 3)
	w.Number(0, 2)
	w.Flag(false)
	w.Sized(0)
	w.Sized(0)
	w.Put(0, 16)
	w.Put(0, 8)
	w.Put(0, 7)
	w.Put(0, 2)
	w.Sized(0)
}

// also is what a mover of kind 1 at rest sends of a change of its hp alone, but for the head proper.
func also(s *delta.Schema) *wire.Bits {
	var c delta.Coder
	var at, again delta.Track
	var whole, head, w wire.Bits
	a, b := three().Entities()[1], three().Entities()[1]
	c.Move(&head, &s.Kinds[1], 99, &a, &a, &at)
	b.Row[4] = 50
	c.Move(&whole, &s.Kinds[1], 99, &a, &b, &again)
	w.Copy(&whole, 0, whole.Len()-head.Len())
	return &w
}

func TestRefusedRows(t *testing.T) {
	own := &testSchema().Own
	for name, write := range map[string]func(*wire.Bits){
		"field out of range":        func(w *wire.Bits) { w.Number(0, 0); w.Number(5, 0); w.Put(201, 8) },
		"field that does not exist": func(w *wire.Bits) { w.Number(0, 0); w.Number(9, 0); w.Put(0, 8) },
		"fewer fields than told":    func(w *wire.Bits) { w.Number(1, 0); w.Number(0, 0); w.Signed(1, 3) },
	} {
		var w wire.Bits
		w.Flag(true)
		write(&w)
		var r wire.BitReader
		r.Reset(w.Bytes())
		err := new(delta.Decoder).Row(&r, own, 9, 0, make([]int32, 9), make([]int32, 9))
		if !errors.Is(err, wire.ErrBad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A place that drifts out of its range is refused though nobody said a word about it.
func TestRowsMayNotDriftAway(t *testing.T) {
	k := &delta.Kind{Name: "own", Fields: []delta.Field{{Name: "x", Min: 0, Max: 100}, {Name: "vx"}}, Drifts: []delta.Drift{{Place: 0, Speed: 1}}}
	for speed, good := range map[int32]bool{0: true, 10: true, 30: false, -2: false} {
		var r wire.BitReader
		row := []int32{5, speed}
		if err := new(delta.Decoder).Row(&r, k, 9, 4, row, row); good != (err == nil) {
			t.Errorf("velocity %d: x %d, %v", speed, row[0], err)
		}
	}
}

func TestIDsAreBounded(t *testing.T) {
	s := testSchema()
	var c delta.Coder
	for id, good := range map[protocol.EntityID]bool{1: true, protocol.MaxEntities: true, protocol.MaxEntities + 1: false, 65535: false} {
		var w wire.Bits
		w.Flag(true)
		delta.BeginGone(&w, 0)
		list := delta.BeginNew(&w, 1)
		list.Next(int(id))
		c.Spawn(&w, s, 2, &delta.Entity{ID: id, Birth: 2, Row: make([]int32, 1)}, &delta.Track{})
		dst := &delta.Snapshot{}
		dst.Reset(2)
		if err := decode(w.Bytes(), s, nil, false, dst); good != (err == nil) {
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
	var w wire.Bits
	var at delta.Track
	k := &s.Kinds[1]
	for name, write := range map[string]func(){
		"out of range":         func() { c.Move(&w, k, 9, with(0, 0), with(4, 101), &at) },
		"off the circle":       func() { c.Whole(&w, k, 9, with(3, 256), &at) },
		"negative on a circle": func() { c.Spawn(&w, s, 9, with(2, -1), &at) },
		"a heading off it":     func() { c.Move(&w, k, 9, with(0, 0), with(2, 65536), &at) },
		"own row out of range": func() { c.Row(&w, k, 9, 0, ok, with(5, 2).Row) },
		"no id":                func() { c.Spawn(&w, s, 9, &delta.Entity{Kind: 1, Birth: 5, Row: ok}, &at) },
		"born in the future":   func() { c.Spawn(&w, s, 4, with(0, 0), &at) },
		"another birth":        func() { c.Move(&w, k, 9, &delta.Entity{ID: 1, Kind: 1, Birth: 4, Row: ok}, with(0, 0), &at) },
		"another owner":        func() { c.Change(&w, k, 9, &delta.Entity{ID: 1, Kind: 1, Birth: 5, Owner: 1, Row: ok}, with(0, 0)) },
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

func BenchmarkMove(b *testing.B) {
	s := testSchema()
	prev := &delta.Entity{ID: 40, Kind: 1, Birth: 5, Row: []int32{4000, 3000, 1000, 10, 100, 1, 3}}
	cur := &delta.Entity{ID: 40, Kind: 1, Birth: 5, Row: []int32{4020, 2990, 1900, 10, 100, 1, 3}}
	var c delta.Coder
	var w wire.Bits
	var at delta.Track
	b.ReportAllocs()
	for b.Loop() {
		w.Clear()
		c.Move(&w, &s.Kinds[1], 9, prev, cur, &at)
	}
	b.ReportMetric(float64(w.Len()), "bits/entity")
}
