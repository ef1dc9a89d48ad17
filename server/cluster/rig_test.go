package cluster

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/identity/signing"
	"hindsight/server/lobby"
	"hindsight/server/node"
	"hindsight/server/room"
	"hindsight/server/room/walk"
	"hindsight/server/ticket"
)

// Everything that a connection starts ends with it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "a token of twenty-four characters"

// network is where a lobby listens, in virtual time.
type network struct {
	mu   sync.Mutex
	at   *pipes   // guarded by mu: nil for nobody
	cuts []func() // guarded by mu
}

var errRefused = errors.New("connection refused")

// dial connects to whoever listens.
func (n *network) dial(ctx context.Context) (net.Conn, error) {
	n.mu.Lock()
	at := n.at
	n.mu.Unlock()
	if at == nil {
		return nil, errRefused
	}
	here, there := net.Pipe()
	select {
	case at.conns <- there:
	case <-at.closed:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c := &frail{Conn: here}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts = append(n.cuts, func() { c.frozen.Store(true) })
	return c, nil
}

// freeze lets all connections fall silent without an end: a pulled cable, a stopped process.
func (n *network) freeze() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, cut := range n.cuts {
		cut()
	}
}

// frail is a connection whose cable can be pulled.
type frail struct {
	net.Conn
	frozen atomic.Bool
}

func (f *frail) Write(b []byte) (int, error) {
	if f.frozen.Load() {
		return len(b), nil
	}
	return f.Conn.Write(b)
}

func (f *frail) Read(b []byte) (int, error) {
	for {
		n, err := f.Conn.Read(b)
		if err != nil || !f.frozen.Load() {
			return n, err
		}
	}
}

// pipes is a listener.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// journal is a log that tests read.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }
func (j *journal) WithAttrs([]slog.Attr) slog.Handler       { return j }
func (j *journal) WithGroup(string) slog.Handler            { return j }
func (j *journal) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
	return nil
}

// count returns how many lines have the text.
func (j *journal) count(text string) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

