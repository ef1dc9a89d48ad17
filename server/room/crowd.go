package room

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// crowd is what a room has only while its world is too large to be shown whole (see game.Viewer): each
// peer is shown what its eye sees, bots see what is near them and think in turns, and who comes is told
// of the others a few at a time. A crowd is not recorded: an hour of it would take the place of all else.
type crowd struct {
	interest *replication.Interest
	// near is what bots see: less, since they look no further.
	near  *replication.Interest
	tick  protocol.Tick // that near is of
	scene delta.Snapshot
	eye   replication.Eye

	second protocol.Micros // in which lines were last said, and
	lines  int             // how many
}

const (
	crowdRate   = 30  // snapshots a second, if nobody says otherwise
	botReach    = 640 // units that a bot of a crowd sees
	botsPerTick = 160 // that think in one tick, at least
	mostThink   = 8   // ticks between two thoughts of a bot, at most

	linesMost = 10  // of chat in a second, by all together
	newsMost  = 24  // names that a snapshot tells of
	seatBytes = 12  // of a roster, besides the name
	startHead = 256 // bytes of a Start besides blob and roster, at most
)

// newCrowd returns the crowd of a match that is one, else nil.
func newCrowd(m *game.Match) *crowd {
	if m.Reach() == 0 {
		return nil
	}
	s := m.Def.Schema
	return &crowd{interest: replication.NewInterest(s, m.Reach()), near: replication.NewInterest(s, min(botReach, m.Reach()))}
}

// present returns what a bot of the crowd sees.
func (c *crowd) present(m *game.Match, id protocol.PlayerID) *delta.Snapshot {
	s := m.Snapshot()
	if c.tick != s.Tick {
		c.tick = s.Tick
		c.near.Advance(s)
	}
	c.eye.Forget()
	c.eye.X, c.eye.Y, c.eye.Open = m.Eye(id)
	delta.SeenOf(m.Def.Schema, s, c.near.Look(&c.eye, id), &c.scene)
	return &c.scene
}

// thinks reports whether it is a bot's turn to think. In between it goes on as it did.
func (r *Room) thinks(p *player, t protocol.Tick) bool {
	if r.crowd == nil || p.said.Tick == 0 {
		return true
	}
	every := min(1+len(r.players)/botsPerTick, mostThink)
	return (int(t)+int(p.id))%every == 0
}

// overhear gives bots the events they may know of. In a crowd they hear what happens to themselves.
func (r *Room) overhear(es []game.Event) {
	if r.crowd == nil {
		for _, p := range r.players {
			if p.bot != nil {
				p.overhear(es, r.veil)
			}
		}
		return
	}
	for i := range es {
		if to := es[i].To; to != 0 {
			if p := r.player(to); p != nil && p.bot != nil {
				p.overhear(es[i:i+1], nil)
			}
		}
	}
}

// hasTime reports whether another line may be said.
func (c *crowd) hasTime(now protocol.Micros) bool {
	if s := now / protocol.Second; s != c.second {
		c.second, c.lines = s, 0
	}
	c.lines++
	return c.lines <= linesMost
}

// look has a peer's next snapshot show what a player is to be shown, and tells it in a crowd of some who are
// here. S is what the snapshot will be composed with.
func (r *Room) look(p *replication.Peer, id protocol.PlayerID, s *replication.Scratch) {
	if r.crowd == nil {
		if p.Seen, p.Hearing = nil, nil; r.veil != nil && id != 0 {
			p.ShowUnveiled(s, r.veil, r.cfg.Host.Schema, r.match.Snapshot())
		}
		return
	}
	x, y, ok := r.match.Eye(id)
	r.crowd.interest.Show(p, x, y, ok)
	for id := p.Untold.Next(0); id != 0 && len(p.News) < newsMost; id = p.Untold.Next(id) {
		p.Untold.Remove(id)
		if q := r.player(id); q != nil {
			n := frame.Notice{Kind: frame.NoticeJoin, Player: id, Text: q.name}
			if q.isBot() {
				n.Value = 1
			}
			p.News = append(p.News, n)
		}
	}
}

// enrol puts who is here into a Start, me before all others, as long as there is room in the frame. The
// rest are left for the peer to be told of.
func enrol(s *frame.Start, seats []frame.Seat, me protocol.PlayerID, peer *replication.Peer) {
	left := protocol.MaxFrame - len(s.Blob) - startHead
	for i := range seats {
		if seats[i].Player == me {
			left -= len(seats[i].Name) + seatBytes
		}
	}
	peer.Untold = protocol.PlayerSet{}
	for i := range seats {
		cost := len(seats[i].Name) + seatBytes
		if seats[i].Player == me {
			cost = 0
		}
		if left < cost {
			peer.Untold.Add(seats[i].Player)
			continue
		}
		left -= cost
		s.Roster = append(s.Roster, seats[i])
	}
}
