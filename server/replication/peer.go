package replication

import (
	"errors"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
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

	player protocol.PlayerID
	last   protocol.Tick // of the last snapshot written, 0 for none
	held   []holding     // ascending
	own    []int32       // the own row last written
	at     Mark

	// Skipped counts snapshots that pacing left out.
	Skipped uint64

	parts Parts

	enc     frame.Encoder
	coder   delta.Coder
	merged  []holding
	removed []protocol.EntityID
	ents    delta.Records
	row     delta.Records
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

// Parts is what a snapshot's bytes are for, but for the rest: its header, removals, events, notices.
type Parts struct{ Own, Entities int }

// Parts returns that of the last snapshot composed.
func (p *Peer) Parts() Parts { return p.parts }

// Restart forgets the client's screen: it was just sent the Start of another match. What the
// connection itself has shown of its pace stays.
func (p *Peer) Restart() {
	p.last, p.held, p.Views = 0, p.held[:0], Views{MaxRewind: p.Views.MaxRewind}
	clear(p.own)
	p.Pace.Restart()
}

// Compose appends to dst the snapshot that brings the client from what it holds to the table's
// current one, and takes it as written: the caller must write it completely or close the
// connection. H gives the parts that are about the connection; Tick and Base are set here. Own is
// the player's own row; one who looks on has none.
func (p *Peer) Compose(dst []byte, t *Table, j *Journal, h frame.Header, own []int32, now protocol.Micros) ([]byte, error) {
	if j.lost(p.at) {
		return dst, ErrBehind
	}
	h.Tick, h.Base = t.tick, p.last
	p.gather(t)
	p.row.Reset()
	if p.player != 0 {
		p.coder.Row(&p.row, &t.schema.Own, p.own, own)
		copy(p.own, own)
	}
	at, events, notices := j.take(p.at, p.player, t.tick)
	p.at = at
	dst = p.enc.Snapshot(dst, &h, p.row, p.removed, p.ents, events, notices)
	p.parts = Parts{Own: len(p.row.Bytes), Entities: len(p.ents.Bytes)}
	p.last = t.tick
	p.Pace.Sent(t.tick, now)
	p.Views.Sent(t.tick)
	return dst, nil
}

// gather walks what the client holds and what there is, both ascending by id, and fills removed,
// ents and the new holdings.
func (p *Peer) gather(t *Table) {
	p.removed, p.merged = p.removed[:0], p.merged[:0]
	p.ents.Reset()
	held := p.held
	ents := t.now.Entities()
	n := len(ents)
	if p.Seen != nil {
		n = len(p.Seen)
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
		for len(held) > 0 && held[0].id < e.ID {
			p.removed = append(p.removed, held[0].id)
			held = held[1:]
		}
		h := holding{e.ID, e.Owner, e.Birth, e.Kind}
		switch {
		case len(held) > 0 && held[0] == h:
			p.ents.Append(t.update(i, p.last))
			held = held[1:]
		case len(held) > 0 && held[0].id == e.ID: // the id was given to another entity: a spawn replaces
			p.ents.Append(t.spawn(i))
			held = held[1:]
		default:
			p.ents.Append(t.spawn(i))
		}
		p.merged = append(p.merged, h)
	}
	for _, h := range held {
		p.removed = append(p.removed, h.id)
	}
	p.held, p.merged = p.merged, p.held
}
