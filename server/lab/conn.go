package lab

import (
	"fmt"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
	"hindsight/server/room"
)

// sendBuffer is what the kernel would hold for a connection before a write has to wait.
const sendBuffer = 64 << 10

// conn is one connection of a player: the link, and at its far end what a session does. An empty
// message stands for the end of the stream.
type conn struct {
	p      *Player
	line   int // the lifeline's name for it
	link   *simnet.Pair
	dialed protocol.Micros
	opens  protocol.Micros
	opened bool
	gone   bool               // the client has closed it and listens no more
	bye    protocol.CloseCode // with this code

	seat   room.Seat // nil before Hello
	dec    frame.Decoder
	peek   frame.Decoder // of what passes towards the client
	input  frame.Input
	report frame.Report
	buf    []byte
	closed protocol.CloseCode // by the server, 0 as long as it has not
	shown  bool               // a snapshot was sent
	live   bool               // a snapshot has arrived
}

// dial begins a connection.
func dial(p *Player, line int) *conn {
	c := &conn{p: p, line: line, dialed: p.lab.now}
	c.link, c.opens = p.path.Dial(p.lab.now)
	p.dialled++
	return c
}

// next returns when something happens on the connection.
func (c *conn) next() protocol.Micros {
	if !c.opened {
		return c.opens
	}
	at, ok := c.link.Next()
	if !ok {
		return c.p.frame
	}
	return at
}

// pass delivers what has arrived at either end.
func (c *conn) pass(now protocol.Micros) error {
	if !c.opened {
		if now < c.opens {
			return nil
		}
		c.opened = true
		if b := c.p.life.Opened(now, c.line); b != nil {
			c.link.Up.Send(now, b)
		}
	}
	for b, ok := c.link.Up.Deliver(now); ok; b, ok = c.link.Up.Deliver(now) {
		if err := c.serve(now, b); err != nil {
			return err
		}
	}
	for b, ok := c.link.Down.Deliver(now); ok; b, ok = c.link.Down.Deliver(now) {
		switch {
		case c.gone:
		case len(b) == 0:
			c.p.forget(c)
			c.p.life.Ended(now, c.line, c.closed)
			return nil
		default:
			if err := c.receive(now, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// receive is the client's end of the connection.
func (c *conn) receive(now protocol.Micros, b []byte) error {
	if err := c.p.life.Receive(now, c.line, b); err != nil {
		return err
	}
	if t, err := c.peek.Type(b); err != nil || t != frame.TypeSnapshot {
		return err
	}
	h, err := c.peek.Header(b)
	if err != nil {
		return err
	}
	c.p.lab.probe.received(c, &h)
	c.live = true
	return nil
}

// leave closes the connection from the client's side. The server hears of it when the news has made
// its way. One that never opened leaves nothing behind.
func (c *conn) leave(code protocol.CloseCode) {
	if !c.opened {
		c.p.forget(c)
		return
	}
	c.gone, c.bye = true, code
	c.link.Up.Send(c.p.lab.now, nil)
}

// hangUp is the server's end hearing that the connection is no more. Who may be back keeps the seat,
// by the same rule as in a session.
func (c *conn) hangUp(code protocol.CloseCode) {
	switch {
	case c.seat == nil:
	case code.Action() == protocol.Retry || code == protocol.CloseGoingAway:
		c.seat.Lost()
	default:
		c.seat.Leave()
	}
}

// serve does what a session does with a message from its client.
func (c *conn) serve(now protocol.Micros, b []byte) error {
	if len(b) == 0 {
		c.hangUp(c.bye)
		c.p.forget(c)
		return nil
	}
	if c.closed != 0 {
		return nil
	}
	t, err := c.dec.Type(b)
	if err != nil {
		return err
	}
	switch t {
	case frame.TypeHello:
		return c.admit(b)
	case frame.TypeInput:
		if err := c.dec.Input(b, &c.input); err != nil {
			return err
		}
		c.p.lab.probe.arrived(c.p, &c.input)
		c.seat.Input(now, &c.input)
		return nil
	case frame.TypeReport:
		if err := c.dec.Report(b, &c.report); err != nil {
			return err
		}
		c.seat.Report(now, &c.report)
		return nil
	default:
		return fmt.Errorf("lab: a client sent a frame of type %d", t)
	}
}

func (c *conn) admit(b []byte) error {
	var h frame.Hello
	if err := c.dec.Hello(b, &h); err != nil {
		return err
	}
	seat, err := c.p.lab.Room.Admit(room.Entrant{Name: h.Name, Token: h.Token, Watch: h.Watch, Sender: c})
	if err != nil {
		return err
	}
	c.seat = seat
	return nil
}

// Ready implements room.Sender.
func (c *conn) Ready() bool {
	backlog := c.link.Down.Backlog(c.p.lab.now)
	c.p.lab.probe.waiting(backlog)
	return backlog < sendBuffer
}

// Waited implements room.Sender. What the kernel would hold it takes at once.
func (c *conn) Waited() protocol.Micros { return 0 }

// Buffer implements room.Sender.
func (c *conn) Buffer() []byte { return c.buf[:0] }

// Send implements room.Sender.
func (c *conn) Send(b []byte) {
	c.buf = b
	c.down(b)
	c.shown = true
}

// Post implements room.Sender.
func (c *conn) Post(b []byte) { c.down(b) }

func (c *conn) down(b []byte) {
	c.link.Down.Send(c.p.lab.now, b)
	c.p.MaxFrame = max(c.p.MaxFrame, len(b))
	if !c.shown && c.p.dialled == 1 {
		c.p.JoinBytes += len(b)
	}
}

// Close implements room.Sender.
func (c *conn) Close(code protocol.CloseCode) {
	if c.closed != 0 {
		return
	}
	c.closed = code
	if code != protocol.CloseReplaced {
		c.p.Closed = code
	}
	c.link.Down.Send(c.p.lab.now, nil)
	c.p.lab.probe.closed(code)
}
