// Package storetest holds every identity.Store and signing.Store to what their interfaces promise.
// Tests of the stores call it; nothing else does.
package storetest

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/signing"
)

// at is a moment that databases keep as it is.
var at = time.UnixMilli(1_800_000_000_123).UTC()

// book is a store under test.
type book struct {
	identity.Store
	*testing.T
}

// Run tests a store of players. Open returns an empty one.
func Run(t *testing.T, open func(*testing.T) identity.Store) {
	for name, test := range map[string]func(book){
		"players": book.players, "tags": book.tags, "devices": book.devices, "credentials": book.credentials,
		"identities": book.identities, "merge": book.merge, "races": book.races,
	} {
		t.Run(name, func(t *testing.T) { test(book{open(t), t}) })
	}
}

// is checks an error.
func (b book) is(what string, got, want error) {
	b.Helper()
	if !errors.Is(got, want) {
		b.Errorf("%s: %v, want %v", what, got, want)
	}
}

// guest adds one.
func (b book) guest(name string, tag int) identity.Player {
	b.Helper()
	p := identity.Player{ID: uuid.New(), Name: name, Tag: tag, Guest: true, Created: at}
	b.is(name, b.CreatePlayer(b.Context(), p), nil)
	return p
}

// has checks what is known of a player.
func (b book) has(what string, got identity.Player, err error, want identity.Player) {
	b.Helper()
	b.is(what, err, nil)
	if !got.Created.Equal(want.Created) {
		b.Errorf("%s: created %v, want %v", what, got.Created, want.Created)
	}
	got.Created = want.Created
	if got != want {
		b.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

func (b book) players() {
	p := b.guest("Ann", 42)
	got, err := b.Player(b.Context(), p.ID)
	b.has("the player", got, err, p)
	_, err = b.Player(b.Context(), uuid.New())
	b.is("a stranger", err, identity.ErrNotFound)
	b.is("the same again", b.CreatePlayer(b.Context(), p), identity.ErrTaken)
	p.Name, p.Tag = "Anna", 43
	b.is("rename", b.Rename(b.Context(), p.ID, p.Name, names.Skeleton(p.Name), p.Tag), nil)
	got, err = b.Player(b.Context(), p.ID)
	b.has("renamed", got, err, p)
	b.is("rename a stranger", b.Rename(b.Context(), uuid.New(), "Bob", "bob", 1), identity.ErrNotFound)
	long := b.guest(strings.Repeat("힣", 20), 1) // as many bytes as a skeleton has
	got, err = b.Player(b.Context(), long.ID)
	b.has("a long name", got, err, long)
}

// tags: names that look alike share the tags.
func (b book) tags() {
	b.guest("coco", 7)
	b.guest("coco", 8)
	b.guest("Otter", 7)
	alike := identity.Player{ID: uuid.New(), Name: "СОСО", Tag: 7, Guest: true, Created: at}
	b.is("Cyrillic, with the same tag", b.CreatePlayer(b.Context(), alike), identity.ErrTaken)
	alike.Tag = 9
	b.is("with another", b.CreatePlayer(b.Context(), alike), nil)
	b.is("renamed to the same", b.Rename(b.Context(), alike.ID, "Coco", names.Skeleton("Coco"), 8), identity.ErrTaken)
	b.is("renamed in case only", b.Rename(b.Context(), alike.ID, "coco", names.Skeleton("coco"), 9), nil)
}

func (b book) devices() {
	p, other := b.guest("Ann", 1), b.guest("Bob", 1)
	for _, d := range []string{"one", "two", "three"} {
		b.is(d, b.AddDevice(b.Context(), d, p.ID, at), nil)
	}
	b.is("a device twice", b.AddDevice(b.Context(), "one", other.ID, at), identity.ErrTaken)
	b.is("of a stranger", b.AddDevice(b.Context(), "x", uuid.New(), at), identity.ErrNotFound)
	b.is("of another", b.AddDevice(b.Context(), "theirs", other.ID, at), nil)
	got, err := b.PlayerByDevice(b.Context(), "one")
	b.has("by device", got, err, p)
	_, err = b.PlayerByDevice(b.Context(), "")
	b.is("no device", err, identity.ErrNotFound)
	b.is("remove", b.RemoveDevice(b.Context(), "one"), nil)
	b.is("remove again", b.RemoveDevice(b.Context(), "one"), identity.ErrNotFound)
	b.is("remove all but two", b.RemoveDevices(b.Context(), p.ID, "two"), nil)
	for device, want := range map[string]error{"one": identity.ErrNotFound, "two": nil, "three": identity.ErrNotFound, "theirs": nil} {
		_, err := b.PlayerByDevice(b.Context(), device)
		b.is(device, err, want)
	}
	b.is("remove all", b.RemoveDevices(b.Context(), p.ID, ""), nil)
	_, err = b.PlayerByDevice(b.Context(), "two")
	b.is("two, in the end", err, identity.ErrNotFound)
}

func (b book) credentials() {
	p, other := b.guest("Ann", 1), b.guest("Bob", 1)
	c := identity.Credential{Login: "ann", Player: p.ID, Hash: "$h$1", Changed: at}
	_, err := b.CredentialByLogin(b.Context(), "ann")
	b.is("before", err, identity.ErrNotFound)
	b.is("change before", b.ChangeCredential(b.Context(), "ann", "$h$2", at), identity.ErrNotFound)
	b.is("add", b.AddCredential(b.Context(), c), nil)
	b.is("taken", b.AddCredential(b.Context(), identity.Credential{Login: "ann", Player: other.ID, Hash: "$h$", Changed: at}), identity.ErrTaken)
	b.is("a second", b.AddCredential(b.Context(), identity.Credential{Login: "ann2", Player: p.ID, Hash: "$h$", Changed: at}), identity.ErrTaken)
	b.is("of a stranger", b.AddCredential(b.Context(), identity.Credential{Login: "eve", Player: uuid.New(), Hash: "$h$", Changed: at}), identity.ErrNotFound)
	p.Guest = false
	got, err := b.Player(b.Context(), p.ID)
	b.has("who has an account", got, err, p)
	got, err = b.Player(b.Context(), other.ID)
	b.has("whose login was taken", got, err, other)
	c.Hash, c.Changed = "$h$2", at.Add(time.Hour)
	b.is("change", b.ChangeCredential(b.Context(), c.Login, c.Hash, c.Changed), nil)
	found, err := b.CredentialByLogin(b.Context(), "ann")
	b.is("after", err, nil)
	if !found.Changed.Equal(c.Changed) || found.Hash != c.Hash || found.Player != c.Player || found.Login != c.Login {
		b.Errorf("%+v, want %+v", found, c)
	}
}

func (b book) identities() {
	p, other := b.guest("Ann", 1), b.guest("Bob", 1)
	const issuer = "https://id.test"
	_, err := b.PlayerByIdentity(b.Context(), issuer, "42")
	b.is("before", err, identity.ErrNotFound)
	b.is("add", b.AddIdentity(b.Context(), issuer, "42", p.ID, at), nil)
	b.is("taken", b.AddIdentity(b.Context(), issuer, "42", other.ID, at), identity.ErrTaken)
	b.is("of a stranger", b.AddIdentity(b.Context(), issuer, "43", uuid.New(), at), identity.ErrNotFound)
	b.is("another issuer", b.AddIdentity(b.Context(), "https://other.test", "42", other.ID, at), nil)
	p.Guest, other.Guest = false, false
	got, err := b.PlayerByIdentity(b.Context(), issuer, "42")
	b.has("by identity", got, err, p)
	got, err = b.PlayerByIdentity(b.Context(), "https://other.test", "42")
	b.has("by the other", got, err, other)
}

func (b book) merge() {
	account, guest, early := b.guest("Ann", 1), b.guest("Bob", 1), b.guest("Early", 1)
	b.is("account", b.AddCredential(b.Context(), identity.Credential{Login: "ann", Player: account.ID, Hash: "$h$", Changed: at}), nil)
	account.Guest = false
	b.is("device", b.AddDevice(b.Context(), "phone", guest.ID, at), nil)
	b.is("a guest into a guest", b.MergeGuest(b.Context(), early.ID, guest.ID), nil)
	for range 2 {
		b.is("merge", b.MergeGuest(b.Context(), guest.ID, account.ID), nil)
		for _, id := range []uuid.UUID{account.ID, guest.ID, early.ID} {
			got, err := b.Player(b.Context(), id)
			b.has("after the merge", got, err, account)
		}
		got, err := b.PlayerByDevice(b.Context(), "phone")
		b.has("the guest's device", got, err, account)
	}
	b.guest("Bob", 1) // the guest's name is free again
	b.is("a stranger", b.MergeGuest(b.Context(), uuid.New(), account.ID), identity.ErrNotFound)
	b.is("into a stranger", b.MergeGuest(b.Context(), b.guest("Carl", 1).ID, uuid.New()), identity.ErrNotFound)
	dan := b.guest("Dan", 1)
	if b.MergeGuest(b.Context(), dan.ID, dan.ID) == nil || b.MergeGuest(b.Context(), account.ID, dan.ID) == nil {
		b.Error("merged a player into itself, or an account into a guest")
	}
	got, err := b.Player(b.Context(), account.ID)
	b.has("in the end", got, err, account)
}

// races: of many who want the same, one has it.
func (b book) races() {
	const many = 20
	ids := make([]uuid.UUID, many)
	for i := range ids {
		ids[i] = b.guest("Ann", i+1).ID
	}
	for what, take := range map[string]func(id uuid.UUID) error{
		"name":     func(id uuid.UUID) error { return b.Rename(b.Context(), id, "King", names.Skeleton("King"), 1) },
		"device":   func(id uuid.UUID) error { return b.AddDevice(b.Context(), "one", id, at) },
		"identity": func(id uuid.UUID) error { return b.AddIdentity(b.Context(), "https://id.test", "1", id, at) },
		"login": func(id uuid.UUID) error {
			return b.AddCredential(b.Context(), identity.Credential{Login: "ann", Player: id, Hash: "$h$", Changed: at})
		},
	} {
		results := make(chan error, many)
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() { results <- take(id) })
		}
		wg.Wait()
		close(results)
		won := 0
		for err := range results {
			if err == nil {
				won++
			} else {
				b.is(what, err, identity.ErrTaken)
			}
		}
		if won != 1 {
			b.Errorf("%d have the %s", won, what)
		}
	}
}

