package lobby

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hindsight/server/moderation"
	"hindsight/server/party"
)

// Where a line can be said.
const (
	ToLobby = "lobby" // to everyone who listens
	ToParty = "party" // to the members of the speaker's
)

// Line is a line of chat, the data of EventChat.
type Line struct {
	To   string    `json:"to"`
	From string    `json:"from"` // a player's id
	Name string    `json:"name"`
	Tag  int       `json:"tag"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// ErrChannel says that a line was for nobody.
var ErrChannel = errors.New("lobby: chat goes to the lobby or to the party")

// Silenced says that a line was not said, and why.
type Silenced struct {
	Verdict moderation.Verdict
	// Wait is how long to be silent; 0 for ever.
	Wait time.Duration
}

// Error implements error.
func (s Silenced) Error() string {
	return fmt.Sprintf("lobby: silenced (%d) for %v", s.Verdict, s.Wait)
}

// Say says a line, which is clean and not empty, to those it is for. It returns the line as they read
// it; the error is ErrChannel, Silenced or of package party.
func (l *Lobby) Say(p Player, to, text string) (Line, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var listeners []uuid.UUID
	switch to {
	case ToLobby:
		for id := range l.inboxes {
			listeners = append(listeners, id)
		}
	case ToParty:
		in, ok := l.parties.Of(p.ID.String())
		if !ok {
			return Line{}, party.ErrNotMember
		}
		for _, m := range in.Members {
			listeners = append(listeners, uuid.MustParse(m.ID))
		}
	default:
		return Line{}, ErrChannel
	}
	now := l.cfg.Now()
	said := l.cfg.Chat.Say(p.ID, text, now)
	if said.Verdict != moderation.Said {
		return Line{}, Silenced{said.Verdict, said.Wait}
	}
	line := Line{To: to, From: p.ID.String(), Name: p.Name, Tag: p.Tag, Text: said.Line, At: now.UTC()}
	for _, id := range listeners {
		l.tell(id, Event{Kind: EventChat, Data: line})
	}
	return line, nil
}
