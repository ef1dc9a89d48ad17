package delta

import (
	"math"

	"hindsight/protocol"
	"hindsight/protocol/wire"
)

// Decoder reads what a Coder and its caller wrote. The zero value is ready; it allocates only until it
// has seen the largest snapshot.
type Decoder struct {
	r      *wire.BitReader
	schema *Schema
	base   *Snapshot // nil for none
	dst    *Snapshot
	at     int   // the next entity of base
	gone   []int // slots of base, ascending
	passed int   // how many of them are below at
}

// Entities reads the entities of a snapshot, the changes if there is more, and fills dst with what they make of base, nil for none.
// Whole says that base is older than the snapshot before, so that what changed since comes whole.
//
// Dst must be another snapshot than base, Reset to the frame's tick. Kind, owner and birth of an
// entity that is not new persist from base. Over TCP both sides know exactly what the other holds, so
// whatever does not agree with it can only be a bug and is refused.
//
// After an error dst holds anything.
func (d *Decoder) Entities(r *wire.BitReader, s *Schema, base *Snapshot, whole bool, dst *Snapshot) error {
	d.r, d.schema, d.base, d.dst, d.at = r, s, base, dst, 0
	d.gone, d.passed = d.gone[:0], 0
	if r.Flag() {
		d.readGone()
		d.readNew()
	}
	if r.Err() == nil {
		d.keepBelow(math.MaxUint32)
		d.readMovers(whole)
	}
	if r.Err() == nil && r.More() {
		d.readChanges(whole)
	}
	return r.Err()
}

func (d *Decoder) held() []Entity {
	if d.base == nil {
		return nil
	}
	return d.base.ents
}

func (d *Decoder) readGone() {
	held, slot := uint32(len(d.held())), uint32(0)
	for n := d.r.Number(countOrder, held); n > 0 && d.r.Err() == nil; n-- {
		slot += d.r.Number(slotOrder, protocol.MaxEntities)
		if slot >= held {
			d.r.Fail("no such slot")
			return
		}
		d.gone = append(d.gone, int(slot))
		slot++
	}
}

// readNew fills dst with what stays of base and with the new entities.
func (d *Decoder) readNew() {
	id := uint32(0)
	for n := d.r.Number(countOrder, protocol.MaxEntities); n > 0 && d.r.Err() == nil; n-- {
		id += 1 + d.r.Number(idOrder, protocol.MaxEntities)
		if id > protocol.MaxEntities {
			d.r.Fail("id out of range")
			return
		}
		d.keepBelow(id)
		if held := d.held(); d.at < len(held) && uint32(held[d.at].ID) == id {
			d.r.Fail("a new entity takes the place of another")
			return
		}
		d.readSpawn(protocol.EntityID(id))
	}
}

