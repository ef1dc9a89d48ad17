// Package lobby brings players to rooms: it knows which rooms there are, keeps seats in them, signs
// the tickets that open those seats, and tells each player what happens meanwhile.
//
// A Lobby asks nodes (game servers, its own process's among them) and never the other way round: a
// node lists its rooms, keeps a seat, opens a room. A running match needs no lobby; what the lobby
// knows of rooms is a lease that the node renews, so a lobby that was restarted knows everything
// again a second after its nodes have found it.
//
// All state is guarded by one mutex, held for no I/O. Run expires what has to expire. Every queue is
// bounded: a player who does not read events loses the oldest, and is told to look again.
package lobby

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/matchmaking"
	"hindsight/server/moderation"
	"hindsight/server/node"
	"hindsight/server/party"
	"hindsight/server/ticket"
)

// Times and bounds of a lobby.
const (
	// SeatLife is how long a seat is kept for a player on the way to it.
	SeatLife = 15 * time.Second
	// Lease is how long a node's list of rooms is believed. Nodes renew it every second.
	Lease = 4 * time.Second

	// DefaultSeats is how many seats are kept for one address at once, if Config does not say.
	DefaultSeats = 8

	freshFor       = 2 * time.Second
	seatsPerPlayer = 1
	createdKeys    = 10 * time.Minute // how long a request to open a room is recognised
	sweepEvery     = 250 * time.Millisecond
)

// Player is who asks.
type Player struct {
	ID   uuid.UUID
	Name string
	Tag  int
	// Address is where the player asks from, for limits: an IPv4 address or an IPv6 /64.
	Address string
}

// Node is a game server as the lobby sees it. Its methods may be called from any goroutine.
type Node interface {
	// Name names this run of the server; tickets are for it alone.
	Name() string
	// URL is the address of its game socket, "" for the one that the lobby itself is reached by.
	URL() string
	// Create opens a room, or returns the one that has the id already.
	Create(ctx context.Context, s node.Spec) (node.Listing, error)
	// Book keeps a seat for each id for a while, all of them or none.
	Book(ctx context.Context, roomID string, life time.Duration, ids ...string) error
	// Unbook gives seats up.
	Unbook(ctx context.Context, roomID string, ids ...string) error
	// Lock closes a room to newcomers, or opens it again.
	Lock(ctx context.Context, roomID string, locked bool) error
}

// Config is a lobby's settings. Signer is required.
type Config struct {
	Signer *ticket.Signer
	// Playlists are what can be queued for.
	Playlists map[matchmaking.Playlist]matchmaking.Rules
	// Ratings tells how well players play. Nil takes everyone for a newcomer.
	Ratings Ratings
	// Chat moderates what players say. Nil limits the rate and filters nothing.
	Chat *moderation.Chat
	// SeatsPerAddress is how many unused seats are kept for one address [DefaultSeats].
	SeatsPerAddress int
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	Log *slog.Logger // nil for none
}

// Lobby is one lobby.
type Lobby struct {
	cfg   Config
	began time.Time

	mu      sync.Mutex
	nodes   map[string]*peer                  // by run; guarded by mu
	seats   map[uuid.UUID]*seat               // by player: the newest reservation; guarded by mu
	created map[string]creation               // by key: rooms opened lately; guarded by mu
	inboxes map[uuid.UUID]map[*Inbox]struct{} // guarded by mu
	queue   *matchmaking.Queue                // guarded by mu
	waits   map[uuid.UUID]*waiting            // by player; guarded by mu
	absent  map[uuid.UUID]time.Time           // by player who waits: since when nobody listens; guarded by mu
	parties parties                           // guarded by mu
	rooms   uint64                            // changes with every list of rooms; guarded by mu
}

// peer is a node and what it last said.
type peer struct {
	Node
	list  []node.Listing
	until time.Time // when the list is no longer believed
	full  bool      // it takes no more rooms
	// fresh are rooms it has just opened, by id: a list that was made before and comes after does
	// not hide them.
	fresh map[string]fresh
}

