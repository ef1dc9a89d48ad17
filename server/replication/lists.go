package replication

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/wire"
)

// lists are what one client is told of the entities, in the order in which it is written: what is
// gone, what is new, how the movers moved, what else changed. All but the slots are parts of a Table's
// bits, to which others may be added meanwhile.
type lists struct {
	gone    []int // slots of what the client held
	born    []newcomer
	moves   []span // of movers, what follows on another joined to it
	changes []change
	others  int // held entities that stay and are no movers
}

type newcomer struct {
	id   protocol.EntityID
	bits span
}

type change struct {
	slot int // among the others
	bits span
}

func (l *lists) clear() {
	l.gone, l.born, l.moves, l.changes, l.others = l.gone[:0], l.born[:0], l.moves[:0], l.changes[:0], 0
}

func (l *lists) goes(slot int) { l.gone = append(l.gone, slot) }

func (l *lists) comes(t *Table, i int) {
	l.born = append(l.born, newcomer{t.now.Entities()[i].ID, t.spawn(i)})
}

// stays takes in entity i of the table, which the client holds as of tick last.
func (l *lists) stays(t *Table, i int, last protocol.Tick) {
	s := t.records[i].delta
	if last != t.prev {
		s = t.older(i, last)
	}
	if !t.records[i].mover {
		if s.n > 0 {
			l.changes = append(l.changes, change{l.others, s})
		}
		l.others++
		return
	}
	// Those of neighbours lie side by side, so that in a room where all see all a few long parts are
	// copied and not many short ones.
	if n := len(l.moves); n > 0 && l.moves[n-1].at+l.moves[n-1].n == s.at {
		l.moves[n-1].n += s.n
	} else {
		l.moves = append(l.moves, s)
	}
}

// write makes scene what the lists say but for the changes, and changes those.
func (l *lists) write(scene, changes *wire.Bits, t *Table) {
	scene.Clear()
	if news := len(l.gone)+len(l.born) > 0; news {
		scene.Flag(true)
		l.writeNews(scene, t)
	} else {
		scene.Flag(false)
	}
	for _, s := range l.moves {
		t.copy(scene, s)
	}
	changes.Clear()
	if len(l.changes) > 0 {
		list := delta.BeginChanges(changes, len(l.changes))
		for _, c := range l.changes {
			list.Next(c.slot)
			t.copy(changes, c.bits)
		}
	}
}

func (l *lists) writeNews(w *wire.Bits, t *Table) {
	gone := delta.BeginGone(w, len(l.gone))
	for _, slot := range l.gone {
		gone.Next(slot)
	}
	born := delta.BeginNew(w, len(l.born))
	for _, b := range l.born {
		born.Next(int(b.id))
		t.copy(w, b.bits)
	}
}
