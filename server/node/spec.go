package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"hindsight/protocol"
	"hindsight/server/room"
)

// Spec is what a room is to be like. Zero values mean the node's defaults.
type Spec struct {
	// ID names the room; asking twice for the same id makes one room. At most
	// protocol.MaxRoomBytes of letters, digits and dashes.
	ID   string `json:"id"`
	Game string `json:"game"`
	// Name is what its maker calls the room, "" for none.
	Name string `json:"name,omitempty"`
	// Owner is the id of the player who opened the room and may lock it, "" for nobody.
	Owner string `json:"owner,omitempty"`
	// Settings are the game's, over the node's own.
	Settings map[string]string `json:"settings,omitempty"`
	// MaxPlayers is the number of seats, Watchers how many may look on.
	MaxPlayers int `json:"maxPlayers,omitempty"`
	Watchers   int `json:"watchers,omitempty"`
	// Bots is how many seats bots fill [the node's], NoBots that none do; BotSkill is 1 to 5.
	Bots     int  `json:"bots,omitempty"`
	NoBots   bool `json:"noBots,omitempty"`
	BotSkill int  `json:"botSkill,omitempty"`
	// Private keeps the room off the lists: it is joined by id.
	Private bool `json:"private,omitempty"`
	// Booked lets nobody in without a ticket. A room with a Password is always booked; the lobby
	// asks for it before it books.
	Booked   bool   `json:"booked,omitempty"`
	Password string `json:"password,omitempty"`
	// Permanent keeps the room open when it is empty.
	Permanent bool `json:"permanent,omitempty"`
}

// Errors of a Spec that cannot be met.
var (
	ErrID       = errors.New("node: a room's id is 1 to 32 letters, digits and dashes")
	ErrTooMany  = errors.New("node: no more rooms can be opened here")
	ErrDraining = errors.New("node: stopping: no new rooms")
)

// SettingsError says what is wrong with a room's settings. Err is the game's own, for people.
type SettingsError struct{ Err error }

// Error implements error.
func (e SettingsError) Error() string { return "settings: " + e.Err.Error() }

// Unwrap returns the game's error.
func (e SettingsError) Unwrap() error { return e.Err }

// check reports what is wrong with an id.
func (s *Spec) check() error {
	if s.ID == "" || len(s.ID) > protocol.MaxRoomBytes {
		return ErrID
	}
	for _, c := range []byte(s.ID) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return ErrID
		}
	}
	return nil
}

func (s *Spec) apply(cfg *room.Config) {
	cfg.ID, cfg.Booked = s.ID, s.Booked || s.Password != ""
	if s.MaxPlayers > 0 {
		cfg.MaxPlayers = s.MaxPlayers
	}
	if s.Watchers > 0 {
		cfg.Watchers = s.Watchers
	}
	if s.Bots > 0 {
		cfg.Bots = s.Bots
	}
	if s.NoBots {
		cfg.Bots = 0
	}
	if s.BotSkill > 0 {
		cfg.BotSkill = s.BotSkill
	}
}

// Listing is an open room.
type Listing struct {
	Spec   Spec
	Info   room.Info
	Opened time.Time
}

// Create opens a room, or returns the one that has the id already. The error says what is wrong
// with the spec.
func (n *Node) Create(ctx context.Context, s Spec) (Listing, error) {
	if err := s.check(); err != nil {
		return Listing{}, err
	}
	select {
	case <-n.ready:
	case <-ctx.Done():
		return Listing{}, ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	e := n.rooms[s.ID]
	if e == nil {
		switch {
		case n.ctx == nil || n.draining:
			return Listing{}, ErrDraining
		case len(n.rooms) >= n.cfg.MaxRooms:
			return Listing{}, ErrTooMany
		}
		var err error
		if e, err = n.open(s); err != nil {
			return Listing{}, fmt.Errorf("node: room %s: %w", s.ID, err)
		}
	}
	return e.listing(), nil
}

func (e *entry) listing() Listing { return Listing{Spec: e.spec, Info: e.Info(), Opened: e.opened} }

// Room returns the open room of that id, or a Refusal.
func (n *Node) Room(id string) (*room.Room, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e := n.rooms[id]; e != nil {
		return e.Room, nil
	}
	return nil, room.Refusal(protocol.CloseRoomUnknown)
}

// Close ends a room; its players are told that it was closed. An id that is not open is no error.
func (n *Node) Close(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e := n.rooms[id]; e != nil {
		e.spec.Permanent = false
		e.close()
	}
}

// Drain stops new rooms, newcomers and new matches: who has a seat may come back to it, and a room
// ends with the match that it plays.
func (n *Node) Drain() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.draining = true
	ctx := n.ctx
	if ctx == nil {
		return
	}
	for _, e := range n.rooms {
		n.wg.Go(func() { _ = e.EndAfterMatch(ctx) }) // a room that ends by itself needs no telling
	}
}

// silentAfter is how long a room that does not say that it is well stays on the list: several times
// what it takes at most, so that one late beat hides nothing.
const silentAfter = 4 * room.BeatEvery

// List returns the open rooms that are well, in order of their ids. A place on it is a lease that
// the room's own goroutine renews: one that hangs vanishes, and is back when it goes on.
func (n *Node) List() []Listing {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.cfg.Room.Now()
	list := make([]Listing, 0, len(n.rooms))
	for _, id := range slices.Sorted(maps.Keys(n.rooms)) {
		if e := n.rooms[id]; now-e.Beat() <= silentAfter {
			list = append(list, e.listing())
		}
	}
	return list
}

// MaxRooms is how many rooms can be open here at once.
func (n *Node) MaxRooms() int { return n.cfg.MaxRooms }

// Name names this run of the node: what tickets for it are signed for.
func (n *Node) Name() string { return n.name }

// Book keeps a seat in a room for each id, all of them or none; see room.Room.Book.
func (n *Node) Book(ctx context.Context, roomID string, life time.Duration, ids ...string) error {
	r, err := n.Room(roomID)
	if err != nil {
		return err
	}
	expires := n.cfg.Room.Now() + protocol.Micros(life.Microseconds())
	seats := make([]room.Booking, len(ids))
	for i, id := range ids {
		seats[i] = room.Booking{ID: id, Expires: expires}
	}
	return r.Book(ctx, seats...)
}

// Lock closes a room to newcomers, or opens it again; see room.Room.Lock.
func (n *Node) Lock(ctx context.Context, roomID string, locked bool) error {
	r, err := n.Room(roomID)
	if err != nil {
		return err
	}
	return r.Lock(ctx, locked)
}

// Unbook gives seats up. A room that has ended has none left.
func (n *Node) Unbook(ctx context.Context, roomID string, ids ...string) error {
	r, err := n.Room(roomID)
	if err != nil {
		return nil
	}
	return r.Unbook(ctx, ids...)
}

// Started reports that the first rooms are open.
func (n *Node) Started() bool {
	select {
	case <-n.ready:
		return true
	default:
		return false
	}
}
