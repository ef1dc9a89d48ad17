package session

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/lxzan/gws"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room"
)

// state is how far a connection has come.
type state uint8

const (
	waiting state = iota // for Hello
	joined               // in a seat
	closed               // seat given back, or never had
)

// session is one connection. Fields are owned by the read goroutine unless they say otherwise.
type session struct {
	ws     *gws.Conn
	sender room.Sender            // the room's way to it; immutable
	name   atomic.Pointer[string] // of the player, nil before; for the log
	place  place                  // where it counts in the gate
	cause  error                  // what gws said when it ended

	// What each message needs is at the end, next to each other and to what polled has.
	limits  *Limits // immutable
	budget  budget
	beat    heartbeat
	seat    room.Seat // nil unless joined
	state   state
	polled  *polled  // nil if the connection has goroutines of its own; immutable
	guard   *guard   // immutable; its methods say who may call them
	handler *Handler // immutable
}

// log returns where to say something of the connection: made when there is something to say, since most have
// nothing for hours. It may be called from any goroutine.
func (s *session) log() *slog.Logger {
	l := s.handler.cfg.Log.With("addr", s.place.addr.String())
	if name := s.name.Load(); name != nil {
		l = l.With("player", *name)
	}
	return l
}

// info logs unless clients have made us log too much already.
func (s *session) info(msg string, args ...any) {
	if s.handler.logs.Allow() {
		s.log().Info(msg, args...)
	}
}

// serve runs a connection until its last byte. It is the read goroutine.
func (s *session) serve() {
	stop, written, out := make(chan struct{}), make(chan struct{}), newOutbox(s)
	s.sender = out
	go func() {
		defer close(written)
		s.contained(func() { out.writeLoop(stop) })
	}()
	s.live()
	close(stop)
	s.part()
	<-written
	s.contained(s.forget)
}

// live is a session from its first byte to its end.
func (s *session) live() {
	s.contained(func() {
		s.await()
		s.read()
	})
	s.contained(s.leave)
}

// part ends the connection, politely unless that goes wrong.
func (s *session) part() {
	if !s.contained(func() { s.handler.part(s) }) {
		s.guard.cut()
	}
}

// forget counts the session out.
func (s *session) forget() { s.handler.forget(s) }

// read runs gws's loop. A panic in it is a frame that gws cannot parse: this connection's problem
// and nobody else's. gws calls no OnClose then.
func (s *session) read() {
	defer func() {
		e := recover()
		if e == nil {
			return
		}
		s.handler.cfg.Metrics.Panics.Inc()
		s.log().Warn("a frame made the WebSocket reader panic", "panic", e)
		s.guard.fail(protocol.CloseProtocol)
		_ = s.ws.WriteClose(uint16(protocol.CloseProtocol), nil)
	}()
	s.ws.ReadLoop()
}

// leave gives the seat back, or keeps it for a client that should come back.
func (s *session) leave() {
	code, was := s.ending(), s.state
	s.state = closed
	s.handler.cfg.Metrics.Closed(code)
	if was != joined {
		s.log().Debug("connection closed", "code", int(code))
		return
	}
	if resumable(code) {
		s.seat.Lost()
	} else {
		s.seat.Leave()
	}
	s.seat = nil
	s.info("player disconnected", "code", int(code), "text", code.Text())
}

// cutLine is the code that browsers give a connection that ended without a close frame. It is never
// sent.
const cutLine protocol.CloseCode = 1006

// ending is the code that this connection ended with: ours if we decided, else what gws objected to,
// else the client's, else a cut line. When the line is cut gws says 1000 to nobody.
func (s *session) ending() protocol.CloseCode {
	if c := s.guard.code.Load(); c != 0 {
		return protocol.CloseCode(c)
	}
	switch c := protocol.CloseCode(s.guard.said.Load()); c {
	case protocol.CloseProtocol, protocol.CloseBadText, protocol.CloseTooBig:
		return c
	}
	var theirs *gws.CloseError
	if errors.As(s.cause, &theirs) {
		if theirs.Code == 0 { // a close frame without a code
			return protocol.CloseNormal
		}
		return protocol.CloseCode(theirs.Code)
	}
	return cutLine
}

