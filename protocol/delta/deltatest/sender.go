// Package deltatest encodes snapshots for one receiver, for tests of what decodes them. A server does
// it in package replication, where what one entity says is encoded once for all.
package deltatest

import (
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/wire"
)

// Sender follows a game and writes what leads its receiver from one snapshot to a later one.
type Sender struct {
	// Scene and Changes are what Send wrote last, Own what SendOwn did; see frame.Rows.
	Scene, Changes, Own wire.Bits

	schema *delta.Schema
	coder  delta.Coder
	held   delta.Snapshot // by the receiver
	now    delta.Snapshot
	tracks []delta.Track // of now
	moves  []wire.Bits   // how each of now came there
	own    []int32       // as the receiver holds it
}

// NewSender returns a Sender whose receiver holds nothing.
func NewSender(s *delta.Schema) *Sender {
	return &Sender{schema: s, own: make([]int32, len(s.Own.Fields))}
}

// Restart begins a match: the receiver holds nothing.
func (s *Sender) Restart() { *s = *NewSender(s.schema) }

// Pass takes in a snapshot that is not sent.
func (s *Sender) Pass(cur *delta.Snapshot) {
	var tracks []delta.Track
	var moves []wire.Bits
	for i := range cur.Entities() {
		e := &cur.Entities()[i]
		var move wire.Bits
		var t delta.Track
		if at := s.place(&s.now, e); at >= 0 {
			t = s.tracks[at]
			if k := s.kind(e); k.Moves() {
				s.coder.Move(&move, k, cur.Tick, &s.now.Entities()[at], e, &t)
			}
		}
		tracks, moves = append(tracks, t), append(moves, move)
	}
	s.tracks, s.moves = tracks, moves
	s.now.CopyFrom(cur)
}

// SendOwn writes the own row that goes with the next snapshot. It is to be called before Send.
func (s *Sender) SendOwn(tick protocol.Tick, own []int32) {
	ticks := 0
	if s.held.Tick != 0 {
		ticks = tick.Sub(s.held.Tick)
	}
	s.Own.Clear()
	s.coder.Row(&s.Own, &s.schema.Own, tick, ticks, s.own, own)
}

// Send takes in a snapshot and writes what leads to it. It reports whether others were passed over
// since the last one, which the header has to say.
func (s *Sender) Send(cur *delta.Snapshot) (skipped bool) {
	skipped = s.held.Tick != 0 && s.held.Tick != s.now.Tick
	s.Pass(cur)
	s.Scene.Clear()
	s.writeNews()
	s.writeMoves(skipped)
	s.writeChanges(skipped)
	s.held.CopyFrom(cur)
	return skipped
}

func (s *Sender) kind(e *delta.Entity) *delta.Kind { return &s.schema.Kinds[e.Kind] }

// place returns where in a snapshot the entity is, -1 if it is not there.
func (s *Sender) place(in *delta.Snapshot, e *delta.Entity) int {
	return slices.IndexFunc(in.Entities(), func(o delta.Entity) bool { return o.Same(e) })
}

func (s *Sender) writeNews() {
	var gone, born []int
	for i := range s.held.Entities() {
		if s.place(&s.now, &s.held.Entities()[i]) < 0 {
			gone = append(gone, i)
		}
	}
	for i := range s.now.Entities() {
		if s.place(&s.held, &s.now.Entities()[i]) < 0 {
			born = append(born, i)
		}
	}
	w := &s.Scene
	if w.Flag(len(gone)+len(born) > 0); len(gone)+len(born) == 0 {
		return
	}
	list := delta.BeginGone(w, len(gone))
	for _, slot := range gone {
		list.Next(slot)
	}
	list = delta.BeginNew(w, len(born))
	for _, i := range born {
		e := &s.now.Entities()[i]
		list.Next(int(e.ID))
		s.coder.Spawn(w, s.schema, s.now.Tick, e, &s.tracks[i])
	}
}

func (s *Sender) writeMoves(skipped bool) {
	w := &s.Scene
	for i := range s.now.Entities() {
		e := &s.now.Entities()[i]
		switch {
		case !s.kind(e).Moves() || s.place(&s.held, e) < 0:
		case skipped:
			w.Flag(true)
			s.coder.Whole(w, s.kind(e), s.now.Tick, e, &s.tracks[i])
		default:
			w.Copy(&s.moves[i], 0, s.moves[i].Len())
		}
	}
}

func (s *Sender) writeChanges(skipped bool) {
	type change struct{ slot, i int }
	var changes []change
	slot := 0
	for i := range s.now.Entities() {
		e := &s.now.Entities()[i]
		at := s.place(&s.held, e)
		if at < 0 || s.kind(e).Moves() {
			continue
		}
		if !slices.Equal(s.held.Entities()[at].Row, e.Row) {
			changes = append(changes, change{slot, i})
		}
		slot++
	}
	s.Changes.Clear()
	if len(changes) == 0 {
		return
	}
	list := delta.BeginChanges(&s.Changes, len(changes))
	for _, c := range changes {
		e := &s.now.Entities()[c.i]
		if list.Next(c.slot); skipped {
			s.coder.Whole(&s.Changes, s.kind(e), s.now.Tick, e, &s.tracks[c.i])
		} else {
			s.coder.Change(&s.Changes, s.kind(e), s.now.Tick, &s.held.Entities()[s.place(&s.held, e)], e)
		}
	}
}
