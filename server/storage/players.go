package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hindsight/server/storage/db"
)

// Limits of what is kept of a player, in bytes.
const (
	MaxName     = 64
	MaxSkeleton = 128
	MaxSettings = 8 << 10
	maxID       = 64
	maxKey      = 512 // logins, hashes, issuers, subjects
)

// Player is somebody who plays here: a guest known by a device, or the owner of an account.
type Player struct {
	// ID is a UUID that the caller chose. It never changes, but see Store.MergeGuest.
	ID string
	// Name is shown as Name#Tag. No two players have the same Skeleton and Tag.
	Name string
	// Skeleton is the name without what only looks different (case, accents, look-alike letters).
	Skeleton string
	// Tag is the number shown behind the name.
	Tag int
	// Guest is true until the player has a credential or an identity.
	Guest bool
	// Settings is a JSON object that belongs to the player's client, at most MaxSettings bytes.
	// Empty means {}.
	Settings string
	// Created is when the player came first.
	Created time.Time
	// Seen is when the player's last match ended, or Created. Set by the store.
	Seen time.Time
}

func (p *Player) check() error {
	return errors.Join(bounded("id", p.ID, 1, maxID), checkName(p.Name, p.Skeleton, p.Tag), checkSettings(p.Settings))
}

func checkName(name, skeleton string, tag int) error {
	err := errors.Join(bounded("name", name, 1, MaxName), bounded("skeleton", skeleton, 1, MaxSkeleton))
	if tag < 0 {
		err = errors.Join(err, fmt.Errorf("%w: tag %d", ErrInvalid, tag))
	}
	return err
}

func checkSettings(settings string) error {
	if err := bounded("settings", settings, 2, MaxSettings); err != nil {
		return err
	}
	if settings[0] != '{' || !json.Valid([]byte(settings)) {
		return fmt.Errorf("%w: settings are not a JSON object", ErrInvalid)
	}
	return nil
}

func playerOf(r db.Player) Player {
	return Player{ID: r.ID, Name: r.Name, Skeleton: r.Skeleton, Tag: int(r.Tag), Guest: r.Guest == 1,
		Settings: r.Settings, Created: instant(r.Created), Seen: instant(r.Seen)}
}

// CreatePlayer adds a player. It returns ErrTaken if the name is taken with this tag.
func (s *Store) CreatePlayer(ctx context.Context, p Player) error {
	if p.Settings == "" {
		p.Settings = "{}"
	}
	if err := p.check(); err != nil {
		return fail("create player", err)
	}
	return fail("create player", s.in.InsertPlayer(ctx, db.InsertPlayerParams{ID: p.ID, Name: p.Name, Skeleton: p.Skeleton,
		Tag: int64(p.Tag), Guest: flag(p.Guest), Settings: p.Settings, Created: millis(p.Created)}))
}

// Player returns the player with an id, or the one that this id was merged into.
func (s *Store) Player(ctx context.Context, id string) (Player, error) {
	r, err := s.from.Player(ctx, id)
	return playerOf(r), fail("player", err)
}

// Rename gives a player another name and tag. It returns ErrTaken if another player has them.
func (s *Store) Rename(ctx context.Context, id, name, skeleton string, tag int) error {
	if err := checkName(name, skeleton, tag); err != nil {
		return fail("rename", err)
	}
	return fail("rename", found(s.in.RenamePlayer(ctx, db.RenamePlayerParams{ID: id,
		Name: name, Skeleton: skeleton, Tag: int64(tag)})))
}

// SetSettings replaces a player's settings.
func (s *Store) SetSettings(ctx context.Context, id, settings string) error {
	if err := checkSettings(settings); err != nil {
		return fail("settings", err)
	}
	return fail("settings", found(s.in.SetSettings(ctx, id, settings)))
}

// AddDevice lets a device speak for a player. The store is given a hash of the device's token, never
// the token: whoever reads the database must not become its players.
func (s *Store) AddDevice(ctx context.Context, tokenHash, player string, at time.Time) error {
	if err := bounded("token hash", tokenHash, 1, maxKey); err != nil {
		return fail("add device", err)
	}
	return fail("add device", s.in.InsertDevice(ctx, tokenHash, player, millis(at)))
}

// PlayerByDevice returns the player that a device speaks for.
func (s *Store) PlayerByDevice(ctx context.Context, tokenHash string) (Player, error) {
	r, err := s.from.PlayerByDevice(ctx, tokenHash)
	return playerOf(r), fail("player by device", err)
}

// RemoveDevice signs a device out.
func (s *Store) RemoveDevice(ctx context.Context, tokenHash string) error {
	return fail("remove device", found(s.in.DeleteDevice(ctx, tokenHash)))
}

// RemoveDevices signs all devices of a player out but the one of that hash; "" keeps none.
func (s *Store) RemoveDevices(ctx context.Context, player, but string) error {
	return fail("remove devices", s.in.DeleteOtherDevices(ctx, player, but))
}