// keepBelow copies what stays of base with lower ids.
func (d *Decoder) keepBelow(id uint32) {
	held := d.held()
	for ; d.at < len(held) && uint32(held[d.at].ID) <= id; d.at++ {
		e := &held[d.at]
		if d.passed < len(d.gone) && d.gone[d.passed] == d.at {
			d.passed++
			continue
		}
		if uint32(e.ID) == id {
			return
		}
		copy(d.dst.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
		t := Track{}
		if d.at < len(d.base.tracks) {
			t = d.base.tracks[d.at]
			t.fresh = false
		}
		d.dst.tracks = append(d.dst.tracks, t)
	}
}

func (d *Decoder) readSpawn(id protocol.EntityID) {
	r := d.r
	kind := r.Get(d.schema.kindBits())
	if kind >= uint32(len(d.schema.Kinds)) {
		r.Fail("unknown kind")
	}
	owner := r.Number(ownerOrder, protocol.MaxPlayers)
	age := uint32(0)
	if r.Flag() {
		age = r.Number(ageOrder, math.MaxUint32-1) + 1
	}
	if age > uint32(d.dst.Tick) {
		r.Fail("born before time")
	}
	if r.Err() != nil {
		return
	}
	k := &d.schema.Kinds[kind]
	row := d.dst.Add(id, uint8(kind), protocol.PlayerID(owner), d.dst.Tick-protocol.Tick(age), len(k.Fields))
	d.dst.tracks = append(d.dst.tracks, Track{})
	t := &d.dst.tracks[len(d.dst.tracks)-1]
	k.readWhole(r, row, d.dst.Tick, t)
	t.fresh = true
}

func (d *Decoder) readMovers(whole bool) {
	ents := d.dst.ents
	tracks := d.dst.tracks[:len(ents)]
	for i := range ents {
		e, t := &ents[i], &tracks[i]
		k := &d.schema.Kinds[e.Kind]
		switch {
		case t.fresh || !k.Moves():
			continue
		case !whole:
			k.readMove(d.r, e.Row, d.dst.Tick, t)
		case d.r.Flag():
			k.readWhole(d.r, e.Row, d.dst.Tick, t)
		}
		if d.r.Err() != nil {
			return
		}
	}
}

func (d *Decoder) readChanges(whole bool) {
	r, ents, at := d.r, d.dst.ents, 0
	for n := int(r.Number(countOrder, uint32(len(ents)))); n >= 0 && r.Err() == nil; n-- {
		gap := r.Number(changeOrder, uint32(len(ents)))
		for ; at < len(ents); at++ {
			if d.dst.tracks[at].fresh || d.schema.Kinds[ents[at].Kind].Moves() {
				continue
			}
			if gap == 0 {
				break
			}
			gap--
		}
		if at == len(ents) {
			r.Fail("no such slot")
			return
		}
		e, t := &ents[at], &d.dst.tracks[at]
		if k := &d.schema.Kinds[e.Kind]; whole {
			k.readWhole(r, e.Row, d.dst.Tick, t)
		} else if k.readChange(r, 0, e.Row, d.dst.Tick); r.Err() == nil {
			k.checkFits(r, e.Row)
		}
		at++
	}
}

// Row reads an own row of the snapshot of a tick, if there is more, into dst, which differs from prev, so many ticks older.
// Dst may be prev. The zeroes of one who looks on and has no row stay, and need not fit. After an
// error dst holds anything.
func (d *Decoder) Row(r *wire.BitReader, k *Kind, tick protocol.Tick, ticks int, prev, dst []int32) error {
	dst = dst[:len(k.Fields)]
	copy(dst, prev[:len(k.Fields)])
	still := true
	for _, x := range k.Drifts {
		still = still && dst[x.Speed] == 0
	}
	k.drift(dst, dst, ticks, 1)
	if r.More() {
		k.readChange(r, 0, dst, tick)
	} else if still {
		return r.Err()
	}
	k.drift(dst, dst, ticks, 3)
	k.checkFits(r, dst)
	return r.Err()
}

// readMove reads how a mover came from what row holds.
func (k *Kind) readMove(r *wire.BitReader, row []int32, tick protocol.Tick, t *Track) {
	code := &headCodes[t.mood]
	head := code.get(r)
	if head == headAlso {
		k.readChange(r, k.rest(), row, tick)
		head = code.get(r)
	}
	if head == headAlso {
		r.Fail("other fields change twice")
	}
	if r.Err() != nil {
		return
	}
	way, token := head/tokens, head%tokens
	var off [2]int32
	switch way {
	case wayNear:
		n := int32(r.Get(3))
		n += n >> 2 // the middle of the nine is not near but as foreseen
		off = [2]int32{n/3 - 1, n%3 - 1}
	case wayFar:
		off = [2]int32{getFar(r), getFar(r)}
		if wayOf(off) != wayFar {
			r.Fail("not far")
		}
	}
	from := [2]int32{row[0], row[1]}
	row[0], row[1] = t.foreseen(0, from[0])+off[0], t.foreseen(1, from[1])+off[1]
	if f := k.heading(); f != nil {
		was := row[2]
		row[2] = f.apply(t.heading(f, was), f.readExcess(r, token))
		t.turn = f.difference(was, row[2])
	} else if token != 0 {
		r.Fail("turn of what has no heading")
	}
	t.follow(way, [2]int32{row[0] - from[0], row[1] - from[1]})
	k.checkFits(r, row)
}

// readExcess reads the rest of what a heading is off by.
func (f *Field) readExcess(r *wire.BitReader, token int) int32 {
	n := f.fine()
	if token == tokens-1 {
		return wire.ZagZig(r.Number(escapeOrder+n, 1<<16) + (tokens-1)<<n)
	}
	if n == 0 {
		return wire.ZagZig(uint32(token))
	}
	return wire.ZagZig(uint32(token)<<n | r.Get(n))
}

// readChange applies a list of changes to a row, from a field on.
func (k *Kind) readChange(r *wire.BitReader, from int, row []int32, tick protocol.Tick) {
	at := uint32(from)
	for n := int(r.Number(countOrder, protocol.MaxFields)); n >= 0 && r.Err() == nil; n-- {
		if at += r.Number(fieldOrder, protocol.MaxFields); at >= uint32(len(row)) {
			r.Fail("no such field")
			return
		}
		k.Fields[at].getChange(r, &row[at], tick)
		at++
	}
}

func (f *Field) getChange(r *wire.BitReader, v *int32, tick protocol.Tick) {
	if f.Tick {
		*v = int32(tick) + r.Signed(tickOrder)
	} else if n := f.width(); n <= narrow {
		*v = f.low() + int32(r.Get(n))
	} else {
		*v = f.apply(*v, r.Signed(f.order()))
	}
}

// readWhole reads a whole row and, of a mover, its track.
func (k *Kind) readWhole(r *wire.BitReader, row []int32, tick protocol.Tick, t *Track) {
	for i := range k.Fields {
		row[i] = k.Fields[i].getWhole(r, tick)
	}
	if k.Moves() {
		t.get(r, k)
	}
	k.checkFits(r, row)
}

func (f *Field) getWhole(r *wire.BitReader, tick protocol.Tick) int32 {
	if f.Tick {
		return int32(tick) + r.Signed(tickOrder)
	}
	if n := f.width(); n <= wide {
		return f.low() + int32(r.Get(n))
	}
	return r.Sized()
}

// checkFits refuses a row with a field out of range.
func (k *Kind) checkFits(r *wire.BitReader, row []int32) {
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
