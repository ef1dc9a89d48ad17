// Package ticket is the seat reservation: what the lobby signs and a game server redeems.
//
//	token, err := ticket.NewSigner(ring).Sign(t, time.Now())      // in the lobby
//	t, err := ticket.NewVerifier(ring, node).Verify(token, now)   // on the game server
//	err = t.For(room)
//	err = ledger.Redeem(t.ID, t.Expires, now)                     // once
//
// A ticket is a JWT (EdDSA). It names one player, one room and one run of one server, and it ends
// seconds after it was made. A server needs only the lobby's public keys to believe it, and no
// question to the lobby: what the player is called, the team and the party travel in it.
//
// A ticket is good once. The server that it names keeps the book of those that were used; since
// Node is the run of a server, not its address, a ticket cannot be used a second time by waiting
// for a restart that forgets the book.
//
// The package lives in server and not in protocol because signing needs a clock and a JWT library;
// to a client a ticket is an opaque string.
package ticket

import (
	"encoding/base64"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/identity/signing"
)

// Kind tells tickets from other tokens of the same keys.
const Kind = "hs-ticket"

// Life is how long a ticket is good, unless it says otherwise: time to open a socket over a bad
// network, too short to sell.
const Life = 30 * time.Second

// MaxLife bounds what a ticket may say, and with it what a Ledger has to remember.
const MaxLife = 5 * time.Minute

// MaxPartyBytes bounds Party.
const MaxPartyBytes = 64

// MaxTag bounds Tag.
const MaxTag = 9999

// MaxNodeBytes bounds Node.
const MaxNodeBytes = 64

// Ticket is a reserved seat.
type Ticket struct {
	// ID is the ticket's own. A zero ID is filled in by Sign.
	ID uuid.UUID
	// Room is the room's id.
	Room string
	// Player is who may sit down.
	Player uuid.UUID
	// Name and Tag are what the others call the player: name#tag, the tag with four digits.
	Name string
	Tag  int
	// Team is the team to play in, counted from 1. 0 leaves it to the room.
	Team uint8
	// Spectator says that the seat is one to watch from.
	Spectator bool
	// Party is what players that came together have in common, or "".
	Party string
	// Node is the run of the server that the room is on.
	Node string
	// Expires is when the ticket ends, in whole seconds. Zero is filled in by Sign.
	Expires time.Time
}

// For checks that a ticket is for a room. An id of "" asks for no room in particular.
func (t *Ticket) For(room string) error {
	if room != "" && room != t.Room {
		return ErrWrongRoom
	}
	return nil
}

// claims is a ticket as it travels. Names are short because a ticket goes into a URL.
type claims struct {
	Ends      *jwt.NumericDate `json:"exp"`
	Issued    *jwt.NumericDate `json:"iat"`
	ID        string           `json:"jti"`
	Player    string           `json:"sub"`
	Room      string           `json:"rm"`
	Node      string           `json:"nd"`
	Name      string           `json:"nm"`
	Tag       int              `json:"tg,omitempty"`
	Party     string           `json:"pt,omitempty"`
	Team      uint8            `json:"tm,omitempty"`
	Spectator bool             `json:"sp,omitempty"`
}

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.Ends, nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.Issued, nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c *claims) GetIssuer() (string, error)                   { return "", nil }
func (c *claims) GetSubject() (string, error)                  { return c.Player, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

// Signer makes tickets. Its methods may be called from any goroutine.
type Signer struct{ ring *signing.Ring }

// NewSigner makes tickets with the keys of a ring, whose TokenLife is at least MaxLife.
func NewSigner(ring *signing.Ring) *Signer { return &Signer{ring} }

// ErrTicket says that a ticket does not name a seat, or is out of bounds: a mistake of the lobby.
var ErrTicket = errors.New("ticket: not a ticket to sign")

// Sign fills in ID and Expires where they are zero and returns the ticket as a string.
func (s *Signer) Sign(t *Ticket, now time.Time) (string, error) {
	if t.ID == uuid.Nil {
		t.ID = uuid.New()
	}
	if t.Expires.IsZero() {
		t.Expires = now.Add(Life)
	}
	t.Expires = t.Expires.Truncate(time.Second)
	if !t.sound() || t.Expires.Sub(now) > MaxLife || !t.Expires.After(now) {
		return "", ErrTicket
	}
	return s.ring.Sign(Kind, &claims{
		Ends: jwt.NewNumericDate(t.Expires), Issued: jwt.NewNumericDate(now),
		ID: short(t.ID), Player: short(t.Player), Room: t.Room, Node: t.Node,
		Name: t.Name, Tag: t.Tag, Party: t.Party, Team: t.Team, Spectator: t.Spectator,
	})
}

// sound reports that a ticket names a seat and a player and is within bounds.
func (t *Ticket) sound() bool {
	return t.ID != uuid.Nil && t.Player != uuid.Nil && t.Node != "" && t.Room != "" && t.Name != "" &&
		len(t.Room) <= protocol.MaxRoomBytes && len(t.Name) <= protocol.MaxNameBytes &&
		t.Tag >= 0 && t.Tag <= MaxTag && len(t.Party) <= MaxPartyBytes && len(t.Node) <= MaxNodeBytes
}

// Keys believe tokens: a signing.Ring, or the signing.Public of another process's ring. Its errors are
// those of package signing.
type Keys interface {
	Verify(kind, token string, claims jwt.Claims, now time.Time) error
}

// Verifier believes tickets. Its methods may be called from any goroutine.
type Verifier struct {
	keys Keys
	node string
}

// NewVerifier believes tickets that are signed by these keys and name this run of a server.
func NewVerifier(keys Keys, node string) *Verifier { return &Verifier{keys, node} }

// Verify reads a ticket. The error is a Refusal: ErrUnknown, ErrExpired or ErrWrongNode. A ticket
// that is believed may have been used before: that is for the Ledger to say.
func (v *Verifier) Verify(token string, now time.Time) (Ticket, error) {
	var c claims
	switch err := v.keys.Verify(Kind, token, &c, now); {
	case errors.Is(err, signing.ErrExpired):
		return Ticket{}, ErrExpired
	case err != nil:
		return Ticket{}, ErrUnknown
	}
	id, err1 := long(c.ID)
	player, err2 := long(c.Player)
	t := Ticket{
		ID: id, Room: c.Room, Player: player, Name: c.Name, Tag: c.Tag, Team: c.Team,
		Spectator: c.Spectator, Party: c.Party, Node: c.Node, Expires: c.Ends.Time,
	}
	switch {
	case err1 != nil || err2 != nil || !t.sound() || t.Expires.Sub(now) > MaxLife+signing.MaxSkew:
		return Ticket{}, ErrUnknown
	case t.Node != v.node:
		return Ticket{}, ErrWrongNode
	}
	return t, nil
}

// short writes an id in 22 characters instead of 36.
func short(id uuid.UUID) string { return base64.RawURLEncoding.EncodeToString(id[:]) }

func long(s string) (uuid.UUID, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return uuid.Nil, err
	}
	return uuid.FromBytes(b)
}
