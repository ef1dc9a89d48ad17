package identity

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/secure/precis"

	"hindsight/server/identity/names"
	"hindsight/server/identity/password"
)

// Lengths of a login.
const (
	minLoginRunes = 3
	maxLoginBytes = 64
)

// Registration is what somebody gives who wants an account.
type Registration struct {
	Login, Password string
	// Device is the device of a guest that becomes the account, or "" for a new player.
	Device string
	// Name is what a new player is to be called, or "" for one that is made up.
	Name string
}

// Register makes an account: of the guest whose device it is, who stays the same player, or of a new
// player. It returns the token that takes the place of the device's.
func (s *Service) Register(ctx context.Context, from netip.Addr, r Registration) (device string, p Player, err error) {
	login, err := cleanLogin(r.Login)
	if err != nil {
		return "", Player{}, err
	}
	if err := password.Check(r.Password, login, r.Name); err != nil {
		return "", Player{}, err
	}
	if r.Name, err = s.checkName(r.Name); err != nil {
		return "", Player{}, err
	}
	if err := s.limits.registration(from, s.cfg.Now()); err != nil {
		return "", Player{}, err
	}
	if r.Device != "" {
		if p, err = s.Device(ctx, r.Device); err != nil {
			return "", Player{}, err
		}
		if !p.Guest {
			return "", Player{}, ErrAccount
		}
	}
	// Asked first, so that a login that is taken costs no hash and leaves no player without an account.
	if _, err := s.cfg.Store.CredentialByLogin(ctx, login); !errors.Is(err, ErrNotFound) {
		if err == nil {
			err = ErrTaken
		}
		return "", Player{}, err
	}
	hash, err := s.cfg.Passwords.Hash(ctx, r.Password)
	if err != nil {
		return "", Player{}, err
	}
	if p.ID == uuid.Nil {
		if p, err = s.newPlayer(ctx, r.Name); err != nil {
			return "", Player{}, err
		}
	}
	c := Credential{Login: login, Player: p.ID, Hash: hash, Changed: s.cfg.Now()}
	if err := s.cfg.Store.AddCredential(ctx, c); err != nil {
		return "", Player{}, err
	}
	p.Guest = false
	device, err = s.enter(ctx, p, r.Device)
	return device, p, err
}

// Login signs a device in. If the device speaks for a guest, the guest is merged into the account.
// It returns the token that takes the place of the device's. Device may be "".
//
// A login that does not exist is refused with the same error and after the same time as a wrong
// password.
func (s *Service) Login(ctx context.Context, from netip.Addr, login, secret, device string) (string, Player, error) {
	c, err := s.authenticate(ctx, from, login, secret)
	if err != nil {
		return "", Player{}, err
	}
	p, err := s.cfg.Store.Player(ctx, c.Player)
	if err != nil {
		return "", Player{}, err
	}
	device, err = s.enter(ctx, p, device)
	return device, p, err
}

// ChangePassword sets another password and signs out all devices but the one that is given.
func (s *Service) ChangePassword(ctx context.Context, from netip.Addr, login, old, secret, device string) error {
	c, err := s.authenticate(ctx, from, login, old)
	if err != nil {
		return err
	}
	if err := password.Check(secret, c.Login); err != nil {
		return err
	}
	hash, err := s.cfg.Passwords.Hash(ctx, secret)
	if err != nil {
		return err
	}
	if err := s.cfg.Store.ChangeCredential(ctx, c.Login, hash, s.cfg.Now()); err != nil {
		return err
	}
	keep, err := deviceHash(device)
	if err != nil {
		keep = ""
	}
	return s.cfg.Store.RemoveDevices(ctx, c.Player, keep)
}

// authenticate checks a password. Every way through it that ends in ErrCredentials computes one hash.
func (s *Service) authenticate(ctx context.Context, from netip.Addr, login, secret string) (Credential, error) {
	clean, err := cleanLogin(login)
	known := err == nil
	if err := s.limits.login(from, clean, s.cfg.Now()); err != nil {
		return Credential{}, err
	}
	var c Credential
	if known {
		c, err = s.cfg.Store.CredentialByLogin(ctx, clean)
		if known = err == nil; !known && !errors.Is(err, ErrNotFound) {
			return Credential{}, err
		}
	}
	if !known {
		if err := s.cfg.Passwords.Refuse(ctx, secret); err != nil {
			return Credential{}, err
		}
		return Credential{}, ErrCredentials
	}
	match, stale, err := s.cfg.Passwords.Verify(ctx, secret, c.Hash)
	switch {
	case err != nil:
		return Credential{}, err
	case !match:
		return Credential{}, ErrCredentials
	case stale:
		s.renew(ctx, c, secret)
	}
	return c, nil
}

