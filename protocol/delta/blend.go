package delta

import "hindsight/protocol"

// Blend fills dst with the state of an entity of kind k between its rows a at snapshot A and b at
// snapshot B, as v says. It is the single definition of what is seen at a view: the client draws
// it and the server shoots at it. All arithmetic is integer and rounds towards minus infinity.
// dst may alias a or b.
func Blend(k *Kind, v protocol.View, a, b, dst []int32) {
	frac := int64(v.Frac)
	for i := range k.Fields {
		switch f := &k.Fields[i]; f.Mode {
		case Lerp:
			dst[i] = a[i] + int32((int64(b[i])-int64(a[i]))*frac>>8)
		case Turn:
			// Half a turn is added before and taken after the modulus so that the way is the
			// shorter one; the circle is a power of two, so & is the modulus.
			half := f.Turn / 2
			way := (b[i]-a[i]+half)&(f.Turn-1) - half
			dst[i] = (a[i] + int32(int64(way)*frac>>8)) & (f.Turn - 1)
		default:
			if frac < 256 {
				dst[i] = a[i]
			} else {
				dst[i] = b[i]
			}
		}
	}
	if k.Motion != nil {
		k.Motion.advance(v, dst)
	}
}

// advance moves a flying entity's start position to where it is at the view.
func (m *Motion) advance(v protocol.View, row []int32) {
	at := int64(v.A)<<8 + int64(v.B.Sub(v.A))*int64(v.Frac) // ticks, 8 fractional bits
	dt := max(at-int64(row[m.T0])<<8, 0)
	// velocity is 1/256 unit per tick, dt 1/256 tick, the position 1/16 unit: 16 - 4 = 12 bits.
	row[m.X] += int32(int64(row[m.VX]) * dt >> 12)
	row[m.Y] += int32(int64(row[m.VY]) * dt >> 12)
}

// Seen appends to dst every entity that is seen at view v of snapshots a and b, blended. This is
// what a client draws and what a rewound shot is tested against. An entity that is in only one of
// the two is seen as it is there; one that was born anew between them is seen as in a.
func Seen(s *Schema, v protocol.View, a, b, dst *Snapshot) {
	dst.Reset(v.A)
	ea, eb := a.ents, b.ents
	for len(ea) > 0 || len(eb) > 0 {
		switch {
		case len(eb) == 0 || len(ea) > 0 && ea[0].ID < eb[0].ID:
			dst.see(s, v, &ea[0], &ea[0])
			ea = ea[1:]
		case len(ea) == 0 || eb[0].ID < ea[0].ID:
			dst.see(s, v, &eb[0], &eb[0])
			eb = eb[1:]
		default:
			if ea[0].Same(&eb[0]) {
				dst.see(s, v, &ea[0], &eb[0])
			} else {
				dst.see(s, v, &ea[0], &ea[0])
			}
			ea, eb = ea[1:], eb[1:]
		}
	}
}

// SeenOf fills dst with those entities of a that the ascending indices name, as they are seen at its tick.
func SeenOf(s *Schema, a *Snapshot, indices []int32, dst *Snapshot) {
	dst.Reset(a.Tick)
	v := protocol.View{A: a.Tick, B: a.Tick}
	for _, i := range indices {
		dst.see(s, v, &a.ents[i], &a.ents[i])
	}
}

func (s *Snapshot) see(sc *Schema, v protocol.View, a, b *Entity) {
	row := s.Add(a.ID, a.Kind, a.Owner, a.Birth, len(a.Row))
	Blend(&sc.Kinds[a.Kind], v, a.Row, b.Row, row)
}
