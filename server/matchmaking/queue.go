// Package matchmaking puts people who wait into matches: close in skill, soon, and with their
// friends.
//
//	q, err := matchmaking.New(matchmaking.Config{Rules: map[matchmaking.Playlist]matchmaking.Rules{
//		{Game: "arena", Mode: "ffa"}: {MaxPlayers: 16, JoinInProgress: true},
//	}})
//	err = q.Add(now, matchmaking.Entry{ID: "e1", Game: "arena", Mode: "ffa", Players: players})
//	for _, m := range q.Tick(now, rooms) { // often: a few times a second
//		// reserve seats, then q.Confirm(m.ID); if that fails, q.Requeue(m.ID)
//	}
//
// A Queue is a machine without clock, goroutine, chance or input and output. It belongs to one
// goroutine, which tells it the time, on any clock that does not go back. Equal calls give equal
// matches.
//
// Who waits longest is served first and stands in the middle of his match: he gets the people
// nearest to him in skill that fill the seats exactly, within a window that widens as he waits (see
// Rules). In a crowd that makes matches of equals at once; where few wait, it makes them of whoever
// is there. Skill is the mean of a rating: the best guess of how somebody will play, while
// rating.Ordinal says what he has proven and would put every newcomer among the weakest.
//
// With bots nobody waits longer than FillAfter and the time to the next Tick, whatever the others
// do. That is a promise, and tested.
//
// A match is a proposal until the owner answers it. Its people can be in no other in the meantime,
// so each proposal must be answered, by Confirm or by Requeue. After a Requeue the next Tick proposes
// much the same again: an owner who has no room for it waits before he asks.
package matchmaking

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"hindsight/game/rating"
	"hindsight/protocol"
)

// DefaultMaxPlayers is how many people a queue holds at most.
const DefaultMaxPlayers = 50_000

// Playlist is something to queue for.
type Playlist struct{ Game, Mode string }

// Member is somebody who plays.
type Member struct {
	ID     string
	Rating rating.Rating
}

// Entry is a player or a party in the queue. Its players stay together, in one match and, where
// there are teams, in one team.
type Entry struct {
	// ID names the entry; it is the owner's choice and no other entry has it.
	ID      string
	Players []Member
	Playlist
	// Region is where the match is to be held; people of different regions do not meet. The owner
	// has checked that it exists. Empty where there is only one.
	Region string
	// Since is when the wait began. The queue sets it.
	Since protocol.Micros
}

// Match is a proposal to play together.
type Match struct {
	// ID is the proposal's number. They count from 1.
	ID uint64
	Playlist
	Region string
	// Room is the running room to join, or empty for a new one.
	Room string
	// Teams are the people by team, in the order of the room's teams; in a free for all each is a
	// team of his own, as package rating wants it. Teams may be uneven where bots play along, and
	// empty in a room to join.
	Teams [][]Member
	// Entries are the same people as they queued, the one that waited longest first.
	Entries []Entry
	// BotSlots are the seats of a new room that bots are to take.
	BotSlots int
}

// Room is a running room that has seats for people.
type Room struct {
	ID string
	Playlist
	Region string
	// Free are the seats that people may have, those that bots hold included: one number for each
	// team, or a single one in a free for all.
	Free []int
	// Rating is that of the people in it, on average. The zero value means that nobody is there.
	Rating rating.Rating
}

// Config is a queue's settings.
type Config struct {
	// Rules are those of each playlist. A playlist without rules cannot be queued for.
	Rules map[Playlist]Rules
	// MaxPlayers is how many people the queue holds at most. 0 means DefaultMaxPlayers.
	MaxPlayers int
}

// Queue is everybody who waits.
type Queue struct {
	rules map[Playlist]Rules // immutable
	limit int                // immutable

	pools    []*pool // none is empty between ticks, except for those who left since
	entries  map[string]*waiting
	players  map[string]*waiting // by player
	proposed map[uint64]proposal
	waits    map[band]average

	arrivals, matches uint64 // so far
}

// ground is what separates people for good.
type ground struct {
	Playlist
	region string
}

