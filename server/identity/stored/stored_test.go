package stored_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"hindsight/server/identity"
	"hindsight/server/identity/stored"
	"hindsight/server/identity/storetest"
	"hindsight/server/storage"
)

// database is SQLite in a file of the test's.
type database struct {
	*storage.Store
	raw *sql.DB
}

// RemoveDevices signs out all devices of a player but one.
func (d database) RemoveDevices(ctx context.Context, player, but string) error {
	_, err := d.raw.ExecContext(ctx, "DELETE FROM devices WHERE player_id = $1 AND token_hash <> $2", player, but)
	return err
}

func open(t *testing.T) *stored.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := storage.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := raw.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return stored.New(database{db, raw}, time.Now)
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) identity.Store { return open(t) })
}

func TestKeys(t *testing.T) { storetest.RunKeys(t, open(t)) }
