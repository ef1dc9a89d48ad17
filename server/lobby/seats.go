package lobby

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/node"
	"hindsight/server/room"
	"hindsight/server/ticket"
)

// Wish is the seat that a player wants.
type Wish struct {
	// Room is the id of a room; "" leaves it to the lobby to find the best one of Game.
	Room string
	// Game and Mode narrow the choice when Room is "".
	Game, Mode string
	// Password opens a room that has one.
	Password string
	// Watch asks to look on.
	Watch bool
}

// Offer is a seat that is kept: show the ticket in Hello, at URL, before it expires.
type Offer struct {
	Ticket  string    `json:"ticket"`
	Room    string    `json:"room"`
	URL     string    `json:"url,omitempty"` // of the game socket; empty for the lobby's own address
	Expires time.Time `json:"expires"`
}

// Errors of Seat beside those of package ticket.
var (
	ErrPassword = errors.New("lobby: the room's password is another one")
	ErrSeats    = errors.New("lobby: too many seats are kept for this address; use one or let it expire")
)

// seat is a reservation that has not been used, as far as the lobby knows.
type seat struct {
	id      uuid.UUID // the ticket's
	room    string
	node    Node
	address string
	expires time.Time
}

// Seat keeps a seat and signs the ticket for it. A player has one reservation at a time: asking
// again gives the earlier one up, so that a double click or a retried request costs no second seat.
func (l *Lobby) Seat(ctx context.Context, p Player, w Wish) (Offer, error) {
	if err := l.admit(p); err != nil {
		return Offer{}, err
	}
	var last error = ErrNoNode
	for _, c := range l.candidates(w) {
		if !c.opens(w.Password) {
			return Offer{}, ErrPassword
		}
		o, err := l.keep(ctx, p, c, w.Watch)
		if err == nil {
			return o, nil
		}
		last = err
		if w.Room == "" && errors.Is(err, room.Refusal(protocol.CloseRoomFull)) {
			continue // it filled up meanwhile: try the next best
		}
		return Offer{}, refusal(err)
	}
	if w.Room != "" {
		return Offer{}, ticket.ErrRoomGone
	}
	o, err := l.quick(ctx, p, w)
	if errors.Is(err, ErrNoNode) {
		err = last
	}
	return o, refusal(err)
}

// candidate is a room that a wish may be met with.
type candidate struct {
	node Node
	node.Listing
}

// opens reports whether a password is the room's.
func (c *candidate) opens(password string) bool {
	return c.Spec.Password == "" || subtle.ConstantTimeCompare([]byte(c.Spec.Password), []byte(password)) == 1
}

// candidates returns the rooms that a wish may be met with, best first: the one that was named, or
// those that are open to all, the fullest first.
func (l *Lobby) candidates(w Wish) []candidate {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []candidate
	for _, p := range l.nodes {
		for _, li := range p.list {
			if w.Room != "" {
				if li.Spec.ID == w.Room {
					return []candidate{{p.Node, li}}
				}
				continue
			}
			s, i := &li.Spec, &li.Info
			if s.Game == w.Game && !s.Private && !s.Booked && s.Password == "" && !i.Locked &&
				(w.Mode == "" || s.Settings["mode"] == w.Mode) && i.People+i.Booked < i.MaxPlayers {
				found = append(found, candidate{p.Node, li})
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		if d := b.Info.People - a.Info.People; d != 0 {
			return d
		}
		if a.Spec.ID < b.Spec.ID {
			return -1
		}
		return 1
	})
	return found
}

// admit checks a player's open reservations.
func (l *Lobby) admit(p Player) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.Address == "" {
		return nil
	}
	n := 0
	for id, s := range l.seats {
		if s.address == p.Address && id != p.ID {
			n++
		}
	}
	if n >= l.cfg.SeatsPerAddress {
		return ErrSeats
	}
	return nil
}

// keep books a seat in a room and signs the ticket.
func (l *Lobby) keep(ctx context.Context, p Player, c candidate, watch bool) (Offer, error) {
	id := uuid.New()
	if watch && c.Info.Watchers >= c.Info.MaxWatchers {
		return Offer{}, room.Refusal(protocol.CloseRoomFull)
	}
	if !watch {
		if err := c.node.Book(ctx, c.Spec.ID, SeatLife, id.String()); err != nil {
			return Offer{}, err
		}
	}
	o, err := l.sign(p, c.node, c.Spec.ID, id, 0, watch)
	if err != nil {
		_ = c.node.Unbook(ctx, c.Spec.ID, id.String())
		return Offer{}, err
	}
	l.replace(ctx, p, &seat{id: id, room: c.Spec.ID, node: c.node, address: p.Address, expires: o.Expires})
	return o, nil
}

func (l *Lobby) sign(p Player, n Node, roomID string, id uuid.UUID, team uint8, watch bool) (Offer, error) {
	now := l.cfg.Now()
	t := ticket.Ticket{
		ID: id, Room: roomID, Player: p.ID, Name: p.Name, Tag: p.Tag, Team: team,
		Spectator: watch, Node: n.Name(), Expires: now.Add(SeatLife),
	}
	token, err := l.cfg.Signer.Sign(&t, now)
	return Offer{Ticket: token, Room: roomID, URL: n.URL(), Expires: t.Expires}, err
}

// replace notes a player's reservation and gives the one before up.
func (l *Lobby) replace(ctx context.Context, p Player, s *seat) {
	l.mu.Lock()
	before := l.seats[p.ID]
	l.seats[p.ID] = s
	l.mu.Unlock()
	if before != nil {
		_ = before.node.Unbook(ctx, before.room, before.id.String()) // it expires by itself otherwise
	}
}

// refusal turns what a node said into what a player is told.
func refusal(err error) error {
	if errors.Is(err, room.ErrClosed) {
		return ticket.ErrRoomGone
	}
	var r room.Refusal
	if !errors.As(err, &r) {
		return err
	}
	switch r.CloseCode() {
	case protocol.CloseRoomFull:
		return ticket.ErrRoomFull
	case protocol.CloseRoomUnknown:
		return ticket.ErrRoomGone
	case protocol.CloseForbidden:
		return ErrLocked
	}
	return err
}

// ErrLocked says that a room lets nobody in.
var ErrLocked = errors.New("lobby: the room is locked")
