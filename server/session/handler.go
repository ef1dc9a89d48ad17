package session

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/lxzan/gws"
	"golang.org/x/time/rate"

	"hindsight/protocol"
)

// logsPerSecond bounds what clients can make a node log about connections that come and go.
const logsPerSecond = 20

// Handler accepts game sockets. It is an http.Handler and runs each connection in goroutines of its
// own, which Shutdown waits for.
type Handler struct {
	cfg      Config // immutable, complete
	upgrader *gws.Upgrader
	poller   poller // nil if every connection is to have goroutines of its own
	gate     *gate
	logs     *rate.Limiter
	ctx      context.Context // ends when Shutdown gives up waiting; joins run under it
	cancel   context.CancelFunc

	mu        sync.Mutex
	sessions  map[*session]struct{} // guarded by mu
	lingering int                   // guarded by mu
	draining  bool                  // guarded by mu
	idle      chan struct{}         // guarded by mu: made by Shutdown, closed when sessions is empty
}

// New returns a Handler. It panics if c.Rooms is nil.
func New(c Config) *Handler {
	if c.Rooms == nil {
		panic("session: New: Config.Rooms is nil")
	}
	c = c.withDefaults()
	h := &Handler{
		cfg:      c,
		gate:     newGate(&c.Limits),
		logs:     rate.NewLimiter(logsPerSecond, 2*logsPerSecond),
		sessions: make(map[*session]struct{}),
	}
	if c.Transport != Goroutine {
		h.poller = newPoller(c.Clock, c.Limits.Write)
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.upgrader = gws.NewUpgrader(events{}, &gws.ServerOption{
		ReadMaxPayloadSize:  protocol.MaxInboundFrame,
		WriteMaxPayloadSize: protocol.MaxFrame,
		CheckUtf8Enabled:    true,
		SubProtocols:        []string{protocol.Subprotocol},
		HandshakeTimeout:    c.Limits.Write,
		Logger:              gwsLog{c.Log},
	})
	return h
}

// Open returns how many connections are open.
func (h *Handler) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sessions)
}

// Shutdown refuses new connections, closes those that are open with CloseRestart and waits until
// they are gone or ctx is done. It may be called again with another ctx.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	if h.idle == nil {
		h.idle = make(chan struct{})
		if len(h.sessions) == 0 {
			close(h.idle)
		}
	}
	idle := h.idle
	for s := range h.sessions {
		s.guard.fail(protocol.CloseRestart)
	}
	h.mu.Unlock()

	defer h.cancel()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enlist makes a session of a connection, before its handshake is answered: whoever has read the
// answer is told what Shutdown tells everybody. It returns nil if the server is draining already.
func (h *Handler) enlist(g *guard, p place) *session {
	s := new(session)
	if g.polled != nil {
		s = newPolled(g.polled)
		g.quit = &s.polled.shut
	}
	s.handler, s.limits, s.guard, s.place = h, &h.cfg.Limits, g, p
	s.budget = newBudget(&h.cfg.Limits)
	g.session = s
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return nil
	}
	h.sessions[s] = struct{}{}
	return s
}

// start runs a session whose handshake was answered.
func (h *Handler) start(s *session, ws *gws.Conn) {
	s.ws = ws
	h.cfg.Metrics.Handshakes.Inc()
	h.cfg.Metrics.Connections.Inc()
	if s.polled != nil {
		s.polled.poll()
	} else {
		go s.serve()
	}
}

// part ends a session's connection so that its client can read why, or at once if too many clients
// are being waited for already.
func (h *Handler) part(s *session) {
	h.mu.Lock()
	polite := h.lingering < h.cfg.Limits.Lingering
	if polite {
		h.lingering++
	}
	h.mu.Unlock()

	if !polite {
		s.guard.cut()
		return
	}
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.lingering--
	}()
	s.guard.linger()
}

// forget counts a session that is over out.
func (h *Handler) forget(s *session) {
	h.gate.leave(&s.place)
	h.cfg.Metrics.Connections.Dec()
	h.strike(s)
}

// strike takes a session off the list.
func (h *Handler) strike(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s)
	if h.idle != nil && len(h.sessions) == 0 {
		close(h.idle)
	}
}

// gwsLog passes on what gws has to say.
type gwsLog struct{ log *slog.Logger }

func (l gwsLog) Error(v ...any) { l.log.Error("gws", "message", v) }

// ServeHTTP answers a WebSocket handshake.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.check(r); err != nil {
		h.deny(w, err)
		return
	}
	p, err := h.admit(r)
	if err != nil {
		h.deny(w, err)
		return
	}
	begun := false
	defer func() {
		if !begun { // after a panic too, which is the HTTP server's to report
			h.gate.leave(&p)
		}
	}()
	if err := h.upgrade(w, r, p); err != nil {
		h.cfg.Log.Debug("handshake failed", "error", err)
		return
	}
	begun = true
}

// upgrade takes the connection from the HTTP server and answers the handshake. What the client sent
// in the same packet is in the HTTP server's buffer by now and goes first.
func (h *Handler) upgrade(w http.ResponseWriter, r *http.Request, p place) error {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "no WebSocket over this connection", http.StatusNotImplemented)
		return err
	}
	early := make([]byte, rw.Reader.Buffered())
	if _, err := rw.Read(early); err != nil && len(early) > 0 {
		_ = nc.Close()
		return err
	}
	tune(nc)
	nc = h.adopt(nc)
	g := newGuard(nc, early, &h.cfg)
	s := h.enlist(g, p)
	if s == nil {
		g.cut()
		return errDraining
	}
	begun := false
	defer func() {
		if !begun {
			g.cut()
			h.strike(s)
		}
	}()
	// gws reads only the first of several header lines.
	r.Header.Set("Sec-WebSocket-Protocol", protocol.Subprotocol)
	ws, err := h.upgrader.UpgradeFromConn(g, g.reader(), r)
	if err != nil {
		return err
	}
	h.start(s, ws)
	begun = true
	return nil
}
