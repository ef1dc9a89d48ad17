package room

import (
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// How much of what clients report is believed. A report is worth counting, and a reason to look
// closer; no part of the game depends on it, since a client may say what it likes.
const (
	// reportSlack is what a report may be about beyond the time since the one before: both may have
	// been held up on their way and arrive together.
	reportSlack  = protocol.Second
	reportMost   = 10 * protocol.Second // and no report is about more
	fastestFrame = protocol.Millisecond // between two drawn frames
	hitchesMost  = 60                   // of each cause, in a second
	// mismatchEvery is the least time between two mismatches of a room that are handed on.
	mismatchEvery = 10 * protocol.Second
	mismatchAge   = 10 * protocol.Second // older ones say nothing any more
)

// Mismatch is a wrong prediction that nothing explains, as a client has reported it: a bug in a
// game's rules or in the engine, or a client that lies.
type Mismatch struct {
	Room   string
	Match  int // which of the room's matches, counted from 1
	Player protocol.PlayerID
	Tick   protocol.Tick
	// Row is the own row that the client had predicted for after Tick, in the first
	// protocol.MaxReportRow fields. It is the receiver's.
	Row []int32
}

// Report implements Seat. The numbers go to the meter at once, in the caller's goroutine; a mismatch
// waits for the room's next tick.
func (c *conn) Report(now protocol.Micros, r *frame.Report) {
	believed := *r
	trim(&believed, now-c.reportedAt, c.room.cfg.Host.TickRate)
	c.reportedAt = now
	c.room.meter.Report(&believed)
	if r.Mismatch != 0 && c.mismatch.Load() == nil {
		c.mismatch.Store(&Mismatch{Player: c.id, Tick: r.Mismatch, Row: slices.Clone(r.Row)})
	}
}

// trim takes from a report, the first one in so long, what no honest client can say.
func trim(r *frame.Report, since protocol.Micros, tickRate int) {
	span := min(since+reportSlack, reportMost)
	within := func(n uint16, perSecond int) uint16 {
		return uint16(min(protocol.Micros(n), span*protocol.Micros(perSecond)/protocol.Second))
	}
	r.Span = min(r.Span, uint32(span/quarter))
	r.Extrapolated = min(r.Extrapolated, r.Span)
	r.Frames = within(r.Frames, int(protocol.Second/fastestFrame))
	r.Underruns = within(r.Underruns, tickRate)
	r.Confirmed = within(r.Confirmed, tickRate)
	for i := range r.Corrected {
		r.Corrected[i] = within(r.Corrected[i], tickRate)
	}
	for i := range r.Verdicts {
		r.Verdicts[i] = within(r.Verdicts[i], tickRate)
	}
	for i := range r.Hitches {
		r.Hitches[i] = within(r.Hitches[i], hitchesMost)
	}
	r.Mismatch, r.Row = 0, nil
}

// handOn logs a reported mismatch and gives it to whoever keeps them, if it can be of use and did not
// follow another too soon.
func (r *Room) handOn(c *conn, now protocol.Micros) {
	m := c.mismatch.Swap(nil)
	if m == nil || r.handedOn && now-r.handedAt < mismatchEvery {
		return
	}
	age := r.match.Tick().Sub(m.Tick)
	if age < 0 || age > int(mismatchAge*protocol.Micros(r.cfg.Host.TickRate)/protocol.Second) {
		return
	}
	r.handedOn, r.handedAt = true, now
	m.Room, m.Match = r.cfg.ID, r.played
	r.cfg.Log.Warn("a client predicted what nobody can explain", "room", m.Room, "match", m.Match, "player", m.Player, "tick", m.Tick)
	r.reproduce(m.Player, m.Tick, m.Row, nil)
	if r.cfg.Mismatch != nil {
		r.cfg.Mismatch(*m)
	}
}
