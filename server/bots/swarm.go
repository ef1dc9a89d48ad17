// Package bots plays a game over real sockets with many clients at once: to fill a server, to load
// it and to measure what its players get.
//
// Each bot is the netcode core that the browser runs, the game's own Bot for a mind, and the gws
// connections that its Lifeline asks for: one, and a second beside one that has gone silent. One
// goroutine owns all of it; those of the connections only hand over what they read. A Swarm starts the
// goroutines, gathers their reports and ends when they have.
package bots

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Config is a swarm. URL and Game are required.
type Config struct {
	// URL is the server's: ws://host:port, wss://, http:// or https://. A path other than / is
	// taken as the whole address of the game socket; otherwise /ws is meant.
	URL  string
	Game *game.Definition
	// Room is the room to join, "" for the best one.
	Room string
	// Tickets are seat reservations from a lobby, one for each bot; nil for walk-ins.
	Tickets []string
	// Clients is how many bots play. 0 means as many as there are tickets, or else 1.
	Clients int
	// Skill is 1 to 5; 0 gives each bot its own.
	Skill int
	// Seed makes the bots' minds; equal seeds decide alike in equal sights.
	Seed uint64
	// FPS is how often a bot looks and sends, as a browser does with each picture. 0 means once a tick.
	FPS int
	// JoinEvery is the time between two bots' joins. 0 means 20 ms.
	JoinEvery time.Duration
	// Build is told to the server.
	Build string
	// Match is told of every match that a bot comes into, from the bots' goroutines; nil for nobody.
	Match func(room string, start *frame.Start)
	// Now is the monotonic clock.
	Now func() protocol.Micros
}

// State is what a bot is doing.
type State string

// The states.
const (
	Waiting      State = "waiting"
	Connecting   State = "connecting"
	Playing      State = "playing"
	Reconnecting State = "reconnecting"
	Failed       State = "failed"
	Done         State = "done"
)

// Report is how one bot is doing.
type Report struct {
	Index  int
	Name   string
	State  State
	Room   string
	Played bool   // it has been in a match
	Err    string // why it failed, or came to be without a connection
	// Hedged counts the second connections that were tried beside a silent one, Rescued those that won.
	Hedged, Rescued int
	Game            game.Standing // of all matches together
	Net             netcode.Stats
}

// Swarm is a number of bots.
type Swarm struct {
	cfg  Config
	addr string

	mu      sync.Mutex
	reports []Report // guarded by mu; each bot writes its own
}

// New checks a configuration.
func New(cfg Config) (*Swarm, error) {
	addr, err := socketAddress(cfg.URL)
	if err != nil {
		return nil, err
	}
	if cfg.Clients <= 0 {
		cfg.Clients = max(len(cfg.Tickets), 1)
	}
	if cfg.JoinEvery <= 0 {
		cfg.JoinEvery = 20 * time.Millisecond
	}
	if cfg.FPS <= 0 {
		cfg.FPS = cfg.Game.TickRate
	}
	if cfg.Skill < 0 || cfg.Skill > 5 {
		return nil, fmt.Errorf("bots: skill is 1 to 5, or 0 for a mixture; got %d", cfg.Skill)
	}
	s := &Swarm{cfg: cfg, addr: addr, reports: make([]Report, cfg.Clients)}
	for i := range s.reports {
		s.reports[i] = Report{Index: i, Name: fmt.Sprintf("bot-%02d", i+1), State: Waiting}
	}
	return s, nil
}

// socketAddress returns the WebSocket address that a server's address stands for.
func socketAddress(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("bots: %q is no address of a server; try ws://localhost:8080", s)
	}
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	case "ws", "wss":
	default:
		return "", fmt.Errorf("bots: %q begins with %s://; want ws, wss, http or https", s, u.Scheme)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/ws"
	}
	return u.String(), nil
}

// Address returns the WebSocket address that the bots dial.
func (s *Swarm) Address() string { return s.addr }

// Run plays until ctx ends or every bot has failed.
func (s *Swarm) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for i := range s.cfg.Clients {
		b := newBot(s, i)
		wg.Go(func() {
			select {
			case <-time.After(time.Duration(i) * s.cfg.JoinEvery):
				b.run(ctx)
			case <-ctx.Done():
			}
		})
	}
	wg.Wait()
}

// Reports returns how every bot is doing. It may be called while the swarm runs.
func (s *Swarm) Reports() []Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Report(nil), s.reports...)
}

// post replaces a bot's report.
func (s *Swarm) post(r Report) {
	s.mu.Lock()
	s.reports[r.Index] = r
	s.mu.Unlock()
}

// Err returns why the swarm cannot be called a success: a bot that never played or has failed.
func (s *Swarm) Err() error {
	var errs []error
	for _, r := range s.Reports() {
		switch {
		case r.State == Failed:
			errs = append(errs, fmt.Errorf("%s: %s", r.Name, r.Err))
		case !r.Played:
			errs = append(errs, fmt.Errorf("%s: never got to play", r.Name))
		}
	}
	return errors.Join(errs...)
}
