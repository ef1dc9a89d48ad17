// Package signing keeps the Ed25519 keys of a server, or of all servers of a cluster, and makes and
// checks tokens with them.
//
//	ring, err := signing.Open(ctx, signing.Config{Store: store})
//	token, err := ring.Sign("hindsight-session", claims)
//	err = ring.Verify("hindsight-session", token, &claims, time.Now())
//
// Keys are made when a store has none, replaced on a schedule and forgotten when no living token can
// have been signed with them. All of that follows from the times at which keys were made, so nodes
// that share a store agree without talking: a new key is published first and signs only after
// Config.Lead, when every node has read it; the key before it verifies for Config.TokenLife more.
//
// A Ring is safe for use by many goroutines. Run is optional for a single node that restarts now and
// then; nodes that share a store need it.
package signing

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Defaults of a Config.
const (
	DefaultRotateEvery = 30 * 24 * time.Hour
	DefaultLead        = 5 * time.Minute
	DefaultTokenLife   = 24 * time.Hour
	DefaultReloadEvery = time.Minute
)

// maxKeys is how many keys a ring reads. A store with more is not ours.
const maxKeys = 64

// Key is a signing key.
type Key struct {
	// ID is the key's name in tokens (kid): the first 64 bits of its RFC 7638 thumbprint.
	ID      string
	Private ed25519.PrivateKey
	Created time.Time
}

// Public is the half that verifies.
func (k Key) Public() ed25519.PublicKey { return k.Private.Public().(ed25519.PublicKey) }

// Store keeps keys. It holds secrets: whoever reads it can be any player.
type Store interface {
	// SigningKeys returns all keys, in any order.
	SigningKeys(ctx context.Context) ([]Key, error)
	// AddSigningKey adds a key; its ID is new.
	AddSigningKey(ctx context.Context, k Key) error
	// DeleteSigningKey forgets a key, and does nothing if there is none of that id.
	DeleteSigningKey(ctx context.Context, id string) error
}

// Config is a ring's settings. Store is required.
type Config struct {
	Store Store
	// RotateEvery is how long a key signs before the next is made. 0 means DefaultRotateEvery.
	RotateEvery time.Duration
	// Lead is how long a new key is published before it signs. It must be longer than ReloadEvery.
	// 0 means DefaultLead.
	Lead time.Duration
	// TokenLife is the longest life of a token that will be signed. 0 means DefaultTokenLife.
	TokenLife time.Duration
	// ReloadEvery is how often Run reads the store. 0 means DefaultReloadEvery.
	ReloadEvery time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Ring is a set of keys.
type Ring struct {
	cfg Config // immutable

	mu   sync.RWMutex
	keys []Key // guarded by mu; sorted by age, oldest first; the slice is replaced, never changed
}

// Open reads the keys from the store and makes the first if there is none.
func Open(ctx context.Context, cfg Config) (*Ring, error) {
	cfg.RotateEvery = cmp.Or(cfg.RotateEvery, DefaultRotateEvery)
	cfg.Lead = cmp.Or(cfg.Lead, DefaultLead)
	cfg.TokenLife = cmp.Or(cfg.TokenLife, DefaultTokenLife)
	cfg.ReloadEvery = cmp.Or(cfg.ReloadEvery, DefaultReloadEvery)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	switch {
	case cfg.Store == nil:
		return nil, errors.New("signing: no store")
	case cfg.RotateEvery <= cfg.Lead || cfg.Lead <= cfg.ReloadEvery:
		return nil, errors.New("signing: want RotateEvery > Lead > ReloadEvery")
	}
	r := &Ring{cfg: cfg}
	if err := r.Maintain(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Run maintains the keys until ctx ends. A store that fails is asked again at the next turn; report,
// which may be nil, is told.
func (r *Ring) Run(ctx context.Context, report func(error)) {
	turn := time.NewTicker(r.cfg.ReloadEvery)
	defer turn.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-turn.C:
			if err := r.Maintain(ctx); err != nil && ctx.Err() == nil && report != nil {
				report(err)
			}
		}
	}
}

// Maintain reads the store, makes a key if the newest is due to be replaced, and deletes those that
// no living token was signed with.
func (r *Ring) Maintain(ctx context.Context) error {
	keys, err := r.load(ctx)
	if err != nil {
		return err
	}
	now := r.cfg.Now()
	if len(keys) == 0 || now.Sub(keys[len(keys)-1].Created) >= r.cfg.RotateEvery {
		return r.Rotate(ctx)
	}
	for len(keys) > 1 && now.After(r.signsFrom(keys[1]).Add(r.cfg.TokenLife)) {
		if err := r.cfg.Store.DeleteSigningKey(ctx, keys[0].ID); err != nil {
			return fmt.Errorf("signing: delete key: %w", err)
		}
		keys = keys[1:]
	}
	r.set(keys)
	return nil
}

// Rotate makes a new key now. It signs after Lead, unless it is the only one: then at once.
func (r *Ring) Rotate(ctx context.Context) error {
	k, err := newKey(r.cfg.Now())
	if err != nil {
		return err
	}
	if err := r.cfg.Store.AddSigningKey(ctx, k); err != nil {
		return fmt.Errorf("signing: add key: %w", err)
	}
	keys, err := r.load(ctx) // another node may have made one at the same time
	if err != nil {
		return err
	}
	r.set(keys)
	return nil
}

// Revoke forgets a key at once, because it leaked: every token signed with it is worth nothing on
// this node now, and on others when they next read the store.
func (r *Ring) Revoke(ctx context.Context, id string) error {
	if err := r.cfg.Store.DeleteSigningKey(ctx, id); err != nil {
		return fmt.Errorf("signing: delete key: %w", err)
	}
	return r.Maintain(ctx)
}

// load reads the keys, oldest first.
func (r *Ring) load(ctx context.Context) ([]Key, error) {
	keys, err := r.cfg.Store.SigningKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("signing: read keys: %w", err)
	}
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("signing: %d keys in the store", len(keys))
	}
	keys = slices.Clone(keys)
	for _, k := range keys {
		if len(k.Private) != ed25519.PrivateKeySize || k.ID == "" {
			return nil, fmt.Errorf("signing: key %q is damaged", k.ID)
		}
	}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return keys, nil
}

func (r *Ring) set(keys []Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
}

func (r *Ring) all() []Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys
}

// signsFrom is when a key begins to sign, if it is not the oldest.
func (r *Ring) signsFrom(k Key) time.Time { return k.Created.Add(r.cfg.Lead) }

// signer is the newest key that every node knows by now, else the oldest there is.
func (r *Ring) signer() (Key, error) {
	keys := r.all()
	if len(keys) == 0 {
		return Key{}, ErrNoKey
	}
	now := r.cfg.Now()
	for _, k := range slices.Backward(keys) {
		if !r.signsFrom(k).After(now) {
			return k, nil
		}
	}
	return keys[0], nil
}

// public finds the key of an id.
func (r *Ring) public(id string) (ed25519.PublicKey, bool) {
	for _, k := range r.all() {
		if k.ID == id {
			return k.Public(), true
		}
	}
	return nil, false
}

// newKey makes a key from the system's randomness.
func newKey(now time.Time) (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("signing: make key: %w", err)
	}
	k := Key{Private: private, Created: now}
	k.ID = thumbprint(k.Public())
	return k, nil
}

// thumbprint is the start of the key's JWK thumbprint (RFC 7638, RFC 8037 appendix A.3): two nodes
// give one key one name.
func thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}
