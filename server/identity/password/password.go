// Package password checks passwords with argon2id, and keeps a flood of logins from taking the
// server's memory.
//
//	hasher := password.New(password.Config{})
//	stored, err := hasher.Hash(ctx, secret)               // "$argon2id$v=19$m=19456,t=2,p=1$…"
//	match, stale, err := hasher.Verify(ctx, secret, stored)
//
// Computing a hash takes 19 MiB and tens of milliseconds of a processor, by design. So at most
// Config.AtOnce are computed at a time, at most Config.Waiting callers wait for their turn, and the
// next is told ErrBusy at once: a quick no is worth more than a late yes, and matches on the same
// machine go on.
//
// Verify takes the same time whether it matches or not. For a login that does not exist, call Refuse
// in its place.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"
)

// Lengths of a password (NIST SP 800-63B allows no lower minimum and asks for at least 64 at the top).
const (
	MinRunes = 8
	MaxBytes = 256
)

// Errors. Those about a new password can be shown to its owner.
var (
	ErrBusy     = errors.New("password: too many logins at once")
	ErrShort    = errors.New("a password has at least 8 characters")
	ErrLong     = errors.New("a password has at most 256 bytes")
	ErrUnusable = errors.New("this password has characters that cannot be typed again")
	ErrCommon   = errors.New("this password is among the first that anyone would try")
)

// Config is a hasher's settings. The zero value is good.
type Config struct {
	// Cost of new hashes. The zero value means DefaultCost.
	Cost Cost
	// AtOnce is how many are computed at once. 0 means half of the processors, at least one: the other
	// half is for the matches.
	AtOnce int
	// Waiting is how many callers may wait for their turn. 0 means 32.
	Waiting int
}

// Hasher computes hashes. Its methods may be called from any goroutine.
type Hasher struct {
	cost    Cost          // immutable
	refusal hash          // immutable: what Refuse compares with
	turns   chan struct{} // holds one value for each that is being computed
	queue   chan struct{} // and for each that is being computed or waits

	computed atomic.Int64
}

// New makes a hasher. It panics on a cost that argon2 does not have.
func New(cfg Config) *Hasher {
	if cfg.Cost == (Cost{}) {
		cfg.Cost = DefaultCost
	}
	if !cfg.Cost.sound() {
		panic("password: a cost that is out of bounds")
	}
	if cfg.AtOnce <= 0 {
		cfg.AtOnce = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if cfg.Waiting <= 0 {
		cfg.Waiting = 32
	}
	h := &Hasher{
		cost:  cfg.Cost,
		turns: make(chan struct{}, cfg.AtOnce),
		queue: make(chan struct{}, cfg.AtOnce+cfg.Waiting),
	}
	h.refusal = hash{Cost: cfg.Cost, salt: random(saltBytes), sum: random(sumBytes)}
	return h
}

// Check says whether a new password will do. Others are words of the same account that it must not be,
// such as the login.
func Check(secret string, others ...string) error {
	switch {
	case utf8.RuneCountInString(secret) < MinRunes:
		return ErrShort
	case len(secret) > MaxBytes:
		return ErrLong
	}
	p, err := prepare(secret)
	if err != nil {
		return ErrUnusable
	}
	low := strings.ToLower(p)
	if common(low) {
		return ErrCommon
	}
	for _, o := range others {
		if low == strings.ToLower(o) {
			return ErrCommon
		}
	}
	return nil
}

// prepare gives a password the form that is hashed (RFC 8265 section 4.2), so that the same keys typed
// on another system are the same password.
func prepare(secret string) (string, error) {
	if len(secret) > MaxBytes {
		return "", ErrLong
	}
	return precis.OpaqueString.String(secret)
}

// Hash returns what to store for a password that passed Check.
func (h *Hasher) Hash(ctx context.Context, secret string) (string, error) {
	p, err := prepare(secret)
	if err != nil {
		return "", ErrUnusable
	}
	n := hash{Cost: h.cost, salt: random(saltBytes)}
	n.sum, err = h.compute(ctx, p, n, sumBytes)
	if err != nil {
		return "", err
	}
	return n.String(), nil
}

// Verify reports whether a password is the one that was stored, and whether the stored hash is of
// another cost than new ones are: then hash the password again while it is at hand.
func (h *Hasher) Verify(ctx context.Context, secret, stored string) (match, stale bool, err error) {
	want, err := parse(stored)
	if err != nil {
		return false, false, err
	}
	match, err = h.compare(ctx, secret, want)
	return match, match && want.Cost != h.cost, err
}

// Refuse takes as long as a Verify that does not match.
func (h *Hasher) Refuse(ctx context.Context, secret string) error {
	_, err := h.compare(ctx, secret, h.refusal)
	return err
}

// compare computes a password's sum and compares it in constant time.
func (h *Hasher) compare(ctx context.Context, secret string, want hash) (bool, error) {
	p, unusable := prepare(secret) // cannot be anyone's, but is not told from others by the time it takes
	got, err := h.compute(ctx, p, want, uint32(len(want.sum)))
	return subtle.ConstantTimeCompare(got, want.sum) == 1 && unusable == nil && err == nil, err
}

// compute waits for its turn and computes a sum.
func (h *Hasher) compute(ctx context.Context, secret string, with hash, size uint32) ([]byte, error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	h.computed.Add(1)
	return argon2.IDKey([]byte(secret), with.salt, with.Passes, with.MemoryKiB, with.Lanes, size), nil
}

// Computed is how many hashes were computed so far.
func (h *Hasher) Computed() int64 { return h.computed.Load() }

// random returns bytes from the system's randomness, which does not fail.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never returns an error
	return b
}