// fresh is a room that was opened lately.
type fresh struct {
	node.Listing
	until time.Time
}

// with adds to a list the fresh rooms that it does not know, in order of their ids.
func (p *peer) with(list []node.Listing, now time.Time) []node.Listing {
	for id, f := range p.fresh {
		switch {
		case now.After(f.until):
			delete(p.fresh, id)
		case !slices.ContainsFunc(list, func(li node.Listing) bool { return li.Spec.ID == id }):
			list = append(slices.Clip(list), f.Listing)
		}
	}
	slices.SortFunc(list, func(a, b node.Listing) int { return cmp.Compare(a.Spec.ID, b.Spec.ID) })
	return list
}

// New returns a lobby without nodes. The error says what is wrong with the playlists.
func New(cfg Config) (*Lobby, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.SeatsPerAddress = cmp.Or(cfg.SeatsPerAddress, DefaultSeats)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Chat == nil {
		cfg.Chat = moderation.NewChat(moderation.ChatConfig{})
	}
	if cfg.Ratings == nil {
		cfg.Ratings = unrated{}
	}
	q, err := matchmaking.New(matchmaking.Config{Rules: cfg.Playlists})
	if err != nil {
		return nil, err
	}
	book, err := party.New(party.Config{Random: rand.Reader, Grace: protocol.Micros(absentFor.Microseconds())})
	if err != nil {
		return nil, err
	}
	return &Lobby{
		parties: parties{Book: book, mates: map[uuid.UUID]Player{}, playing: map[string]string{}}, absent: map[uuid.UUID]time.Time{},
		cfg: cfg, began: cfg.Now(), queue: q, waits: map[uuid.UUID]*waiting{}, nodes: map[string]*peer{}, seats: map[uuid.UUID]*seat{},
		created: map[string]creation{}, inboxes: map[uuid.UUID]map[*Inbox]struct{}{},
	}, nil
}

// Run makes matches and expires leases, seats and keys until ctx ends.
func (l *Lobby) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.sweep()
			l.pair(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *Lobby) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Now()
	for run, p := range l.nodes {
		if now.After(p.until) {
			delete(l.nodes, run)
			l.cfg.Log.Warn("a game server is gone", "node", run)
			l.changed()
		}
	}
	for id, s := range l.seats {
		if now.After(s.expires) {
			delete(l.seats, id)
		}
	}
	for key, c := range l.created {
		if now.After(c.until) {
			delete(l.created, key)
		}
	}
	l.sweepParties(now)
}

// Counts returns how many people wait for a match and how many rooms are known.
func (l *Lobby) Counts() (waiting, rooms int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.nodes {
		rooms += len(p.list)
	}
	return len(l.waits), rooms
}

// Announce takes in a node's list of rooms, which is believed for Lease. Full says that the node
// opens no more. The first announcement makes the node known.
func (l *Lobby) Announce(n Node, list []node.Listing, full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.nodes[n.Name()]
	if p == nil {
		p = &peer{Node: n, fresh: map[string]fresh{}}
		l.nodes[n.Name()] = p
		l.cfg.Log.Info("a game server is here", "node", n.Name(), "url", n.URL())
	}
	p.Node, p.full, p.until = n, full, l.cfg.Now().Add(Lease)
	if list = p.with(list, l.cfg.Now()); !same(p.list, list) {
		p.list = list
		l.changed()
	}
}

// Forget takes a node off the list at once, for one that says goodbye.
func (l *Lobby) Forget(run string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.nodes[run]; ok {
		delete(l.nodes, run)
		l.changed()
	}
}

// changed tells everyone who listens that there is another list of rooms. The caller holds mu.
func (l *Lobby) changed() {
	l.rooms++
	for _, boxes := range l.inboxes {
		for b := range boxes {
			b.put(Event{Kind: EventRooms})
		}
	}
}

// same reports whether two lists say the same about the same rooms.
func same(a, b []node.Listing) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Info != b[i].Info {
			return false
		}
	}
	return true
}

// ErrNoNode says that no game server has room.
var ErrNoNode = errors.New("lobby: no game server has room")
