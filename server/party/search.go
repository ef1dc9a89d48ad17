package party

import (
	"slices"

	"hindsight/protocol"
)

// SetReady says whether a member agrees to the next search. To take that back stops a search that is
// on. Flags are lowered when a match begins.
func (b *Book) SetReady(member string, ready bool) error {
	p := b.members[member]
	if p == nil {
		return ErrNotMember
	}
	if m := &p.Members[p.index(member)]; m.Ready != ready {
		if !ready {
			b.stop(p, member)
		}
		m.Ready = ready
		b.tell(p, Ready, member)
	}
	return nil
}

// Promote lets a leader make another member leader.
func (b *Book) Promote(leader, member string) error {
	p := b.members[leader]
	switch {
	case p != nil && p.Leader == member:
		return nil
	case p != nil && p.Leader == leader && b.members[member] != p:
		return ErrNoMember
	}
	if _, err := b.led(leader); err != nil {
		return err
	}
	p.Leader = member
	b.tell(p, Promoted, member)
	return nil
}

// CanSearch returns why a member cannot let his party search for a match now, or nil: only its
// leader can, when nobody is away and all others are ready.
func (b *Book) CanSearch(leader string) error {
	p, err := b.led(leader)
	switch {
	case err != nil:
		return err
	case p.State == Playing:
		return ErrPlaying
	case p.State == Searching:
		return ErrSearching
	}
	for _, m := range p.Members {
		if m.Away || !m.Ready && m.ID != leader {
			return ErrNotReady
		}
	}
	return nil
}

// Search begins the search of a leader's party for a match, and returns who is to be queued. Where
// that very search is on, it returns the same.
func (b *Book) Search(leader, game, mode string) (Party, error) {
	p := b.members[leader]
	if p != nil && p.Leader == leader && p.State == Searching && p.Game == game && p.Mode == mode {
		return p.snapshot(), nil
	}
	if err := b.CanSearch(leader); err != nil {
		return Party{}, err
	}
	p.State, p.Game, p.Mode = Searching, game, mode
	p.Members[p.index(leader)].Ready = true
	return b.tell(p, Searched, leader), nil
}

// Stop ends the search of a leader's party. Other members stop it by not being ready any more.
func (b *Book) Stop(leader string) error {
	p, err := b.led(leader)
	if err == nil {
		b.stop(p, leader)
	}
	return err
}

// stop ends a party's search, if it is on, because of somebody.
func (b *Book) stop(p *Party, who string) {
	if p.State == Searching {
		p.State, p.Game, p.Mode = Idle, "", ""
		b.tell(p, Stopped, who)
	}
}

// Matched says that a party's match begins. A party whose search was stopped too late for that is
// in the match all the same; who joined it meanwhile waits for the next. It returns false for a
// party that does not exist or is playing.
func (b *Book) Matched(id, game, mode string) bool {
	p := b.parties[id]
	if p == nil || p.State == Playing {
		return false
	}
	p.State, p.Game, p.Mode = Playing, game, mode
	for i := range p.Members {
		p.Members[i].Ready = false
	}
	b.tell(p, Started, "")
	return true
}

// Ended says that a party's match is over. It returns false for a party that is not playing.
func (b *Book) Ended(id string) bool {
	p := b.parties[id]
	if p == nil || p.State != Playing {
		return false
	}
	p.State, p.Game, p.Mode = Idle, "", ""
	b.tell(p, Ended, "")
	return true
}

// Disconnect says that a member's connection is lost. His place is kept for the time of grace; he
// stays leader and in a search that is on. Until its first Disconnect a member counts as connected.
func (b *Book) Disconnect(now protocol.Micros, member string) {
	p := b.members[member]
	if p == nil || p.Members[p.index(member)].Away {
		return
	}
	p.Members[p.index(member)].Away = true
	b.away = append(b.away, absence{member, now})
	b.tell(p, Away, member)
}

// Reconnect says that a member is back. It returns his party, or false if he has none any more.
func (b *Book) Reconnect(member string) (Party, bool) {
	p := b.members[member]
	if p == nil {
		return Party{}, false
	}
	if m := &p.Members[p.index(member)]; m.Away {
		m.Away = false
		b.away = slices.DeleteFunc(b.away, func(a absence) bool { return a.member == member })
		b.tell(p, Back, member)
	}
	return p.snapshot(), true
}

// Tick removes those who were away for too long.
func (b *Book) Tick(now protocol.Micros) {
	for len(b.away) > 0 && now-b.away[0].since >= b.cfg.Grace {
		m := b.away[0].member
		b.remove(b.members[m], m, Expired) // takes it off the list
	}
}
