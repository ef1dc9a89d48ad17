// Package replication decides what each client is sent: which entities, against which baseline,
// whether at all in this tick, and whether the view a client claims is one it can have seen.
//
// It is pure. A Table belongs to a room and encodes every entity once per snapshot; a Peer belongs
// to one connection and picks from the table what that connection lacks. Over TCP the baseline of a
// snapshot is always the last one written to the same connection, so nothing is acknowledged for
// its sake; what makes that sound is that a snapshot is skipped before it is encoded and never
// after. Time is a parameter; nothing here opens, waits, locks or allocates once warm.
package replication

import (
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/wire"
)

// Table holds the current snapshot and the encodings of its entities that peers share.
type Table struct {
	schema *delta.Schema
	coder  delta.Coder

	now, before *delta.Snapshot // before: of the previous Advance, nil if it is gone
	tick, prev  protocol.Tick   // their ticks; prev is 0 before the second Advance
	tracks, was []delta.Track   // of their entities, in their order

	bits    wire.Bits       // all encodings, one after the other
	source  []byte          // the same, to copy from; nil since some were added
	records []record        // one for each entity of now, in its order
	changed []protocol.Tick // by entity id up to the highest there ever was: the last tick at which the entity was born or changed
}

// record is where in a Table's bits one entity's encodings are. The delta is made by Advance, the
// other two when first asked for.
type record struct {
	mover               bool
	delta, whole, spawn span
}

// span is a part of a Table's bits: n of them.
type span struct{ at, n int32 }

// same is the span of the bit that says of a mover that it is as the client holds it.
var same = span{0, 1}

// NewTable returns an empty table.
func NewTable(s *delta.Schema) *Table {
	return &Table{schema: s}
}

// Reset forgets everything, for a new match.
func (t *Table) Reset() {
	t.now, t.before, t.tick, t.prev = nil, nil, 0, 0
	clear(t.changed)
}

// Tick returns the tick of the current snapshot, 0 before the first.
func (t *Table) Tick() protocol.Tick { return t.tick }

// Count makes c count what movers do, nil for nothing.
func (t *Table) Count(c *delta.Census) { t.coder.Census = c }

// Advance makes s the current snapshot. Before is the one of the previous Advance as it was then,
// or nil if it is no longer held. Both must stay unchanged until the next Advance.
func (t *Table) Advance(s, before *delta.Snapshot) {
	t.prev, t.tick = t.tick, s.Tick
	t.now, t.before = s, before
	if before == nil || before.Tick != t.prev {
		t.prev, t.before = 0, nil
	}
	t.tracks, t.was = t.was[:0], t.tracks
	t.source = nil
	t.bits.Clear()
	t.bits.Flag(false) // same
	ents := s.Entities()
	if n := len(ents); n > 0 && int(ents[n-1].ID) >= len(t.changed) {
		t.changed = append(t.changed, make([]protocol.Tick, int(ents[n-1].ID)+1-len(t.changed))...)
	}
	for len(t.records) < len(ents) {
		t.records = append(t.records, record{})
	}
	var old []delta.Entity
	if t.before != nil {
		old = t.before.Entities()
	}
	at := 0 // in old
	for i := range ents {
		e, r, k := &ents[i], &t.records[i], t.kind(&ents[i])
		*r = record{mover: k.Moves()}
		for at < len(old) && old[at].ID < e.ID {
			at++
		}
		track := delta.Track{}
		if at < len(old) && old[at].Same(e) {
			track = t.was[at]
			t.encode(r, k, &old[at], e, &track)
		} else {
			t.changed[e.ID] = t.tick
		}
		t.tracks = append(t.tracks, track)
	}
}

// encode makes the delta of an entity.
func (t *Table) encode(r *record, k *delta.Kind, old, e *delta.Entity, track *delta.Track) {
	r.delta.at = t.here()
	changed := false
	if r.mover {
		was := *track
		t.coder.Move(&t.bits, k, t.tick, old, e, track)
		changed = was != *track || !slices.Equal(old.Row, e.Row)
	} else {
		changed = t.coder.Change(&t.bits, k, t.tick, old, e)
	}
	if r.delta.n = t.here() - r.delta.at; changed {
		t.changed[e.ID] = t.tick
	}
}

// copy appends a part of t's bits to w.
func (t *Table) copy(w *wire.Bits, s span) {
	if t.source == nil {
		t.source = t.bits.Source()
	}
	w.CopyFrom(t.source, int(s.at), int(s.n))
}

// here is where the next bit goes.
func (t *Table) here() int32 { return int32(t.bits.Len()) }

// Complete makes all encodings that anybody can ask for of the current snapshot, so that several may
// compose from it at the same time.
func (t *Table) Complete() {
	for i := range t.now.Entities() {
		t.spawn(i)
		t.whole(i)
	}
	t.source = t.bits.Source()
}

func (t *Table) kind(e *delta.Entity) *delta.Kind { return &t.schema.Kinds[e.Kind] }

// spawn returns the encoding of entity i for a client that does not have it.
func (t *Table) spawn(i int) span {
	r := &t.records[i]
	if r.spawn.n == 0 {
		t.source = nil
		r.spawn.at = t.here()
		t.coder.Spawn(&t.bits, t.schema, t.tick, &t.now.Entities()[i], &t.tracks[i])
		r.spawn.n = t.here() - r.spawn.at
	}
	return r.spawn
}

// older returns the encoding of entity i for a client that has it as of a tick before that of the
// previous Advance; of one that is no mover and has not changed since it is empty.
func (t *Table) older(i int, last protocol.Tick) span {
	switch {
	case t.changed[t.now.Entities()[i].ID].Sub(last) > 0:
		return t.whole(i)
	case t.records[i].mover:
		return same
	}
	return span{}
}

// whole returns the encoding of entity i for a client that has it as of an older snapshot than the one
// before. That of a mover says first that it follows.
func (t *Table) whole(i int) span {
	r, e := &t.records[i], &t.now.Entities()[i]
	if r.whole.n == 0 {
		t.source = nil
		r.whole.at = t.here()
		if r.mover {
			t.bits.Flag(true)
		}
		t.coder.Whole(&t.bits, t.kind(e), t.tick, e, &t.tracks[i])
		r.whole.n = t.here() - r.whole.at
	}
	return r.whole
}
