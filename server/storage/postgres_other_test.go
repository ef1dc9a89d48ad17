//go:build !unix

package storage

import "testing"

// postgres is started as another user here, which only Unix can.
func postgres(t *testing.T) engine {
	t.Skip("the tests start PostgreSQL on Unix only")
	return nil
}

func stopPostgres() error { return nil }
