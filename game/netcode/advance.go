package netcode

import (
	"hindsight/game"
	"hindsight/protocol"
)

// Controls is what the player's hands are doing. See protocol.Command for units.
type Controls struct {
	MoveX, MoveY int8
	Aim          uint16
	Held         protocol.Buttons
	Select       uint8
	// Press counts the presses of the two edge-triggered actions, modulo 256. The owner never sets
	// it back.
	Press [2]uint8
	// Counted says that Press goes on from the own row, as that of a bot does, which knows what the
	// match has seen. Otherwise it begins anywhere.
	Counted bool
	// Hidden says that the page is in the background.
	Hidden bool
}

// ControlsOf returns the controls that give this command: what a bot decided.
func ControlsOf(c protocol.Command) Controls {
	return Controls{MoveX: c.MoveX, MoveY: c.MoveY, Aim: c.Aim, Held: c.Held, Select: c.Select, Press: c.Press, Counted: true}
}

// Advance gives a command for every tick that became due since the last call, predicts them, and
// returns them as one frame to send, or nil if there is nothing to send yet. Backlog is how many
// bytes the socket has not sent: if they are more than an input or two, commands wait and are merged
// into a later frame. After a pause longer than protocol.MaxCommands ticks the oldest are skipped.
func (c *Client) Advance(now protocol.Micros, in Controls, backlog int) []byte {
	if !c.live {
		return nil
	}
	c.clock.advance(now)
	c.clock.call(now, c.predict.last)
	if in.Hidden {
		c.hitches.rest()
	}
	due := c.clock.pos.tick()
	if due.Sub(c.predict.last) > 0 {
		if !c.looked {
			c.look(now)
		}
		c.skipTo(due.Add(1 - protocol.MaxCommands))
		for t := c.predict.last + 1; due.Sub(t) >= 0; t++ {
			c.give(t, in)
		}
	}
	if len(c.uplink.waiting) == 0 || c.backedUp(backlog) {
		return nil
	}
	c.input.Echo, c.input.Hidden = c.past.Newest(), in.Hidden
	c.out = c.uplink.flush(c.out[:0], &c.enc, now, &c.input)
	return c.sent()
}

// Due returns when the next command is due. An owner that asks, and calls Advance at that time as well
// as for each frame drawn, is heard earlier by half a frame on average. It reports false while there
// is nothing to command.
func (c *Client) Due() (at protocol.Micros, ok bool) {
	if c.clock.prompt = true; !c.live {
		return 0, false
	}
	return c.clock.due(c.predict.last + 1), true
}

// backedUp reports that so many bytes in the socket are more than an input or two.
func (c *Client) backedUp(backlog int) bool { return backlog > queuedInputs*max(c.uplink.size, 32) }

// skipTo passes over the ticks before t that are too many to send. A short gap is predicted with
// the hands as they were, which is what the server assumes; a long one is left to the next
// snapshot.
func (c *Client) skipTo(t protocol.Tick) {
	n := t.Sub(c.predict.last + 1)
	if n <= 0 {
		return
	}
	c.uplink.skipped += n + len(c.uplink.waiting)
	c.stats.Commands += n
	c.uplink.waiting = c.uplink.waiting[:0]
	if n > predictMax {
		c.predict.last = t - 1
		return
	}
	held := c.predict.commandAt(c.predict.last)
	for next := c.predict.last + 1; t.Sub(next) > 0; next++ {
		c.record(held.Assumed(next))
	}
}

// give makes the command for tick t and queues it.
func (c *Client) give(t protocol.Tick, in Controls) {
	cmd := protocol.Command{
		Tick: t, MoveX: max(in.MoveX, -127), MoveY: max(in.MoveY, -127), Aim: in.Aim, Held: in.Held,
		Select: in.Select, Press: c.presses(&in), View: c.picture.View,
	}
	c.stats.Commands++
	c.uplink.push(cmd, c.clock.pos, c.clock.shift)
	c.record(cmd)
}

// presses returns the counters to send for the owner's. They go on from where the authority is, so
// that neither a new match nor a new page presses anything by connecting; what was pressed before
// the first command of a match is forgotten.
func (c *Client) presses(in *Controls) (p [2]uint8) {
	if in.Counted {
		return in.Press
	}
	if !c.based {
		c.based = true
		for i := range in.Press {
			c.pressBase[i] = c.start.Press[i] - in.Press[i]
		}
	}
	for i := range in.Press {
		p[i] = in.Press[i] + c.pressBase[i]
	}
	return p
}

// record predicts a command and takes in what the player is to see of it at once.
func (c *Client) record(cmd protocol.Command) {
	c.predict.record(cmd, c.picture.Scene)
	for i := range c.predict.guess.Events {
		e := &c.predict.guess.Events[i]
		if e.Kind == game.Verdict {
			c.verdicts.foresee(e)
		}
		c.events.now(e)
		c.tape.hear(e)
	}
}
