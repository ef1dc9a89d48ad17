package delta

import "math/bits"

// The codec writes entities and own rows as strings of bits, so that what one entity says is encoded
// once per tick and its bits are copied into the frame of everyone who sees it. Nothing carries an id
// or a mask that both sides know already: an entity that the receiver holds is its place in the list
// of those it holds (a slot).
//
//	scene:    1 if anybody is gone or new, and then
//	            gone: count, then for each the gap: slots between it and the one before
//	            new:  count, then for each the gap of ids, kind, owner, age, whole row
//	          for each slot of a mover that is not gone: head, and what it announces
//	changes:  count - 1, then for each the gap: slots of no movers between, fields
//	own row:  fields
//	fields:   count - 1, then for each that changes the gap and the value
//
// Whoever was skipped is told a bit of each mover, 1 if its whole row follows, and whole rows of what
// changed. PROTOCOL.md draws all of it. Counts and gaps are Exp-Golomb numbers of the orders below.

const (
	countOrder  = 0
	slotOrder   = 3 // of what is gone
	changeOrder = 2 // of what changes though it is no mover
	fieldOrder  = 0
	idOrder     = 6
	ownerOrder  = 2
	ageOrder    = 7
	tickOrder   = 4 // of a field that holds a tick
	usualBits   = 3 // of a change, unless Field.Bits says otherwise
	maxDrift    = 1 << 16
	escapeOrder = 3 // of a heading that came far from where it was foreseen
)

// narrow and wide are how many bits the range of a field may have for its value to be sent as it is,
// in a change and in a whole row.
const (
	narrow = 8
	wide   = 16
)

// width returns how many bits the values of a field need, 33 if it has no range.
func (f *Field) width() int {
	switch {
	case f.Mode == Turn:
		return bits.Len32(uint32(f.Turn - 1))
	case f.Min == 0 && f.Max == 0:
		return 33
	}
	return bits.Len32(uint32(f.Max) - uint32(f.Min))
}

// low is what a value is sent less of where it is sent as it is.
func (f *Field) low() int32 {
	if f.Mode == Turn {
		return 0
	}
	return f.Min
}

// order returns that of the code of a field's changes.
func (f *Field) order() int {
	if f.Bits == 0 {
		return usualBits
	}
	return int(f.Bits)
}

// difference returns what to write for a field that goes from a to b.
func (f *Field) difference(a, b int32) int32 {
	if f.Mode != Turn {
		return b - a // may wrap, as apply does back
	}
	half := f.Turn / 2
	return (b-a+half)&(f.Turn-1) - half
}

// apply returns where a field goes from a by the difference d.
func (f *Field) apply(a, d int32) int32 {
	if f.Mode != Turn {
		return a + d
	}
	return (a + d) & (f.Turn - 1)
}

// fits reports whether v may travel: in range and, for a Turn field, on the circle.
func (f *Field) fits(v int32) bool {
	return f.Allows(v) && (f.Mode != Turn || v&(f.Turn-1) == v)
}

// drift moves the fields of row that drift by quarters of what the velocity in speeds makes of so many
// ticks. They are moved by one quarter of the velocity there was and three of the one there is, which
// comes closest to a velocity that changes early in between.
func (k *Kind) drift(row, speeds []int32, ticks, quarters int) {
	n := int64(min(ticks, maxDrift) * quarters)
	for _, d := range k.Drifts {
		row[d.Place] += int32(int64(speeds[d.Speed]) * n >> 2)
	}
}
