package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hindsight/server/storage/db"
)

// Credential is a login with a password. A player has at most one.
type Credential struct {
	// Login is unique; the caller has brought it into one form.
	Login string
	// Player is the id of its owner.
	Player string
	// Hash is an encoded argon2id hash. Nothing here looks into it.
	Hash string
	// Changed is when the hash was set.
	Changed time.Time
}

// AddCredential gives a player a login; a guest becomes the owner of an account. It returns ErrTaken
// if the login is taken or the player has one, ErrNotFound if there is no such player.
func (s *Store) AddCredential(ctx context.Context, c Credential) error {
	if err := errors.Join(bounded("login", c.Login, 1, maxKey), bounded("hash", c.Hash, 1, maxKey)); err != nil {
		return fail("add credential", err)
	}
	return s.transact(ctx, "add credential", func(q *db.Queries) error {
		if err := found(q.SetGuest(ctx, c.Player, flag(false))); err != nil {
			return err
		}
		return q.InsertCredential(ctx, db.InsertCredentialParams{Login: c.Login, PlayerID: c.Player, Hash: c.Hash,
			Changed: millis(c.Changed)})
	})
}

// CredentialByLogin returns a login's credential, for its password to be checked.
func (s *Store) CredentialByLogin(ctx context.Context, login string) (Credential, error) {
	r, err := s.from.CredentialByLogin(ctx, login)
	c := Credential{Login: r.Login, Player: r.PlayerID, Hash: r.Hash, Changed: instant(r.Changed)}
	return c, fail("credential", err)
}

// ChangeCredential sets another password hash.
func (s *Store) ChangeCredential(ctx context.Context, login, hash string, at time.Time) error {
	if err := bounded("hash", hash, 1, maxKey); err != nil {
		return fail("change credential", err)
	}
	return fail("change credential", found(s.in.ChangeCredential(ctx, login, hash, millis(at))))
}

// AddIdentity lets an OpenID Connect identity speak for a player; a guest becomes the owner of an
// account. It returns ErrTaken if the identity speaks for somebody already.
func (s *Store) AddIdentity(ctx context.Context, issuer, subject, player string, at time.Time) error {
	if err := errors.Join(bounded("issuer", issuer, 1, maxKey), bounded("subject", subject, 1, maxKey)); err != nil {
		return fail("add identity", err)
	}
	return s.transact(ctx, "add identity", func(q *db.Queries) error {
		if err := found(q.SetGuest(ctx, player, flag(false))); err != nil {
			return err
		}
		return q.InsertIdentity(ctx, db.InsertIdentityParams{Issuer: issuer, Subject: subject, PlayerID: player,
			Created: millis(at)})
	})
}

// PlayerByIdentity returns the player that an OpenID Connect identity speaks for.
func (s *Store) PlayerByIdentity(ctx context.Context, issuer, subject string) (Player, error) {
	r, err := s.from.PlayerByIdentity(ctx, issuer, subject)
	return playerOf(r), fail("player by identity", err)
}

// MergeGuest makes a guest part of an account: someone played first and signed in later. The account
// takes over the guest's matches and their points, devices and bans, and for each game and mode in
// which it has no rating the guest's. The guest's id keeps working, as another name for the account:
// a match that is being played may still report it. Merging again does nothing.
//
// It returns ErrInvalid if the first is not a guest, ErrNotFound if either is not known.
func (s *Store) MergeGuest(ctx context.Context, guest, into string) error {
	return s.transact(ctx, "merge guest", func(q *db.Queries) error {
		into, err := q.Resolve(ctx, into)
		if err != nil {
			return err
		}
		if was, err := q.Resolve(ctx, guest); err != nil || was == into && guest != into {
			return err // merged before
		}
		if guest == into {
			return fmt.Errorf("%w: a player cannot be merged into itself", ErrInvalid)
		}
		// Locked in the order in which recordings lock them, so that the two cannot wait for each other.
		for _, id := range slices.Sorted(slices.Values([]string{guest, into})) {
			if err := found(q.LockPlayer(ctx, 0, id)); err != nil {
				return err
			}
		}
		if p, err := q.Player(ctx, guest); err != nil {
			return err
		} else if p.Guest == 0 {
			return fmt.Errorf("%w: %s has an account", ErrInvalid, guest)
		}
		return merge(ctx, q, guest, into)
	})
}

// merge moves all that a guest has, both players being locked.
func merge(ctx context.Context, q *db.Queries, guest, into string) error {
	if err := mergeRatings(ctx, q, guest, into); err != nil {
		return err
	}
	for _, move := range []func() error{
		func() error { return q.AddTallies(ctx, into, guest) },
		func() error { return q.MoveMatches(ctx, optional(into), optional(guest)) },
		func() error { return q.MoveBans(ctx, optional(into), optional(guest)) },
		func() error { return q.MoveDevices(ctx, into, guest) },
		func() error { return q.MoveAliases(ctx, into, guest) },
		func() error { return found(q.DeletePlayer(ctx, guest)) },
		func() error { return q.InsertAlias(ctx, guest, into) },
	} {
		if err := move(); err != nil {
			return err
		}
	}
	return nil
}

func mergeRatings(ctx context.Context, q *db.Queries, guest, into string) error {
	theirs, err := q.PlayerRatings(ctx, guest)
	if err != nil {
		return err
	}
	own, err := q.PlayerRatings(ctx, into)
	if err != nil {
		return err
	}
	for _, r := range theirs {
		if slices.ContainsFunc(own, func(o db.Rating) bool { return o.Game == r.Game && o.Mode == r.Mode && o.Matches > 0 }) {
			continue
		}
		r.PlayerID = into
		if err := q.PutRating(ctx, db.PutRatingParams(r)); err != nil {
			return err
		}
	}
	return nil
}
