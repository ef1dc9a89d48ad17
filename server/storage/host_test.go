package storage

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

// noAddr is an address that is not known.
var noAddr netip.Addr

func TestKeys(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		old := Key{ID: "k1", Seed: bytes.Repeat([]byte{0, 255}, 16), Created: now}
		young := Key{ID: "k2", Seed: bytes.Repeat([]byte{7}, 32), Created: now.Add(time.Hour)}
		if err := errors.Join(s.AddKey(ctx, old), s.AddKey(ctx, young)); err != nil {
			t.Fatal(err)
		}
		if err := s.AddKey(ctx, old); !errors.Is(err, ErrTaken) {
			t.Errorf("twice: %v", err)
		}
		if err := s.AddKey(ctx, Key{ID: "k3", Seed: []byte("short")}); !errors.Is(err, ErrInvalid) {
			t.Errorf("a short seed: %v", err)
		}
		old.Retired = now.Add(2 * time.Hour)
		if err := errors.Join(s.RetireKey(ctx, "k1", old.Retired), s.RetireKey(ctx, "k1", now.Add(3*time.Hour))); err != nil {
			t.Error(err)
		}
		if err := s.RetireKey(ctx, "k3", now); !errors.Is(err, ErrNotFound) {
			t.Errorf("retire nothing: %v", err)
		}
		if got, want := must(s.Keys(ctx))(t), []Key{young, old}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestBans(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		guests(t, s, "ann", "bob")
		bans := []Ban{
			{ID: "player", Player: "ann", Reason: "aimbot", Created: now},
			{ID: "v4", Prefix: netip.MustParsePrefix("192.0.2.77/24"), Created: now, Until: now.Add(time.Hour)},
			{ID: "one", Prefix: netip.MustParsePrefix("192.0.2.9/32"), Created: now, Until: now.Add(2 * time.Hour)},
			{ID: "v6", Prefix: netip.MustParsePrefix("2001:db8:5::/48"), Created: now},
		}
		for _, b := range bans {
			if err := s.AddBan(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			player, addr string
			after        time.Duration
			want         string // the ban's id
		}{
			{"ann", "", 0, "player"}, {"bob", "", 0, ""}, {"", "", 0, ""},
			{"ann", "198.51.100.1", 1000 * time.Hour, "player"},
			{"bob", "192.0.2.0", 0, "v4"}, {"bob", "192.0.2.255", 0, "v4"}, {"bob", "192.0.3.0", 0, ""}, {"bob", "192.0.1.255", 0, ""},
			{"bob", "::ffff:192.0.2.1", 0, "v4"},
			{"bob", "192.0.2.1", time.Hour, ""},
			{"", "192.0.2.9", 0, "one"}, {"", "192.0.2.9", time.Hour, "one"}, {"", "192.0.2.9", 2 * time.Hour, ""},
			{"ann", "192.0.2.9", 0, "player"},
			{"", "2001:db8:5:ffff::1", 0, "v6"}, {"", "2001:db8:6::", 0, ""}, {"", "fe80::1%eth0", 0, ""},
		} {
			addr, _ := netip.ParseAddr(c.addr)
			b, banned, err := s.Banned(ctx, c.player, addr, now.Add(c.after))
			if err != nil || banned != (c.want != "") || b.ID != c.want {
				t.Errorf("%q at %q after %v: %q, %v, %v, want %q", c.player, c.addr, c.after, b.ID, banned, err, c.want)
			}
		}
		bans[1].Prefix = bans[1].Prefix.Masked()
		if got := must(s.Bans(ctx, now))(t); len(got) != 4 || !reflect.DeepEqual(got, []Ban{bans[2], bans[0], bans[1], bans[3]}) {
			t.Errorf("bans: %+v", got)
		}
		if got := must(s.Bans(ctx, now.Add(time.Hour)))(t); len(got) != 3 {
			t.Errorf("bans an hour later: %+v", got)
		}
		if err := s.RemoveBan(ctx, "player"); err != nil {
			t.Error(err)
		}
		if _, banned, err := s.Banned(ctx, "ann", noAddr, now); banned || err != nil {
			t.Errorf("after lifting: %v, %v", banned, err)
		}
		if err := s.RemoveBan(ctx, "player"); !errors.Is(err, ErrNotFound) {
			t.Errorf("lifted twice: %v", err)
		}
	})
}

func TestBanIsChecked(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann")
		some := netip.MustParsePrefix("10.0.0.0/8")
		for name, c := range map[string]struct {
			ban  Ban
			want error
		}{
			"of nothing":    {Ban{ID: "b"}, ErrInvalid},
			"of both":       {Ban{ID: "b", Player: "ann", Prefix: some}, ErrInvalid},
			"without an id": {Ban{Player: "ann"}, ErrInvalid},
			"a long reason": {Ban{ID: "b", Player: "ann", Reason: string(make([]byte, MaxReason+1))}, ErrInvalid},
			"of nobody":     {Ban{ID: "b", Player: "nobody"}, ErrNotFound},
		} {
			if err := s.AddBan(t.Context(), c.ban); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	})
}
