package storage

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"hindsight/server/storage/db"
)

// MaxReason is the most bytes in the reason of a ban.
const MaxReason = 500

// Ban keeps a player or a range of addresses away.
type Ban struct {
	// ID is a UUID that the caller chose.
	ID string
	// Player is the banned player's id. Either it or Prefix is set.
	Player string
	// Prefix is the banned range of addresses.
	Prefix netip.Prefix
	// Reason is shown to whoever is banned, at most MaxReason bytes.
	Reason string
	// Created is when it was given.
	Created time.Time
	// Until is its end; zero means for ever.
	Until time.Time
}

// AddBan adds a ban.
func (s *Store) AddBan(ctx context.Context, b Ban) error {
	err := errors.Join(bounded("id", b.ID, 1, maxID), bounded("reason", b.Reason, 0, MaxReason))
	if b.Prefix.IsValid() == (b.Player != "") {
		err = errors.Join(err, fmt.Errorf("%w: a ban is of a player or of addresses", ErrInvalid))
	}
	if err != nil {
		return fail("add ban", err)
	}
	row := db.InsertBanParams{ID: b.ID, PlayerID: optional(b.Player), Reason: b.Reason,
		Created: millis(b.Created), Until: millis(b.Until)}
	if b.Prefix.IsValid() {
		row.Prefix = b.Prefix.Masked().String()
		row.First, row.Last = ends(b.Prefix)
	}
	return fail("add ban", s.in.InsertBan(ctx, row))
}

// Banned reports whether a player or an address is banned at a time, and the ban that lasts longest.
// Player may be empty and addr the zero Addr, if not known.
func (s *Store) Banned(ctx context.Context, player string, addr netip.Addr, at time.Time) (Ban, bool, error) {
	digits := ""
	if addr.IsValid() {
		digits = hexOf(addr)
	}
	r, err := s.from.FindBan(ctx, optional(player), digits, millis(at))
	if errors.Is(err, sql.ErrNoRows) {
		return Ban{}, false, nil
	}
	return banOf(r), err == nil, fail("banned", err)
}

// Bans returns the bans that hold at a time, the newest first.
func (s *Store) Bans(ctx context.Context, at time.Time) ([]Ban, error) {
	rows, err := s.from.Bans(ctx, millis(at))
	bans := make([]Ban, len(rows))
	for i, r := range rows {
		bans[i] = banOf(r)
	}
	return bans, fail("bans", err)
}

// RemoveBan lifts a ban.
func (s *Store) RemoveBan(ctx context.Context, id string) error {
	return fail("remove ban", found(s.in.DeleteBan(ctx, id)))
}

func banOf(r db.Ban) Ban {
	prefix, _ := netip.ParsePrefix(r.Prefix) // empty for a player's
	return Ban{ID: r.ID, Player: r.PlayerID.String, Prefix: prefix, Reason: r.Reason,
		Created: instant(r.Created), Until: instant(r.Until)}
}

// ends returns the first and the last address of a range as hexOf does.
func ends(p netip.Prefix) (first, last string) {
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	raw := p.Masked().Addr().As16()
	first = hex.EncodeToString(raw[:])
	for i := bits; i < 128; i++ {
		raw[i/8] |= 0x80 >> (i % 8)
	}
	return first, hex.EncodeToString(raw[:])
}

// hexOf writes an address as 32 digits, IPv4 in its IPv6 form, so that the order of texts is that of
// addresses.
func hexOf(a netip.Addr) string {
	raw := a.As16()
	return hex.EncodeToString(raw[:])
}
