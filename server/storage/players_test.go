package storage

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPlayer(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		want := Player{ID: "p1", Name: "Zoë ☂", Skeleton: "zoe", Tag: 42, Guest: true, Created: now}
		if err := s.CreatePlayer(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		want.Settings, want.Seen = "{}", now
		if got := must(s.Player(t.Context(), "p1"))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if _, err := s.Player(t.Context(), "p2"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a player who is not there: %v", err)
		}
		want.Settings = `{"volume":0.5,"name":"ä"}`
		if err := s.SetSettings(t.Context(), "p1", want.Settings); err != nil {
			t.Fatal(err)
		}
		if got := must(s.Player(t.Context(), "p1"))(t); got != want {
			t.Errorf("with settings: got %+v, want %+v", got, want)
		}
		if err := s.SetSettings(t.Context(), "p2", "{}"); !errors.Is(err, ErrNotFound) {
			t.Errorf("settings of nobody: %v", err)
		}
	})
}

func TestPlayerIsChecked(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		good := Player{ID: "p", Name: "n", Skeleton: "n", Settings: "{}", Created: now}
		for name, spoil := range map[string]func(p *Player){
			"no id":                  func(p *Player) { p.ID = "" },
			"long id":                func(p *Player) { p.ID = strings.Repeat("x", 65) },
			"no name":                func(p *Player) { p.Name = "" },
			"long name":              func(p *Player) { p.Name = strings.Repeat("x", MaxName+1) },
			"name not text":          func(p *Player) { p.Name = "\xff" },
			"name with NUL":          func(p *Player) { p.Name = "a\x00b" },
			"no skeleton":            func(p *Player) { p.Skeleton = "" },
			"negative tag":           func(p *Player) { p.Tag = -1 },
			"settings not JSON":      func(p *Player) { p.Settings = "{" },
			"settings not an object": func(p *Player) { p.Settings = "[1]" },
			"long settings":          func(p *Player) { p.Settings = `{"a":"` + strings.Repeat("x", MaxSettings) + `"}` },
		} {
			p := good
			spoil(&p)
			if err := s.CreatePlayer(t.Context(), p); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := s.CreatePlayer(t.Context(), good); err != nil {
			t.Errorf("the good one: %v", err)
		}
	})
}

func TestNamesAreTakenWithTheirTag(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		create := func(id, skeleton string, tag int) error {
			return s.CreatePlayer(t.Context(), Player{ID: id, Name: strings.ToUpper(skeleton), Skeleton: skeleton, Tag: tag, Created: now})
		}
		for _, c := range []struct {
			what string
			err  error
			want error
		}{
			{"first", create("a", "ann", 1), nil},
			{"same name, other tag", create("b", "ann", 2), nil},
			{"other name, same tag", create("c", "bob", 1), nil},
			{"same name and tag", create("d", "ann", 1), ErrTaken},
			{"same id", create("a", "cid", 1), ErrTaken},
			{"rename to what is taken", s.Rename(t.Context(), "c", "Ann", "ann", 2), ErrTaken},
			{"rename to what is free", s.Rename(t.Context(), "c", "Ann", "ann", 3), nil},
			{"rename to one's own", s.Rename(t.Context(), "c", "aNN", "ann", 3), nil},
			{"rename nobody", s.Rename(t.Context(), "x", "Xen", "xen", 1), ErrNotFound},
			{"rename to nothing", s.Rename(t.Context(), "c", "", "", 1), ErrInvalid},
			{"a name that was given up", create("e", "bob", 1), nil},
		} {
			if !errors.Is(c.err, c.want) || c.want == nil && c.err != nil {
				t.Errorf("%s: %v, want %v", c.what, c.err, c.want)
			}
		}
		if p := must(s.Player(t.Context(), "c"))(t); p.Name != "aNN" || p.Tag != 3 {
			t.Errorf("renamed: %+v", p)
		}
	})
}

