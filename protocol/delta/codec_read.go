package delta

import (
	"math"
	"math/bits"

	"hindsight/protocol"
	"hindsight/protocol/wire"
)

// DecodeEntities reads entity records that are ints integers long, the elements of an array whose
// start was just read, and fills dst with what they make of base: base without the removed ids, with
// the records' entities in the place of their earlier selves or added. A nil base is an empty one.
//
// Dst must be another snapshot than base, Reset to the frame's tick. Kind, owner and birth of an
// entity that is not spawned persist from base. Records and removed must be in ascending order of
// id without repetition, and a removal or a change of an entity that base does not have is refused:
// over TCP both sides know exactly what the other holds, so it can only be a bug. A spawn replaces
// an entity of the same id, whether that is also removed or not.
//
// After an error dst holds anything.
func DecodeEntities(r *wire.Reader, ints int, s *Schema, base *Snapshot, removed []protocol.EntityID, dst *Snapshot) error {
	m := merge{run: run{r: r, left: ints}, schema: s, removed: removed, dst: dst}
	if base != nil {
		m.old = base.ents
	}
	for last := 0; m.left > 0 && r.Err() == nil; { // id 0 is none
		head := m.int(1<<formBits, protocol.MaxEntities<<formBits|formSpawn)
		id := int(head >> formBits)
		if id <= last {
			r.Fail("entities out of order")
			break
		}
		last = id
		m.record(protocol.EntityID(id), head&(1<<formBits-1))
	}
	m.keepBelow(protocol.MaxEntities + 1)
	if len(m.removed) > 0 {
		r.Fail("removal of an unknown entity")
	}
	return r.Err()
}

// DecodeRow reads an own row that is ints integers long into dst, as a difference from prev. Dst may
// be prev. No integers leave prev as it is, also the zeroes of one who looks on and has no row,
// which need not fit. After an error dst holds anything.
func DecodeRow(r *wire.Reader, ints int, k *Kind, prev, dst []int32) error {
	dst = dst[:len(k.Fields)]
	copy(dst, prev[:len(k.Fields)])
	if ints == 0 {
		return r.Err()
	}
	in := run{r: r, left: ints}
	in.row(k, dst)
	if in.left > 0 {
		r.Fail("row too long")
	}
	k.checkFits(r, dst)
	return r.Err()
}

// merge is one pass over the entities of a base snapshot and the records that change them.
type merge struct {
	run
	schema  *Schema
	old     []Entity            // of base, not yet passed
	removed []protocol.EntityID // not yet passed
	dst     *Snapshot
}

// record reads the rest of one record.
func (m *merge) record(id protocol.EntityID, form int64) {
	m.keepBelow(int(id))
	switch {
	case form == formSpawn:
		m.spawn(id)
		return
	case form > formSpawn:
		m.r.Fail("unknown form of record")
		return
	}
	if len(m.old) == 0 || m.old[0].ID != id { // if it is removed, that removal will find nothing
		m.r.Fail("change of an unknown entity")
		return
	}
	e := &m.old[0]
	m.old = m.old[1:]
	k := &m.schema.Kinds[e.Kind]
	row := m.add(id, e.Kind, e.Owner, e.Birth)
	switch {
	case row == nil:
		return
	case form == formDelta:
		copy(row, e.Row)
	}
	m.row(k, row)
	k.checkFits(m.r, row)
}

func (m *merge) spawn(id protocol.EntityID) {
	if len(m.old) > 0 && m.old[0].ID == id {
		m.isRemoved(id) // consumes the removal, if there is one
		m.old = m.old[1:]
	}
	kind := m.int(0, int64(len(m.schema.Kinds)-1))
	owner := m.int(0, protocol.MaxPlayers)
	age := m.int(0, int64(m.dst.Tick))
	row := m.add(id, uint8(kind), protocol.PlayerID(owner), m.dst.Tick-protocol.Tick(age))
	if row == nil {
		return
	}
	k := &m.schema.Kinds[kind]
	m.row(k, row)
	k.checkFits(m.r, row)
}

// keepBelow copies the old entities with ids below id that are not removed.
func (m *merge) keepBelow(id int) {
	for ; len(m.old) > 0 && int(m.old[0].ID) < id; m.old = m.old[1:] {
		e := &m.old[0]
		if !m.isRemoved(e.ID) {
			copy(m.add(e.ID, e.Kind, e.Owner, e.Birth), e.Row)
		}
	}
}

// isRemoved reports whether id, which is the lowest old one, is removed, and consumes the removal.
// A removal below it names an entity that is not there and stays at the front, where it is found.
func (m *merge) isRemoved(id protocol.EntityID) bool {
	if len(m.removed) == 0 || m.removed[0] != id {
		return false
	}
	m.removed = m.removed[1:]
	return true
}

// add begins an entity in dst with a row of zeroes, or returns nil after an error.
func (m *merge) add(id protocol.EntityID, kind uint8, owner protocol.PlayerID, birth protocol.Tick) []int32 {
	if m.r.Err() != nil {
		return nil
	}
	return m.dst.Add(id, kind, owner, birth, len(m.schema.Kinds[kind].Fields))
}

// run is what is left of a run of integers.
type run struct {
	r    *wire.Reader
	left int
}

func (n *run) int(lo, hi int64) int64 {
	if n.left--; n.left < 0 {
		n.r.Fail("record cut short")
		return lo
	}
	return n.r.Int(lo, hi)
}

// row applies a row's differences to what row holds.
func (n *run) row(k *Kind, row []int32) {
	fields := len(k.Fields)
	if fields <= groupSize {
		n.group(k, 0, n.int(0, 1<<fields-1), row)
		return
	}
	all := (fields + groupSize - 1) / groupSize
	for groups := n.int(0, 1<<all-1); groups != 0 && n.r.Err() == nil; groups &= groups - 1 {
		g := bits.TrailingZeros64(uint64(groups))
		n.group(k, g, n.int(1, 1<<min(groupSize, fields-g*groupSize)-1), row)
	}
}

func (n *run) group(k *Kind, g int, mask int64, row []int32) {
	for ; mask != 0; mask &= mask - 1 {
		i := g*groupSize + bits.TrailingZeros64(uint64(mask))
		row[i] = k.Fields[i].apply(row[i], int32(n.int(math.MinInt32, math.MaxInt32)))
	}
}

// checkFits refuses a row with a field out of range.
func (k *Kind) checkFits(r *wire.Reader, row []int32) {
	if r.Err() != nil {
		return
	}
	for i := range k.Fields {
		if !k.Fields[i].fits(row[i]) {
			r.Fail("field out of range")
			return
		}
	}
}
