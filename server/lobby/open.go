package lobby

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"hindsight/server/node"
	"hindsight/server/ticket"
)

// creation is a room opened lately, kept so that a retried request opens no second one.
type creation struct {
	id    string
	until time.Time
}

// Room is an open room and where it is.
type Room struct {
	node.Listing
	URL string // of the game socket of the server it is on; empty for the lobby's own address
}

// Open opens a room for a player and returns it. Key makes the request repeatable: for the same
// player and key there is one room, however often it is asked for; "" is never repeated. The spec's
// ID is chosen here.
func (l *Lobby) Open(ctx context.Context, p Player, key string, s node.Spec) (Room, error) {
	s.ID = l.idFor(p, key, s.Game)
	n := l.roomiest()
	if at := l.nodeOf(s.ID); at != nil {
		n = at
	}
	if n == nil {
		return Room{}, ErrNoNode
	}
	li, err := n.Create(ctx, s)
	if err != nil {
		return Room{}, err
	}
	l.learn(n, li)
	return Room{li, n.URL()}, nil
}

// ErrOwner says that a room is another player's.
var ErrOwner = errors.New("lobby: the room is another player's")

// Lock lets the player who opened a room close it to newcomers, or open it again.
func (l *Lobby) Lock(ctx context.Context, p Player, roomID string, locked bool) error {
	c, ok := l.find(roomID)
	switch {
	case !ok:
		return ticket.ErrRoomGone
	case c.Spec.Owner != p.ID.String():
		return ErrOwner
	}
	return refusal(c.node.Lock(ctx, roomID, locked))
}

// idFor returns the id of the room that a request is for.
func (l *Lobby) idFor(p Player, key, game string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if key != "" {
		key = p.ID.String() + " " + key
		if c, ok := l.created[key]; ok {
			return c.id
		}
	}
	id := game + "-" + Code(uuid.New())
	if key != "" {
		l.created[key] = creation{id, l.cfg.Now().Add(createdKeys)}
	}
	return id
}

// codeLetters have no two that look alike.
const codeLetters = "23456789abcdefghjkmnpqrstuvwxyz"

// Code returns 8 letters of a random id, a little under 40 bits: to be read out, typed and not guessed.
func Code(u uuid.UUID) string {
	b := make([]byte, 8)
	for i := range b {
		b[i] = codeLetters[int(u[i+8]^u[i])%len(codeLetters)]
	}
	return string(b)
}

// roomiest returns the node with the fewest rooms that opens more, nil if there is none.
func (l *Lobby) roomiest() Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	var best *peer
	for _, p := range l.nodes {
		if !p.full && (best == nil || len(p.list) < len(best.list) || len(p.list) == len(best.list) && p.Name() < best.Name()) {
			best = p
		}
	}
	if best == nil {
		return nil
	}
	return best.Node
}

// nodeOf returns the node that a room is on, nil if it is on none.
func (l *Lobby) nodeOf(id string) Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at(id)
}

// at is nodeOf for a caller that holds mu.
func (l *Lobby) at(id string) Node {
	for _, p := range l.nodes {
		if slices.ContainsFunc(p.list, func(li node.Listing) bool { return li.Spec.ID == id }) {
			return p.Node
		}
	}
	return nil
}

// learn takes in a room that a node has just opened, ahead of its next list.
func (l *Lobby) learn(n Node, li node.Listing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.nodes[n.Name()]
	if p != nil {
		p.fresh[li.Spec.ID] = fresh{li, l.cfg.Now().Add(freshFor)}
	}
	if p == nil || slices.ContainsFunc(p.list, func(x node.Listing) bool { return x.Spec.ID == li.Spec.ID }) {
		return
	}
	p.list = append(slices.Clone(p.list), li)
	l.changed()
}

// quick opens a room that is open to all and keeps a seat in it.
func (l *Lobby) quick(ctx context.Context, p Player, w Wish) (Offer, error) {
	s := node.Spec{Game: w.Game}
	if w.Mode != "" {
		s.Settings = map[string]string{"mode": w.Mode}
	}
	r, err := l.Open(ctx, p, "", s)
	if err != nil {
		return Offer{}, err
	}
	n := l.nodeOf(r.Spec.ID)
	if n == nil {
		return Offer{}, ErrNoNode
	}
	return l.keep(ctx, p, candidate{n, r.Listing}, w.Watch)
}

// Rooms returns the rooms that anyone may see, in order of their ids, and a number that changes
// whenever the list does.
func (l *Lobby) Rooms() (list []Room, version uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.nodes {
		for _, li := range p.list {
			if !li.Spec.Private {
				list = append(list, Room{li, p.URL()})
			}
		}
	}
	slices.SortFunc(list, func(a, b Room) int {
		if a.Spec.ID < b.Spec.ID {
			return -1
		}
		return 1
	})
	return list, l.rooms
}

// Room returns the room of that id, private ones too: who knows the id was told it.
func (l *Lobby) Room(id string) (Room, bool) {
	c, ok := l.find(id)
	if !ok {
		return Room{}, false
	}
	return Room{c.Listing, c.node.URL()}, true
}

// find returns the room of that id and the node it is on.
func (l *Lobby) find(id string) (candidate, bool) {
	if c := l.candidates(Wish{Room: id}); len(c) > 0 {
		return c[0], true
	}
	return candidate{}, false
}
