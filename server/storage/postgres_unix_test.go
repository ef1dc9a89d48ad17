//go:build unix

package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresEngine is a server of our own: a private port, a folder that is thrown away, and no waiting
// for the disk: a commit outlives the server, which is all that the tests end.
type postgresEngine struct {
	tools string // the folder of initdb and pg_ctl
	dir   string
	port  int
	as    *syscall.Credential // PostgreSQL refuses to run as root
	count atomic.Int64        // of databases made
}

// started is the server, if a test has asked for it.
var started struct {
	once sync.Once
	e    *postgresEngine
	err  error
}

var errNoPostgres = errors.New("no PostgreSQL found; install it (apt-get install postgresql) or set HINDSIGHT_TEST_POSTGRES=off")

// postgres returns the server, started when it is first asked for. Where there is none, the
// environment decides; see the package doc.
func postgres(t *testing.T) engine {
	t.Helper()
	mode := os.Getenv("HINDSIGHT_TEST_POSTGRES")
	switch mode {
	case "off":
		t.Skip("HINDSIGHT_TEST_POSTGRES=off")
	case "", "auto", "required":
	default:
		t.Fatalf("HINDSIGHT_TEST_POSTGRES=%s is none of off, auto, required", mode)
	}
	started.once.Do(func() {
		started.e, started.err = startPostgres()
		if errors.Is(started.err, errNoPostgres) && mode != "required" {
			fmt.Fprintln(os.Stderr, "SKIPPED: the storage tests on PostgreSQL:", started.err)
			noteSkip("storage on PostgreSQL: " + started.err.Error())
		}
	})
	switch {
	case errors.Is(started.err, errNoPostgres) && mode != "required":
		t.Skip(started.err)
	case started.err != nil:
		t.Fatal(started.err)
	}
	return started.e
}

// noteSkip tells whoever runs all tests, and does not see what a passing package prints.
func noteSkip(text string) {
	path := os.Getenv("HINDSIGHT_TEST_SKIPS")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = fmt.Fprintln(f, text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

func startPostgres() (*postgresEngine, error) {
	e := &postgresEngine{}
	if err := e.find(); err != nil {
		return nil, err
	}
	var err error
	if e.dir, err = os.MkdirTemp("", "hindsight-postgres-"); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		if e.as, err = unprivileged(); err != nil {
			return nil, err
		}
		if err := os.Chown(e.dir, int(e.as.Uid), int(e.as.Gid)); err != nil {
			return nil, err
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e.port = free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		return nil, err
	}
	if err := e.run("initdb", "-D", e.data(), "-U", "hindsight", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"); err != nil {
		return nil, err
	}
	return e, e.start()
}

// find looks in the path, then where Debian keeps it, newest first.
func (e *postgresEngine) find() error {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if initdb, err := exec.LookPath("initdb"); err == nil {
		found = slices.Insert(found, 0, initdb)
	}
	if len(found) == 0 {
		return errNoPostgres
	}
	e.tools = filepath.Dir(found[0])
	return nil
}

// version is the 15 of /usr/lib/postgresql/15/bin/initdb.
func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// unprivileged returns a user that is not root.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
			gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}, errors.Join(err1, err2)
		}
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
}

func (e *postgresEngine) data() string { return filepath.Join(e.dir, "data") }

func (e *postgresEngine) run(tool string, args ...string) error {
	cmd := exec.Command(filepath.Join(e.tools, tool), args...)
	cmd.Dir = e.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: e.as}
	var out bytes.Buffer
	if tool == "initdb" { // pg_ctl's server would hold a pipe open
		cmd.Stdout, cmd.Stderr = &out, &out
	}
	if err := cmd.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(e.dir, "log"))
		return fmt.Errorf("%s: %w\n%s%s", cmd, err, &out, log)
	}
	return nil
}

func (e *postgresEngine) start() error {
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off "+
		"-c full_page_writes=off -c shared_buffers=16MB -c max_connections=80 -c autovacuum=off", e.port)
	return e.run("pg_ctl", "start", "-w", "-D", e.data(), "-l", filepath.Join(e.dir, "log"), "-o", options)
}

// stopPostgres ends the server, if one was started, and removes its folder.
func stopPostgres() error {
	e := started.e
	if e == nil {
		return nil
	}
	return errors.Join(e.run("pg_ctl", "stop", "-m", "immediate", "-w", "-D", e.data()), os.RemoveAll(e.dir))
}

func (e *postgresEngine) url(name string) string {
	return fmt.Sprintf("postgres://hindsight@127.0.0.1:%d/%s?sslmode=disable", e.port, name)
}

// admin runs a query that returns one number, or none, outside of all tests' databases.
func (e *postgresEngine) admin(ctx context.Context, query string, args ...any) (n int, err error) {
	conn, err := pgx.Connect(ctx, e.url("postgres"))
	if err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, query, args...).Scan(&n)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return n, errors.Join(err, conn.Close(ctx))
}

func (e *postgresEngine) fresh(t *testing.T) string {
	name := fmt.Sprintf("test_%d", e.count.Add(1))
	if _, err := e.admin(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return e.url(name)
}

func (e *postgresEngine) away(t *testing.T, _ *Store) {
	t.Helper()
	if err := e.run("pg_ctl", "stop", "-m", "immediate", "-w", "-D", e.data()); err != nil {
		t.Fatal(err)
	}
}

func (e *postgresEngine) back(t *testing.T, _ *Store) {
	t.Helper()
	if err := e.start(); err != nil {
		t.Fatal(err)
	}
}

// A server process ends a moment after its connection.
func (e *postgresEngine) closed(t *testing.T, url string) {
	_, name, _ := strings.Cut(strings.TrimSuffix(url, "?sslmode=disable"), fmt.Sprintf(":%d/", e.port))
	ctx, n, err := later(t), -1, error(nil)
	for deadline := time.Now().Add(5 * time.Second); n != 0 && err == nil && time.Now().Before(deadline); {
		n, err = e.admin(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name)
	}
	if n != 0 || err != nil {
		t.Errorf("%d connections to %s are left, %v", n, name, err)
	}
}
