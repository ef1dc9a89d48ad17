// Package stored lets package identity keep players, devices, credentials and keys in a database of
// package storage.
//
//	db, err := storage.Open(ctx, "hindsight.db")
//	store := stored.New(db, time.Now)
//	ring, err := signing.Open(ctx, signing.Config{Store: store})
//	who, err := identity.New(identity.Config{Store: store, Ring: ring})
//
// It translates ids, errors and keys, and decides nothing.
package stored

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/signing"
	"hindsight/server/storage"
)

// Database is what is used of a storage.Store.
type Database interface {
	CreatePlayer(ctx context.Context, p storage.Player) error
	Player(ctx context.Context, id string) (storage.Player, error)
	Rename(ctx context.Context, id, name, skeleton string, tag int) error
	AddDevice(ctx context.Context, hash, player string, at time.Time) error
	PlayerByDevice(ctx context.Context, hash string) (storage.Player, error)
	RemoveDevice(ctx context.Context, hash string) error
	RemoveDevices(ctx context.Context, player, but string) error
	AddCredential(ctx context.Context, c storage.Credential) error
	CredentialByLogin(ctx context.Context, login string) (storage.Credential, error)
	ChangeCredential(ctx context.Context, login, hash string, at time.Time) error
	AddIdentity(ctx context.Context, issuer, subject, player string, at time.Time) error
	PlayerByIdentity(ctx context.Context, issuer, subject string) (storage.Player, error)
	MergeGuest(ctx context.Context, guest, into string) error
	AddKey(ctx context.Context, k storage.Key) error
	Keys(ctx context.Context) ([]storage.Key, error)
	RetireKey(ctx context.Context, id string, at time.Time) error
}

// Store is an identity.Store and a signing.Store in a database.
type Store struct {
	db  Database
	now func() time.Time
}

var (
	_ identity.Store = (*Store)(nil)
	_ signing.Store  = (*Store)(nil)
)

// New keeps what identity has in a database. Now is the clock.
func New(db Database, now func() time.Time) *Store { return &Store{db, now} }

// meant gives a database's error the meaning that package identity knows.
func meant(err error) error {
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return fmt.Errorf("%w: %w", identity.ErrNotFound, err)
	case errors.Is(err, storage.ErrTaken):
		return fmt.Errorf("%w: %w", identity.ErrTaken, err)
	}
	return err
}

// player translates a player.
func player(p storage.Player, err error) (identity.Player, error) {
	if err != nil {
		return identity.Player{}, meant(err)
	}
	id, err := uuid.Parse(p.ID)
	if err != nil {
		return identity.Player{}, fmt.Errorf("stored: player %q: %w", p.ID, err)
	}
	return identity.Player{ID: id, Name: p.Name, Tag: p.Tag, Guest: p.Guest, Created: p.Created}, nil
}

// CreatePlayer implements identity.Store.
func (s *Store) CreatePlayer(ctx context.Context, p identity.Player) error {
	return meant(s.db.CreatePlayer(ctx, storage.Player{
		ID: p.ID.String(), Name: p.Name, Skeleton: names.Skeleton(p.Name), Tag: p.Tag, Guest: p.Guest, Created: p.Created,
	}))
}

// Player implements identity.Store.
func (s *Store) Player(ctx context.Context, id uuid.UUID) (identity.Player, error) {
	return player(s.db.Player(ctx, id.String()))
}

// Rename implements identity.Store.
func (s *Store) Rename(ctx context.Context, id uuid.UUID, name, skeleton string, tag int) error {
	return meant(s.db.Rename(ctx, id.String(), name, skeleton, tag))
}

// AddDevice implements identity.Store.
func (s *Store) AddDevice(ctx context.Context, hash string, player uuid.UUID, at time.Time) error {
	return meant(s.db.AddDevice(ctx, hash, player.String(), at))
}

// PlayerByDevice implements identity.Store.
func (s *Store) PlayerByDevice(ctx context.Context, hash string) (identity.Player, error) {
	return player(s.db.PlayerByDevice(ctx, hash))
}

// RemoveDevice implements identity.Store.
func (s *Store) RemoveDevice(ctx context.Context, hash string) error {
	return meant(s.db.RemoveDevice(ctx, hash))
}

// RemoveDevices implements identity.Store.
func (s *Store) RemoveDevices(ctx context.Context, player uuid.UUID, but string) error {
	return meant(s.db.RemoveDevices(ctx, player.String(), but))
}

// AddCredential implements identity.Store.
func (s *Store) AddCredential(ctx context.Context, c identity.Credential) error {
	return meant(s.db.AddCredential(ctx, storage.Credential{Login: c.Login, Player: c.Player.String(), Hash: c.Hash, Changed: c.Changed}))
}

// CredentialByLogin implements identity.Store.
func (s *Store) CredentialByLogin(ctx context.Context, login string) (identity.Credential, error) {
	c, err := s.db.CredentialByLogin(ctx, login)
	if err != nil {
		return identity.Credential{}, meant(err)
	}
	id, err := uuid.Parse(c.Player)
	if err != nil {
		return identity.Credential{}, fmt.Errorf("stored: credential of %q: %w", c.Player, err)
	}
	return identity.Credential{Login: c.Login, Player: id, Hash: c.Hash, Changed: c.Changed}, nil
}

// ChangeCredential implements identity.Store.
func (s *Store) ChangeCredential(ctx context.Context, login, hash string, at time.Time) error {
	return meant(s.db.ChangeCredential(ctx, login, hash, at))
}

// AddIdentity implements identity.Store.
func (s *Store) AddIdentity(ctx context.Context, issuer, subject string, player uuid.UUID, at time.Time) error {
	return meant(s.db.AddIdentity(ctx, issuer, subject, player.String(), at))
}

// PlayerByIdentity implements identity.Store.
func (s *Store) PlayerByIdentity(ctx context.Context, issuer, subject string) (identity.Player, error) {
	return player(s.db.PlayerByIdentity(ctx, issuer, subject))
}

// MergeGuest implements identity.Store.
func (s *Store) MergeGuest(ctx context.Context, guest, into uuid.UUID) error {
	return meant(s.db.MergeGuest(ctx, guest.String(), into.String()))
}

// SigningKeys implements signing.Store: the keys that are not retired.
func (s *Store) SigningKeys(ctx context.Context) ([]signing.Key, error) {
	all, err := s.db.Keys(ctx)
	if err != nil {
		return nil, err
	}
	var keys []signing.Key
	for _, k := range all {
		switch {
		case !k.Retired.IsZero():
		case len(k.Seed) != ed25519.SeedSize:
			return nil, fmt.Errorf("stored: key %q has a seed of %d bytes", k.ID, len(k.Seed))
		default:
			keys = append(keys, signing.Key{ID: k.ID, Private: ed25519.NewKeyFromSeed(k.Seed), Created: k.Created})
		}
	}
	return keys, nil
}

// AddSigningKey implements signing.Store.
func (s *Store) AddSigningKey(ctx context.Context, k signing.Key) error {
	return s.db.AddKey(ctx, storage.Key{ID: k.ID, Seed: k.Private.Seed(), Created: k.Created})
}

// DeleteSigningKey implements signing.Store. The key is retired, not forgotten: the database remembers
// that there was one.
func (s *Store) DeleteSigningKey(ctx context.Context, id string) error {
	if err := s.db.RetireKey(ctx, id, s.now()); !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	return nil
}
