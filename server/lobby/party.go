package lobby

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"hindsight/server/party"
)

// absentFor is how long a place in a party or in the queue is kept for somebody who listens to no
// events: who has closed the page would leave the others to play with nobody.
const absentFor = 30 * time.Second

// Party is a party as its members see it.
type Party struct {
	ID   string `json:"id"`
	Code string `json:"code"` // with which others join
	// Rev counts the changes: of two, the one with the higher Rev is the truth.
	Rev     uint64      `json:"rev"`
	Leader  string      `json:"leader"` // a player's id
	State   party.State `json:"state"`
	Game    string      `json:"game"` // of the search or the match, "" while idle
	Mode    string      `json:"mode"`
	Members []Mate      `json:"members"`
}

// Mate is a member of a party.
type Mate struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Tag   int    `json:"tag"`
	Ready bool   `json:"ready"`
	Away  bool   `json:"away"`
}

// PartyNews is the data of EventParty. Its party has no members for somebody who is no longer one.
type PartyNews struct {
	Kind  party.Kind `json:"kind"`
	Who   string     `json:"who"` // the player that it is about, "" for nobody in particular
	Party Party      `json:"party"`
}

// parties are the book and what it does not know.
type parties struct {
	*party.Book
	mates   map[uuid.UUID]Player // who is in a party
	playing map[string]string    // the room of a match, by party
}

// partyOf turns a party of the book into that of its members. The caller holds mu.
func (l *Lobby) partyOf(p party.Party) Party {
	out := Party{ID: p.ID, Code: p.Code, Rev: p.Rev, Leader: p.Leader, State: p.State, Game: p.Game, Mode: p.Mode, Members: []Mate{}}
	for _, m := range p.Members {
		out.Members = append(out.Members, Mate{m.ID, m.Name, l.parties.mates[uuid.MustParse(m.ID)].Tag, m.Ready, m.Away})
	}
	return out
}

// MakeParty makes a party that the player leads, or returns the one there is.
func (l *Lobby) MakeParty(p Player) (Party, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.enter(p, func(m party.Member) (party.Party, error) { return l.parties.Create(m) })
}

// JoinParty brings a player into the party with a code. Whoever waited alone does so no more.
func (l *Lobby) JoinParty(p Player, code string) (Party, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.enter(p, func(m party.Member) (party.Party, error) { return l.parties.Join(code, m) })
}

// enter takes a player into a party. The caller holds mu.
func (l *Lobby) enter(p Player, how func(party.Member) (party.Party, error)) (Party, error) {
	in, err := how(party.Member{ID: p.ID.String(), Name: p.Name})
	if err != nil {
		return Party{}, err
	}
	l.parties.mates[p.ID] = p
	if w := l.waits[p.ID]; w != nil && w.party != in.ID {
		l.queue.Cancel(w.id)
		l.unwait(w)
	}
	if len(l.inboxes[p.ID]) == 0 {
		l.parties.Disconnect(l.micros(), p.ID.String())
	}
	l.settle()
	now, _ := l.parties.Of(p.ID.String())
	return l.partyOf(now), nil
}

// PartyOf returns a player's party, or party.ErrNotMember.
func (l *Lobby) PartyOf(player uuid.UUID) (Party, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, ok := l.parties.Of(player.String()); ok {
		return l.partyOf(p), nil
	}
	return Party{}, party.ErrNotMember
}

// LeaveParty takes a player out of the party. Not to be in one is no error.
func (l *Lobby) LeaveParty(player uuid.UUID) {
	_ = l.inParty(func() error { l.parties.Leave(player.String()); return nil })
}

// Kick lets a leader remove a member; the party gets another code.
func (l *Lobby) Kick(leader, member uuid.UUID) error {
	return l.inParty(func() error { return l.parties.Kick(leader.String(), member.String()) })
}

// Promote lets a leader make another member leader.
func (l *Lobby) Promote(leader, member uuid.UUID) error {
	return l.inParty(func() error { return l.parties.Promote(leader.String(), member.String()) })
}

// SetReady says whether a member agrees to the leader's next search.
func (l *Lobby) SetReady(member uuid.UUID, ready bool) error {
	return l.inParty(func() error { return l.parties.SetReady(member.String(), ready) })
}

// inParty changes the book and tells who should know.
func (l *Lobby) inParty(change func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := change()
	l.settle()
	return err
}

