package load

import (
	"errors"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Errors of a light client: breaches of the protocol by the server, which are bugs of ours.
var (
	errOrder = errors.New("load: a frame that does not belong here")
	errBase  = errors.New("load: a snapshot that does not follow the one before")
)

// hands are the whole of a light client but its socket: they take in the server's frames and give the
// input frames of somebody who runs, turns and shoots. Time is what the owner says it is.
//
// What they draw is always half-way between the two newest snapshots, and the commands are addressed as far
// ahead as the server's margins ask for. So the server has all the work that a player makes: commands in
// time, shots to rewind, echoes to pace by.
type hands struct {
	rng  uint64
	dec  frame.Decoder
	tick protocol.Micros // the length of one
	span protocol.Micros // between the commands of one message, the first and the last

	playing        bool
	newest, before protocol.Tick   // snapshots received
	path           protocol.Micros // least arrival time of a snapshot less its tick's
	lead           protocol.Micros // how long before its tick a command is sent, at least
	given          protocol.Tick   // newest command
	heard          protocol.Tick   // newest command the server said it had

	command protocol.Command
	press   [2]uint8
	turn    int16 // added to aim in every tick
	until   protocol.Tick
	resting bool // without fire
}

const (
	handsLead     = 5 * protocol.Millisecond // what the full client aims at
	handsMostLead = 100 * protocol.Millisecond
	handsDrift    = 10 * protocol.Micros(1) // by which the path is forgotten with each snapshot
)

// newHands returns the hands of client i for a simulation of that rate, which send so many messages in a
// second. Before the first Start frame they rest.
func newHands(i, rate, messages int) *hands {
	h := &hands{rng: uint64(i+1) * 0x9e3779b97f4a7c15, tick: protocol.Second / protocol.Micros(rate)}
	h.span = h.tick * protocol.Micros((rate-1)/messages)
	h.begin(0)
	return h
}

// begin forgets the match before.
func (h *hands) begin(t protocol.Tick) {
	h.newest, h.before, h.given, h.heard, h.until = 0, 0, t, 0, 0
	h.path, h.lead = 1<<62, handsLead+h.span
}

// random returns the next of some numbers (splitmix64), less than n.
func (h *hands) random(n int) int {
	h.rng += 0x9e3779b97f4a7c15
	z := h.rng
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) >> 1 % uint64(n))
}

// receive takes in a frame and reports whether it is a snapshot.
func (h *hands) receive(now protocol.Micros, b []byte) (snapshot bool, err error) {
	kind, err := h.dec.Type(b)
	if err != nil {
		return false, err
	}
	switch kind {
	case frame.TypeWelcome:
		var w frame.Welcome
		return false, h.dec.Welcome(b, &w)
	case frame.TypeStart:
		var s frame.Start
		if err := h.dec.Start(b, &s); err != nil {
			return false, err
		}
		h.begin(s.Tick)
		h.press, h.playing = s.Press, true
		return false, nil
	case frame.TypeSnapshot:
		return true, h.snapshot(now, b)
	}
	return false, errOrder
}

func (h *hands) snapshot(now protocol.Micros, b []byte) error {
	head, err := h.dec.Header(b)
	switch {
	case err != nil:
		return err
	case !h.playing:
		return errOrder
	case head.Base != h.newest:
		return errBase
	}
	h.before, h.newest = h.newest, head.Tick
	h.path = min(h.path+handsDrift, now-protocol.Micros(head.Tick)*h.tick)
	if head.Heard.Sub(h.heard) > 0 {
		h.heard = head.Heard
		h.steer(protocol.Micros(head.Margin) * protocol.Millisecond / 4)
	}
	return nil
}

// steer takes in the margin of the last command of a message. Each message's lies somewhere in the tick
// above the lead, and that of its first command lower by the span.
func (h *hands) steer(margin protocol.Micros) {
	least := h.span + handsLead
	switch early := margin - least - h.tick; {
	case margin < least-handsLead/2:
		h.lead = min(h.lead+protocol.Millisecond, handsMostLead)
	case early > h.tick: // the server has given up ticks
		h.path += early
	case early > 0:
		h.lead = max(h.lead-protocol.Millisecond/16, least)
	}
}

// ready takes in a snapshot of the floor's, which is no snapshot but as long as one: what is sent in return
// is the same.
func (h *hands) ready(now protocol.Micros, every int) {
	h.playing = true
	h.before, h.newest = h.newest, h.newest.Add(every)
	h.path = min(h.path+handsDrift, now-protocol.Micros(h.newest)*h.tick)
}

// input fills in with the commands that are due by now and reports whether there are any.
func (h *hands) input(now protocol.Micros, in *frame.Input) bool {
	if h.newest == 0 {
		return false
	}
	due := h.newest.Add(max(int((now-h.path+h.lead)/h.tick)-int(h.newest), 0) + 1)
	if due.Sub(h.given) > protocol.MaxCommands || due.Sub(h.given) < -2*protocol.MaxCommands {
		h.given = due.Add(-2) // too long a pause to make up for, or another clock
	}
	if due.Sub(h.given) <= 0 {
		return false
	}
	in.Echo, in.Commands = h.newest, in.Commands[:0]
	for h.given.Sub(due) < 0 {
		h.given++
		in.Commands = append(in.Commands, h.act(h.given))
	}
	return true
}

// act returns the command for tick t.
func (h *hands) act(t protocol.Tick) protocol.Command {
	c := &h.command
	if t.Sub(h.until) >= 0 {
		h.until = t.Add(18 + h.random(42)) // 0.3 to 1 s
		c.MoveX, c.MoveY = int8(127*(h.random(3)-1)), int8(127*(h.random(3)-1))
		h.turn = int16(h.random(600) - 300)
		h.resting = h.random(10) < 6
		c.Held, c.Select = 0, 0
		if !h.resting {
			c.Held = 1
			h.press[0]++
		}
		if h.random(4) == 0 {
			c.Select = uint8(1 + h.random(5))
		}
		if h.random(6) == 0 {
			h.press[1]++
		}
	}
	c.Tick, c.Press = t, h.press
	c.Aim += uint16(h.turn)
	c.View = protocol.View{}
	if h.before != 0 && h.newest.Sub(h.before) <= protocol.MaxInterp {
		c.View = protocol.View{A: h.before, B: h.newest, Frac: 128}
	}
	return *c
}
