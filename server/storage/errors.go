package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// What can go wrong, for errors.Is. Every error of this package is one of these, the end of the
// caller's context, or a fault of ours or of the database's that no caller can do anything about.
var (
	// ErrNotFound: there is no such player, match, key or ban.
	ErrNotFound = errors.New("not found")
	// ErrTaken: somebody has this name and tag, login, identity or id already. Offer another.
	ErrTaken = errors.New("taken")
	// ErrInvalid: a value is too long, not text, or contradicts another. Trying again is useless.
	ErrInvalid = errors.New("invalid")
	// ErrUnavailable: the database cannot be reached, is full, read-only or too slow now. What was
	// asked may or may not have happened; try again later.
	ErrUnavailable = errors.New("database unavailable")
	// ErrNewer: a newer version of this program has changed the database. Update this one.
	ErrNewer = errors.New("the database belongs to a newer version")
	// ErrFull: the outbox holds all it may. The result was not taken.
	ErrFull = errors.New("outbox full")
)

// fail gives a driver's error one of the meanings above, and says what was being done.
func fail(doing string, err error) error {
	if err == nil {
		return nil
	}
	kind := kindOf(err)
	if kind == nil || errors.Is(err, kind) {
		return fmt.Errorf("storage: %s: %w", doing, err)
	}
	return fmt.Errorf("storage: %s: %w: %w", doing, kind, err)
}

// found turns "no row was changed" into ErrNotFound.
func found(rows int64, err error) error {
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}

// kindOf returns the sentinel that describes a driver's error, or nil.
func kindOf(err error) error {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.As(err, &connect): // for whatever reason
		return ErrUnavailable
	case errors.As(err, &pg):
		return kindOfPostgres(pg.Code)
	case errors.As(err, &lite):
		return kindOfSQLite(lite.Code())
	case errors.Is(err, context.Canceled):
		return nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.As(err, &network), pgconn.SafeToRetry(err):
		return ErrUnavailable
	}
	return nil
}

// kindOfPostgres goes by SQLSTATE; "Appendix A. PostgreSQL Error Codes".
func kindOfPostgres(code string) error {
	switch {
	case code == "23505": // unique_violation
		return ErrTaken
	case code == "23503": // foreign_key_violation: the player referred to is gone
		return ErrNotFound
	case strings.HasPrefix(code, "22"): // data exception, such as text that is not UTF-8
		return ErrInvalid
	case strings.HasPrefix(code, "08"), // connection exception
		strings.HasPrefix(code, "53"), // insufficient resources: disk full, too many connections
		strings.HasPrefix(code, "57"), // operator intervention: shutting down, starting up, cancelled
		strings.HasPrefix(code, "58"), // system error
		code == "25006",               // read_only_sql_transaction: a standby
		conflict(code):
		return ErrUnavailable
	}
	return nil
}

// conflict reports that two transactions met and this one was chosen to give way.
func conflict(code string) bool { return code == "40001" || code == "40P01" }

func kindOfSQLite(code int) error {
	switch code {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrTaken
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	}
	switch code & 0xff { // the primary code; the rest says more about the same
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN,
		lib.SQLITE_INTERRUPT, lib.SQLITE_NOMEM, lib.SQLITE_PROTOCOL:
		return ErrUnavailable
	}
	return nil
}

// bounded checks one text that goes into a row: UTF-8 without NUL (which PostgreSQL refuses), of a
// length in bytes from least to most.
func bounded(what, s string, least, most int) error {
	switch {
	case len(s) < least:
		return fmt.Errorf("%w: %s is empty", ErrInvalid, what)
	case len(s) > most:
		return fmt.Errorf("%w: %s has %d bytes, the most is %d", ErrInvalid, what, len(s), most)
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return fmt.Errorf("%w: %s is not text", ErrInvalid, what)
	}
	return nil
}
