package storage

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"time"
)

// Key is a key that tickets and sessions are signed with. All nodes of a host share them.
type Key struct {
	ID string
	// Seed is the private half: an Ed25519 seed of 32 bytes.
	Seed []byte
	// Created is when it was made.
	Created time.Time
	// Retired is when it ceased to sign; zero while it signs. What it signed before stays good until
	// that expires.
	Retired time.Time
}

// AddKey adds a key. It returns ErrTaken if the id is known.
func (s *Store) AddKey(ctx context.Context, k Key) error {
	err := bounded("key id", k.ID, 1, maxID)
	if len(k.Seed) != ed25519.SeedSize {
		err = fmt.Errorf("%w: a seed of %d bytes, want %d", ErrInvalid, len(k.Seed), ed25519.SeedSize)
	}
	if err != nil {
		return fail("add key", err)
	}
	return fail("add key", s.in.InsertKey(ctx, k.ID, hex.EncodeToString(k.Seed), millis(k.Created)))
}

// Keys returns all keys, the newest first.
func (s *Store) Keys(ctx context.Context) ([]Key, error) {
	rows, err := s.from.Keys(ctx)
	if err != nil {
		return nil, fail("keys", err)
	}
	keys := make([]Key, len(rows))
	for i, r := range rows {
		seed, err := hex.DecodeString(r.Seed)
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("storage: keys: the seed of %q is damaged", r.Kid)
		}
		keys[i] = Key{ID: r.Kid, Seed: seed, Created: instant(r.Created), Retired: instant(r.Retired)}
	}
	return keys, nil
}

// RetireKey ends a key's signing. Retiring again keeps the first time.
func (s *Store) RetireKey(ctx context.Context, id string, at time.Time) error {
	return fail("retire key", found(s.in.RetireKey(ctx, millis(at), id)))
}
