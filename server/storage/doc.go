// Package storage is what a host remembers: players and how they sign in, signing keys, ratings,
// match results, leaderboards and bans, in SQLite (one file, the default) or PostgreSQL.
//
//	store, err := storage.Open(ctx, "hindsight.db")
//	...
//	outbox := storage.NewOutbox(store, storage.DefaultOutbox, time.Now)
//	go outbox.Run(ctx)
//	err = outbox.Put(result) // at the end of a match: never waits
//
// A Store reads no clock; times are the caller's. It knows no passwords and no tokens, only hashes of
// them, and no rules of names: whether a name is fit to be shown is the lobby's to say. It is safe for
// concurrent use and owns no goroutine besides those of database/sql. An Outbox is run by its owner.
//
// # Two engines, one SQL
//
// The same statements run on both engines, and the same tests: numbered parameters, ON CONFLICT and
// window functions are common to both, and columns are TEXT, BIGINT or DOUBLE PRECISION. Times are unix
// milliseconds in UTC, flags 0 or 1.
//
// SQLite has one writing connection (it has one writer), four reading ones, a write-ahead log, so that
// reading and writing do not wait for each other, and synchronous=NORMAL: a power cut may take the last
// moments, never the consistency. PostgreSQL runs at its default isolation; what must not be lost is
// locked. Transactions lock players in the order of their ids, and begin again after a conflict.
//
// # Changing what is stored
//
// Add a file to migrations/ (never change one that was released), change queries/, and renew the Go
// code in db/ with sqlc, which takes some minutes to compile and is not needed otherwise:
//
//	go install github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1
//	cd server/storage && sqlc generate
//
// # Testing
//
// The tests run on SQLite, and on a PostgreSQL server that they start for themselves in a temporary
// folder, under another user if they run as root. HINDSIGHT_TEST_POSTGRES says what happens where no
// PostgreSQL is installed: "required" fails, "auto" (the default) skips, says so, and adds a line to
// the file named by HINDSIGHT_TEST_SKIPS; "off" does not look for it.
package storage
