package moderation

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Mute is the operator's word that a player may not speak.
type Mute struct {
	Player uuid.UUID
	Since  time.Time
	Until  time.Time // zero for good
	Reason string    // for other operators
	By     string    // the operator
}

// over reports that a mute has ended.
func (m Mute) over(now time.Time) bool { return !m.Until.IsZero() && !now.Before(m.Until) }

// left is how long a mute lasts, 0 for good.
func (m Mute) left(now time.Time) time.Duration {
	if m.Until.IsZero() {
		return 0
	}
	return m.Until.Sub(now)
}

// Mutes is the list of silenced players. The zero value is empty and ready. It lives as long as the
// process; to keep it longer, store what List returns and Set it again.
type Mutes struct {
	mu sync.RWMutex
	of map[uuid.UUID]Mute
}

// Set silences a player, in place of an earlier mute. It forgets those that are over at m.Since.
func (l *Mutes) Set(m Mute) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = make(map[uuid.UUID]Mute)
	}
	for id, other := range l.of {
		if other.over(m.Since) {
			delete(l.of, id)
		}
	}
	l.of[m.Player] = m
}

// Lift lets a player speak again, and reports whether it could not.
func (l *Mutes) Lift(player uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.of[player]
	delete(l.of, player)
	return ok
}

// Of returns the mute of a player, if there is one.
func (l *Mutes) Of(player uuid.UUID, now time.Time) (Mute, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	m, ok := l.of[player]
	return m, ok && !m.over(now)
}

// List returns the mutes that last, the newest first.
func (l *Mutes) List(now time.Time) []Mute {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var all []Mute
	for _, m := range l.of {
		if !m.over(now) {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b Mute) int {
		return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Player.String(), b.Player.String()))
	})
	return all
}

// MaxIgnored is how many players one can ignore.
const MaxIgnored = 256

// Ignored are the players that a player does not want to hear. It belongs to a session and ends with
// it. The zero value is empty and ready.
type Ignored struct {
	mu sync.RWMutex
	of map[uuid.UUID]struct{}
}

// Set puts a player on the list or takes it off, and returns false if the list is full.
func (l *Ignored) Set(player uuid.UUID, ignore bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ignore {
		delete(l.of, player)
		return true
	}
	if _, known := l.of[player]; !known && len(l.of) >= MaxIgnored {
		return false
	}
	if l.of == nil {
		l.of = make(map[uuid.UUID]struct{})
	}
	l.of[player] = struct{}{}
	return true
}

// Has reports that a player is on the list.
func (l *Ignored) Has(player uuid.UUID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.of[player]
	return ok
}
