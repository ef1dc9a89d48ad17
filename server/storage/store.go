package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"hindsight/server/storage/db"
)

const (
	// lockWait is how long SQLite waits for another process that writes the same file.
	lockWait = 5 * time.Second
	// connectWait is how long PostgreSQL may take to accept a connection, if its URL does not say.
	connectWait = 5 * time.Second
	// attempts is how often a transaction is begun again after a conflict with another.
	attempts = 5
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. All methods may be called at the same time.
type Store struct {
	write *sql.DB // SQLite: one connection, because it has one writer
	read  *sql.DB // PostgreSQL: the same as write

	in   *db.Queries // on write
	from *db.Queries // on read
}

// Open connects to a database and brings its tables up to date. The url is "postgres://…", or
// "sqlite:PATH", or just a PATH; the file is created if it is not there, readable by its owner alone.
// Several processes may open the same PostgreSQL database at once.
func Open(ctx context.Context, url string) (*Store, error) {
	s, dialect, err := connect(url)
	if err != nil {
		return nil, fail("open", err)
	}
	if err := migrate(ctx, s.write, dialect); err != nil {
		return nil, errors.Join(fail("open", err), s.Close())
	}
	return s, nil
}

// connect makes the pools, without waiting for a PostgreSQL server to answer.
func connect(from string) (*Store, goose.Dialect, error) {
	scheme, rest, hasScheme := strings.Cut(from, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		s, err := connectPostgres(from)
		return s, goose.DialectPostgres, err
	case scheme == "sqlite":
		s, err := connectSQLite(rest)
		return s, goose.DialectSQLite3, err
	case hasScheme && strings.HasPrefix(rest, "//"):
		return nil, "", fmt.Errorf("%w: %s://… is neither a PostgreSQL URL (postgres://…) nor a file (sqlite:PATH)", ErrInvalid, scheme)
	}
	s, err := connectSQLite(from)
	return s, goose.DialectSQLite3, err
}

func connectPostgres(url string) (*Store, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err) // pgx takes the password out of its message
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectWait
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(4)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return newStore(pool, pool), nil
}

func connectSQLite(path string) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, fmt.Errorf("%w: SQLite needs the path of a file", ErrInvalid)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// SQLite would create it readable by all, and it holds keys.
	file, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	options := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", lockWait.Milliseconds()), // first: the next ones may have to wait
		"journal_mode(WAL)",
		"synchronous(NORMAL)",
		"foreign_keys(1)",
	}}
	name := "file:" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath()
	// Immediate: a transaction that reads first and writes later would else find the lock taken by
	// another process at a moment when waiting cannot help.
	write, err := sql.Open("sqlite", name+"?"+options.Encode()+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	options.Add("_pragma", "query_only(1)")
	read, err := sql.Open("sqlite", name+"?"+options.Encode())
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(4)
	return newStore(write, read), nil
}

func newStore(write, read *sql.DB) *Store {
	return &Store{write: write, read: read, in: db.New(write), from: db.New(read)}
}

// steps are the changes of the tables, each made in a transaction.
func steps(pool *sql.DB, dialect goose.Dialect) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if dialect == goose.DialectPostgres {
		// Nodes that start together take turns.
		turns, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // each second, for five minutes
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(turns))
	}
	return goose.NewProvider(dialect, pool, files, options...)
}

// migrate brings the tables up to date.
func migrate(ctx context.Context, pool *sql.DB, dialect goose.Dialect) error {
	p, err := steps(pool, dialect)
	if err != nil {
		return err
	}
	has, knows, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if has > knows {
		return fmt.Errorf("%w: it is at %d, this program knows %d", ErrNewer, has, knows)
	}
	_, err = p.Up(ctx)
	return err
}

// Close ends all connections. Calls that are under way fail.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close()) // the writer last: it tidies up SQLite's log
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return fail("ping", s.write.PingContext(ctx))
}

// transact runs f in one transaction, which is undone if f fails. F runs again after a conflict with
// another transaction, so it must not keep anything from a run that failed.
func (s *Store) transact(ctx context.Context, doing string, f func(q *db.Queries) error) error {
	var err error
	for range attempts {
		err = s.once(ctx, f)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || !conflict(pg.Code) {
			break
		}
	}
	return fail(doing, err)
}

func (s *Store) once(ctx context.Context, f func(q *db.Queries) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(s.in.WithTx(tx)); err != nil {
		// A rollback that fails has lost its connection, and with it the transaction.
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// millis is a time as it is stored: unix milliseconds, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant is the inverse of millis.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// flag is a bool as it is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// optional is a text as it is stored where none is NULL.
func optional(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
