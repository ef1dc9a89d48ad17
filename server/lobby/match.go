package lobby

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"hindsight/game/rating"
	"hindsight/protocol"
	"hindsight/server/matchmaking"
	"hindsight/server/node"
)

const (
	pairTime     = 3 * time.Second // to open a room and book its seats
	pairTogether = 4               // matches being seated at once
	watchers     = 8               // who may look on in a match
)

// Ratings tells how well players play; package storage does. Players it does not know have
// rating.Default.
type Ratings interface {
	Ratings(ctx context.Context, players []uuid.UUID, game, mode string) ([]rating.Rating, error)
}

// unrated knows nobody.
type unrated struct{}

func (unrated) Ratings(_ context.Context, ids []uuid.UUID, _, _ string) ([]rating.Rating, error) {
	rs := make([]rating.Rating, len(ids))
	for i := range rs {
		rs[i] = rating.Default
	}
	return rs, nil
}

// QueueState is where a player stands in the queue.
type QueueState struct {
	Game    string        `json:"game"`
	Mode    string        `json:"mode"`
	Since   time.Time     `json:"since"`
	Wait    time.Duration `json:"-"`       // estimated, from now
	WaitSec float64       `json:"waitSec"` // the same
	Waiting int           `json:"waiting"` // people in this playlist
}

// ErrNotQueued says that a player waits for nothing.
var ErrNotQueued = errors.New("lobby: you are not in a queue")

// waiting is an entry of the queue.
type waiting struct {
	id      string
	list    matchmaking.Playlist
	players []Player
	entry   matchmaking.Entry
	since   time.Time
	party   string // the id of their party, "" for somebody alone
}

