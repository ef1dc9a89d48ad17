package frame_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// A stranger is a client written from PROTOCOL.md alone: any msgpack library, no code of ours but
// the schema. If it and ours disagree, the document or the code is wrong. It trusts its input.
type stranger struct {
	schema   *delta.Schema
	tick     int64
	own      []int64
	entities map[int64]strange // by id
}

type strange struct {
	kind, owner, birth int64
	row                []int64
}

// run is a flat run of integers being read (section 5).
type run []int64

func (r *run) next() int64 {
	v := (*r)[0]
	*r = (*r)[1:]
	return v
}

// receive applies a snapshot (sections 4 and 5) and reports whether its base was the one held.
func (s *stranger) receive(b []byte) bool {
	var f []any
	if err := msgpack.Unmarshal(b, &f); err != nil {
		panic(err)
	}
	tick, base := integer(f[1]), integer(f[2])
	if base == 0 {
		s.own, s.entities = make([]int64, len(s.schema.Own.Fields)), map[int64]strange{}
	} else if tick-base != s.tick {
		return false
	}
	s.tick = tick
	if own := integers(f[8]); len(own) > 0 {
		s.row(&s.schema.Own, &own, s.own)
	}
	id := int64(0)
	for _, d := range integers(f[9]) {
		id += d
		delete(s.entities, id)
	}
	for r := integers(f[10]); len(r) > 0; {
		head := r.next()
		e := s.entities[head>>2]
		switch head & 3 {
		case 0:
			e.row = slices.Clone(e.row)
		case 2:
			e = strange{kind: r.next(), owner: r.next(), birth: tick - r.next()}
			fallthrough
		case 1:
			e.row = make([]int64, len(s.schema.Kinds[e.kind].Fields))
		}
		s.row(&s.schema.Kinds[e.kind], &r, e.row)
		s.entities[head>>2] = e
	}
	return true
}

func (s *stranger) row(k *delta.Kind, r *run, row []int64) {
	groups := int64(1)
	if len(row) > 7 {
		groups = r.next()
	}
	for g := range 32 {
		if groups>>g&1 == 0 {
			continue
		}
		mask := r.next()
		for i := range 7 {
			if mask>>i&1 == 0 {
				continue
			}
			f := k.Fields[7*g+i]
			v := row[7*g+i] + r.next()
			if n := int64(f.Turn); f.Mode == delta.Turn {
				v = (v%n + n) % n
			} else {
				v = int64(int32(v))
			}
			row[7*g+i] = v
		}
	}
}

func integer(v any) int64 {
	x := reflect.ValueOf(v)
	if x.CanUint() {
		return int64(x.Uint())
	}
	return x.Int()
}

func integers(v any) (r run) {
	for _, x := range v.([]any) {
		r = append(r, integer(x))
	}
	return r
}

// TestStranger lets a stranger follow a random match.
func TestStranger(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	s := exampleSchema()
	us := stranger{schema: s}
	x := snapshotExample{cur: &delta.Snapshot{}, own: make([]int32, 9)}
	tick := protocol.Tick(rng.Uint32N(100000))
	for n := range 500 {
		tick += 1 + protocol.Tick(rng.IntN(3))
		if x.base, x.ownBefore = x.cur, x.own; n%100 == 0 {
			x.base = nil
		}
		x.cur, x.own = randomNext(rng, s, x.cur, tick), slices.Clone(x.own)
		for i := range x.own {
			x.own[i] = randomValue(rng, &s.Own.Fields[i], x.own[i])
		}
		x.header = frame.Header{Tick: tick, Heard: tick + 4}
		if x.base != nil {
			x.header.Base = x.base.Tick
		}
		x.absolute = protocol.EntityID(rng.IntN(300))
		if !us.receive(encodeSnapshot(s, &x)) {
			t.Fatalf("seed %d: the stranger does not hold the base", seed)
		}
		got := map[int64]strange{}
		for _, e := range x.cur.Entities() {
			got[int64(e.ID)] = strange{int64(e.Kind), int64(e.Owner), int64(e.Birth), widen(e.Row)}
		}
		if !reflect.DeepEqual(got, us.entities) || !slices.Equal(widen(x.own), us.own) {
			t.Fatalf("seed %d: the stranger holds\n%v %v\nand we\n%v %v", seed, us.entities, us.own, got, x.own)
		}
	}
}

func widen(row []int32) (w []int64) {
	for _, v := range row {
		w = append(w, int64(v))
	}
	return w
}

// randomNext changes, removes and adds entities. An id that is free again is not reused at once,
// since encodeSnapshot does not tell births apart.
func randomNext(rng *rand.Rand, s *delta.Schema, old *delta.Snapshot, tick protocol.Tick) *delta.Snapshot {
	next := &delta.Snapshot{}
	next.Reset(tick)
	for id := protocol.EntityID(1); id < 300; id += 7 {
		e := old.Find(id)
		var row []int32
		switch {
		case e != nil && rng.IntN(20) > 0:
			row = next.Add(id, e.Kind, e.Owner, e.Birth, len(e.Row))
			copy(row, e.Row)
		case e == nil && rng.IntN(3) == 0:
			kind := uint8(rng.IntN(len(s.Kinds)))
			row = next.Add(id, kind, protocol.PlayerID(rng.IntN(65)), tick-protocol.Tick(rng.IntN(int(min(tick, 200)))), len(s.Kinds[kind].Fields))
		default:
			continue
		}
		k := &s.Kinds[next.Find(id).Kind]
		for i := range row {
			row[i] = randomValue(rng, &k.Fields[i], row[i])
		}
	}
	return next
}

func randomValue(rng *rand.Rand, f *delta.Field, v int32) int32 {
	switch {
	case rng.IntN(2) == 0:
		return v
	case f.Mode == delta.Turn:
		return rng.Int32N(f.Turn)
	case f.Max > 0:
		return f.Min + rng.Int32N(f.Max-f.Min+1)
	case rng.IntN(2) == 0:
		return v + rng.Int32N(64) - 32
	}
	return int32(rng.Uint32())
}
