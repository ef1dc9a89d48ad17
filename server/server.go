package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/time/rate"

	"hindsight/game"
	"hindsight/game/games/arena/maps"
	"hindsight/server/admin"
	"hindsight/server/alarm"
	"hindsight/server/api"
	"hindsight/server/calm"
	"hindsight/server/cluster"
	"hindsight/server/identity"
	"hindsight/server/metrics"
	"hindsight/server/moderation"
	"hindsight/server/node"
	"hindsight/server/replays"
	"hindsight/server/session"
)

// Config is a node's settings. The zero value is a public arena on port 8080 without bots.
type Config struct {
	// Addr is the public listener's address [":8080", or ":443" with TLS.Domains]: client, game
	// socket, lobby.
	Addr string
	// TLS is how the public listener is encrypted [not at all].
	TLS TLS
	// AdminAddr is the admin listener's address ["127.0.0.1:8081"], AdminOff for none. It has no
	// password: keep it where only you can reach it.
	AdminAddr string

	// Hosts are the games that can be played [the arena]; the first is the default.
	Hosts []game.Host
	// Settings go to the games: "mode", "time" and whatever else they know.
	Settings map[string]string
	// Maps holds maps of the host's own, or is nil.
	Maps fs.FS
	// MaxRooms is the most rooms open at once [64], MaxPlayers the seats of each [the game's].
	MaxRooms, MaxPlayers int
	// Bots is how many seats of a room bots fill while fewer people are there [0]; BotSkill is 1
	// to 5 [each its own].
	Bots, BotSkill int
	// SnapshotEvery is the ticks between two snapshots [1, and 2 in a crowd].
	SnapshotEvery int
	// SeatHold is how long the seat of a lost connection is kept [30 s]. StandIn has a bot play for
	// the player meanwhile [false].
	SeatHold time.Duration
	StandIn  bool
	// MaxRewind is how long ago what a shooter saw may be for the shot to be judged by it [767 ms, which
	// is the most].
	MaxRewind time.Duration
	// Watchers is how many may look on in a room [0]; WatchDelay is how long ago what they see
	// happened, room.MaxWatchDelay at most [0, the present].
	Watchers   int
	WatchDelay time.Duration

	// Replays is the folder that keeps the replays of matches ["", none are kept]; ReplaySpace is how
	// many bytes they may take together, the oldest being deleted [replays.DefaultSpace].
	Replays     string
	ReplaySpace int64

	// Crashes is the folder that keeps reports of rooms that panicked or hung ["", only the log has them].
	Crashes string

	// Origins are the web pages, besides this server's own, that may connect, and show this server's
	// page in a frame: "https://example.org".
	Origins []string
	// Proxies are the reverse proxies whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Limits are what clients may cost; see session.Limits.
	Limits session.Limits
	// Front are what HTTP connections may cost; see FrontLimits.
	Front FrontLimits
	// Transport is how game sockets are read and written; see session.Transport.
	Transport session.Transport
	// Drain is how long players may play on after Run was told to stop [0]. They are told; new ones
	// are refused meanwhile with CloseRestart, and /readyz says no.
	Drain time.Duration

	// Part says which half of a server this one is [both].
	Part Part
	// Lobby is the address of the lobby that a Part of GameServer belongs to, "https://play.example.org".
	Lobby string
	// Token is the secret that game servers and their lobby share, of at least cluster.MinToken
	// bytes. A lobby without one takes no game servers but its own.
	Token string

	// Database is where players, ratings and results are kept: "postgres://…", or the path of an
	// SQLite file, which is made if it is not there ["", a file that is thrown away at the end].
	Database string
	// PublicURL is where players find this server: "https://play.example.org". OIDC needs it; a
	// GameServer tells it to its lobby [the address by which it reaches the lobby].
	PublicURL string
	// OIDC is another site that players may sign in by way of [none].
	OIDC OIDC
	// FillAfter is how long people wait for people before bots fill their match
	// [matchmaking.DefaultFillAfter].
	FillAfter time.Duration
	// TicketsOnly lets nobody sit down who does not come from the lobby [false].
	TicketsOnly bool
	// Filter are the words that names and chat may not hold [moderation.NewFilter].
	Filter *moderation.Filter
	// APILimits are how often one address may ask the lobby; see api.Limits.
	APILimits api.Limits
	// Identity are how often somebody may sign up or in; see identity.Limits.
	Identity identity.Limits
	// SeatsPerAddress is how many unused seats are kept for one address [lobby.DefaultSeats].
	SeatsPerAddress int

	// Client is the built browser client, index.html at its root; nil for none.
	Client fs.FS
	// Version is told to clients and by /version ["dev"].
	Version string
	Log     *slog.Logger // nil is slog.Default
}

