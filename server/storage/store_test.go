package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"

	"hindsight/server/storage/db"
)

// Tables are made once, are there when the database is opened again, and keep what they hold.
func TestOpenAgain(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		url := e.fresh(t)
		first := must(Open(t.Context(), url))(t)
		guests(t, first, "ann")
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		s := open(t, e, url)
		if p := must(s.Player(t.Context(), "ann"))(t); p.Name != "ann" {
			t.Errorf("after opening again: %+v", p)
		}
	})
}

// Every step can be undone and done again.
func TestMigrationsDown(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		s := open(t, e, e.fresh(t))
		dialect := goose.DialectPostgres
		if s.read != s.write {
			dialect = goose.DialectSQLite3
		}
		p := must(steps(s.write, dialect))(t)
		if _, err := p.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Player(t.Context(), "ann"); err == nil || errors.Is(err, ErrNotFound) {
			t.Errorf("the tables are still there: %v", err)
		}
		if err := migrate(t.Context(), s.write, dialect); err != nil {
			t.Fatal(err)
		}
		guests(t, s, "ann")
	})
}

// A transaction that had to give way begins again, but not for ever, and no other error repeats it.
func TestConflictsAreRetried(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		conflict, odd := &pgconn.PgError{Code: "40001"}, errors.New("odd")
		for i, c := range []struct {
			fails []error // of the runs, then success
			runs  int
			want  error
		}{
			{nil, 1, nil},
			{[]error{conflict, conflict}, 3, nil},
			{[]error{conflict, odd}, 2, odd},
			{slices.Repeat([]error{conflict}, 100), attempts, ErrUnavailable},
		} {
			runs := 0
			err := s.transact(t.Context(), "try", func(q *db.Queries) error {
				runs++
				// What a failed run has written is undone, or this would be taken.
				if err := q.InsertKey(t.Context(), fmt.Sprint("key", i), "", 0); err != nil {
					return err
				}
				if runs <= len(c.fails) {
					return c.fails[runs-1]
				}
				return nil
			})
			if runs != c.runs || !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("case %d: %d runs, %v; want %d, %v", i, runs, err, c.runs, c.want)
			}
		}
	})
}

// Nodes that start together on one database do not trip over each other.
func TestOpenAtOnce(t *testing.T) {
	e := postgres(t)
	url := e.fresh(t)
	stores := make([]*Store, 4)
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() {
			s, err := Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			stores[i] = s
		})
	}
	wg.Wait()
	for _, s := range stores {
		if s != nil {
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		}
	}
	e.closed(t, url)
}

func TestOpenRefusesNewer(t *testing.T) {
	onEach(t, func(t *testing.T, e engine) {
		url := e.fresh(t)
		s := open(t, e, url)
		future := "9999, true"
		if s.read != s.write {
			future = "9999, 1"
		}
		execute(t, s, "INSERT INTO goose_db_version (version_id, is_applied) VALUES ("+future+")")
		if _, err := Open(t.Context(), url); !errors.Is(err, ErrNewer) {
			t.Errorf("opening a newer database: %v", err)
		}
	})
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	damaged := filepath.Join(dir, "damaged.db")
	if err := os.WriteFile(damaged, []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		url  string
		want error
		says string
	}{
		{"", ErrInvalid, "path"},
		{":memory:", ErrInvalid, "path"},
		{"sqlite:", ErrInvalid, "path"},
		{"mysql://root@localhost/x", ErrInvalid, "mysql"},
		{"postgres://user:secret@[bad/x", ErrInvalid, "parse"},
		{"postgres://user:secret@127.0.0.1:1/x", ErrUnavailable, "refused"},
		{filepath.Join(dir, "no", "such", "folder.db"), ErrUnavailable, "no such file"},
		{dir, ErrUnavailable, "directory"},
		{damaged, nil, "not a database"},
	} {
		s, err := Open(t.Context(), c.url)
		if err == nil {
			t.Errorf("%s: opened: %v", c.url, s.Close())
			continue
		}
		if c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %q, want %v with %q", c.url, err, c.want, c.says)
		}
	}
}

// The file holds keys: nobody else may read it, nor its log.
func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "host.db")
	open(t, sqliteEngine{}, "sqlite:"+path)
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestErrorKinds(t *testing.T) {
	for _, c := range []struct {
		err  error
		want error
	}{
		{driver.ErrBadConn, ErrUnavailable},
		{fmt.Errorf("read: %w", io.ErrUnexpectedEOF), ErrUnavailable},
		{context.DeadlineExceeded, ErrUnavailable},
		{ErrInvalid, ErrInvalid},
		{context.Canceled, nil},
		{errors.New("odd"), nil},
	} {
		err := fail("try", c.err)
		if !errors.Is(err, c.err) {
			t.Errorf("%v is lost in %v", c.err, err)
		}
		for _, kind := range []error{ErrNotFound, ErrTaken, ErrInvalid, ErrUnavailable} {
			if errors.Is(err, kind) != (kind == c.want) {
				t.Errorf("%v is (or is not) %v", err, kind)
			}
		}
	}
	if fail("try", nil) != nil {
		t.Error("no error became one")
	}
}

// A caller that gives up gets its own error, and leaves nothing behind.
func TestCallerGivesUp(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.RecordMatch(ctx, duel(1, "ann", "bob")); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		if _, err := s.RecordMatch(ctx, duel(1, "ann", "bob")); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnavailable) {
			t.Errorf("too late: %v", err)
		}
		if got := s.history(t, "ann"); len(got) != 0 {
			t.Errorf("left behind: %v", got)
		}
	})
}
