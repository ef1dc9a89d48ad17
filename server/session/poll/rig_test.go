//go:build linux && (amd64 || arm64)

package poll

import (
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hindsight/server/alarm"
	"hindsight/server/mono"
)

// patience is how long a test waits for what must happen before it fails.
const patience = 5 * time.Second

// past is a deadline that is over.
var past = time.Unix(1, 0)

// await polls for a condition that another goroutine brings about.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// descriptors counts this process's open files.
func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// leakless fails a test that leaves a goroutine or a descriptor behind. It comes before all else.
func leakless(t *testing.T) {
	t.Helper()
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil { // Go's poller has its own descriptors from here on
		_ = l.Close()
	}
	before := descriptors(t)
	t.Cleanup(func() {
		goleak.VerifyNone(t)
		await(t, "every descriptor to be given back", func() bool { return descriptors(t) <= before })
	})
}

// pair returns the two ends of a TCP connection; both are closed when the test ends.
func pair(t *testing.T) (server, client *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(); _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return s.(*net.TCPConn), c.(*net.TCPConn)
}

// adopt gives a connection to a poller.
func adopt(t *testing.T, p *Poller, nc net.Conn) *Conn {
	t.Helper()
	c, err := p.Adopt(nc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newPoller returns a poller on the real clock.
func newPoller(shards int) *Poller { return New(shards, alarm.NewClock(mono.Now), 0) }

// spy is an Owner that passes on what it is told.
type spy struct {
	take     func(b []byte) int // nil takes nothing
	visit    func()             // called by Visit; nil for nothing
	drained  chan struct{}
	broken   chan error
	visited  chan struct{}
	panicked chan string // the cause and the stack
}

func newSpy() *spy {
	return &spy{drained: make(chan struct{}, 1024), broken: make(chan error, 2), visited: make(chan struct{}, 1), panicked: make(chan string, 16)}
}

func (s *spy) Take(b []byte) int {
	if s.take == nil {
		return 0
	}
	return s.take(b)
}
func (s *spy) Drained(time.Duration) { s.drained <- struct{}{} }
func (s *spy) Broken(err error)      { s.broken <- err }
func (s *spy) Panicked(cause any, stack []byte) {
	s.panicked <- fmt.Sprintf("%v\n%s", cause, stack)
}
func (s *spy) Visit(time.Time) {
	if s.visit != nil {
		s.visit()
	}
	select {
	case s.visited <- struct{}{}:
	default:
	}
}

// soon waits for a value.
func soon[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
	return v
}