func testRing(t *testing.T) *signing.Ring {
	ring, err := signing.Open(t.Context(), signing.Config{Store: &signing.Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// vault stores results as a database does: each match once.
type vault struct {
	mu     sync.Mutex
	have   map[uuid.UUID]string // guarded by mu: who sent it
	calls  int                  // guarded by mu
	broken error                // guarded by mu
}

func (v *vault) store(_ context.Context, from string, r Result) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	if v.broken != nil {
		return v.broken
	}
	if v.have == nil {
		v.have = map[uuid.UUID]string{}
	}
	v.have[r.Match] = from
	return nil
}

func (v *vault) breaks(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.broken = err
}

func (v *vault) count() (have, calls int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.have), v.calls
}

// hall is a lobby process.
type hall struct {
	*lobby.Lobby
	hub  *Hub
	kill func() // ends it without a goodbye to anyone
}

// openHall starts a lobby that listens at l.
func openHall(t *testing.T, l net.Listener, ring *signing.Ring, v *vault, log *journal) *hall {
	lob, err := lobby.New(lobby.Config{Signer: ticket.NewSigner(ring)})
	if err != nil {
		t.Fatal(err)
	}
	hub, err := NewHub(HubConfig{Lobby: lob, Token: secret, Keys: ring.JWKS, Store: v.store, Build: "hall", Log: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(Path, hub)
	web := &http.Server{Handler: mux}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { _ = lob.Run(ctx) })
	work.Go(func() { _ = web.Serve(l) })
	h := &hall{Lobby: lob, hub: hub}
	h.kill = sync.OnceFunc(func() {
		hub.mu.Lock()
		for r := range hub.open {
			_ = r.wire.Conn.Close()
		}
		hub.closing = true
		hub.mu.Unlock()
		_ = web.Close()
		cancel()
		hub.cancel()
		hub.links.Wait()
		work.Wait()
	})
	return h
}

// ticks counts those of all rooms.
type ticks struct {
	room.NoMeter
	n atomic.Int64
}

func (t *ticks) Tick(_, _ protocol.Micros) { t.n.Add(1) }

// server is a game server process.
type server struct {
	*node.Node
	ticks  ticks
	link   *Link
	log    *journal
	ctx    context.Context
	hangUp context.CancelFunc // ends the link with a goodbye
	stop   func()             // ends all
}

// guest is a player's connection that counts snapshots.
type guest struct {
	frames atomic.Int64
	closed atomic.Uint32
}

func (g *guest) Ready() bool                { return true }
func (g *guest) Waited() protocol.Micros    { return 0 }
func (g *guest) Buffer() []byte             { return nil }
func (g *guest) Send([]byte)                { g.frames.Add(1) }
func (g *guest) Post([]byte)                {}
func (g *guest) Close(c protocol.CloseCode) { g.closed.Store(uint32(c)) }

var _ room.Sender = (*guest)(nil)

// openServer starts a game server with a link.
func openServer(t *testing.T, name string, cfg LinkConfig) *server {
	s := &server{log: &journal{}}
	cfg.URL, cfg.Build, cfg.Log = "wss://"+name+".example/ws", "server", slog.New(s.log)
	if cfg.Token == "" {
		cfg.Token = secret
	}
	var err error
	if s.link, err = NewLink(cfg); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s.Node, err = node.New(node.Config{
		Hosts: []game.Host{walk.Game}, Name: name, Tickets: ticket.NewVerifier(s.link.Keys(), name), MaxRooms: 8,
		Result: s.link.Result, Log: slog.New(s.log),
		Room: room.Config{Meter: func() room.Meter { return &s.ticks }, Now: func() protocol.Micros { return protocol.Micros(time.Since(began).Microseconds()) }},
	})
	if err != nil {
		t.Fatal(err)
	}
	var cancel context.CancelFunc
	var work sync.WaitGroup
	s.ctx, cancel = context.WithCancel(context.Background())
	online, hangUp := context.WithCancel(s.ctx)
	s.hangUp = hangUp
	work.Go(func() { _ = s.Run(s.ctx) })
	work.Go(func() { _ = s.link.Run(online, s.Node) })
	s.stop = sync.OnceFunc(func() { cancel(); hangUp(); work.Wait() })
	return s
}

// sit comes in with a ticket, as a player whose page is in the background: no input is expected.
func (s *server) sit(roomID, ticket string) (*guest, error) {
	g := &guest{}
	seat, err := s.Join(s.ctx, roomID, "walk", room.Entrant{Name: "Ann", Ticket: ticket, Sender: g})
	if err == nil {
		seat.Input(0, &frame.Input{Hidden: true, Commands: []protocol.Command{{Tick: 1}}})
	}
	return g, err
}

// scene is a lobby and game servers in virtual time.
type scene struct {
	*testing.T
	net  *network
	ring *signing.Ring
	log  *journal // the lobbies'
	vault
	*hall
}

// inside runs f with a lobby.
func inside(t *testing.T, f func(*scene)) {
	synctest.Test(t, func(t *testing.T) {
		s := &scene{T: t, net: &network{}, ring: testRing(t), log: &journal{}}
		s.open()
		defer s.kill()
		f(s)
	})
}

// open starts a lobby, kill ends it.
func (s *scene) open() {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	s.hall = openHall(s.T, p, s.ring, &s.vault, s.log)
	s.net.mu.Lock()
	defer s.net.mu.Unlock()
	s.net.at = p
}

func (s *scene) kill() {
	s.net.mu.Lock()
	s.net.at = nil
	s.net.mu.Unlock()
	s.hall.kill()
}

// server starts a game server that ends with the test.
func (s *scene) server(name string) *server {
	return openServer(s.T, name, LinkConfig{Lobby: "http://lobby.example", dial: s.net.dial})
}

// until waits for something to come true, in virtual time, and returns how long it took.
func (s *scene) until(what string, most time.Duration, ok func() bool) time.Duration {
	s.Helper()
	began := time.Now()
	for {
		synctest.Wait()
		if ok() {
			return time.Since(began)
		}
		if time.Since(began) > most {
			s.Fatalf("after %v still not: %s", most, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// rooms counts the rooms that the lobby lists.
func (s *scene) rooms() int {
	list, _ := s.Rooms()
	return len(list)
}

func (s *scene) has(n int) func() bool { return func() bool { return s.rooms() == n } }

func player(name string) lobby.Player { return lobby.Player{ID: uuid.New(), Name: name, Tag: 1} }
