package rewind

import (
	"math"
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Place is a point in 1/16 unit.
type Place struct{ X, Y int32 }

// region is where the entities of one snapshot are: which are in each bucket of a grid, whose side is
// 1<<regionShift. What lies outside of the grid wraps around, and is told apart by its place.
type region struct {
	tick  protocol.Tick // it was made for; 0 is never
	first [regionSide*regionSide + 1]uint16
	ents  []uint16 // indices, ascending within a bucket

	moved protocol.Tick // tick that step is of
	step  int32         // the farthest that any entity has come since the tick before
}

const (
	regionShift = 12 // 256 units
	regionSide  = 32 // buckets along a side

	// far is a step that no box can be widened by.
	far = math.MaxInt32
)

// isPlaced reports whether entities of a kind are found by SeenIn.
func isPlaced(k *delta.Kind) bool { return k.Positioned && k.Motion == nil }

// SeenIn returns the entities of Seen(v) that are seen from lo to hi; see game.Past. What it finds it
// blends as Seen does, and it finds all: what is seen in the box was there in B, or in A within the box
// widened by the longest way that anybody went from A to B. Its cost grows with that box, not with the
// world. The result is valid until the next call of SeenIn, Seen or Put.
func (h *History) SeenIn(v protocol.View, lo, hi Place) *delta.Snapshot {
	a, b, v := h.between(v)
	if a == nil {
		return nil
	}
	way := int64(far)
	if h.packed == nil { // else looking at the ticks between would cost more than it saves
		way = h.way(a.Tick, b.Tick)
	}
	if way == far {
		delta.Seen(h.schema, v, a, b, &h.all)
		return h.clip(lo, hi)
	}
	if v.Frac > 256 {
		way = way*int64(v.Frac)>>8 + 1
	}
	h.found = h.collect(h.found[:0], a, lo, hi, way)
	if a != b {
		h.found = h.collect(h.found, b, lo, hi, 0)
		slices.Sort(h.found)
		h.found = slices.Compact(h.found)
	}
	h.all.Reset(v.A)
	for _, id := range h.found {
		ea, eb := a.Find(id), b.Find(id)
		if ea == nil {
			ea = eb
		} else if eb == nil || !ea.Same(eb) {
			eb = ea
		}
		if k := &h.schema.Kinds[ea.Kind]; isPlaced(k) {
			delta.Blend(k, v, ea.Row, eb.Row, h.all.Add(id, ea.Kind, ea.Owner, ea.Birth, len(ea.Row)))
		}
	}
	return h.clip(lo, hi)
}

// clip returns what of all lies in a box.
func (h *History) clip(lo, hi Place) *delta.Snapshot {
	h.seen.Reset(h.all.Tick)
	ents := h.all.Entities()
	for i := range ents {
		e := &ents[i]
		if isPlaced(&h.schema.Kinds[e.Kind]) && within(e.Row, lo, hi) {
			copy(h.seen.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
		}
	}
	return &h.seen
}

func within(row []int32, lo, hi Place) bool {
	return row[0] >= lo.X && row[0] <= hi.X && row[1] >= lo.Y && row[1] <= hi.Y
}

// collect appends the ids of the entities of a snapshot that lie in a box widened by way.
func (h *History) collect(dst []protocol.EntityID, s *delta.Snapshot, lo, hi Place, way int64) []protocol.EntityID {
	r, ents := h.region(s), s.Entities()
	x0, x1 := int64(lo.X)-way, int64(hi.X)+way
	y0, y1 := int64(lo.Y)-way, int64(hi.Y)+way
	c0, r0 := x0>>regionShift, y0>>regionShift
	c1, r1 := min(x1>>regionShift, c0+regionSide-1), min(y1>>regionShift, r0+regionSide-1)
	from := len(dst)
	for row := r0; row <= r1; row++ {
		for col := c0; col <= c1; col++ {
			at := row&(regionSide-1)*regionSide + col&(regionSide-1)
			for _, i := range r.ents[r.first[at]:r.first[at+1]] {
				e := &ents[i]
				if x, y := int64(e.Row[0]), int64(e.Row[1]); x >= x0 && x <= x1 && y >= y0 && y <= y1 {
					dst = append(dst, e.ID)
				}
			}
		}
	}
	slices.Sort(dst[from:])
	return dst
}

// region returns the index of a snapshot that is held, made when it is first asked for.
func (h *History) region(s *delta.Snapshot) *region {
	r := h.index(s.Tick)
	if r.tick == s.Tick {
		return r
	}
	r.tick = s.Tick
	ents := s.Entities()
	r.first = [len(r.first)]uint16{}
	n := 0
	for i := range ents {
		if isPlaced(&h.schema.Kinds[ents[i].Kind]) {
			r.first[bucket(ents[i].Row)]++
			n++
		}
	}
	if cap(r.ents) < n {
		r.ents = make([]uint16, n, n+n/4)
	}
	r.ents = r.ents[:n]
	at := uint16(0)
	for b := range r.first {
		at += r.first[b]
		r.first[b] = at
	}
	for i := len(ents) - 1; i >= 0; i-- {
		if isPlaced(&h.schema.Kinds[ents[i].Kind]) {
			b := &r.first[bucket(ents[i].Row)]
			*b--
			r.ents[*b] = uint16(i)
		}
	}
	return r
}

func bucket(row []int32) int32 {
	return row[1]>>regionShift&(regionSide-1)*regionSide + row[0]>>regionShift&(regionSide-1)
}

// index returns the place of a tick's region.
func (h *History) index(t protocol.Tick) *region {
	if h.regions == nil {
		h.regions = make([]region, Size)
	}
	return &h.regions[t%Size]
}

// forget drops all that was indexed.
func (h *History) forget() {
	for i := range h.regions {
		h.regions[i].tick, h.regions[i].moved = 0, 0
	}
}

// way returns how far anybody who is in both snapshots has come between them at most, in 1/16 unit along
// each axis, or far if that is not known.
func (h *History) way(a, b protocol.Tick) int64 {
	sum := int64(0)
	for t := a + 1; t.Sub(b) <= 0; t++ {
		s := h.step(t)
		if s == far {
			return far
		}
		sum += int64(s)
	}
	return sum
}

// step returns how far anybody has come in a tick.
func (h *History) step(t protocol.Tick) int32 {
	r := h.index(t)
	if r.moved != t {
		r.moved, r.step = t, h.measure(t)
	}
	return r.step
}

func (h *History) measure(t protocol.Tick) int32 {
	before, now := h.At(t-1), h.At(t)
	if before == nil || now == nil {
		return far
	}
	old, most := before.Entities(), int32(0)
	for i := range now.Entities() {
		e := &now.Entities()[i]
		if !isPlaced(&h.schema.Kinds[e.Kind]) {
			continue
		}
		for len(old) > 0 && old[0].ID < e.ID {
			old = old[1:]
		}
		switch {
		case len(old) > 0 && old[0].Same(e):
			most = max(most, apart(old[0].Row[0], e.Row[0]), apart(old[0].Row[1], e.Row[1]))
		case e.Birth != t:
			return far // it was somewhere before, and nobody saw it go
		}
	}
	return most
}

// apart returns the distance of two coordinates.
func apart(a, b int32) int32 { return int32(min(max(int64(a)-int64(b), int64(b)-int64(a)), far)) }
