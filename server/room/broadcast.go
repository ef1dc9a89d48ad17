package room

import (
	"fmt"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// broadcast is the match as onlookers are shown it in a room that keeps them behind, so that nobody
// can help a friend by looking on. What an onlooker without delay would be sent is kept, as the bytes
// it would be sent in, and taken apart again after the delay: snapshots, events, people's coming and
// going, chat and the start of the next match, all as late as each other.
//
// The delay is a number of snapshots, so it stands still while the room rests, and who wakes it sees
// how it went on before. Until enough has been kept for the first time there is an empty stage to
// see. It is kept whether anybody looks on or not, for nobody knows when somebody will. Sixteen bots in
// the arena cost 80 KB for ten seconds, and 2 us a tick.
type broadcast struct {
	schema *delta.Schema
	title  string // what is added to a match's title

	// On its way.
	recorder *replication.Peer
	kept     []moment // a ring
	oldest   int      // the one to be shown next, and then to be used again
	begun    []byte   // the Start of a match of which nothing was kept yet

	// Being shown. Scenes are the snapshot before and the one now, which is scenes[turn].
	dec     frame.Decoder
	body    frame.Body
	scenes  [2]delta.Snapshot
	turn    int
	start   frame.Start // with the roster as it has become
	table   *replication.Table
	journal *replication.Journal
}

// moment is one snapshot on its way, and the Start before it if a match began there.
type moment struct{ start, snapshot []byte }

// newBroadcast returns the broadcast of a room whose first match is about to begin.
func newBroadcast(cfg *Config, j *replication.Journal) *broadcast {
	interval := protocol.Micros(cfg.SnapshotEvery) * protocol.Second
	n := (cfg.WatchDelay*protocol.Micros(cfg.Host.TickRate) + interval - 1) / interval
	return &broadcast{
		schema:   cfg.Host.Schema,
		title:    fmt.Sprintf(" · %g s ago", float64(cfg.WatchDelay)/float64(protocol.Second)),
		recorder: replication.NewPeer(cfg.Host.Schema, 0, j),
		kept:     make([]moment, n),
		table:    replication.NewTable(cfg.Host.Schema),
		journal:  &replication.Journal{},
	}
}

// begin takes in that a match begins. Start is the frame that onlookers are sent.
func (b *broadcast) begin(s *game.Start, start []byte) {
	b.recorder.Restart()
	b.begun = start
	if b.table.Tick() == 0 { // the stage of the first match is there before its players
		b.start = frame.Start{Title: s.Title, Blob: s.Blob}
	}
}

// pass keeps the room's current snapshot and shows the one that is old enough. It reports whether
// that one begins a match.
func (b *broadcast) pass(t *replication.Table, j *replication.Journal, now protocol.Micros) (begins bool) {
	m := &b.kept[b.oldest]
	b.oldest = (b.oldest + 1) % len(b.kept)
	if len(m.snapshot) == 0 {
		b.empty()
	} else {
		begins = b.show(m)
	}
	var err error
	if m.snapshot, err = b.recorder.Compose(m.snapshot[:0], t, j, frame.Header{}, nil, now); err != nil {
		// More happened at once than a journal holds: begin anew with the whole picture.
		seen, hearing := b.recorder.Seen, b.recorder.Hearing
		b.recorder = replication.NewPeer(b.schema, 0, j)
		b.recorder.Seen, b.recorder.Hearing = seen, hearing
		m.snapshot, _ = b.recorder.Compose(m.snapshot[:0], t, j, frame.Header{}, nil, now)
	}
	m.start, b.begun = b.begun, nil
	return begins
}

// empty shows a snapshot of nothing.
func (b *broadcast) empty() {
	b.turn ^= 1
	b.scenes[b.turn].Reset(b.table.Tick() + 1)
	b.table.Advance(&b.scenes[b.turn], &b.scenes[b.turn^1])
}

// show makes a moment the present of the onlookers.
func (b *broadcast) show(m *moment) (begins bool) {
	if begins = m.start != nil; begins {
		b.start.Roster = nil
		b.must(b.dec.Start(m.start, &b.start))
		b.table.Reset()
	}
	_, err := b.dec.Header(m.snapshot)
	b.must(err)
	before := &b.scenes[b.turn]
	b.turn ^= 1
	b.must(b.dec.Body(b.schema, before, b.body.Own, &b.body, &b.scenes[b.turn]))
	b.table.Advance(&b.scenes[b.turn], before)
	for i := range b.body.Events {
		b.journal.Events([]game.Event{{Event: b.body.Events[i]}})
	}
	for _, n := range b.body.Notices {
		b.enrol(n)
		b.journal.Notice(n)
	}
	return begins
}

// must is for the room's own frames: one that cannot be read is a bug in the room.
func (b *broadcast) must(err error) {
	if err != nil {
		panic("room: the broadcast cannot read what it kept: " + err.Error())
	}
}

// enrol brings the roster up to date.
func (b *broadcast) enrol(n frame.Notice) {
	seats := b.start.Roster
	i := 0
	for i < len(seats) && seats[i].Player != n.Player {
		i++
	}
	switch there := i < len(seats); {
	case n.Kind == frame.NoticeJoin && !there:
		b.start.Roster = append(seats, frame.Seat{Player: n.Player, Name: n.Text, Bot: n.Value == 1})
	case n.Kind == frame.NoticeLeave && there:
		b.start.Roster = append(seats[:i], seats[i+1:]...)
	case n.Kind == frame.NoticeStatus && there:
		seats[i].Status = frame.Status(n.Value)
	}
}

// startFrame returns the Start for an onlooker who comes now. Its title tells of the delay.
func (b *broadcast) startFrame(enc *frame.Encoder, p *replication.Peer) []byte {
	s := b.start
	s.Roster = nil
	enrol(&s, b.start.Roster, 0, p)
	s.Tick, s.Title = b.table.Tick(), s.Title+b.title
	return enc.Start(nil, &s)
}
