package netcode

import (
	"math"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// reportEvery is the time between two reports.
const reportEvery = protocol.Second

// report gathers what the server is told once a second of how the game goes on this side.
type report struct {
	since  protocol.Micros // when the last one was made, 0: never
	before totals          // as they were then

	// The frames drawn since then.
	frames  int
	gaps    int // between two of them
	between protocol.Micros
	worst   protocol.Micros

	out frame.Report
}

// totals are what a report tells the growth of.
type totals struct {
	corrections  Corrections
	verdicts     Verdicts
	hitches      [frame.Hitches]int
	underruns    int
	extrapolated protocol.Micros
}

// drawn takes in that a frame was, so long after the one before; 0 if that does not count.
func (r *report) drawn(gap protocol.Micros) {
	r.frames++
	if gap > 0 {
		r.gaps++
		r.between += gap
		r.worst = max(r.worst, gap)
	}
}

// Report returns how the game goes as a frame to send, about once a second, and nil in between. As
// for Advance, backlog is how many bytes the socket has not sent: a report can wait. It is the only
// place where the server learns what was seen here; a shell that leaves it out loses only that.
func (c *Client) Report(now protocol.Micros, backlog int) []byte {
	r := &c.report
	switch {
	case !c.live:
		return nil
	case r.since == 0:
		r.since = now
		return nil
	case now-r.since < reportEvery || c.backedUp(backlog):
		return nil
	}
	s := c.Stats()
	r.fill(now, s)
	r.out.Mismatch, r.out.Row = c.reconcile.row.tick, c.reconcile.row.own
	c.out = c.enc.Report(c.out[:0], &r.out)
	c.reconcile.row.tick = 0
	return c.sent()
}

// fill makes the report of the time until now, and begins the next.
func (r *report) fill(now protocol.Micros, s *Stats) {
	is := totals{s.Corrections, s.Verdicts, s.Hitches.Count, s.Underruns, s.Extrapolated}
	was := &r.before
	r.out = frame.Report{
		Span: uint32(quarters(now-r.since, math.MaxUint32)), RTT: short(s.RTT), Delay: short(s.Delay),
		Frames: count(r.frames), FrameWorst: short(r.worst),
		Underruns:    count(is.underruns - was.underruns),
		Extrapolated: uint32(quarters(is.extrapolated-was.extrapolated, math.MaxUint32)),
		// A field that the server alone decides is not predicted, so a row that was told is confirmed.
		Confirmed: count(is.corrections.Confirmed + is.corrections.Told - was.corrections.Confirmed - was.corrections.Told),
		Corrected: [frame.Corrections]uint16{
			frame.CorrectedLate:    count(is.corrections.Late - was.corrections.Late),
			frame.CorrectedTouch:   count(is.corrections.Touch - was.corrections.Touch),
			frame.CorrectedClamp:   count(is.corrections.Clamp - was.corrections.Clamp),
			frame.CorrectedUnknown: count(is.corrections.Unknown - was.corrections.Unknown),
		},
		Verdicts: [frame.Verdicts]uint16{
			frame.VerdictAgreed:  count(is.verdicts.Agreed - was.verdicts.Agreed),
			frame.VerdictDenied:  count(is.verdicts.Denied - was.verdicts.Denied),
			frame.VerdictExcused: count(is.verdicts.Excused - was.verdicts.Excused),
			frame.VerdictLost:    count(is.verdicts.Lost - was.verdicts.Lost),
		},
	}
	if r.gaps > 0 {
		r.out.FrameMean = short(r.between / protocol.Micros(r.gaps))
	}
	for i := range is.hitches {
		r.out.Hitches[i] = count(is.hitches[i] - was.hitches[i])
	}
	r.since, r.before = now, is
	r.frames, r.gaps, r.between, r.worst = 0, 0, 0, 0
}

// quarters is a time in the unit of the wire, at most most.
func quarters(d protocol.Micros, most int64) int64 { return clamp(int64(d/quarter), 0, most) }

// short and count put a time and a number into 16 bits.
func short(d protocol.Micros) uint16 { return uint16(quarters(d, math.MaxUint16)) }
func count(n int) uint16             { return uint16(clamp(int64(n), 0, math.MaxUint16)) }
