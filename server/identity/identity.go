// Package identity is who a player is: guests, accounts, the devices that speak for them, and the
// sessions that the rest of the server believes.
//
//	who, err := identity.New(identity.Config{Store: store, Ring: ring})
//	device, player, err := who.NewGuest(ctx, from, "")     // play first
//	device, player, err = who.Register(ctx, from, identity.Registration{Login: l, Password: p, Device: device})
//	token, player, err := who.Session(ctx, device)         // an hour's worth
//	session, err := identity.Verify(ring, token, time.Now())
//
// Two secrets are told apart. A device token is kept by the client and shown to this package only; it
// is 256 random bits, and the store holds its hash, so whoever reads the database does not become its
// players. A session token is what the client shows everywhere else: signed, readable, short-lived,
// and believed without asking the store. So signing out a device ends it at once, while a session of
// it is believed for the rest of its hour: what changes an account asks for the device or the password.
//
// A guest who registers, or who signs in for the first time, keeps everything: the guest becomes the
// account, or is merged into it (Store.MergeGuest). The device token changes whenever what it speaks
// for does. Otherwise somebody who had planted a guest's token in another's browser would find himself
// in the other's account.
//
// A Service is safe for use by many goroutines and starts none. It opens no socket: handlers are the
// lobby's. What signs tokens is in package signing, passwords in package password, other sites' logins
// in package oidc, what one may be called in package names.
package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity/names"
	"hindsight/server/identity/password"
	"hindsight/server/identity/signing"
)

// Player is somebody who plays here.
type Player struct {
	ID      uuid.UUID
	Name    string // passed names.Rules.Check
	Tag     int    // 1 to names.MaxTag
	Guest   bool   // known by a device only
	Created time.Time
}

// FullName is the name with its tag: "Swift Otter#0042".
func (p Player) FullName() string { return names.Full(p.Name, p.Tag) }

// Credential is a login with a password's hash. A player has at most one.
type Credential struct {
	Login   string // in the one form that Service gives it
	Player  uuid.UUID
	Hash    string
	Changed time.Time
}

// What a Store and a Service return besides faults of the store.
var (
	// ErrNotFound: there is no such player, device or login.
	ErrNotFound = errors.New("identity: not found")
	// ErrTaken: somebody has that name and tag, login or identity.
	ErrTaken = errors.New("identity: taken")
	// ErrDevice: the device token is not one, or was signed out.
	ErrDevice = errors.New("identity: unknown device")
	// ErrCredentials: no such login, or another password. It is not told which.
	ErrCredentials = errors.New("identity: wrong login or password")
	// ErrLogin: not something that can be a login.
	ErrLogin = errors.New("a login has 3 to 64 letters, digits or signs, and no blanks")
	// ErrAccount: the player has an account already.
	ErrAccount = errors.New("identity: not a guest")
	// ErrCrowded: all tags that were tried are taken.
	ErrCrowded = errors.New("too many players have this name")
)

// Config is a service's settings. Store and Ring are required.
type Config struct {
	Store Store
	Ring  *signing.Ring
	// Names decides on names; nil means names.Rules{}.
	Names *names.Rules
	// Passwords hashes passwords; nil means password.New(password.Config{}).
	Passwords *password.Hasher
	// Limits bound how often. The zero value means DefaultLimits.
	Limits Limits
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Service knows who a player is.
type Service struct {
	cfg    Config // immutable
	limits *limits
}

// New makes a service.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil || cfg.Ring == nil {
		return nil, errors.New("identity: no store or no ring")
	}
	if cfg.Names == nil {
		cfg.Names = &names.Rules{}
	}
	if cfg.Passwords == nil {
		cfg.Passwords = password.New(password.Config{})
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{cfg: cfg, limits: newLimits(cfg.Limits)}, nil
}

// NewGuest makes a player for somebody who comes from an address for the first time. An empty name is
// replaced by one that is made up. The device token is shown once.
func (s *Service) NewGuest(ctx context.Context, from netip.Addr, name string) (device string, p Player, err error) {
	if name, err = s.checkName(name); err != nil {
		return "", Player{}, err
	}
	if err := s.limits.guest(from, s.cfg.Now()); err != nil {
		return "", Player{}, err
	}
	if p, err = s.newPlayer(ctx, name); err != nil {
		return "", Player{}, err
	}
	device, err = s.addDevice(ctx, p.ID)
	return device, p, err
}

