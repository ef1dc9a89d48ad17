//go:build amd64 || arm64

package poll

import (
	"fmt"
	"iter"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Conn is one connection: a net.Conn whose Read leaves its coroutine rather than wait, and whose
// Write does not wait at all. With thousands of them each is out of the cache when its turn comes: what a
// Write needs is in one cache line of 64 bytes, and what a message that Owner.Take takes needs in two more.
type Conn struct {
	shard   *shard       // immutable
	owed    atomic.Int64 // the length of rest
	mu      sync.Mutex
	fd      int   // guarded by mu; -1 once closed, which only the coroutine does after Run
	failed  error // guarded by mu: why nothing can be written any more
	watched bool  // guarded by mu: in the epoll set
	last    bool  // guarded by mu: the last there is to write was
	ran     bool  // guarded by shard.mu: Run was called
	queued  bool  // guarded by shard.mu: among the shard's woken

	// Owned by the shard's goroutine, which is also the coroutine's.
	waiting  bool   // the coroutine is in Read and waits for more
	readable bool   // the kernel may have something
	hung     bool   // the peer has ended its side: there is something until that is read
	kept     bool   // in is the connection's own
	again    bool   // among the shard's again
	panics   int    // so far
	polled   uint64 // the poll in which the kernel was asked last
	owner    Owner
	in       []byte                  // what has come and was not read
	end      error                   // why nothing will come after it
	next     func() (struct{}, bool) // goes on with the coroutine until it waits or ends
	yield    func(struct{}) bool     // leaves it
	at       int                     // where in the shard's list

	readBy  atomic.Int64 // the read deadline, as moment counts it; 0 for none
	writeBy atomic.Int64 // the write deadline

	rest   []byte // guarded by mu: what the kernel has not taken
	restAt int64  // guarded by mu: since when
	restBy int64  // guarded by mu: when it must have, 0 for no limit

	local, remote net.Addr // immutable
}

// base is where moments are counted from.
var base = time.Now()

// atOnce is the moment of every deadline before base: a wake-up.
const atOnce = 1

// moment is a deadline in nanoseconds since base: 0 for none, and at least atOnce for any other.
func moment(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(int64(t.Sub(base)), atOnce)
}

// passed reports that a deadline is over.
func passed(by, now int64) bool { return by != 0 && by <= now }

// Run has the shard run f as the connection's coroutine, from the next poll on, and returns. The
// connection is closed when f returns, if f has not closed it.
func (c *Conn) Run(o Owner, f func()) {
	c.owner = o
	c.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		defer c.shard.contain(c) // here, where the stack is still known
		f()
	})
	c.shard.join(c)
}

// park leaves the coroutine until the shard finds that something may have changed.
func (c *Conn) park() { c.yield(struct{}{}) }

// Aside runs f in a goroutine of its own and leaves the coroutine meanwhile. A panic of f's comes out
// of Aside.
func (c *Conn) Aside(f func()) {
	var done atomic.Bool
	var p any
	go func() { // ends with f
		defer func() {
			if p = recover(); p != nil {
				p = fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
			done.Store(true)
			c.shard.wake(c)
		}()
		f()
	}()
	for !done.Load() {
		c.park()
	}
	if p != nil {
		panic(p)
	}
}

// CloseWrite ends the sending side once the kernel has all that was written, which it waits for.
func (c *Conn) CloseWrite() error {
	for {
		c.mu.Lock()
		fd, pending, err := c.fd, len(c.rest) > 0, c.failed
		c.mu.Unlock()
		switch {
		case fd < 0:
			return net.ErrClosed
		case err != nil:
			return err
		case !pending:
			return os.NewSyscallError("shutdown", syscall.Shutdown(fd, syscall.SHUT_WR))
		}
		c.park()
	}
}

// Close closes the connection and forgets what was not sent.
func (c *Conn) Close() error {
	c.mu.Lock()
	fd, watched := c.fd, c.watched
	if fd < 0 {
		c.mu.Unlock()
		return net.ErrClosed
	}
	c.fd, c.watched, c.rest = -1, false, nil
	c.owed.Store(0)
	if watched {
		c.shard.byFd[fd] = nil // before the number can be another connection's
	}
	err := syscall.Close(fd)
	c.mu.Unlock()
	c.shard.leave()
	return os.NewSyscallError("close", err)
}

// SetLinger is net.TCPConn's: with 0, Close drops what the kernel has not sent.
func (c *Conn) SetLinger(sec int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fd < 0 {
		return net.ErrClosed
	}
	l := syscall.Linger{Linger: int32(max(sec, 0))}
	if sec >= 0 {
		l.Onoff = 1
	}
	return os.NewSyscallError("setsockopt", syscall.SetsockoptLinger(c.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &l))
}

// SetReadDeadline ends a Read at t, within Sweeps polls; one in the past does within one. The zero
// time is never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	by := moment(t)
	c.readBy.Store(by)
	if passed(by, moment(time.Now())) {
		c.shard.wake(c)
	}
	return nil
}

// SetWriteDeadline says until when the kernel must have taken what is written from now on, and what it has
// not taken when the next is written, if that is sooner than the poller's patience. The zero time is never.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.writeBy.Store(moment(t))
	return nil
}

// SetDeadline sets both.
func (c *Conn) SetDeadline(t time.Time) error {
	_ = c.SetWriteDeadline(t)
	return c.SetReadDeadline(t)
}

// LocalAddr returns the address at this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address at the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }
