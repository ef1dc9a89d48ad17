package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// desk is a Recorder in memory. Answer, if set, decides what it says; it may record and fail too.
type desk struct {
	answer func(n int, r Result) error // n counts attempts from 1

	mu       sync.Mutex
	attempts int
	times    []time.Time
	order    []string // ids in the order they were recorded
}

func (d *desk) RecordMatch(ctx context.Context, r Result) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attempts++
	d.times = append(d.times, time.Now())
	if d.answer != nil {
		if err := d.answer(d.attempts, r); err != nil {
			return false, err
		}
	}
	if slices.Contains(d.order, r.ID) {
		return false, nil
	}
	d.order = append(d.order, r.ID)
	return true, nil
}

func (d *desk) recorded() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.order, " ")
}

// inBubble runs a test in virtual time, with an outbox that is being run.
func inBubble(t *testing.T, d *desk, test func(t *testing.T, o *Outbox)) {
	synctest.Test(t, func(t *testing.T) {
		o := NewOutbox(d, 100, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- o.Run(ctx) }()
		synctest.Wait()
		test(t, o)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func put(t *testing.T, o *Outbox, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		if err := o.Put(duel(n, "ann", "bob")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutboxDelivers(t *testing.T) {
	d := &desk{}
	inBubble(t, d, func(t *testing.T, o *Outbox) {
		put(t, o, 3)
		synctest.Wait()
		put(t, o, 1)
		synctest.Wait()
		if d.recorded() != "match-0003 match-0001" || o.Pending() != 0 || o.Waiting() != 0 {
			t.Errorf("recorded %s, %d pending", d.recorded(), o.Pending())
		}
		if time.Since(d.times[0]) != 0 {
			t.Errorf("it took %v", time.Since(d.times[0]))
		}
	})
}

// While the database is away results gather, then leave in the order in which the matches ended.
func TestOutboxWaitsForTheDatabase(t *testing.T) {
	away := true
	d := &desk{}
	d.answer = func(int, Result) error {
		if away {
			return fail("record match", ErrUnavailable)
		}
		return nil
	}
	inBubble(t, d, func(t *testing.T, o *Outbox) {
		put(t, o, 5, 2, 9, 2, 1)
		time.Sleep(time.Minute)
		put(t, o, 4)
		synctest.Wait()
		if o.Pending() != 5 || o.Waiting() != time.Minute {
			t.Errorf("%d pending for %v", o.Pending(), o.Waiting())
		}
		// One attempt at a time, at first often, then every three seconds or somewhat less.
		if d.attempts < 20 || d.attempts > 40 {
			t.Errorf("%d attempts in a minute", d.attempts)
		}
		for i, at := range d.times[1:] {
			if pause := at.Sub(d.times[i]); pause < firstPause*3/4 || pause > longestPause {
				t.Errorf("pause %d is %v", i, pause)
			}
		}
		d.mu.Lock()
		away = false
		d.mu.Unlock()
		time.Sleep(longestPause)
		synctest.Wait()
		if want := "match-0001 match-0002 match-0004 match-0005 match-0009"; d.recorded() != want || o.Pending() != 0 {
			t.Errorf("recorded %s, want %s; %d pending", d.recorded(), want, o.Pending())
		}
		put(t, o, 10) // and the next goes at once
		synctest.Wait()
		if o.Pending() != 0 {
			t.Error("still cautious")
		}
	})
}

// One result that fails for a reason of its own does not hold up the others, and is not given up.
func TestOutboxPassesBy(t *testing.T) {
	odd := errors.New("odd")
	healed := false
	d := &desk{}
	d.answer = func(_ int, r Result) error {
		if r.ID == "match-0001" && !healed {
			return odd
		}
		return nil
	}
	inBubble(t, d, func(t *testing.T, o *Outbox) {
		put(t, o, 1, 2, 3)
		synctest.Wait()
		if d.recorded() != "match-0002 match-0003" || o.Pending() != 1 {
			t.Errorf("recorded %s, %d pending", d.recorded(), o.Pending())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := o.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 match result") {
			t.Errorf("drained: %v", err)
		}
		d.mu.Lock()
		healed = true
		d.mu.Unlock()
		time.Sleep(longestPause)
		synctest.Wait()
		if o.Pending() != 0 {
			t.Errorf("%d pending after it healed", o.Pending())
		}
	})
}

// A database that does not answer is not waited for longer than deliverWait.
func TestOutboxGivesUpOnSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := recorderFunc(func(ctx context.Context, _ Result) (bool, error) {
			<-ctx.Done()
			return false, fail("record match", ctx.Err())
		})
		o := NewOutbox(silent, 100, time.Now)
		put(t, o, 1, 2)
		ctx, cancel := context.WithTimeout(t.Context(), deliverWait+time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := o.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) || o.Pending() != 2 {
			t.Errorf("drained: %v, %d pending", err, o.Pending())
		}
		if took := time.Since(began); took != deliverWait+time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

type recorderFunc func(context.Context, Result) (bool, error)

func (f recorderFunc) RecordMatch(ctx context.Context, r Result) (bool, error) { return f(ctx, r) }

func TestOutboxIsBounded(t *testing.T) {
	o := NewOutbox(&desk{}, 3, time.Now)
	put(t, o, 1, 2, 3)
	if err := o.Put(duel(4, "ann", "bob")); !errors.Is(err, ErrFull) {
		t.Errorf("a fourth: %v", err)
	}
	put(t, o, 2) // is there already
	if err := o.Put(Result{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no result: %v", err)
	}
	if o.Pending() != 3 {
		t.Errorf("%d pending", o.Pending())
	}
	if err := o.Drain(t.Context()); err != nil || o.Pending() != 0 {
		t.Errorf("drained: %v, %d pending", err, o.Pending())
	}
}

// The outbox owns what it holds.
func TestOutboxCopies(t *testing.T) {
	var got Result
	o := NewOutbox(recorderFunc(func(_ context.Context, r Result) (bool, error) { got = r; return true, nil }), 1, time.Now)
	r := duel(1, "ann", "bob")
	if err := o.Put(r); err != nil {
		t.Fatal(err)
	}
	r.Players[0].Name = "changed"
	if err := o.Drain(t.Context()); err != nil || got.Players[0].Name != "ann" {
		t.Errorf("drained %v: %+v", err, got.Players[0])
	}
}

// counting is a Store whose failures are counted, and whose answers get lost on the way, if it is
// told so: the match is recorded and the outbox does not learn of it.
type counting struct {
	*Store
	loseAnswer func(r Result) bool

	mu     sync.Mutex
	failed int
}

func (c *counting) RecordMatch(ctx context.Context, r Result) (bool, error) {
	recorded, err := c.Store.RecordMatch(ctx, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && c.loseAnswer != nil && c.loseAnswer(r) {
		err = fail("record match", ErrUnavailable)
	}
	if err != nil {
		c.failed++
	}
	return recorded, err
}

func (c *counting) failures() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// running starts an outbox on a store and stops it when the test ends.
func running(t *testing.T, to Recorder) *Outbox {
	o := NewOutbox(to, DefaultOutbox, time.Now)
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = o.Run(ctx) }() // its error is the context's
	t.Cleanup(func() { cancel(); <-ended })
	return o
}

// The database goes away in the middle of the results of many matches, and comes back: every one is
// recorded, and none twice.
func TestOutage(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		s := open(t, e, e.fresh(t))
		c := &counting{Store: s}
		o := running(t, c)
		guests(t, s, "ann", "bob")
		const before, during = 60, 40
		for n := range before {
			put(t, o, n)
		}
		eventually(t, "the first result", func() bool { return o.Pending() < before })
		e.away(t, s)
		for n := range during {
			put(t, o, before+n)
		}
		eventually(t, "a failure", func() bool { return c.failures() > 0 })
		if o.Pending() < during {
			t.Errorf("%d pending while the database is away, want %d or more", o.Pending(), during)
		}
		e.back(t, s)
		began := time.Now()
		eventually(t, "all results", func() bool { return o.Pending() == 0 })
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v after the database was back", took)
		}
		for _, id := range []string{"ann", "bob"} {
			if n := s.checkChain(t, id); n != before+during {
				t.Errorf("%s has %d rated matches, want %d", id, n, before+during)
			}
		}
	})
}

// Every third answer of the database is lost after the work was done.
func TestLostAnswers(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		lost := map[string]bool{}
		c := &counting{Store: s, loseAnswer: func(r Result) bool {
			first := !lost[r.ID] && len(r.ID) > 0 && r.ID[len(r.ID)-1]%3 == 0
			lost[r.ID] = true
			return first
		}}
		guests(t, s, "ann", "bob")
		o := NewOutbox(c, 100, time.Now)
		put(t, o, 1, 2, 3, 4, 5, 6, 7, 8, 9)
		if err := o.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.checkChain(t, "ann"); n != 9 || c.failures() != 3 {
			t.Errorf("%d rated matches, want 9; %d answers were lost, want 3", n, c.failures())
		}
	})
}

// A full disk is an outage too: what is half written is undone, and nothing is damaged.
func TestFullDisk(t *testing.T) {
	s := open(t, sqliteEngine{}, sqliteEngine{}.fresh(t))
	guests(t, s, "ann", "bob")
	var pages int
	if err := s.write.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	execute(t, s, fmt.Sprintf("PRAGMA max_page_count = %d", pages+8))
	c := &counting{Store: s}
	o := running(t, c)
	const matches = 50
	for n := range matches {
		r := duel(n, "ann", "bob")
		for range 20 {
			r.Players = append(r.Players, Line{Name: strings.Repeat("x", MaxName), Bot: true, Place: 3})
		}
		if err := o.Put(r); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "a full disk", func() bool { return c.failures() > 1 })
	if n := s.checkChain(t, "ann"); n == 0 || n+o.Pending() != matches {
		t.Errorf("%d recorded and %d pending of %d", n, o.Pending(), matches)
	}
	if _, err := s.RecordMatch(t.Context(), duel(1000, "ann", "bob")); err != nil && !errors.Is(err, ErrUnavailable) {
		t.Errorf("on a full disk: %v", err)
	}
	execute(t, s, "PRAGMA max_page_count = 1000000")
	eventually(t, "all results", func() bool { return o.Pending() == 0 })
	for _, r := range s.history(t, "bob") {
		if got := must(s.Match(t.Context(), r.ID))(t); len(got.Players) != got.Seats {
			t.Errorf("%s has %d of %d lines", r.ID, len(got.Players), got.Seats)
		}
	}
	var sound string
	if err := s.read.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("integrity: %s, %v", sound, err)
	}
}

// An outage of reading and writing is told as one.
func TestUnavailable(t *testing.T) {
	e := postgres(t)
	s := open(t, e, e.fresh(t))
	guests(t, s, "ann")
	e.away(t, s)
	for name, call := range map[string]func() error{
		"ping":   func() error { return s.Ping(t.Context()) },
		"read":   func() error { _, err := s.Player(t.Context(), "ann"); return err },
		"write":  func() error { return s.SetSettings(t.Context(), "ann", "{}") },
		"record": func() error { _, err := s.RecordMatch(t.Context(), duel(1, "ann", "bob")); return err },
	} {
		if err := call(); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e.back(t, s)
	if _, err := s.Player(t.Context(), "ann"); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}
