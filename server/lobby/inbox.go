package lobby

import "github.com/google/uuid"

// EventKind says what an Event is about.
type EventKind string

// The events. Data is for EventMatch an Offer, for EventChat a Line, for EventParty a PartyNews; the
// others say only that something is to be looked at again.
const (
	EventRooms  EventKind = "rooms"  // the list of rooms is another one
	EventQueue  EventKind = "queue"  // the queue has moved, or was left
	EventMatch  EventKind = "match"  // a seat in a match
	EventParty  EventKind = "party"  // somebody came, went or was made leader
	EventChat   EventKind = "chat"   // a line
	EventMissed EventKind = "missed" // events were lost: look at everything again
)

// Event is something a player should know.
type Event struct {
	Kind EventKind `json:"kind"`
	Data any       `json:"data,omitempty"`
}

// inboxSize is how many events wait for a player who does not read.
const inboxSize = 64

// Inbox receives a player's events. A player may have several: one for each page.
type Inbox struct {
	// C gives the events in order.
	C     chan Event
	lobby *Lobby
	who   uuid.UUID
}

// Subscribe opens an inbox for a player. Close it.
func (l *Lobby) Subscribe(player uuid.UUID) *Inbox {
	b := &Inbox{C: make(chan Event, inboxSize), lobby: l, who: player}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inboxes[player] == nil {
		l.inboxes[player] = map[*Inbox]struct{}{}
		defer l.came(player)
	}
	l.inboxes[player][b] = struct{}{}
	return b
}

// Close ends the inbox. C is not closed: nothing more comes.
func (b *Inbox) Close() {
	b.lobby.mu.Lock()
	defer b.lobby.mu.Unlock()
	if _, open := b.lobby.inboxes[b.who][b]; !open {
		return
	}
	delete(b.lobby.inboxes[b.who], b)
	if len(b.lobby.inboxes[b.who]) == 0 {
		delete(b.lobby.inboxes, b.who)
		b.lobby.went(b.who)
	}
}

// put adds an event. If the inbox is full its reader is told to look at everything again instead.
// The caller holds the lobby's mutex, so there is one writer.
func (b *Inbox) put(e Event) {
	if e.Kind == EventRooms && len(b.C) > inboxSize/2 {
		return // there is surely one waiting
	}
	select {
	case b.C <- e:
		return
	default:
	}
	for len(b.C) > 0 {
		select {
		case <-b.C:
		default:
		}
	}
	b.C <- Event{Kind: EventMissed}
}

// tell sends an event to all of a player's pages. The caller holds mu.
func (l *Lobby) tell(player uuid.UUID, e Event) {
	for b := range l.inboxes[player] {
		b.put(e)
	}
}
