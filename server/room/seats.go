package room

import (
	"context"
	"slices"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// Join asks the room's goroutine for a seat and waits for the answer, or for ctx. The error is a
// Refusal, ErrClosed or the context's.
func (r *Room) Join(ctx context.Context, e Entrant) (Seat, error) {
	type answer struct {
		seat Seat
		err  error
	}
	ch := make(chan answer, 1)
	op := func() {
		if ctx.Err() != nil {
			return // the entrant has gone: no seat for nobody
		}
		s, err := r.Admit(e)
		ch <- answer{s, err}
	}
	select {
	case r.ops <- op:
		r.cfg.Alarm.Wake()
	case <-r.done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case a := <-ch:
		return a.seat, a.err
	case <-r.done:
		return nil, ErrClosed
	case <-ctx.Done():
		// The room may have admitted it in this very moment: the seat must not leak.
		go func() {
			select {
			case a := <-ch:
				if a.seat != nil {
					a.seat.Lost()
				}
			case <-r.done:
			}
		}()
		return nil, ctx.Err()
	}
}

// Admit seats an entrant: in the seat its token names, or in a free one, or in a bot's. It posts
// Welcome and Start to the entrant's sender. Only the room's owner may call it.
func (r *Room) Admit(e Entrant) (Seat, error) {
	now := r.cfg.Now()
	r.wake(now)
	if e.Watch {
		return r.watch(e, now)
	}
	p := r.seatOf(&e)
	if p == nil {
		if code := r.refuse(&e, now); code != 0 {
			return nil, Refusal(code)
		}
		p = r.seat(e.Name, false, e.Team)
		p.who = e.ID
	} else if p.conn != nil {
		p.conn.sender.Close(protocol.CloseReplaced)
	}
	delete(r.bookings, e.Booking)
	p.former = e.Token // until the new connection has spoken: its Welcome may get lost
	r.attach(p, e.Sender, now)
	return p.conn, nil
}

// seatOf returns the seat that is an entrant's already, by token or by who it is.
func (r *Room) seatOf(e *Entrant) *player {
	for _, p := range r.players {
		if e.Token != "" && (p.token == e.Token || p.former == e.Token) || e.ID != "" && p.who == e.ID {
			return p
		}
	}
	return nil
}

// refuse returns why an entrant without a seat gets none, 0 if there is no reason.
func (r *Room) refuse(e *Entrant, now protocol.Micros) protocol.CloseCode {
	r.expire(now)
	_, booked := r.bookings[e.Booking]
	switch {
	case e.Token != "":
		return protocol.CloseSessionGone
	case booked:
		return 0
	case r.cfg.Booked && e.Booking == "" || r.locked:
		return protocol.CloseForbidden
	case r.people()+len(r.bookings) >= r.cfg.MaxPlayers:
		return protocol.CloseRoomFull
	}
	return 0
}

// attach gives a person's seat to a connection and tells it all it needs.
func (r *Room) attach(p *player, s Sender, now protocol.Micros) {
	p.token = r.cfg.Token()
	if p.bot != nil { // it stood in
		p.bot = nil
	}
	p.conn = newConn(r, p.id, s, now)
	p.seenAt, p.shownAt, p.hidden, p.heard = now, now, false, 0
	p.schedule.restart()
	p.peer = replication.NewPeer(r.cfg.Host.Schema, p.id, r.journal)
	p.peer.Views.MaxRewind = r.cfg.rewind()
	s.Post(r.enc.Welcome(nil, r.welcome(p.id, p.token)))
	s.Post(r.startFrame(p.peer, p.id, p.schedule.last.Press))
	r.publish()
}

// welcome returns what an admitted connection is told first.
func (r *Room) welcome(id protocol.PlayerID, token string) *frame.Welcome {
	return &frame.Welcome{
		Version: protocol.Version, Build: r.cfg.Build, Room: r.cfg.ID,
		Player: id, Token: token,
		TickRate: uint32(r.cfg.Host.TickRate), SnapshotEvery: uint32(r.cfg.SnapshotEvery),
		MaxLead: MaxLead, MaxRewind: uint32(r.cfg.rewind()),
		SeatSeconds: uint32(r.cfg.SeatHold / protocol.Second),
	}
}

// seat takes the lowest free id for someone new; a person may take a bot's place. It returns nil
// if there is none.
func (r *Room) seat(name string, bot bool, team uint8) *player {
	if len(r.players) >= r.cfg.MaxPlayers && (bot || !r.dismiss(team)) {
		return nil
	}
	id := protocol.PlayerID(1)
	for _, p := range r.players {
		if p.id == id {
			id++
		}
	}
	p := &player{id: id, name: name, team: team}
	if bot {
		p.bot = r.newBot(id)
	} else {
		p.token = "new" // replaced by attach; it makes the player a person
	}
	p.schedule.begin()
	r.players = slices.Insert(r.players, int(id)-1, p)
	r.match.Join(id, game.Joiner{Bot: bot, Team: team})
	r.record.joined(p, r.match.Tick())
	r.recording.joined(p)
	r.notice(frame.NoticeJoin, p, name)
	if !bot {
		r.cfg.Log.Debug("seat taken", "room", r.cfg.ID, "player", id, "name", name)
		r.fill()
	}
	return p
}

// leave frees a seat.
func (r *Room) leave(p *player, why string) {
	r.record.left(p, r.match)
	r.players = slices.DeleteFunc(r.players, func(q *player) bool { return q == p })
	r.match.Leave(p.id)
	r.recording.left(p.id)
	r.notice(frame.NoticeLeave, p, "")
	if !p.isBot() {
		r.cfg.Log.Debug("seat free", "room", r.cfg.ID, "player", p.id, "name", p.name, "why", why)
		r.fill()
	}
	r.publish()
}

func (r *Room) notice(k frame.NoticeKind, p *player, text string) {
	n := frame.Notice{Kind: k, Player: p.id, Text: text}
	if p.isBot() {
		n.Value = 1
	}
	r.journal.Notice(n)
}

func (r *Room) player(id protocol.PlayerID) *player {
	i, ok := slices.BinarySearchFunc(r.players, id, func(p *player, id protocol.PlayerID) int { return int(p.id) - int(id) })
	if !ok {
		return nil
	}
	return r.players[i]
}

// attend looks after the people in the room: who has gone, who is lagging, whose seat is up.
func (r *Room) attend(now protocol.Micros) {
	standIns := 0
	for i := 0; i < len(r.players); i++ {
		p := r.players[i]
		if p.isBot() {
			continue
		}
		if c := p.conn; c != nil {
			switch end := c.ended.Load(); {
			case end == left:
				r.leave(p, "left")
				i--
				continue
			case end == lost:
				r.detach(p, now)
			case !p.hidden && now-p.seenAt > detachAfter:
				c.sender.Close(protocol.CloseHeartbeat)
				r.detach(p, now)
			case p.deaf(now):
				c.sender.Close(protocol.CloseTooSlow)
				r.detach(p, now)
			}
		} else if now-p.lostAt > r.cfg.SeatHold {
			r.leave(p, "seat expired")
			i--
			continue
		} else if standIns == 0 && (r.lateAt == 0 || now-r.lateAt > punctualFor) && r.wantsStandIn(p, now) {
			standIns++ // in this tick: making a bot takes as long as a tick of play
			p.bot, p.press = r.newBot(p.id), p.schedule.last.Press
		}
		r.setStatus(p, now)
	}
	if len(r.watchers) > 0 {
		r.usher(now)
	}
}

// detach keeps the seat of a person whose connection is gone.
func (r *Room) detach(p *player, now protocol.Micros) {
	p.conn, p.peer, p.lostAt = nil, nil, now
	p.schedule.restart()
	r.cfg.Log.Debug("seat kept", "room", r.cfg.ID, "player", p.id, "name", p.name)
}

// wantsStandIn reports whether it is time for a bot to play for somebody who is detached. A page in the
// background sent no input before either.
func (r *Room) wantsStandIn(p *player, now protocol.Micros) bool {
	since := p.seenAt
	if p.hidden {
		since = p.lostAt
	}
	return r.cfg.StandIn && p.bot == nil && now-since > standInAfter
}

func (r *Room) setStatus(p *player, now protocol.Micros) {
	s := frame.Playing
	switch {
	case p.conn == nil:
		s = frame.Detached
	case p.hidden:
		s = frame.Away
	case now-p.seenAt > lagAfter:
		s = frame.Lagging
	}
	if s != p.status {
		p.status = s
		if r.crowd == nil { // a thousand lines that waver would be told of nothing else
			r.journal.Notice(frame.Notice{Kind: frame.NoticeStatus, Player: p.id, Value: int32(s)})
		}
	}
}
