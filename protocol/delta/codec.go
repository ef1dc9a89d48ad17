package delta

// The codec writes entities and own rows as flat runs of msgpack integers, so that what one entity
// says is encoded once per tick and its bytes are copied into the frame of everyone who sees it.
// Nothing carries a length: a reader knows from the schema what comes next and from the array that
// the runs sit in where they stop.
//
//	entity:  head, row                      head = id<<2 | form
//	         head, kind, owner, age, row    for a spawn; age = frame's tick - birth
//	row:     mask, values                   a kind of at most groupSize fields
//	         groups, (mask, values)…        any other: bit g of groups says that group g follows
//	mask:    bit i: field i of the group differs and its value follows
//	value:   the difference from the row before, modulo 2^32 as an int32; for a Turn field the
//	         shorter signed way round
//
// The row before is that of the base snapshot for a delta, and all zeroes for the other two forms:
// a field that is zero costs nothing there.

const (
	formDelta    = 0 // difference from the base snapshot's row
	formAbsolute = 1 // the whole row of an entity that the base snapshot has
	formSpawn    = 2 // an entity that the base does not have, or has in an earlier birth
	formBits     = 2 // of the head

	// groupSize fields share a mask, so that a mask is one byte on the wire.
	groupSize = 7
	maxGroups = 32
)

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