// AdminOff is the AdminAddr of a server without an admin listener.
const AdminOff = "off"

// farewell is how long Run waits, after the rooms have closed, for clients to read why.
const farewell = 3 * time.Second

// Server is one server. New makes it, Listen opens its listeners, Run runs it.
type Server struct {
	cfg      Config
	metrics  *metrics.Metrics
	gatherer prometheus.Gatherer
	client   *client

	// The half that holds the rooms; nil in a LobbyOnly.
	node     *node.Node
	clock    *alarm.Clock // that wakes it, and what runs beside it
	sessions *session.Handler
	reports  *rate.Limiter  // of rooms in trouble
	link     *cluster.Link  // to the lobby of a GameServer, nil otherwise
	shelf    *replays.Shelf // nil if no replays are kept

	// The half that knows the players; nil in a GameServer.
	backend *backend
	hub     *cluster.Hub // for game servers elsewhere; nil without a Token

	tls     *encryption   // nil for none
	headers time.Duration // how long a request's header may take; tests are less patient

	public, admin, plain net.Listener // set by Listen; the latter two may stay nil

	draining atomic.Bool
	hurry    chan struct{} // one token once Hurry was called
}

// New checks the settings and puts a node together. It opens nothing.
func New(c Config) (s *Server, err error) {
	c = c.withDefaults()
	secure, err := encrypt(c.TLS, c.Log)
	if err != nil {
		return nil, err
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m := metrics.New(reg)
	c.Log = slog.New(calm.New(c.Log.Handler(), calm.Rate, m.Unsaid.Inc))
	headers := 5 * time.Second
	if secure != nil {
		headers = handshakeTime
	}
	s = &Server{
		cfg: c, metrics: m, gatherer: reg,
		client:  newClient(c.Client),
		tls:     secure,
		headers: headers,
		hurry:   make(chan struct{}, 1),
		reports: newReportLimit(),
	}
	defer func() {
		if err != nil {
			s.backend.close()
		}
	}()
	return s, s.assemble()
}

func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = ":8080"
		if len(c.TLS.Domains) > 0 {
			c.Addr = ":443"
		}
	}
	if c.AdminAddr == "" {
		c.AdminAddr = "127.0.0.1:8081"
	}
	if len(c.Hosts) == 0 {
		c.Hosts = []game.Host{maps.Host}
	}
	if c.Filter == nil {
		c.Filter = moderation.NewFilter()
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Listen opens the listeners, so that Addr is known before Run. Run calls it if nobody has.
func (s *Server) Listen() (err error) {
	defer func() {
		if err != nil {
			s.unlisten()
		}
	}()
	if s.public, err = listen(s.cfg.Addr, "--addr", "HINDSIGHT_ADDR"); err != nil {
		return err
	}
	if s.cfg.AdminAddr != AdminOff {
		if s.admin, err = listen(s.cfg.AdminAddr, "--admin-addr", "HINDSIGHT_ADMIN_ADDR"); err != nil {
			return err
		}
	}
	if s.tls != nil && s.tls.httpAddr != "" {
		s.plain, err = listen(s.tls.httpAddr, "--tls-http-addr", "HINDSIGHT_TLS_HTTP_ADDR")
	}
	return err
}

// unlisten closes what Listen has opened before it failed.
func (s *Server) unlisten() {
	for _, l := range []*net.Listener{&s.public, &s.admin, &s.plain} {
		if *l != nil {
			_ = (*l).Close()
		}
		*l = nil
	}
}

// listen opens a TCP listener; its error says what to change.
func listen(addr, flag, env string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("address %s is in use by another program; choose another with %s or %s", addr, flag, env)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("address %s needs more rights than this program has; choose a port above 1023 with %s or %s, or give it CAP_NET_BIND_SERVICE", addr, flag, env)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s; change it with %s or %s: %w", addr, flag, env, err)
	}
	return l, nil
}

