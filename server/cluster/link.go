package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/identity/signing"
	"hindsight/server/node"
	"hindsight/server/room"
)

// Node is what a link offers to the lobby; *node.Node is one. Its methods may be called from any
// goroutine.
type Node interface {
	Name() string
	List() []node.Listing
	Create(ctx context.Context, s node.Spec) (node.Listing, error)
	Book(ctx context.Context, roomID string, life time.Duration, ids ...string) error
	Unbook(ctx context.Context, roomID string, ids ...string) error
	Lock(ctx context.Context, roomID string, locked bool) error
	Close(id string)
	Room(id string) (*room.Room, error)
	MaxRooms() int
}

// LinkConfig is a link's settings. Lobby, Token and URL are required.
type LinkConfig struct {
	// Lobby is the lobby's address, "https://lobby.example" or "http://10.0.0.1:8080"; ws and wss do
	// as well.
	Lobby string
	// Token is the secret that the lobby asks for.
	Token string
	// URL is where players reach this game server's socket: "wss://eu1.example/ws".
	URL string
	// Build is told to the lobby.
	Build string
	// Log is told when the lobby goes and when it is back; nil for none.
	Log *slog.Logger

	// dial opens a connection, for tests; nil means TCP, and TLS if the address says so.
	dial func(ctx context.Context) (net.Conn, error)
}

// Link is a game server's connection to its lobby, which it makes again whenever it breaks. Its
// methods may be called from any goroutine.
type Link struct {
	cfg     LinkConfig
	at      address
	keys    signing.Public
	results outbox
	up      atomic.Bool
	leave   func()        // closes leaving, once
	leaving chan struct{} // closed by Goodbye
}

// NewLink checks the settings. It opens nothing.
func NewLink(cfg LinkConfig) (*Link, error) {
	at, err := parseAddress(cfg.Lobby)
	if err != nil {
		return nil, err
	}
	if len(cfg.Token) < MinToken {
		return nil, errToken
	}
	if h := (hello{Protocol: Version, Name: "any", URL: cfg.URL}); h.check() != nil {
		return nil, fmt.Errorf("cluster: say where players reach this game server, as in wss://eu1.example/ws; %q is no such address", cfg.URL)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.dial == nil {
		cfg.dial = at.dial
	}
	l := &Link{cfg: cfg, at: at, leaving: make(chan struct{})}
	l.results.wake = make(chan struct{}, 1)
	l.leave = sync.OnceFunc(func() { close(l.leaving) })
	return l, nil
}

// Keys are the keys that the lobby signs tickets with: none before the first connection, and the last
// known ones while the lobby is away.
func (l *Link) Keys() *signing.Public { return &l.keys }

// Up reports whether the lobby is connected.
func (l *Link) Up() bool { return l.up.Load() }

// Result takes what a room reports, to be delivered when the lobby is there: it is node.Config's
// Result. It does not block. Of more than maxResults that wait the newest is lost, and logged.
func (l *Link) Result(match uuid.UUID, r room.Result) {
	if err := l.results.put(&Result{Match: match, Ended: time.Now().UTC(), Result: r}); err != nil {
		l.cfg.Log.Error("a match result is lost", "match", match, "room", r.Room, "err", err)
	}
}

// Pending returns how many results the lobby has not stored yet.
func (l *Link) Pending() int { return l.results.pending() }

// Flush waits until the lobby has stored all results, or for ctx. Run must be running.
func (l *Link) Flush(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		n := l.results.pending()
		if n == 0 {
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("cluster: %d match results were not delivered: %w", n, ctx.Err())
		}
	}
}

// Goodbye takes this game server off the lobby's list, for good. The connection stays, for requests
// about players who are there still and for results, until Run's ctx ends.
func (l *Link) Goodbye() { l.leave() }

// Run keeps the connection until ctx ends, and says goodbye then. The error is nil: whatever is wrong
// with the lobby, matches go on, and it is logged.
func (l *Link) Run(ctx context.Context, n Node) error {
	var told string
	for failures := 0; ctx.Err() == nil; {
		began := time.Now()
		met, err := l.connect(ctx, n)
		if ctx.Err() != nil {
			break
		}
		if met {
			told = ""
		}
		if text := err.Error(); text != told { // once for each new trouble
			told = text
			l.cfg.Log.Log(ctx, slog.LevelWarn, "no lobby; matches go on without it", "lobby", l.cfg.Lobby, "err", err)
		}
		if met && time.Since(began) > settled {
			failures = 0
		}
		pause := backoff(failures)
		if hopeless(err) {
			pause = slowly()
		}
		failures++
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	return nil
}

// connect makes one connection and serves it until it is over. It reports whether the lobby said
// welcome, and why it is over.
func (l *Link) connect(ctx context.Context, n Node) (met bool, err error) {
	s := &serving{link: l, node: n, welcome: make(chan struct{}), slots: make(chan struct{}, maxAsks)}
	if s.wire, err = l.dial(ctx, s.take); err != nil {
		return false, err
	}
	stop := context.AfterFunc(ctx, func() {
		if s.wire.send(&message{Goodbye: &empty{}}) == nil {
			s.wire.end(&hangup{protocol.CloseGoingAway, "the game server is stopping"})
		}
	})
	defer stop()
	return s.run()
}

// hopeless reports that trying again soon is of no use: somebody has to change something first.
func hopeless(err error) bool {
	var r *refusedHandshake
	if errors.As(err, &r) {
		return r.status < 500
	}
	var h *hangup
	return errors.As(err, &h) && (h.code == protocol.CloseVersion || h.code == protocol.CloseBadMessage || h.code == protocol.CloseReplaced)
}
