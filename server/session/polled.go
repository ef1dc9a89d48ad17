package session

import (
	"errors"
	"net"
	"time"

	"github.com/lxzan/gws"

	"hindsight/protocol"
	"hindsight/server/session/poll"
)

// poller is what a Handler needs of poll.Poller.
type poller interface {
	// Adopt takes a connection over, or returns an error and leaves it as it was.
	Adopt(nc net.Conn) (coroutine, error)
}

// coroutine is what a session needs of poll.Conn: a connection whose reader runs as a coroutine.
type coroutine interface {
	net.Conn
	// Run runs f as the reader and tells o what happens beside it, all in the poller's goroutine.
	Run(o poll.Owner, f func())
	// Aside runs f elsewhere while the reader waits for it.
	Aside(f func())
	// WriteLast is Write, after which there is no other.
	WriteLast(b []byte) (int, error)
	// Pending returns how many bytes of what was written the kernel has not taken.
	Pending() int
}

// adopt gives a connection to the poller if there is one that can serve it. TLS cannot be polled, and
// a process may be out of descriptors, of which a connection needs two for a moment: then it gets
// goroutines of its own.
func (h *Handler) adopt(nc net.Conn) net.Conn {
	if h.poller == nil {
		return nc
	}
	c, err := h.poller.Adopt(nc)
	if err == nil {
		return c
	}
	if !errors.Is(err, errors.ErrUnsupported) && h.logs.Allow() {
		h.cfg.Log.Info("a connection could not be polled and gets goroutines of its own", "error", err)
	}
	return nc
}

// polled is a session in a poller's care. It has no goroutine: its reader is a coroutine, and what is
// to be written is written by whoever gives it. The poller's goroutine, the room's and the reader
// never wait for the socket.
type polled struct {
	session
	lane lane // the poller's
	direct
	pingAt time.Time // when the next ping is due; the poller's
}

// newPolled returns the session of a connection that a poller has.
func newPolled(c coroutine) *session {
	p := &polled{direct: direct{conn: c}}
	p.session.polled = p
	return &p.session
}

// poll runs a connection until its last byte.
func (p *polled) poll() {
	p.sender, p.guard.lane = p, &p.lane
	p.pingAt = time.Now().Add(jitter(p.limits.Ping))
	p.handler.cfg.Metrics.Polled.Inc()
	p.conn.Run(p, func() {
		p.live()
		p.shut.Store(true)
		p.part()
		p.handler.cfg.Metrics.Polled.Dec()
		p.contained(p.forget)
	})
}

// Take implements poll.Owner: it takes the messages that what came begins with, unless gws has to see
// them. A Hello is gws's: what waits needs the reader to wait in. A panic must not get to the reader, which
// takes it for one of gws's.
func (p *polled) Take(b []byte) (taken int) {
	defer p.survive()
	if p.state != joined || !p.lane.open() {
		return 0
	}
	now := p.handler.cfg.Now()
	for !p.guard.done.Load() {
		mask, payload, size, ok := whole(b[taken:], protocol.MaxInboundFrame)
		if !ok {
			break
		}
		taken += size
		if !p.guard.afford(now, size) {
			break
		}
		unmask(payload, mask)
		p.receive(now, gws.OpcodeBinary, payload)
	}
	if taken > 0 {
		p.handler.cfg.Metrics.BytesIn.Add(float64(taken))
	}
	return taken
}

// Panicked implements poll.Owner.
func (p *polled) Panicked(cause any, stack []byte) { p.panicked(cause, stack) }

// Visit implements poll.Owner.
func (p *polled) Visit(now time.Time) {
	if now.Before(p.pingAt) {
		return
	}
	p.pingAt = now.Add(jitter(p.limits.Ping))
	_ = p.ws.WritePing(nil) // fails only where the connection is ending
}