// Enqueue lets players wait together for a match of a playlist. The first is the one who asked.
func (l *Lobby) Enqueue(ctx context.Context, game, mode string, players ...Player) (QueueState, error) {
	w, err := l.rated(ctx, game, mode, players)
	if err != nil {
		return QueueState{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.add(w)
}

// rated makes an entry of players, after asking how well they play.
func (l *Lobby) rated(ctx context.Context, game, mode string, players []Player) (*waiting, error) {
	ids := make([]uuid.UUID, len(players))
	for i, p := range players {
		ids[i] = p.ID
	}
	rs, err := l.cfg.Ratings.Ratings(ctx, ids, game, mode)
	if err != nil {
		return nil, fmt.Errorf("lobby: ratings: %w", err)
	}
	w := &waiting{id: uuid.NewString(), list: matchmaking.Playlist{Game: game, Mode: mode}, players: players}
	w.entry = matchmaking.Entry{ID: w.id, Playlist: w.list}
	for i, p := range players {
		w.entry.Players = append(w.entry.Players, matchmaking.Member{ID: p.ID.String(), Rating: rs[i]})
	}
	return w, nil
}

// add puts an entry into the queue. The caller holds mu.
func (l *Lobby) add(w *waiting) (QueueState, error) {
	if err := l.queue.Add(l.micros(), w.entry); err != nil {
		return QueueState{}, err
	}
	w.since = l.cfg.Now()
	for _, p := range w.players {
		l.waits[p.ID] = w
		if len(l.inboxes[p.ID]) == 0 {
			l.absent[p.ID] = w.since
		}
		l.tell(p.ID, Event{Kind: EventQueue})
	}
	return l.state(w), nil
}

// Dequeue ends the wait of a player and of those who wait together with the player. Not waiting is
// no error: a second click finds it done.
func (l *Lobby) Dequeue(player uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.waits[player]; w != nil && !l.stopSearch(player, w) {
		l.queue.Cancel(w.id)
		l.unwait(w)
	}
}

// unwait forgets an entry and tells its players. The caller holds mu.
func (l *Lobby) unwait(w *waiting) {
	for _, p := range w.players {
		if l.waits[p.ID] == w {
			delete(l.waits, p.ID)
			l.tell(p.ID, Event{Kind: EventQueue})
		}
	}
}

// Queued tells where a player stands.
func (l *Lobby) Queued(player uuid.UUID) (QueueState, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.waits[player]; w != nil {
		return l.state(w), nil
	}
	return QueueState{}, ErrNotQueued
}

func (l *Lobby) state(w *waiting) QueueState {
	s := QueueState{Game: w.list.Game, Mode: w.list.Mode, Since: w.since, Waiting: l.queue.Waiting(w.list)}
	s.Wait = time.Duration(l.queue.Estimate(l.micros(), w.entry)) * time.Microsecond
	s.WaitSec = s.Wait.Seconds()
	return s
}

// micros is the queue's clock.
func (l *Lobby) micros() protocol.Micros {
	return protocol.Micros(l.cfg.Now().Sub(l.began).Microseconds())
}

// pair makes matches of those who wait, and seats them.
func (l *Lobby) pair(ctx context.Context) {
	l.mu.Lock()
	matches := l.queue.Tick(l.micros(), nil)
	l.mu.Unlock()
	gate := make(chan struct{}, pairTogether)
	for _, m := range matches {
		gate <- struct{}{}
		go func() {
			defer func() { <-gate }()
			if err := l.seatMatch(ctx, m); err != nil {
				l.cfg.Log.Warn("a match could not be seated", "game", m.Game, "mode", m.Mode, "err", err)
				l.mu.Lock()
				l.queue.Requeue(m.ID)
				l.mu.Unlock()
			}
		}()
	}
	for range pairTogether { // wait for the last
		gate <- struct{}{}
	}
}

// seatMatch opens a room for a match, books everyone's seat and sends the offers.
func (l *Lobby) seatMatch(ctx context.Context, m matchmaking.Match) error {
	ctx, cancel := context.WithTimeout(ctx, pairTime)
	defer cancel()
	n := l.roomiest()
	if n == nil {
		return ErrNoNode
	}
	people := 0
	for _, team := range m.Teams {
		people += len(team)
	}
	li, err := n.Create(ctx, node.Spec{
		ID: m.Game + "-" + Code(uuid.New()), Game: m.Game, Settings: map[string]string{"mode": m.Mode},
		MaxPlayers: people + m.BotSlots, Bots: people + m.BotSlots, Watchers: watchers, Booked: true, Private: true,
	})
	if err != nil {
		return err
	}
	l.learn(n, li)
	var keys []string
	for range people {
		keys = append(keys, uuid.NewString())
	}
	if err := n.Book(ctx, li.Spec.ID, SeatLife, keys...); err != nil {
		return err
	}
	return l.offer(ctx, m, n, li.Spec.ID, keys)
}

// offer signs everyone's ticket and sends it. After it the match takes place, whoever comes.
func (l *Lobby) offer(ctx context.Context, m matchmaking.Match, n Node, roomID string, keys []string) error {
	l.mu.Lock()
	var players []Player
	for _, e := range m.Entries {
		if w := l.waits[uuid.MustParse(e.Players[0].ID)]; w != nil && w.id == e.ID {
			players = append(players, w.players...)
			l.unwait(w)
			l.matched(w, roomID)
		}
	}
	l.queue.Confirm(m.ID)
	l.mu.Unlock()
	for i, p := range players {
		o, err := l.sign(p, n, roomID, uuid.MustParse(keys[i]), l.teamOf(m, p.ID.String()), false)
		if err != nil { // this seat goes to a bot; the others have theirs
			l.cfg.Log.Error("a ticket could not be signed", "room", roomID, "err", err)
			continue
		}
		l.replace(ctx, p, &seat{id: uuid.MustParse(keys[i]), room: roomID, node: n, expires: o.Expires})
		l.mu.Lock()
		l.tell(p.ID, Event{Kind: EventMatch, Data: o})
		l.mu.Unlock()
	}
	return n.Unbook(ctx, roomID, keys[len(players):]...) // of those who cancelled meanwhile
}

// teamOf returns a player's team in a match, counted from 1, or 0 in a free-for-all.
func (l *Lobby) teamOf(m matchmaking.Match, id string) uint8 {
	if l.cfg.Playlists[m.Playlist].Teams < 2 {
		return 0
	}
	i := slices.IndexFunc(m.Teams, func(team []matchmaking.Member) bool {
		return slices.ContainsFunc(team, func(p matchmaking.Member) bool { return p.ID == id })
	})
	return uint8(i + 1)
}
