package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hindsight/game/rating"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := stopPostgres(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}))
}

// engine is a database that the tests run on.
type engine interface {
	// fresh returns the url of a database that nobody has opened, gone when the test ends.
	fresh(t *testing.T) string
	// away takes the database away from a store; back returns it.
	away(t *testing.T, s *Store)
	back(t *testing.T, s *Store)
	// closed fails the test if a connection to the database is left.
	closed(t *testing.T, url string)
}

// onEach runs a test on SQLite and on PostgreSQL.
func onEach(t *testing.T, test func(t *testing.T, e engine)) {
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteEngine{}) })
	t.Run("postgres", func(t *testing.T) { test(t, postgres(t)) })
}

// withStore runs a test with an empty store of each engine, and checks that it leaves no connection
// in use, and none open once the store is closed. It runs beside others of its kind, after those that
// take a database away.
func withStore(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) { test(t, open(t, e, e.fresh(t))) })
}

func open(t *testing.T, e engine, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := s.write.Stats().InUse + s.read.Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use after the test", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		e.closed(t, url)
	})
	return s
}

type sqliteEngine struct{}

func (sqliteEngine) fresh(t *testing.T) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "a host's? 100%.db")
}

func (sqliteEngine) away(t *testing.T, s *Store) {
	execute(t, s, "PRAGMA query_only = 1") // as on a disk that has become read-only
}

func (sqliteEngine) back(t *testing.T, s *Store) { execute(t, s, "PRAGMA query_only = 0") }

// SQLite removes its log when the last connection ends.
func (sqliteEngine) closed(t *testing.T, url string) {
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(url[len("sqlite:"):]), "*-wal")); len(left) != 0 {
		t.Errorf("%v is left: a connection is open", left)
	}
}

func execute(t *testing.T, s *Store, statement string) {
	t.Helper()
	if _, err := s.write.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// now is when the tests play: a Wednesday.
var now = time.Date(2026, time.March, 18, 20, 0, 0, 0, time.UTC)

// eventually waits for a condition that other goroutines bring about.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// must passes on a value if there is no error.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// guests adds players named as their ids.
func guests(t *testing.T, s *Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := s.CreatePlayer(t.Context(), Player{ID: id, Name: id, Skeleton: id, Tag: 1, Guest: true, Created: now}); err != nil {
			t.Fatal(err)
		}
	}
}

// duel is a match that the first of two players won, one of a series that ends minute by minute.
func duel(n int, winner, loser string) Result {
	return Result{ID: fmt.Sprintf("match-%04d", n), Game: "arena", Mode: "duel", Map: "foundry", Room: "ABCD",
		Started: now.Add(time.Duration(n-5) * time.Minute), Ended: now.Add(time.Duration(n) * time.Minute),
		Players: []Line{
			{Player: winner, Name: winner, Place: 1, Score: 10, Kills: 10, Deaths: 3, Shots: 100, Hits: 40, Played: 5 * time.Minute},
			{Player: loser, Name: loser, Place: 2, Score: 3, Kills: 3, Deaths: 10, Shots: 90, Hits: 10, Played: 5 * time.Minute},
		}}
}

// record records results that are new.
func (s *Store) record(t *testing.T, results ...Result) {
	t.Helper()
	for _, r := range results {
		if recorded, err := s.RecordMatch(t.Context(), r); err != nil || !recorded {
			t.Fatalf("%s: recorded %v, %v", r.ID, recorded, err)
		}
	}
}

// skill returns a player's skill at duels.
func (s *Store) skill(t *testing.T, player string) Skill {
	t.Helper()
	skills, err := s.Ratings(t.Context(), []string{player}, "arena", "duel")
	if err != nil {
		t.Fatal(err)
	}
	return skills[0]
}

// history returns all of a player's matches, page by page.
func (s *Store) history(t *testing.T, player string) (all []Result) {
	t.Helper()
	for at := (Cursor{}); ; at = all[len(all)-1].Cursor() {
		page, err := s.History(t.Context(), player, 7, at)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < 7 {
			return all
		}
	}
}

// checkChain checks that a player's ratings follow from one another without a gap: each match began
// with what another left, so no update was lost. It returns the number of rated matches.
func (s *Store) checkChain(t *testing.T, player string) int {
	t.Helper()
	after := map[rating.Rating]rating.Rating{}
	for _, r := range s.history(t, player) {
		if l := r.Players[0]; l.Rated {
			if _, twice := after[l.Before]; twice {
				t.Errorf("two matches of %s began with %v: an update was lost", player, l.Before)
			}
			after[l.Before] = l.After
		}
	}
	at, n := rating.Default, 0
	for ; n < len(after); n++ {
		next, ok := after[at]
		if !ok {
			t.Errorf("no match of %s began with %v, the rating after %d", player, at, n)
			break
		}
		at = next
	}
	if k := s.skill(t, player); k.Rating != at || k.Matches != n {
		t.Errorf("%s has %v after %d matches, want %v after %d", player, k.Rating, k.Matches, at, n)
	}
	return n
}

// later is a context that outlives the test's own, for its cleanup.
func later(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