// resumable reports that a client will want its seat again after c: the table says retry, the line
// was cut, or the page was left, which is also what a browser says when it is reloaded.
func resumable(c protocol.CloseCode) bool {
	return c.Action() == protocol.Retry || c == protocol.CloseGoingAway
}

// contained does a part of a session's life and reports that it came to its end. A panic in it ends this
// connection, whose other parts follow all the same: a seat must be given back, and a place in the gate.
func (s *session) contained(f func()) (whole bool) {
	defer s.survive()
	f()
	return true
}

// receive takes one message.
func (s *session) receive(now protocol.Micros, op gws.Opcode, b []byte) {
	if s.guard.failing() {
		return
	}
	if op != gws.OpcodeBinary {
		s.guard.fail(protocol.CloseUnsupported)
		return
	}
	m := s.handler.cfg.Metrics
	m.FramesIn.Inc()
	if ok, end := s.budget.message(now); !ok {
		m.MessagesDropped.Inc()
		if end {
			s.guard.fail(protocol.CloseTooManyBytes)
		}
		return
	}
	d := desks.Get().(*desk)
	code := s.dispatch(now, d, b)
	if desks.Put(d); code != 0 {
		s.guard.fail(code)
		return
	}
	s.alive(now)
}

// survive is deferred around whatever is done for one connection. Where it was may be anywhere: the session
// is in an unknown state and ends.
func (s *session) survive() {
	if e := recover(); e != nil {
		s.panicked(e, debug.Stack())
	}
}

// panicked ends the connection after a bug of ours.
func (s *session) panicked(cause any, stack []byte) {
	s.handler.cfg.Metrics.Panics.Inc()
	s.log().Error("a connection made its handler panic", "panic", cause, "stack", string(stack))
	s.guard.fail(protocol.CloseInternal)
}

