package stored_test

import (
	"path/filepath"
	"testing"
	"time"

	"hindsight/server/identity"
	"hindsight/server/identity/stored"
	"hindsight/server/identity/storetest"
	"hindsight/server/storage"
)

func open(t *testing.T) *stored.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := storage.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return stored.New(db, time.Now)
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) identity.Store { return open(t) })
}

func TestKeys(t *testing.T) { storetest.RunKeys(t, open(t)) }
