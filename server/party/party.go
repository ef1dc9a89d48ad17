// Package party keeps friends together: they gather in a party by a code that one of them passes
// on, say that they are ready, and follow their leader into matches and back.
//
//	book, err := party.New(party.Config{Random: rand.Reader}) // of crypto/rand
//	p, err := book.Create(ann)                                // p.Code goes into a link
//	p, err = book.Join("k7q2-m9xd", bob)
//	err = book.SetReady(bob.ID, true)
//	p, err = book.Search(ann.ID, "arena", "squads")           // then queue p.Members
//	for _, e := range book.Drain() {                          // after every call
//		// send e to e.To; on a Stopped, take the party out of the queue
//	}
//
// A party is idle, searching or playing. Its members change in any state, but a search is for the
// very people who agreed to it: whoever comes or goes during one stops it. Matched and Ended are
// told by the owner.
//
// A Book is a machine without clock, goroutine, or input and output but the random bytes of its
// codes. It belongs to one goroutine. Each player is in one party at most, so members are found by
// their id alone. Asking for what is so already changes nothing and is no error: people click twice.
//
// Every change of a party goes to all of its members with the whole party as it is then: whoever
// shows the event with the highest Rev shows the truth. One who is removed hears that, and no more
// of the party than its ID. The owner limits the rate of calls, above all of Join; it decides what a
// link looks like.
package party

import (
	"errors"
	"io"
	"slices"
	"strconv"

	"hindsight/protocol"
)

const (
	// MaxMembers is the size of a full party.
	MaxMembers = 8
	// DefaultGrace is how long the place of a member who lost his connection is kept.
	DefaultGrace = 30 * protocol.Second
	// DefaultMaxParties is how many parties there are at most.
	DefaultMaxParties = 10_000
)

// State is what a party does.
type State string

// The states.
const (
	Idle      State = "idle"
	Searching State = "searching" // in the queue for a match
	Playing   State = "playing"
)

// Kind is what changed.
type Kind string

// The kinds of events. Who is the one it is about.
const (
	Created  Kind = "created"
	Joined   Kind = "joined"
	Left     Kind = "left"   // by himself
	Kicked   Kind = "kicked" // by the leader; the code has changed
	Expired  Kind = "expired"
	Promoted Kind = "promoted"
	Ready    Kind = "ready" // or no longer
	Away     Kind = "away"
	Back     Kind = "back"
	Searched Kind = "searching" // the search began
	Stopped  Kind = "stopped"   // the search ended without a match
	Started  Kind = "started"   // a match began; nobody in particular
	Ended    Kind = "ended"     // it is over; nobody in particular
)

// Event tells a member of a change.
type Event struct {
	To    string // a member's id
	Kind  Kind
	Who   string
	Party Party
}

// Member is somebody in a party.
type Member struct {
	ID, Name string
	// Ready says that he agrees to a search, the next or the one that is on. The leader agrees by
	// searching.
	Ready bool
	// Away says that his connection is lost.
	Away bool
}

// Party is a party as it was at one moment. Its slices are not to be changed.
type Party struct {
	ID   string // unique in its book
	Code string // with which others join
	// Rev counts the changes of this party.
	Rev    uint64
	Leader string // the member's id; empty when all have left
	State  State
	// Game and Mode are what is searched for or played; empty while idle.
	Game, Mode string
	// Members are in the order in which they came.
	Members []Member
}

// index is where a member stands, or -1.
func (p *Party) index(id string) int {
	return slices.IndexFunc(p.Members, func(m Member) bool { return m.ID == id })
}

// Config is a book's settings. Random is required.
type Config struct {
	// Random is where codes come from. It cannot be guessed: crypto/rand.Reader.
	Random io.Reader
	// Grace is how long the place of a member who lost his connection is kept. 0 means DefaultGrace.
	Grace protocol.Micros
	// MaxParties is how many there are at most. 0 means DefaultMaxParties.
	MaxParties int
}

// Book is all parties.
type Book struct {
	cfg     Config
	parties map[string]*Party // by id
	codes   map[string]*Party
	members map[string]*Party // by member
	away    []absence         // the oldest first
	events  []Event
	serial  uint64 // parties so far
}

// absence is a lost connection.
type absence struct {
	member string
	since  protocol.Micros
}

// New makes an empty book.
func New(cfg Config) (*Book, error) {
	if cfg.Random == nil {
		return nil, errors.New("party: no source of random codes")
	}
	if cfg.Grace == 0 {
		cfg.Grace = DefaultGrace
	}
	if cfg.MaxParties == 0 {
		cfg.MaxParties = DefaultMaxParties
	}
	return &Book{cfg: cfg, parties: map[string]*Party{}, codes: map[string]*Party{}, members: map[string]*Party{}}, nil
}