// Device returns the player that a device speaks for. The error is ErrDevice if there is none.
func (s *Service) Device(ctx context.Context, device string) (Player, error) {
	hash, err := deviceHash(device)
	if err != nil {
		return Player{}, err
	}
	p, err := s.cfg.Store.PlayerByDevice(ctx, hash)
	if errors.Is(err, ErrNotFound) {
		err = ErrDevice
	}
	return p, err
}

// Rename gives the player of a device another name, with the same tag if it is free.
func (s *Service) Rename(ctx context.Context, device, name string) (Player, error) {
	p, err := s.Device(ctx, device)
	if err != nil {
		return Player{}, err
	}
	if name, err = s.cfg.Names.Check(name); err != nil || name == p.Name {
		return p, err
	}
	if err := s.limits.rename(p.ID, s.cfg.Now()); err != nil {
		return Player{}, err
	}
	return s.named(p, name, func(p Player) error {
		return s.cfg.Store.Rename(ctx, p.ID, p.Name, names.Skeleton(p.Name), p.Tag)
	})
}

// Logout signs a device out. A device that is not signed in is out already.
func (s *Service) Logout(ctx context.Context, device string) error {
	hash, err := deviceHash(device)
	if err != nil {
		return nil
	}
	return unlessGone(s.cfg.Store.RemoveDevice(ctx, hash))
}

// checkName checks a name, or makes one up for "".
func (s *Service) checkName(name string) (string, error) {
	if name == "" {
		return names.Generate(), nil
	}
	return s.cfg.Names.Check(name)
}

// newPlayer makes a player, a guest so far, with a name that was checked.
func (s *Service) newPlayer(ctx context.Context, name string) (Player, error) {
	id, err := uuid.NewV7() // in order of time, which databases like
	if err != nil {
		return Player{}, err
	}
	p := Player{ID: id, Guest: true, Created: s.cfg.Now()}
	return s.named(p, name, func(p Player) error { return s.cfg.Store.CreatePlayer(ctx, p) })
}

// tagTries is how many tags are tried for a name. A name of which half of the tags are taken fails
// once in four billion times.
const tagTries = 32

// named gives a player a name and a tag that store takes: the player's own or one drawn.
func (s *Service) named(p Player, name string, store func(Player) error) (Player, error) {
	p.Name = name
	for range tagTries {
		if p.Tag == 0 {
			p.Tag = names.Tag()
		}
		err := store(p)
		if !errors.Is(err, ErrTaken) {
			return p, err
		}
		p.Tag = 0
	}
	return Player{}, ErrCrowded
}

// devicePrefix tells a device token from other secrets, for programs that look for leaked ones.
const devicePrefix = "hsd_"

// deviceBytes is the randomness in a device token.
const deviceBytes = 32

// addDevice makes a device token for a player and returns it.
func (s *Service) addDevice(ctx context.Context, player uuid.UUID) (string, error) {
	var secret [deviceBytes]byte
	_, _ = rand.Read(secret[:]) // never returns an error
	device := devicePrefix + base64.RawURLEncoding.EncodeToString(secret[:])
	hash, err := deviceHash(device)
	if err != nil {
		return "", fmt.Errorf("identity: %w of our own", err)
	}
	return device, s.cfg.Store.AddDevice(ctx, hash, player, s.cfg.Now())
}

// deviceHash is what the store knows of a device token. It needs no salt and no cost: nobody guesses
// 256 bits.
func deviceHash(device string) (string, error) {
	coded, ok := strings.CutPrefix(device, devicePrefix)
	if !ok || len(coded) != base64.RawURLEncoding.EncodedLen(deviceBytes) {
		return "", ErrDevice
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(coded)
	if err != nil || len(secret) != deviceBytes {
		return "", ErrDevice
	}
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:]), nil
}

// unlessGone returns an error unless it says that what should go is gone.
func unlessGone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
