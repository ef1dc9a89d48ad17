package identity_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity"
	"hindsight/server/throttle"
)

func TestLimits(t *testing.T) {
	const burst = 3
	slow := throttle.Rate{Every: time.Minute, Burst: burst}
	away := netip.MustParseAddr("2001:db8::1")
	next := netip.MustParseAddr("2001:db8::2") // of the same network
	for name, try := range map[string]func(w *world, from netip.Addr) error{
		"guests": func(w *world, from netip.Addr) error { _, _, err := w.NewGuest(t.Context(), from, ""); return err },
		"logins": func(w *world, from netip.Addr) error {
			_, _, err := w.Login(t.Context(), from, uuid.NewString(), secret, "")
			if errors.Is(err, identity.ErrCredentials) {
				return nil
			}
			return err
		},
		"registrations": func(w *world, from netip.Addr) error {
			_, _, err := w.Register(t.Context(), from, identity.Registration{Login: uuid.NewString(), Password: secret})
			return err
		},
		"externals": func(w *world, from netip.Addr) error {
			_, _, err := w.Enter(t.Context(), from, identity.External{Issuer: "https://id.test", Subject: uuid.NewString()}, "")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(c *identity.Config) {
				c.Limits = identity.Limits{Guests: slow, Logins: slow, Registrations: slow}
			})
			for i := range burst {
				if err := try(w, away); err != nil {
					t.Fatalf("attempt %d: %v", i, err)
				}
			}
			err := try(w, next)
			var wait identity.TooMany
			if !errors.Is(err, identity.ErrTooMany) || !errors.As(err, &wait) || wait.Wait <= 0 || wait.Wait > time.Minute {
				t.Errorf("one more: %v, wait %v", err, wait.Wait)
			}
			if err := try(w, home); err != nil {
				t.Errorf("from elsewhere: %v", err)
			}
			w.now = w.now.Add(wait.Wait)
			if err := try(w, away); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
	}
}

// TestPerLogin: guesses at one login are counted together, from wherever they come, and alike whether
// it exists.
func TestPerLogin(t *testing.T) {
	for _, login := range []string{"ann", "nobody"} {
		w := newWorld(t, func(c *identity.Config) { c.Limits.PerLogin = throttle.Rate{Every: time.Minute, Burst: 5} })
		w.register("ann", "")
		a := netip.MustParseAddr("198.51.100.0")
		for i := range 8 {
			a = a.Next()
			_, _, err := w.Login(t.Context(), a, login, "a guess of mine", "")
			want := identity.ErrCredentials
			if i >= 5 {
				want = identity.ErrTooMany
			}
			if !errors.Is(err, want) {
				t.Errorf("%s, guess %d: %v, want %v", login, i, err, want)
			}
		}
	}
}

func TestRenameAndGuestsInAll(t *testing.T) {
	w := newWorld(t, func(c *identity.Config) {
		c.Limits.Renames = throttle.Rate{Every: time.Hour, Burst: 2}
		c.Limits.AllGuests = throttle.Rate{Every: time.Second, Burst: 4}
	})
	device, _ := w.guest("Ann")
	for i, want := range []error{nil, nil, identity.ErrTooMany} {
		if _, err := w.Rename(t.Context(), device, "Ann"+strings.Repeat("a", i+1)); !errors.Is(err, want) {
			t.Errorf("rename %d: %v", i, err)
		}
	}
	a := netip.MustParseAddr("198.51.100.0")
	for i := range 5 {
		a = a.Next()
		_, _, err := w.NewGuest(t.Context(), a, "")
		if want := i >= 3; errors.Is(err, identity.ErrTooMany) != want {
			t.Errorf("guest %d: %v", i, err)
		}
	}
}
