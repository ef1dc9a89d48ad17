package netcode

import "hindsight/protocol"

// clock says which tick to simulate now, so that its command reaches the server just before the
// server steps that tick. It starts a round trip ahead of what was received and is then steered by
// the margins the server reports: how early each command arrived.
//
// The constants are those of Counter-Strike 2: arrivals aimed 5 ms early over a window of 4 s with
// a time constant of 0.4 s and a rate change of at most 5 %. The aim is a low quantile, because a
// command that comes too late is lost and one that comes early only waits. Bursts after a stall are
// not part of it: most stalls are over and do not return, and more lead would be paid for in every
// second to come. Only if they do return, as they do where segments get lost, is the lead made long
// enough to hide them, and then not so long that what is on the screen would be too old to be judged.
//
// A command is not sent when its tick begins but when the owner calls next, up to a display frame
// later. A servo on the bare margins would hunt for ever around the frame that is just too late
// when both run at nearly the same rate. So margins are counted from the tick's beginning, which the
// servo moves smoothly, and the aim is earlier by the owner's frame; or, for an owner that asks when
// the next tick begins and calls then, by how late it usually is.
type clock struct {
	rate rate

	running bool
	now     protocol.Micros // local time of pos
	pos     phase           // match time being simulated
	speed   int64           // deviation from real time in 1/65536

	// shift is the sum of all steering so far. A sample is kept less the shift its command was sent
	// under, so that old samples stay comparable and the servo does not chase its own delay.
	shift   phase
	samples [marginSamples]marginSample
	count   int // samples ever taken
	low     phase

	stalls stalls
	hidden phase // lead to hide them
	hidAt  protocol.Micros

	called protocol.Micros               // when the owner last called
	prompt bool                          // it calls when a tick begins
	frames [frameSamples]protocol.Micros // between calls, or from a tick's beginning to its call
	calls  int                           // frames ever taken

	jumps int // times the clock was set anew
}

type marginSample struct {
	now  protocol.Micros
	base phase // margin, had it been sent at once, less the shift of the clock at that time
}

const (
	marginAim     = 5 * protocol.Millisecond
	marginWindow  = 4 * protocol.Second
	marginSamples = 256
	marginEnough  = 10                        // samples before the servo acts
	marginStall   = 50 * protocol.Millisecond // being held up for longer is no jitter
	marginRank    = 50                        // the quantile is the n/marginRank-th smallest: 2 %
	servoTime     = 400 * protocol.Millisecond
	servoLimit    = 65536 * 5 / 100
	jumpAfter     = 10 * tickPhase // larger errors are not slewed

	frameSamples = 128
	frameRank    = 32 // the owner's frame is the n/frameRank-th longest
	frameMax     = 100 * protocol.Millisecond
)

// start sets the clock when the snapshot of tick t arrived after a round trip of rtt.
func (c *clock) start(now protocol.Micros, t protocol.Tick, rtt protocol.Micros) {
	*c = clock{rate: c.rate, running: true, now: now, jumps: c.jumps, stalls: c.stalls, prompt: c.prompt, hidAt: now}
	c.hidden = c.stalls.usual(now)
	c.pos = at(t) + c.rate.phase(rtt+marginAim) + tickPhase + c.hidden
}

// stop halts the clock until the next start.
func (c *clock) stop() { c.running = false }

// advance moves the clock to now.
func (c *clock) advance(now protocol.Micros) {
	if !c.running || now <= c.now {
		return
	}
	p := c.rate.phase(now - c.now)
	steer := p * phase(c.speed) >> 16
	c.pos += p + steer
	c.shift += steer
	c.now = now
}

// call takes in that the owner calls for commands, of which given is the newest that was.
func (c *clock) call(now protocol.Micros, given protocol.Tick) {
	switch late := c.pos - at(given+1); {
	case !c.prompt && c.called != 0:
		c.frames[c.calls%frameSamples] = now - c.called
		c.calls++
	case c.prompt && late >= 0:
		c.frames[c.calls%frameSamples] = c.rate.micros(late)
		c.calls++
	}
	c.called = now
}

// due returns when a tick begins.
func (c *clock) due(t protocol.Tick) protocol.Micros {
	left := at(t) - c.pos
	return c.now + c.rate.micros(left-left*phase(c.speed)>>16) + 1
}

// frame is for how long a command may have to wait for the owner's call, but for a few outliers.
func (c *clock) frame() protocol.Micros {
	n := min(c.calls, frameSamples)
	var longest lowest // of the negated
	for _, f := range c.frames[:n] {
		longest.add(-phase(f), n/frameRank+1)
	}
	return min(protocol.Micros(-longest.last()), frameMax)
}

// heard takes in the margin of a command that was sent so, the first of some that were held up on
// their way for that long, 0 for not at all. Room is how much the lead may grow before what is drawn
// becomes too old to be judged.
func (c *clock) heard(now, margin protocol.Micros, s *sentCommand, held protocol.Micros, room phase) {
	base := c.rate.phase(margin) + s.pos - at(s.tick) - s.shift // had it been sent at once and unsteered
	late := c.low - base
	if held > 0 && c.count >= marginEnough && late >= c.rate.phase(stallLeast) && late <= c.rate.phase(stallMost) {
		c.stalls.note(now, late)
	}
	if held <= marginStall {
		c.samples[c.count%marginSamples] = marginSample{now, base}
		c.count++
	}
	if c.quantile(now) < marginEnough {
		return
	}
	off := c.rate.phase(marginAim+c.frame()) - c.low - c.shift
	off += c.hide(now, room-off)
	if off > jumpAfter || off < -jumpAfter {
		c.pos += off
		c.shift += off
		c.speed = 0
		c.jumps++
		return
	}
	c.speed = clamp(int64(off)*65536/int64(c.rate.phase(servoTime)), -servoLimit, servoLimit)
}

// hide returns the lead that hides the usual stall, beyond the one that the margins ask for. It
// changes no faster than the servo can follow.
func (c *clock) hide(now protocol.Micros, room phase) phase {
	wanted := max(min(c.stalls.usual(now), room), 0)
	step := c.rate.phase(now-c.hidAt) * servoLimit >> 16
	c.hidden = min(max(wanted, c.hidden-step/4), c.hidden+step)
	c.hidAt = now
	return c.hidden
}

// quantile finds the low quantile of the samples in the window and returns how many there are.
func (c *clock) quantile(now protocol.Micros) int {
	held := min(c.count, marginSamples)
	n := 0
	for ; n < held && now-c.samples[(c.count-1-n)%marginSamples].now <= marginWindow; n++ {
	}
	var l lowest
	for i := range n {
		l.add(c.samples[(c.count-1-i)%marginSamples].base, n/marginRank+1)
	}
	c.low = l.last()
	return n
}

// margin is the low quantile of arrival margins to be expected at the present lead, of a command
// that just missed the owner's call before.
func (c *clock) margin() protocol.Micros {
	if c.count == 0 {
		return 0
	}
	return c.rate.micros(c.low+c.shift) - c.frame()
}

func clamp(v, lo, hi int64) int64 { return max(lo, min(hi, v)) }