func TestDevices(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		add := func(hash, player string) error { return s.AddDevice(t.Context(), hash, player, now) }
		if err := errors.Join(add("h1", "ann"), add("h2", "ann"), add("h3", "bob")); err != nil {
			t.Fatal(err)
		}
		if err := add("h1", "bob"); !errors.Is(err, ErrTaken) {
			t.Errorf("a token twice: %v", err)
		}
		if err := add("h4", "nobody"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a device of nobody: %v", err)
		}
		if err := add("", "ann"); !errors.Is(err, ErrInvalid) {
			t.Errorf("an empty hash: %v", err)
		}
		for hash, want := range map[string]string{"h1": "ann", "h2": "ann", "h3": "bob"} {
			if p := must(s.PlayerByDevice(t.Context(), hash))(t); p.ID != want {
				t.Errorf("%s speaks for %s, want %s", hash, p.ID, want)
			}
		}
		if err := s.RemoveDevice(t.Context(), "h1"); err != nil {
			t.Error(err)
		}
		if _, err := s.PlayerByDevice(t.Context(), "h1"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a removed device: %v", err)
		}
		if err := s.RemoveDevice(t.Context(), "h1"); !errors.Is(err, ErrNotFound) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

func TestCredentials(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		want := Credential{Login: "ann@example.org", Player: "ann", Hash: "$argon2id$1", Changed: now}
		if err := s.AddCredential(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got := must(s.CredentialByLogin(t.Context(), want.Login))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if p := must(s.Player(t.Context(), "ann"))(t); p.Guest {
			t.Error("with a login she is still a guest")
		}
		for what, c := range map[string]struct {
			c    Credential
			want error
		}{
			"a taken login":  {Credential{Login: want.Login, Player: "bob", Hash: "h"}, ErrTaken},
			"a second login": {Credential{Login: "other", Player: "ann", Hash: "h"}, ErrTaken},
			"nobody's login": {Credential{Login: "other", Player: "cid", Hash: "h"}, ErrNotFound},
			"an empty hash":  {Credential{Login: "other", Player: "bob"}, ErrInvalid},
			"an empty login": {Credential{Hash: "h", Player: "bob"}, ErrInvalid},
		} {
			if err := s.AddCredential(t.Context(), c.c); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", what, err, c.want)
			}
		}
		if p := must(s.Player(t.Context(), "bob"))(t); !p.Guest {
			t.Error("what failed made bob the owner of an account")
		}
		want.Hash, want.Changed = "$argon2id$2", now.Add(time.Hour)
		if err := s.ChangeCredential(t.Context(), want.Login, want.Hash, want.Changed); err != nil {
			t.Error(err)
		}
		if got := must(s.CredentialByLogin(t.Context(), want.Login))(t); got != want {
			t.Errorf("changed: got %+v, want %+v", got, want)
		}
		if err := s.ChangeCredential(t.Context(), "nobody", "h", now); !errors.Is(err, ErrNotFound) {
			t.Errorf("change nobody's: %v", err)
		}
		if _, err := s.CredentialByLogin(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
			t.Errorf("nobody's: %v", err)
		}
	})
}

func TestIdentities(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		add := func(issuer, subject, player string) error {
			return s.AddIdentity(t.Context(), issuer, subject, player, now)
		}
		if err := errors.Join(add("https://a", "1", "ann"), add("https://b", "1", "ann")); err != nil {
			t.Fatal(err)
		}
		if err := add("https://a", "1", "bob"); !errors.Is(err, ErrTaken) {
			t.Errorf("taken: %v", err)
		}
		if err := add("https://a", "2", "nobody"); !errors.Is(err, ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
		for _, issuer := range []string{"https://a", "https://b"} {
			if p := must(s.PlayerByIdentity(t.Context(), issuer, "1"))(t); p.ID != "ann" || p.Guest {
				t.Errorf("%s: %+v", issuer, p)
			}
		}
		if _, err := s.PlayerByIdentity(t.Context(), "https://a", "2"); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		if p := must(s.Player(t.Context(), "bob"))(t); !p.Guest {
			t.Error("what failed made bob the owner of an account")
		}
	})
}
