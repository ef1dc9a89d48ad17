package ticket

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// DefaultLedgerSize is how many used tickets a Ledger remembers at most: 26 rooms of 64 seats filled
// every second for ten minutes, in about 64 MB. A lobby's rate limits keep it far below.
const DefaultLedgerSize = 1 << 20

// period is how long a used ticket is remembered at least. No ticket that Verify believes outlives it.
const period = MaxLife + time.Minute

// Ledger is the book of used tickets. Its methods may be called from any goroutine.
//
// It holds two generations: what was used in this period and in the one before. When a period ends,
// the older generation is dropped as a whole, since everything in it has expired; so the cost of a
// redemption does not grow with the book.
type Ledger struct {
	size int // immutable

	mu    sync.Mutex
	now   time.Time // the latest time heard; guarded by mu
	turn  time.Time // when young becomes old; guarded by mu
	young map[uuid.UUID]struct{}
	old   map[uuid.UUID]struct{}
}

// NewLedger makes an empty book for at most size tickets. 0 means DefaultLedgerSize.
func NewLedger(size int) *Ledger {
	if size <= 0 {
		size = DefaultLedgerSize
	}
	return &Ledger{size: size, young: map[uuid.UUID]struct{}{}, old: map[uuid.UUID]struct{}{}}
}

// Redeem uses a ticket up. Of any number of calls with one id, one returns nil and the others
// ErrUsed. A ticket that has ended is refused with ErrExpired, and a ticket for which the book has
// no line left with ErrBusy: what cannot be remembered cannot be let in once only.
//
// A clock that is set back does not bring an ended ticket to life: the book goes by the latest time
// it has heard.
func (l *Ledger) Redeem(id uuid.UUID, expires, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.After(l.now) {
		l.now = now
	}
	l.turnOver()
	switch {
	case !l.now.Before(expires):
		return ErrExpired
	case expires.Sub(l.now) > period:
		return ErrUnknown // nothing that Verify believes
	case has(l.young, id), has(l.old, id):
		return ErrUsed
	case len(l.young)+len(l.old) >= l.size:
		return ErrBusy
	}
	l.young[id] = struct{}{}
	return nil
}

// turnOver drops what has expired. The caller holds mu.
func (l *Ledger) turnOver() {
	if l.now.Before(l.turn) {
		return
	}
	l.old, l.young = l.young, map[uuid.UUID]struct{}{}
	if l.now.Sub(l.turn) >= period { // two periods without a ticket
		l.old = map[uuid.UUID]struct{}{}
	}
	l.turn = l.now.Add(period)
}

// Len is how many used tickets are remembered.
func (l *Ledger) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.young) + len(l.old)
}

func has(set map[uuid.UUID]struct{}, id uuid.UUID) bool {
	_, ok := set[id]
	return ok
}