// Addr returns the public listener's address, AdminAddr the admin's or nil. Listen comes first.
func (s *Server) Addr() net.Addr { return s.public.Addr() }

// AdminAddr returns the admin listener's address, nil if there is none.
func (s *Server) AdminAddr() net.Addr {
	if s.admin == nil {
		return nil
	}
	return s.admin.Addr()
}

// Hurry ends a drain in progress, or the next one before it begins.
func (s *Server) Hurry() {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
}

// Run runs the node until ctx ends, and then drains: /readyz says no at once, players may play on for
// Config.Drain, then rooms close with CloseRestart and clients are given time to read it. The error
// is what kept the node from running; a drained node returns nil.
func (s *Server) Run(ctx context.Context) error {
	defer s.backend.close()
	if s.public == nil {
		if err := s.Listen(); err != nil {
			return err
		}
	}
	w := newWorkers()
	rooms, closeRooms := context.WithCancel(context.Background())
	defer closeRooms()
	web := s.webServer(s.publicHandler())
	f := newFront(s.cfg.Front, s.cfg.Proxies, s.metrics.RequestRefused)
	web.ConnState = f.state
	arrivals := s.public
	if s.clock != nil {
		var err error
		if arrivals, err = f.behind(s.public, s.clock, s.metrics.ArrivalsHeld.Inc); err != nil {
			s.unlisten()
			return err
		}
	}
	stopShelf := s.runShelf()
	s.runParts(rooms, w, web)
	w.start(func() error { return s.serve(web, arrivals) })
	redirect := s.webServer(nil)
	if s.plain != nil {
		redirect.Handler = s.tls.plain
		w.start(func() error { return redirect.Serve(s.plain) })
	}
	ops := s.webServer(secured(admin.Policy, admin.New(admin.Config{Metrics: s.gatherer, Refresh: s.refresh})))
	ops.WriteTimeout = 0 // a profile takes as long as it was asked to
	if s.admin != nil {
		w.start(func() error { return ops.Serve(s.admin) })
	}

	select {
	case <-ctx.Done():
		s.drain()
	case <-w.failed:
	}
	closeRooms()
	bye, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	s.hangUp(bye)
	closeServer(bye, web)
	closeServer(bye, redirect)
	closeServer(bye, ops)
	err := w.wait()
	stopShelf()
	if s.backend != nil {
		s.backend.settle()
	}
	return err
}

// serve serves the public listener, encrypted or not. A WebSocket takes a connection over, which
// HTTP/2 does not allow: it is never offered.
func (s *Server) serve(web *http.Server, l net.Listener) error {
	web.Protocols = new(http.Protocols)
	web.Protocols.SetHTTP1(true)
	if s.tls == nil {
		return web.Serve(l)
	}
	web.TLSConfig = s.tls.config
	return web.ServeTLS(l, "", "") // the certificate is the configuration's
}

// census counts who is there.
func (s *Server) census() (people, bots, rooms int) {
	if s.node == nil {
		return 0, 0, 0
	}
	list := s.node.List()
	for _, r := range list {
		people += r.Info.People
		bots += r.Info.Bots
	}
	return people, bots, len(list)
}

// refresh sets the gauges that are counted when they are looked at.
func (s *Server) refresh() {
	people, bots, rooms := s.census()
	s.metrics.Players.Set(float64(people))
	s.metrics.Bots.Set(float64(bots))
	s.metrics.Rooms.Set(float64(rooms))
	if s.node != nil {
		s.metrics.RoomsStalled.Set(float64(s.node.Stalled()))
	}
	if s.backend == nil {
		return
	}
	waiting, listed := s.backend.lobby.Counts()
	s.metrics.Queue.Set(float64(waiting))
	s.metrics.LobbyRooms.Set(float64(listed))
	s.metrics.OutboxPending.Set(float64(s.backend.outbox.Pending()))
	s.metrics.OutboxSeconds.Set(s.backend.outbox.Waiting().Seconds())
}

// closeServer ends an HTTP server, politely until ctx is done.
func closeServer(ctx context.Context, s *http.Server) {
	if s.Shutdown(ctx) != nil {
		_ = s.Close()
	}
}
