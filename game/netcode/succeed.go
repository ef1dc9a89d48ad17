package netcode

// follow makes c, which is to say hello on a new line, know of the path what the client before it has
// learnt.
func (c *Client) follow(old *Client) {
	c.clock.stalls, c.clock.prompt = old.clock.stalls, old.clock.prompt
	c.view.stalls = old.view.stalls
}

// succeed makes c, on a line that has won, go on with the totals of the client before it: what is
// counted in Stats counts over all lines. Its state is its own.
func (c *Client) succeed(old *Client) {
	c.matches += old.matches
	s := old.Stats()
	t := &c.stats
	t.BytesIn += s.BytesIn
	t.BytesOut += s.BytesOut
	t.FramesIn += s.FramesIn
	t.FramesOut += s.FramesOut
	t.Snapshots += s.Snapshots
	t.Skipped += s.Skipped
	t.Commands += s.Commands
	t.LateCommands += s.LateCommands
	t.ServerLateMax = max(t.ServerLateMax, s.ServerLateMax)
	t.SendWaitMax = max(t.SendWaitMax, s.SendWaitMax)
	t.ViewRejected += s.ViewRejected
	t.Connections += s.Connections
	c.uplink.skipped += s.Unsent
	c.view.underruns += s.Underruns
	c.view.extrapolated += s.Extrapolated
	c.view.jumps += s.ViewJumps
	c.clock.jumps += s.ClockJumps
	c.events.dropped += s.EventsDropped
	c.reconcile.count.add(&s.Corrections)
	c.verdicts.count.add(&s.Verdicts)
	if c.reconcile.last.Tick == 0 {
		c.reconcile.last = s.LastMismatch
	}
	for i, n := range s.Hitches.Count {
		c.hitches.Count[i] += n
	}
	if c.hitches.Last.At == 0 {
		c.hitches.Last = s.Hitches.Last
	}
	c.report = old.report // it tells the growth of these totals
}

func (c *Corrections) add(d *Corrections) {
	c.Confirmed += d.Confirmed
	c.Told += d.Told
	c.Late += d.Late
	c.Touch += d.Touch
	c.Clamp += d.Clamp
	c.Unknown += d.Unknown
	c.Unheld += d.Unheld
	c.Assumed += d.Assumed
}

func (v *Verdicts) add(d *Verdicts) {
	v.Agreed += d.Agreed
	v.Denied += d.Denied
	v.Excused += d.Excused
	v.Lost += d.Lost
	v.Unasked += d.Unasked
	v.Overflow += d.Overflow
}