// renew stores a password under the cost of today, unless it was changed meanwhile. It is a matter of
// time only: what fails now is done at the next login.
func (s *Service) renew(ctx context.Context, c Credential, secret string) {
	hash, err := s.cfg.Passwords.Hash(ctx, secret)
	if err != nil {
		return
	}
	if now, err := s.cfg.Store.CredentialByLogin(ctx, c.Login); err == nil && now.Hash == c.Hash {
		_ = s.cfg.Store.ChangeCredential(ctx, c.Login, hash, c.Changed)
	}
}

// External is somebody whom another site vouches for.
type External struct {
	Issuer, Subject string
	Name            string // what the other site calls them; a suggestion
}

// Enter signs somebody in whom another site vouches for: as the player that it was before, or as the
// guest whose device it is, who thereby has an account, or as a new player. It returns the token that
// takes the place of the device's. Device may be "".
func (s *Service) Enter(ctx context.Context, from netip.Addr, e External, device string) (string, Player, error) {
	if e.Issuer == "" || e.Subject == "" {
		return "", Player{}, ErrCredentials
	}
	if err := s.limits.registration(from, s.cfg.Now()); err != nil {
		return "", Player{}, err
	}
	p, err := s.cfg.Store.PlayerByIdentity(ctx, e.Issuer, e.Subject)
	if errors.Is(err, ErrNotFound) {
		p, err = s.adopt(ctx, e, device)
	}
	if err != nil {
		return "", Player{}, err
	}
	device, err = s.enter(ctx, p, device)
	return device, p, err
}

// adopt gives an identity that is new here a player.
func (s *Service) adopt(ctx context.Context, e External, device string) (Player, error) {
	p, err := s.Device(ctx, device)
	if err != nil && !errors.Is(err, ErrDevice) {
		return Player{}, err
	}
	if err != nil || !p.Guest {
		name, err := s.cfg.Names.Check(e.Name)
		if err != nil {
			name = names.Generate()
		}
		if p, err = s.newPlayer(ctx, name); err != nil {
			return Player{}, err
		}
	}
	if err := s.cfg.Store.AddIdentity(ctx, e.Issuer, e.Subject, p.ID, s.cfg.Now()); err != nil {
		return Player{}, err
	}
	p.Guest = false
	return p, nil
}

// enter gives somebody who proved to be a player a new device token. The one that was used so far is
// worth nothing any more, and if it spoke for a guest, the guest is merged into the player.
func (s *Service) enter(ctx context.Context, p Player, used string) (string, error) {
	if hash, err := deviceHash(used); err == nil {
		if err := s.leave(ctx, p, hash); err != nil {
			return "", err
		}
	}
	return s.addDevice(ctx, p.ID)
}

// leave ends a device's token in favour of a player. What a guest has is moved before the token goes,
// so that a fault between the two loses nothing.
func (s *Service) leave(ctx context.Context, p Player, hash string) error {
	was, err := s.cfg.Store.PlayerByDevice(ctx, hash)
	if err != nil {
		return unlessGone(err)
	}
	if was.Guest && was.ID != p.ID {
		if err := s.cfg.Store.MergeGuest(ctx, was.ID, p.ID); err != nil {
			return err
		}
	}
	return unlessGone(s.cfg.Store.RemoveDevice(ctx, hash))
}

// cleanLogin gives a login its one form: RFC 8265's UsernameCaseMapped, so that neither case nor the
// width of letters matters. A mail address can be one.
func cleanLogin(login string) (string, error) {
	if len(login) > maxLoginBytes {
		return "", ErrLogin
	}
	clean, err := precis.UsernameCaseMapped.String(strings.TrimSpace(login))
	if err != nil || utf8.RuneCountInString(clean) < minLoginRunes || len(clean) > maxLoginBytes {
		return "", ErrLogin
	}
	return clean, nil
}
