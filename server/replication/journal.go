package replication

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

const (
	journalEvents  = 2048
	journalNotices = 512
	cosmeticTicks  = 30 // how long an event that need not arrive is worth sending
	frameEvents    = 64 // events in one snapshot; the rest wait for the next
	frameNotices   = 16 // notices in one snapshot
)

// Journal keeps a room's recent events and notices so that each peer can take them when its next
// snapshot is written, however many ticks that skipped. The zero value is ready.
type Journal struct {
	events  [journalEvents]game.Event
	notices [journalNotices]frame.Notice
	nextE   uint64 // number of the next event
	nextN   uint64
}

// Events adds what happened in a tick.
func (j *Journal) Events(es []game.Event) {
	for i := range es {
		j.events[j.nextE%journalEvents] = es[i]
		j.nextE++
	}
}

// Notice adds news for everyone.
func (j *Journal) Notice(n frame.Notice) {
	j.notices[j.nextN%journalNotices] = n
	j.nextN++
}

// cursor is a peer's place in the journal.
type cursor struct{ event, notice uint64 }

func (j *Journal) end() cursor { return cursor{j.nextE, j.nextN} }

// lost reports that something was overwritten before the peer took it.
func (j *Journal) lost(c cursor) bool {
	return j.nextE-c.event > journalEvents || j.nextN-c.notice > journalNotices
}

// take appends what the player should be told from c on, and returns the place to go on from.
func (j *Journal) take(c cursor, id protocol.PlayerID, now protocol.Tick, es []protocol.Event, ns []frame.Notice) (cursor, []protocol.Event, []frame.Notice) {
	for ; c.event < j.nextE && len(es) < frameEvents; c.event++ {
		e := &j.events[c.event%journalEvents]
		if e.To != 0 && e.To != id || e.Except == id && id != 0 {
			continue
		}
		if e.Keep || now.Sub(e.Tick) <= cosmeticTicks {
			es = append(es, e.Event)
		}
	}
	for ; c.notice < j.nextN && len(ns) < frameNotices; c.notice++ {
		ns = append(ns, j.notices[c.notice%journalNotices])
	}
	return c, es, ns
}
