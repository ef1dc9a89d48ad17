package delta

import "hindsight/protocol"

// Entity is one row of a Snapshot. Its Row points into the snapshot and is valid until the snapshot
// is Reset.
type Entity struct {
	ID    protocol.EntityID // 1 to protocol.MaxEntities
	Kind  uint8
	Owner protocol.PlayerID // 0: nobody's
	// Birth is the tick since which this id has been this entity. Another birth is another entity:
	// nothing is ever blended across it, so a teleport is a new birth, and so is a new owner.
	Birth protocol.Tick
	Row   []int32
}

// Same reports whether e and o are the same entity at two times.
func (e *Entity) Same(o *Entity) bool {
	return e.ID == o.ID && e.Birth == o.Birth && e.Kind == o.Kind && e.Owner == o.Owner
}

// Snapshot holds the entities of one tick in ascending id order. The zero value is an empty
// snapshot ready to use. It keeps its memory when Reset.
type Snapshot struct {
	Tick protocol.Tick
	ents []Entity
	rows []int32
	// tracks are those of the entities of a snapshot that was decoded, by which the next one is; of
	// any other there are none.
	tracks []Track
}

// Reset empties the snapshot and sets its tick.
func (s *Snapshot) Reset(t protocol.Tick) {
	s.Tick, s.ents, s.rows, s.tracks = t, s.ents[:0], s.rows[:0], s.tracks[:0]
}

// Reserve readies an empty snapshot for about as much as another one holds, so that it need not grow
// step by step to more than it needs.
func (s *Snapshot) Reserve(like *Snapshot) {
	if n := len(like.ents); n > cap(s.ents) {
		s.ents = make([]Entity, 0, n+n/8+4)
	}
	if n := len(like.rows); n > cap(s.rows) {
		s.rows = make([]int32, 0, n+n/8+16)
	}
}

// Add appends an entity with a row of n zeroes for the caller to fill. Ids must ascend, from 1 to
// protocol.MaxEntities; Add panics otherwise, since that is a bug in the game and every reader
// relies on it.
func (s *Snapshot) Add(id protocol.EntityID, kind uint8, owner protocol.PlayerID, birth protocol.Tick, n int) []int32 {
	if l := len(s.ents); l > 0 && s.ents[l-1].ID >= id || id == 0 || id > protocol.MaxEntities {
		panic("delta: Snapshot.Add: ids must ascend from 1 to MaxEntities")
	}
	row := s.grow(n)
	s.ents = append(s.ents, Entity{ID: id, Kind: kind, Owner: owner, Birth: birth, Row: row})
	return row
}

// AddCopy appends a copy of an entity of another snapshot and returns its row. The rule for ids is that
// of Add.
func (s *Snapshot) AddCopy(e *Entity) []int32 {
	if l := len(s.ents); l > 0 && s.ents[l-1].ID >= e.ID {
		panic("delta: Snapshot.AddCopy: ids must ascend")
	}
	if len(s.rows)+len(e.Row) > cap(s.rows) {
		s.renew(len(e.Row))
	}
	at := len(s.rows)
	s.rows = append(s.rows, e.Row...)
	s.ents = append(s.ents, Entity{ID: e.ID, Kind: e.Kind, Owner: e.Owner, Birth: e.Birth, Row: s.rows[at:len(s.rows):len(s.rows)]})
	return s.rows[at:]
}

// renew starts a new, larger block of rows, with room for n. Rows given out before keep pointing into
// the old one, which lives as long as they do.
func (s *Snapshot) renew(n int) { s.rows = make([]int32, 0, max(2*cap(s.rows), n, 64)) }

// grow takes n zeroed cells.
func (s *Snapshot) grow(n int) []int32 {
	if len(s.rows)+n > cap(s.rows) {
		s.renew(n)
	}
	at := len(s.rows)
	s.rows = s.rows[:at+n]
	row := s.rows[at : at+n : at+n]
	clear(row)
	return row
}

// Entities returns the entities in ascending id order. The slice is the snapshot's own.
func (s *Snapshot) Entities() []Entity { return s.ents }

// Find returns the entity of that id, or nil.
func (s *Snapshot) Find(id protocol.EntityID) *Entity {
	lo, hi := 0, len(s.ents)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if s.ents[m].ID < id {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(s.ents) && s.ents[lo].ID == id {
		return &s.ents[lo]
	}
	return nil
}

// CopyFrom makes s equal to o, sharing nothing with it.
func (s *Snapshot) CopyFrom(o *Snapshot) {
	s.Reset(o.Tick)
	for i := range o.ents {
		s.AddCopy(&o.ents[i])
	}
	s.tracks = append(s.tracks, o.tracks...)
}
