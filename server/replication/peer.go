package replication

import (
	"errors"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/protocol/wire"
)

// ErrBehind says that a peer has fallen so far behind that events it must see are gone. Its
// connection has to be closed with CloseTooSlow; on resuming it gets the full state.
var ErrBehind = errors.New("replication: peer is behind the journal")

// Peer is what the server knows of one connection's screen: which entities it holds and as of when.
type Peer struct {
	Pace  Pace
	Views Views
	// Seen are the entities that the next snapshot shows, as ascending indices into the table's current
	// one; nil is all of them. What the client holds and is not among them is removed. It is to be
	// set before each Compose by whoever chooses, and is not kept longer.
	Seen []int32
	// Hearing is where what happens must lie for the peer to be told; nil is anywhere.
	Hearing *Hearing
	// News are notices for this peer alone. The next Compose sends and forgets them.
	News []frame.Notice
	// Untold is who is here that the client has not been told of; the owner tells it a few at a time.
	Untold protocol.PlayerSet

	player  protocol.PlayerID
	last    protocol.Tick // of the last snapshot written, 0 for none
	held    []holding     // ascending
	own     []int32       // the own row last written
	at      Mark
	eye     Eye // see Interest.Show
	hearing Hearing

	// Skipped counts snapshots that pacing left out.
	Skipped uint64

	parts Parts
	enc   frame.Encoder
}

// Scratch is what snapshots are composed with, one after another: those who compose at the same time
// have one each. It stays in the processor's cache where memory of each peer's own would not. The zero
// value is ready.
type Scratch struct {
	coder               delta.Coder
	lists               lists
	held                []holding
	scene, changes, row wire.Bits
	events              []protocol.Event
	notices             []frame.Notice
	seen                []int32 // see Eye.Unveiled
	sightings           []sighting
}

// holding is an entity the client has.
type holding struct {
	id    protocol.EntityID
	owner protocol.PlayerID
	birth protocol.Tick
	kind  uint8
}

// NewPeer returns a peer for a connection that was just sent Start, with everything yet to come.
func NewPeer(s *delta.Schema, id protocol.PlayerID, j *Journal) *Peer {
	return &Peer{player: id, own: make([]int32, len(s.Own.Fields)), at: j.End()}
}

// Parts is what a snapshot's bits are for, but for the rest: its header, events, notices.
type Parts struct{ OwnBits, EntityBits int }

// Parts returns that of the last snapshot composed.
func (p *Peer) Parts() Parts { return p.parts }

// Restart forgets the client's screen: it was just sent the Start of another match. What the
// connection itself has shown of its pace stays.
func (p *Peer) Restart() {
	p.eye.Forget()
	p.last, p.held, p.Views = 0, p.held[:0], Views{MaxRewind: p.Views.MaxRewind}
	clear(p.own)
	p.Pace.Restart()
}

// Compose appends to dst the snapshot that brings the client from what it holds to the table's
// current one, and takes it as written: the caller must write it completely or close the
// connection. H gives the parts that are about the connection; Tick and Base are set here. Own is
// the player's own row; one who looks on has none.
func (p *Peer) Compose(dst []byte, t *Table, j *Journal, h frame.Header, own []int32, now protocol.Micros) ([]byte, error) {
	return p.ComposeWith(&j.scratch, dst, t, j, h, own, now)
}

// ComposeWith is Compose for who does it for several peers at the same time, each with a scratch of its
// own: then the table is complete, and neither it nor the journal changes meanwhile.
func (p *Peer) ComposeWith(s *Scratch, dst []byte, t *Table, j *Journal, h frame.Header, own []int32, now protocol.Micros) ([]byte, error) {
	if j.lost(p.at) {
		return dst, ErrBehind
	}
	h.Tick, h.Base = t.tick, p.last
	h.Skipped = p.last != 0 && p.last != t.prev
	p.gather(s, t)
	s.lists.write(&s.scene, &s.changes, t)
	s.row.Clear()
	if p.player != 0 {
		ticks := 0
		if h.Base != 0 {
			ticks = h.Tick.Sub(h.Base)
		}
		s.coder.Row(&s.row, &t.schema.Own, h.Tick, ticks, p.own, own)
	}
	at, events, notices := j.take(s, p.at, p.player, p.Hearing, t.tick)
	p.at = at
	if len(p.News) > 0 {
		p.News = append(p.News, notices...)
		notices, p.News = p.News, p.News[:0]
	}
	dst = p.enc.Snapshot(dst, &h, frame.Rows{Scene: &s.scene, Changes: &s.changes, Own: &s.row}, events, notices)
	p.parts = Parts{OwnBits: s.row.Len(), EntityBits: s.scene.Len() + s.changes.Len()}
	p.last = t.tick
	p.Pace.Sent(t.tick, now)
	p.Views.Sent(t.tick)
	return dst, nil
}

// gather walks what the client holds and what there is for it to see, both ascending by id, and fills
// the lists and the new holdings. Mostly these are the old ones, which then stay where they are.
func (p *Peer) gather(s *Scratch, t *Table) {
	s.lists.clear()
	ents := t.now.Entities()
	n := len(ents)
	if p.Seen != nil {
		n = len(p.Seen)
	}
	slot := 0 // in held
	asHeld := true
	differ := func() {
		if asHeld {
			asHeld, s.held = false, append(s.held[:0], p.held[:slot]...)
		}
	}
	for k := range n {
		i := k
		if p.Seen != nil {
			i = int(p.Seen[k])
		}
		e := &ents[i]
		if e.Owner == p.player && e.Owner != 0 && t.schema.Kinds[e.Kind].Private {
			continue
		}
		h := holding{e.ID, e.Owner, e.Birth, e.Kind}
		if slot < len(p.held) && p.held[slot] == h {
			s.lists.stays(t, i, p.last)
			if slot++; !asHeld {
				s.held = append(s.held, h)
			}
			continue
		}
		differ()
		// An id that was given to another entity is gone and new.
		for slot < len(p.held) && (p.held[slot].id < e.ID || p.held[slot].id == e.ID && p.held[slot] != h) {
			s.lists.goes(slot)
			slot++
		}
		if slot < len(p.held) && p.held[slot] == h {
			s.lists.stays(t, i, p.last)
			slot++
		} else {
			s.lists.comes(t, i)
		}
		s.held = append(s.held, h)
	}
	if slot < len(p.held) {
		differ()
	}
	for ; slot < len(p.held); slot++ {
		s.lists.goes(slot)
	}
	if !asHeld {
		p.held = append(p.held[:0], s.held...)
	}
}