// RunKeys tests a store of keys, which is empty.
func RunKeys(t *testing.T, s signing.Store) {
	ctx := t.Context()
	var made []signing.Key
	for i := range 3 {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		k := signing.Key{ID: uuid.NewString(), Private: private, Created: at.Add(time.Duration(i) * time.Hour)}
		if err := s.AddSigningKey(ctx, k); err != nil {
			t.Fatal(err)
		}
		made = append(made, k)
	}
	for range 2 {
		if err := s.DeleteSigningKey(ctx, made[1].ID); err != nil {
			t.Error(err)
		}
	}
	if err := s.DeleteSigningKey(ctx, "nobody's"); err != nil {
		t.Error(err)
	}
	got, err := s.SigningKeys(ctx)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d keys, %v; want 2", len(got), err)
	}
	for _, want := range []signing.Key{made[0], made[2]} {
		found := false
		for _, k := range got {
			found = found || k.ID == want.ID && k.Private.Equal(want.Private) && k.Created.Equal(want.Created)
		}
		if !found {
			t.Errorf("key %s of %v is not as it was", want.ID, want.Created)
		}
	}
	// A ring goes on with them: the same key signs after a restart.
	ring, err := signing.Open(ctx, signing.Config{Store: s, Now: func() time.Time { return at.Add(3 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	if set := string(ring.JWKS()); !strings.Contains(set, made[0].ID) || !strings.Contains(set, made[2].ID) {
		t.Errorf("published %s", set)
	}
}
