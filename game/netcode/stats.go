package netcode

import (
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Stats is how the connection and the game on it are doing: the net graph of a player and the
// summary of a bot. Totals count since New, over all connections.
type Stats struct {
	// Present state.
	RTT, RTTMin, Jitter protocol.Micros // round trip: smoothed, least of the last seconds, deviation
	Margin              protocol.Micros // low quantile of how early commands arrive; the aim is 5 ms
	Lead                protocol.Micros // how far the predicted tick is ahead of what is being received
	Delay               protocol.Micros // how far the view is behind what is being received
	ServerLate          protocol.Micros // how late the server began the newest tick
	SendWait            protocol.Micros // how long the snapshot before the newest waited in the server

	// Totals.
	BytesIn, BytesOut     int64
	FramesIn, FramesOut   int
	Snapshots, Skipped    int // received; left out by the server beyond its interval
	Commands, Unsent      int // given; of these never sent
	LateCommands          int // snapshots that reported a command as too late
	ServerLateMax         protocol.Micros
	SendWaitMax           protocol.Micros
	Corrections           Corrections
	LastMismatch          Mismatch
	Verdicts              Verdicts
	ViewRejected          int // snapshots that reported a view as changed before use
	Underruns             int // times the view ran past the newest snapshot
	Extrapolated          protocol.Micros
	ViewJumps, ClockJumps int
	Hitches               Hitches
	EventsDropped         int
	Connections           int
}

// Stats returns the present state and totals. The pointer stays the same; what it points to is
// brought up to date by each call.
func (c *Client) Stats() *Stats {
	s := &c.stats
	s.RTT, s.RTTMin, s.Jitter = c.trip.smooth, c.trip.min(), c.trip.jitter
	s.Margin = c.clock.margin()
	if c.live {
		s.Lead = c.clock.rate.micros(c.clock.pos - c.view.head(c.clock.now))
		s.Delay = c.clock.rate.micros(c.view.head(c.view.now) - c.view.pos)
	}
	s.Corrections, s.LastMismatch = c.reconcile.count, c.reconcile.last
	s.Verdicts = c.verdicts.count
	s.Underruns, s.Extrapolated, s.ViewJumps = c.view.underruns, c.view.extrapolated, c.view.jumps
	s.ClockJumps = c.clock.jumps
	s.Hitches = c.hitches.Hitches
	s.EventsDropped = c.events.dropped
	s.Unsent = c.uplink.skipped
	return s
}

// header counts what a snapshot's header says about the server and the connection.
func (s *Stats) header(h *frame.Header, newest protocol.Tick, every int) {
	s.Snapshots++
	if h.Base != 0 && newest != 0 {
		s.Skipped += max(0, h.Tick.Sub(newest)/every-1)
	}
	s.ServerLate = protocol.Micros(h.Late) * quarter
	s.ServerLateMax = max(s.ServerLateMax, s.ServerLate)
	s.SendWait = protocol.Micros(h.Wait) * quarter
	s.SendWaitMax = max(s.SendWaitMax, s.SendWait)
	if h.Cause&frame.CauseLate != 0 {
		s.LateCommands++
	}
	if h.Cause&frame.CauseClamp != 0 {
		s.ViewRejected++
	}
}