// Drain returns what members are to be told since the last call, in order.
func (b *Book) Drain() []Event {
	events := b.events
	b.events = nil
	return events
}

// Of returns a member's party.
func (b *Book) Of(member string) (Party, bool) {
	if p := b.members[member]; p != nil {
		return p.snapshot(), true
	}
	return Party{}, false
}

// snapshot is a copy that does not change.
func (p *Party) snapshot() Party {
	c := *p
	c.Members = slices.Clone(p.Members)
	return c
}

// tell records a change of a party and tells everybody in it.
func (b *Book) tell(p *Party, kind Kind, who string) Party {
	p.Rev++
	now := p.snapshot()
	for _, m := range now.Members {
		b.events = append(b.events, Event{To: m.ID, Kind: kind, Who: who, Party: now})
	}
	return now
}

// Create makes a party of one, its leader. A leader gets the party that he has.
func (b *Book) Create(leader Member) (Party, error) {
	switch p := b.members[leader.ID]; {
	case leader.ID == "":
		return Party{}, ErrInvalid
	case p != nil && p.Leader == leader.ID:
		return p.snapshot(), nil
	case p != nil:
		return Party{}, ErrInParty
	case len(b.parties) >= b.cfg.MaxParties:
		return Party{}, ErrBusy
	}
	code, err := b.newCode()
	if err != nil {
		return Party{}, err
	}
	b.serial++
	p := &Party{ID: "p" + strconv.FormatUint(b.serial, 10), Code: code, Leader: leader.ID, State: Idle}
	b.parties[p.ID], b.codes[code] = p, p
	b.enter(p, leader)
	return b.tell(p, Created, leader.ID), nil
}

func (b *Book) enter(p *Party, m Member) {
	m.Ready, m.Away = false, false
	p.Members = append(p.Members, m)
	b.members[m.ID] = p
}

// Join brings a player into the party with a code, which stops its search. If he is alone in an idle
// party of his own, he leaves that.
func (b *Book) Join(code string, m Member) (Party, error) {
	p, old := b.codes[canonical(code)], b.members[m.ID]
	switch {
	case m.ID == "":
		return Party{}, ErrInvalid
	case p == nil:
		return Party{}, ErrNoParty
	case p == old:
		return p.snapshot(), nil
	case len(p.Members) >= MaxMembers:
		return Party{}, ErrNoParty
	case old != nil && (len(old.Members) > 1 || old.State != Idle):
		return Party{}, ErrInParty
	case old != nil:
		b.remove(old, m.ID, Left)
	}
	b.stop(p, m.ID)
	b.enter(p, m)
	return b.tell(p, Joined, m.ID), nil
}

// Leave takes a player out of his party. A match that he is in is not touched.
func (b *Book) Leave(member string) {
	if p := b.members[member]; p != nil {
		b.remove(p, member, Left)
	}
}

// Kick lets a leader remove a member. The party gets a new code, so that he does not come back with
// the old one under whatever name.
func (b *Book) Kick(leader, member string) error {
	p, err := b.led(leader)
	switch {
	case err != nil:
		return err
	case leader == member:
		return ErrSelf
	case b.members[member] != p:
		return nil
	}
	code, err := b.newCode()
	if err != nil {
		return err
	}
	b.stop(p, member) // while the code is the old one: he is told that too
	delete(b.codes, p.Code)
	p.Code, b.codes[code] = code, p
	b.remove(p, member, Kicked)
	return nil
}

// led returns the party that somebody leads.
func (b *Book) led(leader string) (*Party, error) {
	p := b.members[leader]
	switch {
	case p == nil:
		return nil, ErrNotMember
	case p.Leader != leader:
		return nil, ErrNotLeader
	}
	return p, nil
}

// remove takes a member out of his party, which dissolves when it is empty. A leader is followed by
// whoever is there and came first.
func (b *Book) remove(p *Party, member string, kind Kind) {
	b.stop(p, member)
	i := p.index(member)
	p.Members = slices.Delete(p.Members, i, i+1)
	delete(b.members, member)
	b.away = slices.DeleteFunc(b.away, func(a absence) bool { return a.member == member })
	led := p.Leader == member
	switch heir := slices.IndexFunc(p.Members, func(m Member) bool { return !m.Away }); {
	case len(p.Members) == 0:
		p.Leader = ""
		delete(b.parties, p.ID)
		delete(b.codes, p.Code)
	case led:
		p.Leader = p.Members[max(heir, 0)].ID
	}
	b.tell(p, kind, member)
	b.events = append(b.events, Event{To: member, Kind: kind, Who: member, Party: Party{ID: p.ID, Rev: p.Rev}})
	if led && len(p.Members) > 0 {
		b.tell(p, Promoted, p.Leader)
	}
}