// pool are those who can meet each other.
type pool struct {
	ground
	rules Rules
	queue []*waiting // oldest first
}

// waiting is an entry in the queue.
type waiting struct {
	Entry
	order uint64  // of arrival, among equal Since
	skill float64 // of its players, on average
	match uint64  // the proposal that it is in; 0 for none
	spot  int     // in the line, while matches are being formed

	gone bool     // cancelled while it was in a proposal
	left []string // who left while it was in one
}

// proposal is an unanswered match.
type proposal struct {
	at      protocol.Micros
	entries []*waiting
}

// New makes an empty queue.
func New(cfg Config) (*Queue, error) {
	q := &Queue{
		rules: make(map[Playlist]Rules, len(cfg.Rules)), limit: cmp.Or(cfg.MaxPlayers, DefaultMaxPlayers),
		entries: map[string]*waiting{}, players: map[string]*waiting{},
		proposed: map[uint64]proposal{}, waits: map[band]average{},
	}
	lists := slices.SortedFunc(maps.Keys(cfg.Rules), func(a, b Playlist) int {
		return cmp.Or(cmp.Compare(a.Game, b.Game), cmp.Compare(a.Mode, b.Mode))
	})
	for _, list := range lists {
		r, err := cfg.Rules[list].withDefaults()
		if err != nil {
			return nil, fmt.Errorf("matchmaking: %s %s: %w", list.Game, list.Mode, err)
		}
		q.rules[list] = r
	}
	return q, nil
}

// Add lets a player or a party wait from now on. It keeps nothing of e that the caller may change.
// On an error, which is a Refusal, nothing has changed.
func (q *Queue) Add(now protocol.Micros, e Entry) error {
	rules, ok := q.rules[e.Playlist]
	switch {
	case !ok:
		return ErrPlaylist
	case len(e.Players) > rules.TeamSize:
		return ErrTooLarge
	case e.ID == "", !sound(e.Players):
		return ErrEntry
	case len(q.players)+len(e.Players) > q.limit:
		return ErrBusy
	case q.entries[e.ID] != nil:
		return ErrQueued
	}
	for _, m := range e.Players {
		if q.players[m.ID] != nil {
			return ErrQueued
		}
	}
	e.Players, e.Since = slices.Clone(e.Players), now
	q.arrivals++
	w := &waiting{Entry: e, order: q.arrivals, skill: skill(e.Players)}
	q.entries[e.ID] = w
	for _, m := range e.Players {
		q.players[m.ID] = w
	}
	q.insert(w)
	return nil
}

// sound reports that players can be matched: they have names, each his own, and ratings.
func sound(players []Member) bool {
	for i, m := range players {
		if m.ID == "" || math.IsNaN(m.Rating.Mu) || math.IsInf(m.Rating.Mu, 0) {
			return false
		}
		if slices.ContainsFunc(players[:i], func(o Member) bool { return o.ID == m.ID }) {
			return false
		}
	}
	return len(players) > 0
}

func skill(players []Member) float64 {
	sum := 0.0
	for _, m := range players {
		sum += m.Rating.Mu
	}
	return sum / float64(len(players))
}

// insert puts an entry into its pool, behind those who wait longer.
func (q *Queue) insert(w *waiting) {
	g := ground{w.Playlist, w.Region}
	i := slices.IndexFunc(q.pools, func(p *pool) bool { return p.ground == g })
	if i < 0 {
		i = len(q.pools)
		q.pools = append(q.pools, &pool{ground: g, rules: q.rules[w.Playlist]})
	}
	p := q.pools[i]
	at, _ := slices.BinarySearchFunc(p.queue, w, older)
	p.queue = slices.Insert(p.queue, at, w)
}

// older orders entries by how long they wait; no two are equal.
func older(a, b *waiting) int {
	return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.order, b.order))
}

// remove takes an entry out of its pool.
func (q *Queue) remove(w *waiting) {
	for _, p := range q.pools {
		if p.ground != (ground{w.Playlist, w.Region}) {
			continue
		}
		if i, ok := slices.BinarySearchFunc(p.queue, w, older); ok {
			p.queue = slices.Delete(p.queue, i, i+1)
		}
	}
}

