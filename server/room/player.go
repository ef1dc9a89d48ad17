package room

import (
	"sync/atomic"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// player is a taken seat. It is the room's own.
type player struct {
	id       protocol.PlayerID
	name     string
	team     uint8 // that was promised, 0 for any
	schedule schedule
	status   frame.Status
	sites    []int32 // what the player knows of the veil's, empty before the first own row of a match

	// Of a bot, and of a person for whom a bot stands in.
	bot   game.Bot
	sight game.Sight       // what it sees; its events gather from one Think to the next
	said  protocol.Command // what it answered last
	eye   replication.Eye  // where walls hide things
	press [2]uint8         // what is added to a stand-in's press counters so that they go on

	// Of a person.
	who    string            // Entrant.ID
	token  string            // resumes the seat
	former string            // the one it was resumed with, good until the new connection has spoken
	conn   *conn             // nil while detached
	peer   *replication.Peer // what the connection has been shown
	seenAt protocol.Micros   // when the last input came, or the connection
	lostAt protocol.Micros   // when the connection was lost
	hidden bool
	// shownAt is since when the page has not been hidden, or the connection: what it was sent before
	// may still be before it.
	shownAt protocol.Micros
	cause   frame.Cause   // since the last snapshot
	heard   protocol.Tick // newest command received
	margin  int32         // of that, 1/4 ms
	late    []game.Late   // of the tick being stepped
}

// deaf reports that somebody plays on without reading what comes. The kernels between would swallow minutes of
// it before a write fails.
func (p *player) deaf(now protocol.Micros) bool {
	return !p.hidden && min(p.peer.Pace.Unheard(now), now-p.shownAt) > deafAfter
}

func (p *player) isBot() bool { return p.token == "" }

// conn is a connection's handle on its seat. A seat that is resumed gets a new one.
type conn struct {
	room     *Room
	id       protocol.PlayerID
	sender   Sender
	arrivals arrivals
	ended    atomic.Int32             // how the connection ended, an ending
	mismatch atomic.Pointer[Mismatch] // reported and not yet looked at

	reportedAt protocol.Micros // when the last report came, or the connection; the read goroutine's
}

func newConn(r *Room, id protocol.PlayerID, s Sender, now protocol.Micros) *conn {
	c := &conn{room: r, id: id, sender: s, reportedAt: now}
	c.arrivals.begin()
	return c
}

// The ways a connection ends.
const (
	stillThere int32 = iota
	lost
	left
)

// Input implements Seat.
func (c *conn) Input(now protocol.Micros, in *frame.Input) { c.arrivals.push(now, in) }

// Chat implements Seat. A room that has no time for it loses the line.
func (c *conn) Chat(text string) {
	select {
	case c.room.ops <- func() { c.room.say(c, text) }:
		c.room.cfg.Alarm.Wake()
	default:
	}
}

// Lost implements Seat.
func (c *conn) Lost() { c.ended.CompareAndSwap(stillThere, lost) }

// Leave implements Seat.
func (c *conn) Leave() { c.ended.CompareAndSwap(stillThere, left) }

// say passes a line on, unless its speaker's connection was replaced meanwhile, or too many speak at once.
func (r *Room) say(c *conn, text string) {
	if p := r.player(c.id); p != nil && p.conn == c && (r.crowd == nil || r.crowd.hasTime(r.cfg.Now())) {
		r.journal.Notice(frame.Notice{Kind: frame.NoticeChat, Player: p.id, Text: text})
	}
}
