package cluster

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/lxzan/gws"
	"golang.org/x/time/rate"

	"hindsight/protocol"
	"hindsight/server/lobby"
	"hindsight/server/node"
)

// Lobby is what a hub tells about game servers; *lobby.Lobby is one. Its methods must not call the
// hub.
type Lobby interface {
	Announce(n lobby.Node, list []node.Listing, full bool)
	Forget(run string)
}

// HubConfig is a hub's settings. Lobby, Token and Keys are required.
type HubConfig struct {
	Lobby Lobby
	// Token is the secret that game servers show, of at least MinToken bytes.
	Token string
	// Keys returns the public keys of tickets: signing.Ring's JWKS. It is asked every second.
	Keys func() []byte
	// Store takes a result for good; node is the run that sent it. It must take each match once,
	// however often it comes, as storage.Store does. An error that wraps ErrRefused says that it
	// never will; after any other the result comes again. Nil refuses all.
	Store func(ctx context.Context, node string, r Result) error
	// Build is told to game servers.
	Build string
	Log   *slog.Logger // nil for none
}

// MinToken is the least bytes of a token: a random one has 128 bits at this length.
const MinToken = 22

// Hub accepts game servers. It is an http.Handler for Path.
type Hub struct {
	cfg      HubConfig
	token    [sha256.Size]byte
	upgrader *gws.Upgrader
	ctx      context.Context // of storing
	cancel   context.CancelFunc
	links    sync.WaitGroup
	logs     *rate.Limiter // of handshakes, which anybody can send

	mu      sync.Mutex
	open    map[*Remote]struct{} // guarded by mu: all connections
	remotes map[string]*Remote   // guarded by mu: those that have said hello, by run
	closing bool                 // guarded by mu
}

// NewHub returns a hub without game servers.
func NewHub(cfg HubConfig) (*Hub, error) {
	switch {
	case cfg.Lobby == nil || cfg.Keys == nil:
		return nil, errors.New("cluster: a hub needs a lobby and keys")
	case len(cfg.Token) < MinToken:
		return nil, errToken
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Store == nil {
		cfg.Store = func(context.Context, string, Result) error {
			return fmt.Errorf("%w: this lobby stores none", ErrRefused)
		}
	}
	h := &Hub{
		cfg: cfg, token: sha256.Sum256([]byte(cfg.Token)), logs: rate.NewLimiter(1, 10),
		open: map[*Remote]struct{}{}, remotes: map[string]*Remote{},
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.upgrader = gws.NewUpgrader(events{}, &gws.ServerOption{
		ReadMaxPayloadSize: MaxMessage, WriteMaxPayloadSize: MaxMessage, ReadBufferSize: readBuffer,
		CheckUtf8Enabled: true, SubProtocols: []string{Subprotocol}, HandshakeTimeout: writeTime,
		Logger: gwsLog{cfg.Log},
	})
	return h, nil
}

var errToken = fmt.Errorf("cluster: the token must have at least %d characters; `openssl rand -base64 24` makes a good one", MinToken)

// Remotes returns the game servers that are connected, in order of their names.
func (h *Hub) Remotes() []*Remote {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*Remote, 0, len(h.remotes))
	for _, r := range h.remotes {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Remote) int { return cmp.Compare(a.Name(), b.Name()) })
	return all
}

// Remote returns the connected game server of that name.
func (h *Hub) Remote(name string) (*Remote, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.remotes[name]
	return r, ok
}

// Shutdown hangs up on all game servers, which come back to whatever lobby is there next, and waits
// until the connections are over, or for ctx. No more are accepted.
func (h *Hub) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closing = true
	for r := range h.open {
		r.wire.end(&hangup{protocol.CloseRestart, "the lobby is stopping"})
	}
	h.mu.Unlock()
	h.cancel()
	over := make(chan struct{})
	go func() { h.links.Wait(); close(over) }()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errBye refuses a connection because the hub is closing or full.
var errBye = errors.New("cluster: no more game servers can connect")

// enter notes a connection and runs it in goroutines of its own.
func (h *Hub) enter(r *Remote) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing || len(h.open) >= maxLinks {
		return errBye
	}
	h.open[r] = struct{}{}
	h.links.Go(func() {
		why := r.run()
		h.leave(r, why)
	})
	return nil
}

// leave forgets a connection that is over. The lobby goes on believing the list until the lease
// ends: the game server is probably back before.
func (h *Hub) leave(r *Remote, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, r)
	name := r.Name()
	if name == "" {
		h.cfg.Log.Warn("a game server did not get as far as hello", "addr", r.wire.RemoteAddr().String(), "why", why)
		return
	}
	if h.remotes[name] != r {
		return // another has taken its place
	}
	delete(h.remotes, name)
	h.cfg.Log.Info("a game server was disconnected", "node", name, "why", why)
}

// greet makes a connection that of a run. One that the run has already is hung up on: it is dead, and
// this side has not noticed yet.
func (h *Hub) greet(r *Remote) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.remotes[r.Name()]; old != nil {
		old.wire.end(&hangup{protocol.CloseReplaced, "another connection has this game server's name"})
	}
	h.remotes[r.Name()] = r
	h.cfg.Log.Info("a game server is connected", "node", r.Name(), "url", r.URL(), "build", r.hello.Build)
}

// list tells the lobby what a run's newest connection says. The lock is held meanwhile, so that
// nothing older can follow.
func (h *Hub) list(r *Remote, rooms []node.Listing, full bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.remotes[r.Name()] == r && !h.closing {
		h.cfg.Lobby.Announce(r, rooms, full)
	}
}

// goodbye takes a run off the lobby's list.
func (h *Hub) goodbye(r *Remote) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.remotes[r.Name()] == r {
		h.cfg.Lobby.Forget(r.Name())
	}
}