// Cancel ends the wait of an entry. It returns false for one that does not wait, as after a double
// click, and for one that is in a proposal: that may still become a match, but if it is given back
// the entry does not come back with it.
func (q *Queue) Cancel(id string) bool {
	w := q.entries[id]
	if w == nil {
		return false
	}
	if w.match != 0 {
		w.gone = true
		return false
	}
	q.remove(w)
	q.forget(w)
	return true
}

// forget drops an entry that is in no pool.
func (q *Queue) forget(w *waiting) {
	delete(q.entries, w.ID)
	for _, m := range w.Players {
		delete(q.players, m.ID)
	}
}

// Leave takes one player out of his entry; the others wait on. It returns false where Cancel would.
// Someone who leaves while he is in a proposal stays taken until that is answered.
func (q *Queue) Leave(player string) bool {
	w := q.players[player]
	if w == nil || len(w.Players) == 1 {
		return w != nil && q.Cancel(w.ID)
	}
	if w.match != 0 {
		w.left = append(w.left, player)
		return false
	}
	q.drop(w, player)
	return true
}

// drop removes one of several players from an entry.
func (q *Queue) drop(w *waiting, player string) {
	delete(q.players, player)
	// A new slice: the old one may be in the hands of who got the match.
	w.Players = slices.DeleteFunc(slices.Clone(w.Players), func(m Member) bool { return m.ID == player })
	if len(w.Players) > 0 {
		w.skill = skill(w.Players)
	}
}

// Tick proposes matches. It first sends people into rooms, where the rules allow that, the nearest
// in skill first; then it makes new matches of those who are left. It keeps nothing of rooms.
func (q *Queue) Tick(now protocol.Micros, rooms []Room) []Match {
	var out []Match
	for _, p := range q.pools {
		if p.rules.JoinInProgress {
			out = q.backfill(out, now, p, rooms)
		}
		out = q.form(out, now, p)
	}
	q.pools = slices.DeleteFunc(q.pools, func(p *pool) bool { return len(p.queue) == 0 })
	return out
}

// propose completes a match of these entries and takes them out of the pool's reach. Their pool
// still lists them until it is swept.
func (q *Queue) propose(now protocol.Micros, p *pool, m Match, group []*waiting) Match {
	q.matches++
	m.ID, m.Playlist, m.Region = q.matches, p.Playlist, p.region
	slices.SortFunc(group, older)
	for _, w := range group {
		w.match = m.ID
		m.Entries = append(m.Entries, w.Entry)
	}
	q.proposed[m.ID] = proposal{now, group}
	return m
}

// sweep takes those who are in a proposal out of the pool.
func (p *pool) sweep() {
	p.queue = slices.DeleteFunc(p.queue, func(w *waiting) bool { return w.match != 0 })
}

// Confirm says that a match takes place: its people no longer wait and may queue again. It returns
// false for a match that is not open, as a second call does.
func (q *Queue) Confirm(id uint64) bool {
	p, ok := q.proposed[id]
	delete(q.proposed, id)
	for _, w := range p.entries {
		q.learn(w, p.at-w.Since)
		q.forget(w)
	}
	return ok
}

// Requeue says that a match does not take place: its entries wait again where they did, as if they
// had never left, without those who cancelled or left meanwhile. It returns false for a match that
// is not open.
func (q *Queue) Requeue(id uint64) bool {
	p, ok := q.proposed[id]
	delete(q.proposed, id)
	for _, w := range p.entries {
		w.match = 0
		for _, player := range w.left {
			q.drop(w, player)
		}
		w.left = nil
		if w.gone || len(w.Players) == 0 {
			q.forget(w)
			continue
		}
		q.insert(w)
	}
	return ok
}

// Waiting is how many people wait for a playlist, without those in proposals.
func (q *Queue) Waiting(list Playlist) int {
	n := 0
	for _, p := range q.pools {
		if p.Playlist != list {
			continue
		}
		for _, w := range p.queue {
			n += len(w.Players)
		}
	}
	return n
}
