package identity_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/password"
)

func TestRegisterKeepsTheGuest(t *testing.T) {
	w := newWorld(t, nil)
	old, guest := w.guest("Ann")
	device, p := w.register("Ann@Example.org", old)
	if p.ID != guest.ID || p.Guest || p.Name != "Ann" || p.Tag != guest.Tag {
		t.Errorf("the guest %+v became %+v", guest, p)
	}
	w.gone("the guest's token", old)
	w.speaks("the new token", device, guest.ID)
	if n := len(w.store.Players()); n != 1 {
		t.Errorf("%d players", n)
	}
	_, _, err := w.Register(t.Context(), home, identity.Registration{Login: "another", Password: secret, Device: device})
	if !errors.Is(err, identity.ErrAccount) {
		t.Errorf("a second account: %v", err)
	}
}

func TestRegisterRefuses(t *testing.T) {
	w := newWorld(t, nil)
	w.register("ann", "")
	before := w.passwords.Computed()
	for name, c := range map[string]struct {
		identity.Registration
		want error
	}{
		"taken":             {identity.Registration{Login: "ann", Password: secret}, identity.ErrTaken},
		"taken, other case": {identity.Registration{Login: " ANN ", Password: secret}, identity.ErrTaken},
		"taken, full width": {identity.Registration{Login: "ＡＮＮ", Password: secret}, identity.ErrTaken},
		"short":             {identity.Registration{Login: "an", Password: secret}, identity.ErrLogin},
		"long":              {identity.Registration{Login: strings.Repeat("a", 65), Password: secret}, identity.ErrLogin},
		"blank":             {identity.Registration{Login: "ann smith", Password: secret}, identity.ErrLogin},
		"control":           {identity.Registration{Login: "ann\x00", Password: secret}, identity.ErrLogin},
		"short password":    {identity.Registration{Login: "bob", Password: "1234"}, password.ErrShort},
		"login as password": {identity.Registration{Login: "bob-the-builder", Password: "Bob-The-Builder"}, password.ErrCommon},
		"bad name":          {identity.Registration{Login: "bob", Password: secret, Name: "<b>"}, names.ErrCharacters},
		"device of nobody":  {identity.Registration{Login: "bob", Password: secret, Device: "hsd_x"}, identity.ErrDevice},
		"somebody's hash":   {identity.Registration{Login: "bob", Password: secret, Device: strings.Repeat("a", 64)}, identity.ErrDevice},
	} {
		if _, _, err := w.Register(t.Context(), home, c.Registration); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if n := len(w.store.Players()); n != 1 {
		t.Errorf("%d players, want only ann", n)
	}
	if n := w.passwords.Computed(); n != before {
		t.Errorf("%d hashes computed for registrations that were refused", n-before)
	}
}

// TestLoginMerges: who played as a guest and then signs in keeps both.
func TestLoginMerges(t *testing.T) {
	w := newWorld(t, nil)
	phone, account := w.register("ann", "")
	old, guest := w.guest("")
	device, p, err := w.Login(t.Context(), home, "Ann", secret, old)
	if err != nil || p.ID != account.ID || p.Guest {
		t.Fatalf("%+v, %v", p, err)
	}
	w.gone("the guest's token", old)
	w.speaks("the new token", device, account.ID)
	w.speaks("the other device", phone, account.ID)
	if p, err := w.store.Player(t.Context(), guest.ID); err != nil || p.ID != account.ID {
		t.Errorf("the guest's id stands for %v, %v", p.ID, err)
	}

	// Signing in again on a device that is signed in renews its token, and merges nothing.
	again, _, err := w.Login(t.Context(), home, "ann", secret, device)
	if err != nil || again == device {
		t.Errorf("again: %v", err)
	}
	w.gone("the token before", device)

	// And on a device of another account: that one is signed out here, and stays what it is.
	bobs, bob := w.register("bob", "")
	if _, _, err := w.Login(t.Context(), home, "ann", secret, bobs); err != nil {
		t.Fatal(err)
	}
	w.gone("bob's token", bobs)
	if p, err := w.store.Player(t.Context(), bob.ID); err != nil || p.ID != bob.ID {
		t.Errorf("bob is %v, %v", p.ID, err)
	}
}

// TestPlantedToken: a guest's token that somebody else knows does not lead into the account that the
// guest becomes.
func TestPlantedToken(t *testing.T) {
	w := newWorld(t, nil)
	w.register("ann", "")
	for name, enter := range map[string]func(device string) error{
		"login": func(d string) error { _, _, err := w.Login(t.Context(), home, "ann", secret, d); return err },
		"register": func(d string) error {
			_, _, err := w.Register(t.Context(), home, identity.Registration{Login: "eve", Password: secret, Device: d})
			return err
		},
		"external": func(d string) error {
			_, _, err := w.Enter(t.Context(), home, identity.External{Issuer: "https://id.test", Subject: "7"}, d)
			return err
		},
	} {
		planted, _ := w.guest("")
		if err := enter(planted); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		w.gone(name, planted)
	}
}

// TestNoOracle: every refused login gives one error and costs one hash, whether there is such a login
// or not.
func TestNoOracle(t *testing.T) {
	w := newWorld(t, nil)
	w.register("ann", "")
	for name, c := range map[string][2]string{
		"wrong password":   {"ann", "something else"},
		"no password":      {"ann", ""},
		"endless password": {"ann", strings.Repeat("x", 100_000)},
		"no such login":    {"bob", secret},
		"no login":         {"", secret},
		"not a login":      {"a b\x00", secret},
		"4 KB":             {strings.Repeat("a", 4096), secret},
	} {
		before := w.passwords.Computed()
		device, p, err := w.Login(t.Context(), home, c[0], c[1], "")
		if device != "" || p != (identity.Player{}) || !errors.Is(err, identity.ErrCredentials) || err.Error() != identity.ErrCredentials.Error() {
			t.Errorf("%s: %q, %+v, %v", name, device, p, err)
		}
		if n := w.passwords.Computed() - before; n != 1 {
			t.Errorf("%s: %d hashes computed, want 1", name, n)
		}
	}
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t, nil)
	phone, _ := w.register("ann", "")
	desk, p, err := w.Login(t.Context(), home, "ann", secret, "")
	if err != nil {
		t.Fatal(err)
	}
	const next = "staple of batteries"
	if err := w.ChangePassword(t.Context(), home, "ann", "wrong", next, desk); !errors.Is(err, identity.ErrCredentials) {
		t.Errorf("with a wrong password: %v", err)
	}
	if err := w.ChangePassword(t.Context(), home, "ann", secret, "short", desk); !errors.Is(err, password.ErrShort) {
		t.Errorf("to a short one: %v", err)
	}
	w.speaks("the phone, before", phone, p.ID)
	if err := w.ChangePassword(t.Context(), home, "Ann", secret, next, desk); err != nil {
		t.Fatal(err)
	}
	w.speaks("the desk", desk, p.ID)
	w.gone("the phone", phone)
	if _, _, err := w.Login(t.Context(), home, "ann", secret, ""); !errors.Is(err, identity.ErrCredentials) {
		t.Errorf("the old password: %v", err)
	}
	if _, _, err := w.Login(t.Context(), home, "ann", next, ""); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

// TestRenewedHash: a hash of yesterday's cost is replaced at the next login.
func TestRenewedHash(t *testing.T) {
	store := &identity.Memory{}
	old := newWorld(t, func(c *identity.Config) { c.Store = store })
	old.register("ann", "")
	w := newWorld(t, func(c *identity.Config) {
		c.Store = store
		c.Passwords = password.New(password.Config{Cost: password.Cost{MemoryKiB: 16, Passes: 1, Lanes: 1}})
	})
	before, err := store.CredentialByLogin(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Login(t.Context(), home, "ann", "wrong horse", ""); !errors.Is(err, identity.ErrCredentials) {
		t.Fatal(err)
	}
	if c, _ := store.CredentialByLogin(t.Context(), "ann"); c != before {
		t.Error("a wrong password changed the hash")
	}
	if _, _, err := w.Login(t.Context(), home, "ann", secret, ""); err != nil {
		t.Fatal(err)
	}
	c, _ := store.CredentialByLogin(t.Context(), "ann")
	if c.Hash == before.Hash || !strings.Contains(c.Hash, "m=16,") || !c.Changed.Equal(before.Changed) {
		t.Errorf("stored %+v", c)
	}
	if _, _, err := w.Login(t.Context(), home, "ann", secret, ""); err != nil {
		t.Error(err)
	}
}

func TestEnter(t *testing.T) {
	w := newWorld(t, nil)
	who := identity.External{Issuer: "https://id.test", Subject: "42", Name: "Ann"}
	first, p, err := w.Enter(t.Context(), home, who, "")
	if err != nil || p.Name != "Ann" || p.Guest {
		t.Fatalf("%+v, %v", p, err)
	}
	w.speaks("the first device", first, p.ID)
	guestDevice, guest := w.guest("")
	_, again, err := w.Enter(t.Context(), home, who, guestDevice)
	if err != nil || again.ID != p.ID {
		t.Errorf("the second time %+v, %v", again, err)
	}
	if m, err := w.store.Player(t.Context(), guest.ID); err != nil || m.ID != p.ID {
		t.Errorf("the guest was not merged: %+v, %v", m, err)
	}
	// A guest becomes the account of an identity that is new; a name that is not allowed is replaced.
	guestDevice, guest = w.guest("Bob")
	_, bob, err := w.Enter(t.Context(), home, identity.External{Issuer: who.Issuer, Subject: "43", Name: "Bobby"}, guestDevice)
	if err != nil || bob.ID != guest.ID || bob.Name != "Bob" || bob.Guest {
		t.Errorf("%+v, %v", bob, err)
	}
	_, odd, err := w.Enter(t.Context(), home, identity.External{Issuer: who.Issuer, Subject: "44", Name: "Admin"}, "")
	if err != nil || odd.Name == "Admin" || odd.Name == "" {
		t.Errorf("%+v, %v", odd, err)
	}
	// The same subject of another issuer is somebody else.
	_, other, err := w.Enter(t.Context(), home, identity.External{Issuer: "https://other.test", Subject: "42"}, "")
	if err != nil || other.ID == p.ID {
		t.Errorf("%+v, %v", other, err)
	}
	if _, _, err := w.Enter(t.Context(), home, identity.External{Issuer: who.Issuer}, ""); !errors.Is(err, identity.ErrCredentials) {
		t.Errorf("nobody: %v", err)
	}
}

// TestConcurrentRegistrations: of many who want one login at once, one has it.
func TestConcurrentRegistrations(t *testing.T) {
	w := newWorld(t, func(c *identity.Config) {
		c.Passwords = password.New(password.Config{Cost: password.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}, Waiting: 100})
	})
	var mu sync.Mutex
	var wg sync.WaitGroup
	won := 0
	a := netip.MustParseAddr("198.51.100.0")
	for range 50 {
		a = a.Next()
		from := a
		wg.Go(func() {
			_, _, err := w.Register(t.Context(), from, identity.Registration{Login: "ann", Password: secret})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !errors.Is(err, identity.ErrTaken):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d have the login", won)
	}
}

// faulty fails where it is told to.
type faulty struct {
	identity.Memory
	merge error
}

func (f *faulty) MergeGuest(ctx context.Context, guest, into uuid.UUID) error {
	if f.merge != nil {
		return f.merge
	}
	return f.Memory.MergeGuest(ctx, guest, into)
}

// TestFaultLosesNothing: a guest whose merge fails is still there, with the same device.
func TestFaultLosesNothing(t *testing.T) {
	store := &faulty{}
	w := newWorld(t, func(c *identity.Config) { c.Store = store })
	_, account := w.register("ann", "")
	device, guest := w.guest("")
	store.merge = errors.New("disk full")
	if _, _, err := w.Login(t.Context(), home, "ann", secret, device); !errors.Is(err, store.merge) {
		t.Fatal(err)
	}
	w.speaks("after the fault", device, guest.ID)
	store.merge = nil
	renewed, _, err := w.Login(t.Context(), home, "ann", secret, device)
	if err != nil {
		t.Fatal(err)
	}
	w.speaks("the second time", renewed, account.ID)
}
