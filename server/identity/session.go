package identity

import (
	"context"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"hindsight/server/identity/signing"
)

// SessionKind tells sessions from other tokens of the same keys.
const SessionKind = "hs-session"

// SessionLife is how long a session is believed.
const SessionLife = time.Hour

// ErrSession says that a session token is not one, or has ended: get another with the device.
var ErrSession = errors.New("identity: no session")

// Session is who a session token speaks for.
type Session struct {
	Player  uuid.UUID
	Name    string
	Tag     int
	Guest   bool
	Expires time.Time
}

// sessionClaims is a session as it travels.
type sessionClaims struct {
	jwt.RegisteredClaims
	Name  string `json:"name"`
	Tag   int    `json:"tag"`
	Guest bool   `json:"guest,omitempty"`
}

// Session returns a session token for the player of a device.
func (s *Service) Session(ctx context.Context, device string) (string, Player, error) {
	p, err := s.Device(ctx, device)
	if err != nil {
		return "", Player{}, err
	}
	now := s.cfg.Now()
	token, err := s.cfg.Ring.Sign(SessionKind, &sessionClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: p.ID.String(), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(SessionLife)),
		},
		Name: p.Name, Tag: p.Tag, Guest: p.Guest,
	})
	return token, p, err
}

// Verify reads a session token that was signed with one of a ring's keys. The error is ErrSession.
func Verify(ring *signing.Ring, token string, now time.Time) (Session, error) {
	var c sessionClaims
	if err := ring.Verify(SessionKind, token, &c, now); err != nil {
		return Session{}, ErrSession
	}
	id, err := uuid.Parse(c.Subject)
	if err != nil {
		return Session{}, ErrSession
	}
	return Session{Player: id, Name: c.Name, Tag: c.Tag, Guest: c.Guest, Expires: c.ExpiresAt.Time}, nil
}
