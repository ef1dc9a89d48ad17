package identity_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/password"
	"hindsight/server/identity/signing"
	"hindsight/server/throttle"
)

const secret = "correct horse battery"

var home = netip.MustParseAddr("192.0.2.1")

// world is a service with all that it stands on.
type world struct {
	*identity.Service
	t         *testing.T
	store     *identity.Memory
	ring      *signing.Ring
	passwords *password.Hasher
	now       time.Time
}

func newWorld(t *testing.T, change func(*identity.Config)) *world {
	t.Helper()
	w := &world{t: t, store: &identity.Memory{}, now: time.Now().Truncate(time.Second)}
	clock := func() time.Time { return w.now }
	var err error
	if w.ring, err = signing.Open(t.Context(), signing.Config{Store: &signing.Memory{}, Now: clock}); err != nil {
		t.Fatal(err)
	}
	w.passwords = password.New(password.Config{Cost: password.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}})
	cfg := identity.Config{Store: w.store, Ring: w.ring, Passwords: w.passwords, Now: clock}
	if change != nil {
		change(&cfg)
	}
	if w.Service, err = identity.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) guest(name string) (string, identity.Player) {
	w.t.Helper()
	device, p, err := w.NewGuest(w.t.Context(), home, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return device, p
}

func (w *world) register(login, device string) (string, identity.Player) {
	w.t.Helper()
	device, p, err := w.Register(w.t.Context(), home, identity.Registration{Login: login, Password: secret, Device: device})
	if err != nil {
		w.t.Fatal(err)
	}
	return device, p
}

// gone checks that a device token is worth nothing.
func (w *world) gone(what, device string) {
	w.t.Helper()
	if _, err := w.Device(w.t.Context(), device); !errors.Is(err, identity.ErrDevice) {
		w.t.Errorf("%s: %v, want ErrDevice", what, err)
	}
}

// speaks checks whom a device token speaks for.
func (w *world) speaks(what, device string, want uuid.UUID) {
	w.t.Helper()
	if p, err := w.Device(w.t.Context(), device); err != nil || p.ID != want {
		w.t.Errorf("%s: speaks for %v, %v; want %v", what, p.ID, err, want)
	}
}

func TestGuest(t *testing.T) {
	w := newWorld(t, nil)
	device, p := w.guest("")
	if !p.Guest || p.Name == "" || p.Tag < 1 || p.Tag > names.MaxTag || p.ID == uuid.Nil || !p.Created.Equal(w.now) {
		t.Errorf("%+v", p)
	}
	w.speaks("the guest's device", device, p.ID)
	if other, _ := w.guest(""); other == device {
		t.Error("two guests have one device")
	}
	if _, named := w.guest("  Ann "); named.Name != "Ann" {
		t.Errorf("called %q", named.Name)
	}
	if _, _, err := w.NewGuest(t.Context(), home, "Admin"); !errors.Is(err, names.ErrReserved) {
		t.Errorf("a reserved name: %v", err)
	}
	for name, bad := range map[string]string{
		"empty": "", "prefix": "hsd_", "short": device[:len(device)-1], "long": device + "A", "4 KB": strings.Repeat("x", 4096),
		"other": device[:len(device)-4] + "AAAA", "no prefix": strings.TrimPrefix(device, "hsd_"), "not base64": device[:len(device)-1] + "!",
		"line end": device[:10] + "\n" + device[11:],
	} {
		w.gone(name, bad)
	}
}

// TestDeviceIsHashed: the store is never given a device token.
func TestDeviceIsHashed(t *testing.T) {
	spy := &spyStore{}
	w := newWorld(t, func(c *identity.Config) { c.Store = spy })
	device, _ := w.guest("")
	if len(spy.hashes) != 1 || len(spy.hashes[0]) != 64 || strings.Contains(device, spy.hashes[0]) {
		t.Errorf("stored %q for %q", spy.hashes, device)
	}
}

type spyStore struct {
	identity.Memory
	hashes []string
}

func (s *spyStore) AddDevice(ctx context.Context, hash string, p uuid.UUID, at time.Time) error {
	s.hashes = append(s.hashes, hash)
	return s.Memory.AddDevice(ctx, hash, p, at)
}

func TestSession(t *testing.T) {
	w := newWorld(t, nil)
	device, p := w.guest("Ann")
	token, same, err := w.Session(t.Context(), device)
	if err != nil || same != p {
		t.Fatalf("%+v, %v", same, err)
	}
	want := identity.Session{Player: p.ID, Name: "Ann", Tag: p.Tag, Guest: true, Expires: w.now.Add(identity.SessionLife)}
	got, err := identity.Verify(w.ring, token, w.now)
	if err != nil || !got.Expires.Equal(want.Expires) {
		t.Fatalf("%+v, %v", got, err)
	}
	got.Expires = want.Expires
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if _, err := identity.Verify(w.ring, token, w.now.Add(identity.SessionLife)); !errors.Is(err, identity.ErrSession) {
		t.Errorf("after its hour: %v", err)
	}
	for _, bad := range []string{"", device, token[:len(token)-2] + "AA"} {
		if _, err := identity.Verify(w.ring, bad, w.now); !errors.Is(err, identity.ErrSession) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, _, err := w.Session(t.Context(), token); !errors.Is(err, identity.ErrDevice) {
		t.Errorf("a session for a session: %v", err)
	}
}

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

func TestLogout(t *testing.T) {
	w := newWorld(t, nil)
	device, _ := w.register("ann", "")
	for range 2 {
		if err := w.Logout(t.Context(), device); err != nil {
			t.Error(err)
		}
		w.gone("after the logout", device)
	}
	if err := w.Logout(t.Context(), "nonsense"); err != nil {
		t.Error(err)
	}
}

func TestRename(t *testing.T) {
	w := newWorld(t, nil)
	device, p := w.guest("Ann")
	renamed, err := w.Rename(t.Context(), device, "Anna")
	if err != nil || renamed.Name != "Anna" || renamed.Tag != p.Tag {
		t.Errorf("%+v, %v", renamed, err)
	}
	if same, err := w.Rename(t.Context(), device, " Anna "); err != nil || same != renamed {
		t.Errorf("%+v, %v", same, err)
	}
	if _, err := w.Rename(t.Context(), device, "M0derator"); !errors.Is(err, names.ErrReserved) {
		t.Errorf("a reserved name: %v", err)
	}
	if _, err := w.Rename(t.Context(), "hsd_", "Bob"); !errors.Is(err, identity.ErrDevice) {
		t.Errorf("nobody: %v", err)
	}
	// Two names that look alike do not get the same tag, whichever is first.
	if err := w.store.CreatePlayer(t.Context(), identity.Player{ID: uuid.New(), Name: "сосо", Tag: p.Tag}); err != nil {
		t.Fatal(err)
	}
	if alike, err := w.Rename(t.Context(), device, "coco"); err != nil || alike.Tag == p.Tag {
		t.Errorf("%+v beside сосо#%04d, %v", alike, p.Tag, err)
	}
}

// TestCrowded: a name whose tags are all taken says so, and half of them taken is no trouble.
func TestCrowded(t *testing.T) {
	full := newWorld(t, func(c *identity.Config) { c.Store = &crowded{every: 1} })
	if _, _, err := full.NewGuest(t.Context(), home, "Ann"); !errors.Is(err, identity.ErrCrowded) {
		t.Errorf("all taken: %v", err)
	}
	half := newWorld(t, func(c *identity.Config) { c.Store = &crowded{every: 2} })
	for range 20 {
		if _, _, err := half.NewGuest(t.Context(), home, "Ann"); err != nil {
			t.Errorf("half taken: %v", err)
		}
	}
}

// crowded is a store in which tags divisible by every are taken.
type crowded struct {
	identity.Memory
	every int
}

func (c *crowded) CreatePlayer(ctx context.Context, p identity.Player) error {
	if p.Tag%c.every == 0 {
		return identity.ErrTaken
	}
	return c.Memory.CreatePlayer(ctx, p)
}

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

func TestNewRefuses(t *testing.T) {
	if _, err := identity.New(identity.Config{}); err == nil {
		t.Error("a service without a store")
	}
}
