package netcode

import (
	"fmt"

	"hindsight/game"
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// quarter is the unit of margins and lateness on the wire.
const quarter = protocol.Millisecond / 4

// maxRate is the highest tick rate a server may have, in Hz.
const maxRate = 1000

// Receive takes in a frame that arrived at local time now. It keeps nothing of b. After an error
// the connection is to be closed.
func (c *Client) Receive(now protocol.Micros, b []byte) error {
	c.stats.FramesIn++
	c.stats.BytesIn += int64(len(b))
	t, err := c.dec.Type(b)
	if err != nil {
		return err
	}
	switch {
	case t == frame.TypeWelcome && !c.welcomed:
		return c.receiveWelcome(now, b)
	case t == frame.TypeStart && c.welcomed:
		return c.receiveStart(b)
	case t == frame.TypeSnapshot && c.started:
		return c.receiveSnapshot(now, b)
	}
	return ErrOrder
}

func (c *Client) receiveWelcome(now protocol.Micros, b []byte) error {
	var w frame.Welcome
	if err := c.dec.Welcome(b, &w); err != nil {
		return err
	}
	if w.TickRate > maxRate || w.SnapshotEvery > w.TickRate {
		return ErrRates
	}
	c.welcome, c.welcomed = w, true
	c.cfg.Ticket = ""
	if w.Token != "" {
		c.token = w.Token
	}
	c.clock.rate = rate(w.TickRate)
	c.trip.sample(now, now-c.helloAt)
	return nil
}

func (c *Client) receiveStart(b []byte) error {
	c.start.Roster = nil // the owner may have kept the last one
	if err := c.dec.Start(b, &c.start); err != nil {
		return err
	}
	var rules game.Predictor = onlooker{}
	if c.welcome.Player != 0 {
		var err error
		if rules, err = c.cfg.Game.NewPredictor(c.start.Blob, c.welcome.Player); err != nil {
			return fmt.Errorf("%w: %w", ErrStart, err)
		}
	}
	if err := c.tape.begin(c.cfg.Game, c.clock.rate, c.start.Blob, c.welcome.Player); err != nil {
		return err
	}
	c.leaveMatch()
	c.predict.reset(c.cfg.Game.Schema, rules)
	c.view.restart(c.clock.rate, int(c.welcome.SnapshotEvery))
	c.roster.start(c.start.Roster)
	c.matches++
	c.started, c.based = true, false
	return nil
}

func (c *Client) receiveSnapshot(now protocol.Micros, b []byte) error {
	h, err := c.dec.Header(b)
	if err != nil {
		return err
	}
	newest := c.past.Newest()
	if newest != 0 && h.Tick.Sub(newest) <= 0 || h.Base != 0 && h.Base != newest {
		return ErrBase
	}
	if err := c.decode(&h, newest); err != nil {
		return err
	}
	c.stats.header(&h, newest, int(c.welcome.SnapshotEvery))
	c.view.receive(now, h.Tick)
	c.arrived(now, &h, newest)
	c.listen(now, &h, newest)
	if !c.live {
		c.live = true
		c.clock.start(now, h.Tick, c.trip.smooth)
		c.predict.last = c.clock.pos.tick()
	}
	c.adopt(now, &h, newest)
	c.tape.take(c.past.At(h.Tick), c.body.Own)
	c.news(&h)
	return nil
}

// decode fills c.body and the history with the snapshot whose header was read.
func (c *Client) decode(h *frame.Header, newest protocol.Tick) error {
	var base *delta.Snapshot
	if h.Base != 0 {
		base = c.past.At(newest)
		if newest%rewind.Size == h.Tick%rewind.Size {
			c.base.CopyFrom(base)
			base = &c.base
		}
	}
	return c.dec.Body(c.cfg.Game.Schema, base, c.body.Own, &c.body, c.past.Put(h.Tick))
}

// listen learns from what the server says about our commands.
func (c *Client) listen(now protocol.Micros, h *frame.Header, newest protocol.Tick) {
	u := &c.uplink
	s := u.record(h.Heard)
	if s == nil || !c.clock.running {
		return
	}
	tick := c.clock.rate.micros(tickPhase)
	margin := protocol.Micros(h.Margin) * quarter
	if late := protocol.Micros(h.Late) * quarter; late < tick { // else it is not this tick's
		c.trip.sample(now, now-s.at-margin-protocol.Micros(h.Tick.Sub(h.Heard))*tick-late)
	}

	before := u.heard
	if h.Heard.Sub(before) <= 0 {
		return
	}
	u.heard = h.Heard
	// Commands usually come one by one, or as many at once as we sent or as there were ticks since
	// the last snapshot. When more come they were held up and arrived together: then the first of
	// them says how late they were.
	usual := max(h.Heard.Sub(s.first), h.Tick.Sub(newest)) + 1
	held := protocol.Micros(0)
	if burst := h.Heard.Sub(before); burst > usual {
		if s = u.record(before + 1); s == nil {
			return
		}
		held = protocol.Micros(burst) * tick
		margin -= held - tick
	}
	c.clock.heard(now, margin, s, held, c.room(h.Tick))
}

// room is how much further ahead commands may run before what is drawn, even at the longest delay
// behind the newest snapshot, is too old to be judged when they arrive.
func (c *Client) room(newest protocol.Tick) phase {
	oldest := at(newest) - protocol.MaxInterp*tickPhase
	return at(protocol.Tick(c.welcome.MaxRewind)) - tickPhase - (c.clock.pos - oldest)
}

// adopt compares the own row with the predicted one and corrects the prediction. Before is the tick
// of the snapshot before.
func (c *Client) adopt(now protocol.Micros, h *frame.Header, before protocol.Tick) {
	if c.reconcile.passOver(&c.predict, h, c.uplink.record(h.Tick) != nil) {
		return
	}
	to := c.predict.to
	c.predict.changed = 0
	c.drawOwn()
	from, drawn := placeOf(c.cfg.Game.Schema, &c.scene.own)
	corrected := c.reconcile.reconcile(&c.predict, h.Tick, c.body.Own, h.Cause)
	switch {
	case corrected && h.Cause&frame.CauseTouch != 0:
		c.verdicts.excuse(min(before, h.Heard))
	case !corrected && c.predict.changed != 0: // told of something that changes what is to come
		c.verdicts.excuse(c.predict.changed - 1)
	}
	if !corrected {
		return
	}
	c.drawOwn()
	if place, ok := placeOf(c.cfg.Game.Schema, &c.scene.own); ok && drawn && c.predict.to == to {
		c.smooth.advance(now)
		c.smooth.add(from, place)
	}
}

// news hands on the events and notices of the snapshot.
func (c *Client) news(h *frame.Header) {
	for i := range c.body.Events {
		e := &c.body.Events[i]
		if e.Kind == game.Verdict {
			result := c.verdicts.judge(e)
			c.events.now(&result)
			continue
		}
		c.events.later(e)
		c.tape.hear(e)
	}
	c.verdicts.expire(h.Tick)
	for i := range c.body.Notices {
		c.roster.notice(&c.body.Notices[i])
	}
}
