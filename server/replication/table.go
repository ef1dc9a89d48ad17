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
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Table holds the current snapshot and the encodings of its entities that peers share.
type Table struct {
	schema *delta.Schema
	coder  delta.Coder

	now, before *delta.Snapshot // before: of the previous Advance, nil if it is gone
	tick, prev  protocol.Tick   // their ticks; prev is 0 before the second Advance

	records []record        // one for each entity of now, in its order
	changed []protocol.Tick // by entity id up to the highest there ever was: the last tick at which the entity was born or changed
}

// record is one entity's encodings. Delta is made by Advance, the other two when first asked for.
type record struct{ delta, absolute, spawn delta.Records }

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

// Advance makes s the current snapshot. Before is the one of the previous Advance as it was then,
// or nil if it is no longer held. Both must stay unchanged until the next Advance.
func (t *Table) Advance(s, before *delta.Snapshot) {
	t.prev, t.tick = t.tick, s.Tick
	t.now, t.before = s, before
	if before == nil || before.Tick != t.prev {
		t.prev, t.before = 0, nil
	}
	ents := s.Entities()
	for len(t.records) < len(ents) {
		t.records = append(t.records, record{})
	}
	if n := len(ents); n > 0 && int(ents[n-1].ID) >= len(t.changed) {
		t.changed = append(t.changed, make([]protocol.Tick, int(ents[n-1].ID)+1-len(t.changed))...)
	}
	var old []delta.Entity
	if t.before != nil {
		old = t.before.Entities()
	}
	for i := range ents {
		e, r := &ents[i], &t.records[i]
		r.delta.Reset()
		r.absolute.Reset()
		r.spawn.Reset()
		for len(old) > 0 && old[0].ID < e.ID {
			old = old[1:]
		}
		switch {
		case len(old) > 0 && old[0].Same(e):
			if t.coder.Delta(&r.delta, t.kind(e), &old[0], e) {
				t.changed[e.ID] = t.tick
			}
		default:
			t.changed[e.ID] = t.tick
		}
	}
}

func (t *Table) kind(e *delta.Entity) *delta.Kind { return &t.schema.Kinds[e.Kind] }

// spawn returns the encoding of entity i for a client that does not have it.
func (t *Table) spawn(i int) delta.Records {
	r, e := &t.records[i].spawn, &t.now.Entities()[i]
	if r.Ints == 0 {
		t.coder.Spawn(r, t.kind(e), t.tick, e)
	}
	return *r
}

// update returns the encoding of entity i for a client that has it as of tick last; no ints if it
// has not changed since.
func (t *Table) update(i int, last protocol.Tick) delta.Records {
	r, e := &t.records[i], &t.now.Entities()[i]
	if last == t.prev && t.prev != 0 {
		return r.delta
	}
	if t.changed[e.ID].Sub(last) <= 0 {
		return delta.Records{}
	}
	if r.absolute.Ints == 0 {
		t.coder.Absolute(&r.absolute, t.kind(e), e)
	}
	return r.absolute
}