// desk is what a message is decoded with and into. There are as many as are in use at once, not one for
// each connection.
type desk struct {
	dec    frame.Decoder
	input  frame.Input
	report frame.Report
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// dispatch does what a message asks for, or returns the code to close with.
func (s *session) dispatch(now protocol.Micros, d *desk, b []byte) protocol.CloseCode {
	kind, err := d.dec.Type(b)
	if err != nil || kind >= frame.TypeWelcome {
		return s.bad(err, kind)
	}
	s.handler.cfg.Metrics.Received(kind, len(b))
	if (kind == frame.TypeHello) != (s.state == waiting) {
		return protocol.CloseWrongState
	}
	switch kind {
	case frame.TypeHello:
		var code protocol.CloseCode
		s.aside(func() { code = s.hello(now, d, b) })
		return code
	case frame.TypeInput:
		if err := d.dec.Input(b, &d.input); err != nil {
			return s.bad(err, kind)
		}
		s.seat.Input(now, &d.input)
	case frame.TypeReport:
		return s.takeReport(now, d, b)
	case frame.TypeChat:
		var c frame.Chat
		if err := d.dec.Chat(b, &c); err != nil {
			return s.bad(err, kind)
		}
		s.chat(now, c.Text)
	}
	return 0
}

// takeReport hands on what a client says of its game, if it does not say so too often.
func (s *session) takeReport(now protocol.Micros, d *desk, b []byte) protocol.CloseCode {
	if ok, end := s.budget.report(now); !ok {
		s.handler.cfg.Metrics.MessagesDropped.Inc()
		if end {
			return protocol.CloseTooManyBytes
		}
		return 0
	}
	if err := d.dec.Report(b, &d.report); err != nil {
		return s.bad(err, frame.TypeReport)
	}
	s.seat.Report(now, &d.report)
	return 0
}

// bad says in the log what was wrong with a frame; the client only hears that something was.
func (s *session) bad(err error, kind frame.Type) protocol.CloseCode {
	s.log().Debug("bad frame", "type", kind, "error", err)
	return protocol.CloseBadMessage
}

// hello answers the first frame with a seat, which may take a while: it is called aside.
func (s *session) hello(now protocol.Micros, d *desk, b []byte) protocol.CloseCode {
	var h frame.Hello
	switch err := d.dec.Hello(b, &h); {
	case errors.Is(err, frame.ErrVersion):
		return s.refuse(protocol.CloseVersion)
	case err != nil:
		return s.bad(err, frame.TypeHello)
	}
	name := cleanName(h.Name)
	if w := s.handler.cfg.Words; w != nil && !w.Allowed(name) {
		name = nameless
	}
	ctx, cancel := context.WithTimeout(s.handler.ctx, s.limits.Join)
	defer cancel()
	seat, err := s.handler.cfg.Rooms.Join(ctx, h.Room, h.Game, room.Entrant{
		Name: name, Token: h.Token, Ticket: h.Ticket, Watch: h.Watch, Sender: s.sender, Addr: s.place.addr,
	})
	if err != nil {
		var r interface{ CloseCode() protocol.CloseCode } // of a room or of a ticket
		if errors.As(err, &r) {
			return s.refuse(r.CloseCode())
		}
		if errors.Is(err, context.DeadlineExceeded) && h.Ticket == "" { // a ticket is used up
			s.info("a join took too long", "room", h.Room)
			return s.refuse(protocol.CloseBusy)
		}
		s.log().Error("join failed", "room", h.Room, "error", err)
		return s.refuse(protocol.CloseInternal)
	}
	s.seat, s.state = seat, joined
	s.handler.gate.greeted(&s.place)
	s.handler.cfg.Metrics.Joins.Inc()
	s.begin(now)
	s.name.Store(&name)
	s.info("player connected", "room", h.Room, "build", h.Build)
	return 0
}

// aside does what may wait. The reader waits for it, and nobody else.
func (s *session) aside(f func()) {
	if s.polled != nil {
		s.polled.conn.Aside(f)
	} else {
		f()
	}
}

func (s *session) refuse(c protocol.CloseCode) protocol.CloseCode {
	s.handler.cfg.Metrics.Refused(c)
	return c
}

// chat says a line, if the player has not said too many.
func (s *session) chat(now protocol.Micros, text string) {
	if text = cleanChat(text); text == "" {
		return
	}
	if !s.budget.chats.allow(now, 1) {
		s.handler.cfg.Metrics.ChatsDropped.Inc()
		return
	}
	if w := s.handler.cfg.Words; w != nil {
		text, _ = w.Clean(text)
	}
	s.seat.Chat(text)
}

// events are gws's callbacks. All but the answer to a ping run in the read goroutine only. They survive,
// because what panics in gws's loop is taken for a frame that it cannot parse.
type events struct{}

// of finds the session of a gws connection.
func of(c *gws.Conn) *session { return c.NetConn().(*guard).session }

func (events) OnOpen(*gws.Conn) {}

func (events) OnClose(c *gws.Conn, err error) { of(c).cause = err }

// OnPing echoes the payload, as RFC 6455 wants and gws does not.
func (events) OnPing(c *gws.Conn, payload []byte) {
	s := of(c)
	defer s.survive()
	if s.control() {
		_ = c.WritePong(payload)
	}
}

func (events) OnPong(c *gws.Conn, _ []byte) {
	s := of(c)
	defer s.survive()
	if s.control() {
		s.alive(s.handler.cfg.Now())
	}
}

// control takes a control frame from the budget. No browser sends pings, and pongs only answer ours.
func (s *session) control() bool {
	if s.guard.failing() {
		return false
	}
	if !s.budget.control.allow(s.handler.cfg.Now(), 1) {
		s.guard.fail(protocol.CloseTooManyBytes)
		return false
	}
	return true
}

// OnMessage must give the message back to gws's pool.
func (events) OnMessage(c *gws.Conn, m *gws.Message) {
	s := of(c)
	defer func() { _ = m.Close() }()
	defer s.survive()
	s.receive(s.handler.cfg.Now(), m.Opcode, m.Bytes())
}