// settle tells members what has changed in their parties, and takes parties out of the queue whose
// search was stopped. The caller holds mu.
func (l *Lobby) settle() {
	for _, e := range l.parties.Drain() {
		to := uuid.MustParse(e.To)
		if w := l.waits[to]; e.Kind == party.Stopped && w != nil && w.party == e.Party.ID {
			l.queue.Cancel(w.id)
			l.unwait(w)
		}
		l.tell(to, Event{Kind: EventParty, Data: PartyNews{e.Kind, e.Who, l.partyOf(e.Party)}})
		if _, in := l.parties.Of(e.To); !in {
			delete(l.parties.mates, to)
		}
	}
}

// Queue lets a player wait for a match, alone or with the party that the player leads.
func (l *Lobby) Queue(ctx context.Context, game, mode string, p Player) (QueueState, error) {
	l.mu.Lock()
	group, id, err := l.group(p)
	l.mu.Unlock()
	if err != nil {
		return QueueState{}, err
	}
	w, err := l.rated(ctx, game, mode, group)
	if err != nil {
		return QueueState{}, err
	}
	w.party = id
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.search(p, w)
}

// group returns who would wait with a player, and the id of their party. The caller holds mu.
func (l *Lobby) group(p Player) ([]Player, string, error) {
	in, ok := l.parties.Of(p.ID.String())
	if !ok {
		return []Player{p}, "", nil
	}
	l.parties.mates[p.ID] = p // with today's name
	if in.State == party.Playing && in.Leader == p.ID.String() {
		l.ended(in.ID) // who looks for the next match has done with this one
	}
	if err := l.parties.CanSearch(p.ID.String()); err != nil && l.waits[p.ID] == nil {
		return nil, "", err
	}
	group := make([]Player, len(in.Members))
	for i, m := range in.Members {
		group[i] = l.parties.mates[uuid.MustParse(m.ID)]
	}
	return group, in.ID, nil
}

// search puts an entry into the queue, if those who wait are the party still. The caller holds mu.
func (l *Lobby) search(p Player, w *waiting) (QueueState, error) {
	defer l.settle()
	in, ok := l.parties.Of(p.ID.String())
	if w.party == "" && !ok || l.waits[p.ID] != nil {
		return l.add(w)
	}
	if in.ID != w.party || !sameMembers(in, w.players) {
		return QueueState{}, party.ErrNotReady
	}
	if _, err := l.parties.Search(p.ID.String(), w.list.Game, w.list.Mode); err != nil {
		return QueueState{}, err
	}
	s, err := l.add(w)
	if err != nil {
		_ = l.parties.Stop(p.ID.String())
	}
	return s, err
}

// sameMembers reports whether these are the members of a party, in order.
func sameMembers(in party.Party, players []Player) bool {
	return slices.EqualFunc(in.Members, players, func(m party.Member, p Player) bool { return m.ID == p.ID.String() })
}

// stopSearch stops the search of a waiting entry's party, which takes it out of the queue. It reports
// false for somebody who waits alone. The caller holds mu.
func (l *Lobby) stopSearch(player uuid.UUID, w *waiting) bool {
	if w.party == "" {
		return false
	}
	if l.parties.Stop(player.String()) != nil { // not the leader
		_ = l.parties.SetReady(player.String(), false)
	}
	l.settle()
	return true
}

// matched says that a party's match begins in a room. The caller holds mu.
func (l *Lobby) matched(w *waiting, room string) {
	if w.party != "" && l.parties.Matched(w.party, w.list.Game, w.list.Mode) {
		l.parties.playing[w.party] = room
		l.settle()
	}
}

// ended says that a party's match is over. The caller holds mu.
func (l *Lobby) ended(id string) {
	delete(l.parties.playing, id)
	l.parties.Ended(id)
	l.settle()
}

// sweepParties ends the matches of parties whose room has gone, and the waits of those who have. The
// caller holds mu.
func (l *Lobby) sweepParties(now time.Time) {
	for id, room := range l.parties.playing {
		if l.at(room) == nil {
			l.ended(id)
		}
	}
	l.parties.Tick(l.micros())
	l.settle()
	for player, since := range l.absent {
		w := l.waits[player]
		if w != nil && now.Sub(since) < absentFor {
			continue
		}
		delete(l.absent, player)
		if w != nil && !l.stopSearch(player, w) {
			l.queue.Cancel(w.id)
			l.unwait(w)
		}
	}
}

// came and went tell of a player's first inbox and last. The caller holds mu.
func (l *Lobby) came(player uuid.UUID) {
	delete(l.absent, player)
	l.parties.Reconnect(player.String())
	l.settle()
}

func (l *Lobby) went(player uuid.UUID) {
	if l.waits[player] != nil {
		l.absent[player] = l.cfg.Now()
	}
	l.parties.Disconnect(l.micros(), player.String())
	l.settle()
}
