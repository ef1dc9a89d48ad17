// Package throttle limits how often each of many keys may do something: addresses, players, logins.
//
//	guests := throttle.New[netip.Addr](throttle.Rate{Every: 10 * time.Second, Burst: 5}, 0)
//	if wait := guests.Take(throttle.Network(addr), time.Now()); wait > 0 {
//		// refuse, and say to come back after wait
//	}
//
// Each key has a token bucket. The number of keys is bounded: a key that has been quiet long enough
// to have its whole burst back is forgotten, because a new one would be equal to it; when all are
// busy, the one that was quiet longest makes room. An attacker with more addresses than the bound
// can therefore win bursts, not memory; what must hold against him needs a limit on the whole as well.
package throttle

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// DefaultKeys is how many keys are remembered, in about 20 MB when all are busy.
const DefaultKeys = 1 << 16

// Rate is how often.
type Rate struct {
	// Every is the time after which one more is allowed. It is positive.
	Every time.Duration
	// Burst is how many are allowed at once. It is at least 1.
	Burst int
}

// Throttle limits by key. Its methods may be called from any goroutine.
type Throttle[K comparable] struct {
	rate Rate // immutable
	max  int  // immutable

	mu   sync.Mutex
	keys map[K]*list.Element // of *bucket[K]; guarded by mu
	used list.List           // the same, last used first; guarded by mu
}

type bucket[K comparable] struct {
	key  K
	last time.Time
	*rate.Limiter
}

// New makes a throttle that remembers at most max keys. A max of 0 means DefaultKeys. It panics on a
// rate that allows nothing.
func New[K comparable](r Rate, max int) *Throttle[K] {
	if r.Every <= 0 || r.Burst < 1 {
		panic("throttle: a rate that allows nothing")
	}
	if max <= 0 {
		max = DefaultKeys
	}
	return &Throttle[K]{rate: r, max: max, keys: make(map[K]*list.Element)}
}

// Take does it once for a key, and returns 0; or it returns how long the key has to wait, and
// nothing was taken.
func (t *Throttle[K]) Take(key K, now time.Time) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.bucket(key, now)
	if b.AllowN(now, 1) {
		return 0
	}
	missing := 1 - b.TokensAt(now)
	return max(time.Duration(missing*float64(t.rate.Every)), 1)
}

// bucket finds or makes a key's bucket and makes it the last used. The caller holds mu.
func (t *Throttle[K]) bucket(key K, now time.Time) *bucket[K] {
	if e, ok := t.keys[key]; ok {
		t.used.MoveToFront(e)
		b := e.Value.(*bucket[K])
		b.last = now
		return b
	}
	t.forget(now)
	b := &bucket[K]{key: key, last: now, Limiter: rate.NewLimiter(rate.Every(t.rate.Every), t.rate.Burst)}
	t.keys[key] = t.used.PushFront(b)
	return b
}

// forget drops keys whose buckets are full again, and one more if that leaves no room. The caller
// holds mu.
func (t *Throttle[K]) forget(now time.Time) {
	refill := t.rate.Every * time.Duration(t.rate.Burst)
	for e := t.used.Back(); e != nil; e = t.used.Back() {
		b := e.Value.(*bucket[K])
		if len(t.keys) < t.max && now.Sub(b.last) < refill {
			return
		}
		t.used.Remove(e)
		delete(t.keys, b.key)
	}
}

// Len is how many keys are remembered.
func (t *Throttle[K]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.keys)
}

// Network is what an address is counted as: itself for IPv4, its /64 for IPv6, where one customer
// has that many addresses.
func Network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
