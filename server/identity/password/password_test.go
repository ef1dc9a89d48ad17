package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// cheap is a cost for tests that are not about the cost.
var cheap = Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}

func TestVerify(t *testing.T) {
	h := New(Config{Cost: cheap})
	ctx := t.Context()
	const secret = "correct horse battery"
	stored, err := h.Hash(ctx, secret)
	if err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]bool{
		secret: true, "Correct horse battery": false, "": false, secret + " ": false,
		strings.Repeat("x", 10*MaxBytes): false, "\x00": false, "correct horse batter": false,
	} {
		match, stale, err := h.Verify(ctx, given, stored)
		if match != want || stale || err != nil {
			t.Errorf("%.30q: match %v, stale %v, %v", given, match, stale, err)
		}
	}
	again, err := h.Hash(ctx, secret)
	if err != nil || again == stored {
		t.Errorf("two hashes of one password are equal, or %v", err)
	}
}

// TestUnicode: composed and decomposed letters are one password.
func TestUnicode(t *testing.T) {
	h := New(Config{Cost: cheap})
	stored, err := h.Hash(t.Context(), "pässwörtchen")
	if err != nil {
		t.Fatal(err)
	}
	if match, _, err := h.Verify(t.Context(), "pa\u0308sswo\u0308rtchen", stored); !match || err != nil {
		t.Errorf("match %v, %v", match, err)
	}
}

// TestDefaultCost computes the real thing once and holds it to the recommendation.
func TestDefaultCost(t *testing.T) {
	h := New(Config{})
	stored, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored %s", stored)
	}
	if match, stale, err := h.Verify(t.Context(), "correct horse battery", stored); !match || stale || err != nil {
		t.Errorf("match %v, stale %v, %v", match, stale, err)
	}
}

// TestReference verifies a hash made by the reference implementation's command line tool:
// echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 (argon2's test.c, version 0x13).
func TestReference(t *testing.T) {
	const stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	h := New(Config{})
	match, stale, err := h.Verify(t.Context(), "password", stored)
	if !match || !stale || err != nil {
		t.Errorf("match %v, stale %v, %v", match, stale, err)
	}
}

func TestStale(t *testing.T) {
	old, err := New(Config{Cost: cheap}).Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	h := New(Config{Cost: Cost{MemoryKiB: 16, Passes: 1, Lanes: 1}})
	if match, stale, err := h.Verify(t.Context(), "correct horse battery", old); !match || !stale || err != nil {
		t.Errorf("match %v, stale %v, %v", match, stale, err)
	}
	if match, stale, err := h.Verify(t.Context(), "wrong", old); match || stale || err != nil {
		t.Errorf("wrong password: match %v, stale %v, %v", match, stale, err)
	}
}

func TestDamagedHashes(t *testing.T) {
	h := New(Config{Cost: cheap})
	good, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Split(good, "$")
	with := func(i int, s string) string {
		p := append([]string(nil), part...)
		p[i] = s
		return strings.Join(p, "$")
	}
	for name, s := range map[string]string{
		"empty":          "",
		"plain text":     "correct horse battery",
		"bcrypt":         "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"argon2i":        with(1, "argon2i"),
		"version":        with(2, "v=16"),
		"no memory":      with(3, "m=0,t=1,p=1"),
		"too much":       with(3, "m=4294967295,t=1,p=1"),
		"1 GiB":          with(3, "m=1048576,t=1,p=1"),
		"no passes":      with(3, "m=8,t=0,p=1"),
		"no lanes":       with(3, "m=8,t=1,p=0"),
		"many passes":    with(3, "m=8,t=100000,p=1"),
		"more":           with(3, "m=8,t=1,p=1,x=1"),
		"no salt":        with(4, ""),
		"no sum":         with(5, ""),
		"padded":         good + "=",
		"short sum":      with(5, "AAAA"),
		"too long":       with(4, strings.Repeat("A", 2*maxHash)),
		"blank in front": " " + good,
	} {
		if _, _, err := h.Verify(t.Context(), "correct horse battery", s); !errors.Is(err, ErrHash) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := h.Computed(); n != 1 {
		t.Errorf("%d hashes computed, want only the good one", n)
	}
}

// TestParseProperty: what parses is spelt as String spells it.
func TestParseProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hash{
			Cost: Cost{MemoryKiB: rapid.Uint32().Draw(t, "m"), Passes: rapid.Uint32().Draw(t, "t"), Lanes: rapid.Uint8().Draw(t, "p")},
			salt: rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "salt"),
			sum:  rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "sum"),
		}
		got, err := parse(h.String())
		if err == nil && got.String() != h.String() {
			t.Fatalf("%s became %s", h, got)
		}
		if err == nil && !got.sound() {
			t.Fatalf("%s is not sound", got)
		}
	})
}

func TestCheck(t *testing.T) {
	for secret, want := range map[string]error{
		"correct horse":              nil,
		"пароль-пароль":              nil,
		"        x":                  nil,
		"short":                      ErrShort,
		"":                           ErrShort,
		"äöüäöü":                     ErrShort, // counted in characters
		strings.Repeat("long ", 100): ErrLong,
		"correct\x00horse":           ErrUnusable,
		"correct\thorse":             ErrUnusable,
		"Password1":                  ErrCommon,
		"zzzzzzzzzz":                 ErrCommon,
		"SwiftOtter":                 ErrCommon, // the login
	} {
		if err := Check(secret, "swiftotter"); !errors.Is(err, want) {
			t.Errorf("%.30q: %v, want %v", secret, err, want)
		}
	}
}

// TestFlood: with one at once and two waiting, the fourth is refused at once, and one that goes away
// leaves its place to the next.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Config{Cost: cheap, AtOnce: 1, Waiting: 2})
		h.turns <- struct{}{} // a computation that takes its time
		h.queue <- struct{}{}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		results := make(chan error, 2)
		go func() { results <- h.Refuse(impatient, "x") }()
		go func() { results <- h.Refuse(t.Context(), "x") }()
		synctest.Wait()
		if err := h.Refuse(t.Context(), "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("the fourth: %v", err)
		}
		if err := <-results; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the impatient one: %v", err)
		}
		third := make(chan error, 1)
		go func() { third <- h.Refuse(t.Context(), "x") }()
		synctest.Wait()
		<-h.turns
		<-h.queue
		if err := errors.Join(<-results, <-third); err != nil {
			t.Error(err)
		}
		if n := h.Computed(); n != 2 {
			t.Errorf("%d computed, want 2", n)
		}
	})
}

// TestAtOnce counts how many hold a turn while many ask.
func TestAtOnce(t *testing.T) {
	h := New(Config{Cost: Cost{MemoryKiB: 1024, Passes: 1, Lanes: 1}, AtOnce: 2, Waiting: 100})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := h.Refuse(t.Context(), "x"); err != nil {
				t.Error(err)
			}
			if n := len(h.turns); n > 2 {
				t.Errorf("%d at once", n)
			}
		})
	}
	wg.Wait()
	if len(h.turns) != 0 || len(h.queue) != 0 {
		t.Errorf("%d turns and %d places are not given back", len(h.turns), len(h.queue))
	}
}

func TestNewPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a cost that argon2 does not have was accepted")
		}
	}()
	New(Config{Cost: Cost{MemoryKiB: 1, Passes: 1, Lanes: 1}})
}

func BenchmarkVerify(b *testing.B) {
	h := New(Config{})
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Refuse(b.Context(), "correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}
