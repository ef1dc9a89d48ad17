package identity_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/password"
	"hindsight/server/identity/signing"
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
	forged := []byte(token)
	if i := len(forged) - 20; forged[i] == 'A' { // in the signature, where every bit of a letter counts
		forged[i] = 'B'
	} else {
		forged[i] = 'A'
	}
	for _, bad := range []string{"", device, string(forged)} {
		if _, err := identity.Verify(w.ring, bad, w.now); !errors.Is(err, identity.ErrSession) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, _, err := w.Session(t.Context(), token); !errors.Is(err, identity.ErrDevice) {
		t.Errorf("a session for a session: %v", err)
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

func TestNewRefuses(t *testing.T) {
	if _, err := identity.New(identity.Config{}); err == nil {
		t.Error("a service without a store")
	}
}
