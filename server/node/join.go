package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/room"
)

// Join seats an entrant: in the room that its resume token or ticket is for, in the room of that id,
// or in the best room of the game. The error is a room.Refusal, a ticket.Refusal or the context's.
func (n *Node) Join(ctx context.Context, id, gameName string, en room.Entrant) (room.Seat, error) {
	select {
	case <-n.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var err error
	if at, _, ok := strings.Cut(en.Token, "."); ok {
		id = at
	} else if en.Ticket != "" {
		if id, err = n.redeem(id, &en); err != nil {
			return nil, err
		}
	}
	// A room may fill up or end between being found and being joined, again and again.
	var tried []string
	for {
		r, err := n.find(id, gameName, &en, tried)
		if err != nil {
			return nil, err
		}
		seat, err := r.Join(ctx, en)
		n.came(r)
		full := id == "" && errors.Is(err, room.Refusal(protocol.CloseRoomFull))
		if !full && !errors.Is(err, room.ErrClosed) {
			return seat, err
		}
		tried = append(tried, r.ID())
	}
}

// redeem checks an entrant's ticket and makes the entrant who the ticket says.
func (n *Node) redeem(id string, en *room.Entrant) (roomID string, err error) {
	if n.cfg.Tickets == nil {
		return "", room.Refusal(protocol.CloseForbidden)
	}
	now := n.cfg.Wall()
	t, err := n.cfg.Tickets.Verify(en.Ticket, now)
	if err != nil {
		return "", err
	}
	if err := t.For(id); err != nil {
		return "", err
	}
	if err := n.ledger.Redeem(t.ID, t.Expires, now); err != nil {
		return "", err
	}
	en.Booking, en.Watch = t.ID.String(), t.Spectator
	en.ID, en.Name, en.Team = t.Player.String(), t.Name, t.Team
	if t.Tag > 0 {
		en.Name = fmt.Sprintf("%s#%04d", t.Name, t.Tag)
	}
	return t.Room, nil
}

// find returns the room of that id, or for an empty id the one of the game with the most people
// that still has a seat; if there is none it opens one. Those that were tried in vain are passed over.
// The entrant counts as on the way there until came is called.
func (n *Node) find(id, gameName string, en *room.Entrant, tried []string) (*entry, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e, err := n.choose(id, gameName, en, tried)
	if err == nil {
		e.coming++
	}
	return e, err
}

// came says that an entrant has its answer.
func (n *Node) came(e *entry) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e.coming--
}

// choose is find, of a caller that holds mu.
func (n *Node) choose(id, gameName string, en *room.Entrant, tried []string) (*entry, error) {
	if n.ctx == nil || n.draining && en.Token == "" {
		return nil, room.Refusal(protocol.CloseRestart)
	}
	if id != "" {
		e, ok := n.rooms[id]
		ok = ok && !slices.Contains(tried, id)
		switch {
		case !ok && en.Token != "":
			return nil, room.Refusal(protocol.CloseSessionGone)
		case !ok:
			return nil, room.Refusal(protocol.CloseRoomUnknown)
		case e.spec.Game != gameName:
			return nil, room.Refusal(protocol.CloseVersion)
		}
		return e, nil
	}
	if e := n.best(gameName, tried); e != nil {
		return e, nil
	}
	switch {
	case n.host(gameName) < 0:
		return nil, room.Refusal(protocol.CloseVersion)
	case len(n.rooms) >= n.cfg.MaxRooms:
		return nil, room.Refusal(protocol.CloseRoomFull)
	}
	return n.open(Spec{ID: gameName + "-" + uuid.NewString()[:8], Game: gameName})
}

// best returns the fullest room of the game that a walk-in may enter and has not tried, nil if there is
// none.
func (n *Node) best(gameName string, tried []string) *entry {
	var best *entry
	most, now := -1, n.cfg.Room.Now()
	for _, id := range slices.Sorted(maps.Keys(n.rooms)) {
		e := n.rooms[id]
		i := e.Info()
		if e.spec.Game != gameName || e.spec.Private || e.spec.Booked || i.Locked || e.hangs(now) || slices.Contains(tried, id) {
			continue
		}
		// Without those on the way a crowd would queue for the same seat, and all but one ask in vain.
		if i.People+i.Booked+e.coming < i.MaxPlayers && i.People+e.coming > most {
			best, most = e, i.People+e.coming
		}
	}
	return best
}
