package rewind

import (
	"math/bits"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// A packed snapshot is a list, in ascending order of ids, of the entities that are not as they are in
// its key, in words of 16 bits:
//
//	what     id-1<<2 | op
//	opMoved  a mask of the fields that differ, and each difference: for rows of up to 16 fields that have
//	         not gone far
//	opNew    kind, owner, number of fields; birth and each field in two words. It takes the place of
//	         one of the same id
//	opGone   nothing
//
// Only this process reads it, so nothing in it is checked.
const (
	opMoved = iota
	opNew
	opGone
	opBits = 2

	maskFields = 16
)

// encode appends what leads from the entities of the key to s.
func encode(w []uint16, key []delta.Entity, s *delta.Snapshot) []uint16 {
	ents := s.Entities()
	for i := range ents {
		e := &ents[i]
		for len(key) > 0 && key[0].ID < e.ID {
			w = append(w, what(key[0].ID, opGone))
			key = key[1:]
		}
		if len(key) > 0 && key[0].ID == e.ID {
			was := &key[0]
			key = key[1:]
			if was.Same(e) && len(was.Row) == len(e.Row) {
				var near bool
				if w, near = appendMoved(w, e.ID, was.Row, e.Row); near {
					continue
				}
			}
		}
		w = append(w, what(e.ID, opNew), uint16(e.Kind), uint16(e.Owner), uint16(len(e.Row)))
		w = append(w, uint16(e.Birth), uint16(e.Birth>>16))
		for _, v := range e.Row {
			w = append(w, uint16(v), uint16(uint32(v)>>16))
		}
	}
	for i := range key {
		w = append(w, what(key[i].ID, opGone))
	}
	return w
}

func what(id protocol.EntityID, op uint16) uint16 { return uint16(id-1)<<opBits | op }

// appendMoved writes how a row differs from what it was, nothing if it does not. It reports false, and
// writes nothing, if that is more than opMoved can say.
func appendMoved(w []uint16, id protocol.EntityID, was, row []int32) ([]uint16, bool) {
	from, mask := len(w), uint16(0)
	was = was[:len(row)]
	for i, v := range row {
		if v == was[i] {
			continue
		}
		d := v - was[i] // may wrap, as decode does back
		if i >= maskFields || d != int32(int16(d)) {
			return w[:from], false
		}
		if mask == 0 {
			w = append(w, what(id, opMoved), 0)
		}
		mask |= 1 << i
		w = append(w, uint16(d))
	}
	if mask != 0 {
		w[from+1] = mask
	}
	return w, true
}

// decode makes dst the snapshot of tick t that was packed.
func decode(w []uint16, key []delta.Entity, dst *delta.Snapshot, t protocol.Tick) {
	dst.Reset(t)
	for len(w) > 0 {
		id, op := protocol.EntityID(w[0]>>opBits)+1, w[0]&(1<<opBits-1)
		w = w[1:]
		for len(key) > 0 && key[0].ID < id {
			dst.AddCopy(&key[0])
			key = key[1:]
		}
		if op == opMoved {
			row, mask := dst.AddCopy(&key[0]), w[0]
			for w = w[1:]; mask != 0; mask &= mask - 1 {
				row[bits.TrailingZeros16(mask)] += int32(int16(w[0]))
				w = w[1:]
			}
		}
		if len(key) > 0 && key[0].ID == id {
			key = key[1:]
		}
		if op == opNew {
			birth := protocol.Tick(w[3]) | protocol.Tick(w[4])<<16
			row := dst.Add(id, uint8(w[0]), protocol.PlayerID(w[1]), birth, int(w[2]))
			w = w[5:]
			for i := range row {
				row[i] = int32(uint32(w[0]) | uint32(w[1])<<16)
				w = w[2:]
			}
		}
	}
	for i := range key {
		dst.AddCopy(&key[i])
	}
}
