package room

import (
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// watcher is somebody who looks on: a connection that is shown everything and rules nothing, as it is
// or, in a room with a broadcast, as it was.
type watcher struct {
	conn   *conn
	peer   *replication.Peer
	seenAt protocol.Micros
	hidden bool
	// shownAt is since when it has not been hidden; see player.
	shownAt protocol.Micros
}

// deaf is what it is of a player.
func (w *watcher) deaf(now protocol.Micros) bool {
	return !w.hidden && min(w.peer.Pace.Unheard(now), now-w.shownAt) > deafAfter
}

// watch admits a watcher.
func (r *Room) watch(e Entrant, now protocol.Micros) (Seat, error) {
	switch {
	case r.locked || r.cfg.Booked && e.Booking == "":
		return nil, Refusal(protocol.CloseForbidden)
	case len(r.watchers) >= r.cfg.Watchers:
		return nil, Refusal(protocol.CloseRoomFull)
	}
	w := &watcher{conn: newConn(r, 0, e.Sender, now), seenAt: now, shownAt: now}
	_, journal := r.shown()
	w.peer = replication.NewPeer(r.cfg.Host.Schema, 0, journal)
	r.watchers = append(r.watchers, w)
	e.Sender.Post(r.enc.Welcome(nil, r.welcome(0, "")))
	e.Sender.Post(r.watchStart(w.peer))
	r.publish()
	return w.conn, nil
}

// shown is what watchers see.
func (r *Room) shown() (*replication.Table, *replication.Journal) {
	if b := r.broadcast; b != nil {
		return b.table, b.journal
	}
	return r.table, r.journal
}

// watchStart returns the Start of the match that watchers see.
func (r *Room) watchStart(p *replication.Peer) []byte {
	if b := r.broadcast; b != nil {
		return b.startFrame(&r.enc, p)
	}
	return r.startFrame(p, 0, [2]uint8{})
}

// raise begins a match for the watchers.
func (r *Room) raise() {
	for _, w := range r.watchers {
		w.peer.Restart()
		w.conn.sender.Post(r.watchStart(w.peer))
	}
}

// usher looks after the watchers: who has gone, and what they echo.
func (r *Room) usher(now protocol.Micros) {
	before := len(r.watchers)
	r.watchers = slices.DeleteFunc(r.watchers, func(w *watcher) bool {
		var a arrival
		for w.conn.arrivals.pop(&a) {
			if w.hidden && !a.hidden {
				w.shownAt = a.at
			}
			w.seenAt, w.hidden = a.at, a.hidden
			w.peer.Pace.Echo(a.echo, a.at)
		}
		switch {
		case w.hidden:
		case now-w.seenAt > detachAfter:
			w.conn.sender.Close(protocol.CloseHeartbeat)
			return true
		case w.deaf(now):
			w.conn.sender.Close(protocol.CloseTooSlow)
			return true
		}
		return w.conn.ended.Load() != stillThere
	})
	if len(r.watchers) != before {
		r.publish()
	}
}

// show gives every watcher that is ready a snapshot.
func (r *Room) show(now protocol.Micros) {
	table, journal := r.shown()
	for _, w := range r.watchers {
		if !w.conn.sender.Ready() || !w.peer.Pace.May(now) {
			r.meter.Skipped()
			continue
		}
		if r.broadcast == nil { // else it was chosen when it was kept
			r.look(w.peer, 0, nil)
		}
		b, err := w.peer.Compose(w.conn.sender.Buffer(), table, journal, r.header(w.conn.sender), nil, now)
		if err != nil {
			w.conn.sender.Close(protocol.CloseTooSlow)
			w.conn.Lost()
			continue
		}
		w.conn.sender.Send(b)
		r.meter.Snapshot(len(b), w.peer.Parts())
	}
}

// serverSays is a line of chat from the server.
func serverSays(text string) frame.Notice {
	return frame.Notice{Kind: frame.NoticeChat, Text: text}
}
