//go:build amd64 || arm64

package poll

import (
	"bytes"
	"fmt"
	"io"
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
		f()
	})
	c.shard.join(c)
}

// park leaves the coroutine until the shard finds that something may have changed.
func (c *Conn) park() { c.yield(struct{}{}) }

// Read reads what has come and Owner.Take has left, and leaves the coroutine until something has, or the
// read deadline is over. What has come goes first: a process that was held up does not take its clients
// for silent.
func (c *Conn) Read(b []byte) (int, error) {
	for {
		by := c.readBy.Load()
		switch {
		case c.fd < 0:
			return 0, net.ErrClosed
		case by == atOnce:
			return 0, os.ErrDeadlineExceeded
		case len(c.in) > 0:
			if c.offer() {
				continue
			}
			n := copy(b, c.in)
			c.in = c.in[n:]
			return n, nil
		case c.end != nil:
			return 0, c.end
		case c.receive(): // and look again
		case passed(by, c.shard.now):
			return 0, os.ErrDeadlineExceeded
		default: // the shard goes on when there is more
			c.waiting = true
			c.park()
			c.waiting = false
		}
	}
}

// receive asks the kernel once in a poll, if it may have something, and reports whether there was
// something, or why there will be nothing more. It puts into in what came: the shard's buffer, in which
// it stays for as long as the shard deals with this connection.
func (c *Conn) receive() bool {
	if !c.readable || c.polled == c.shard.polls {
		return false
	}
	c.polled = c.shard.polls
	n, err := receive(c.fd, c.shard.buffer[:])
	switch {
	case err == syscall.EAGAIN:
		c.readable, c.hung = false, false
		return false
	case err != nil:
		c.end = os.NewSyscallError("recvfrom", err)
	case n == 0:
		c.end = io.EOF
	default:
		// Less than would fit is all there was: no need to be told so. The end of the stream, if it had come
		// by then, is not told again either.
		c.readable = n == len(c.shard.buffer) || c.hung
		c.in, c.kept = c.shard.buffer[:n], false
	}
	if c.end != nil {
		c.readable = false
	}
	return true
}

// offer lets the owner look at what has come before the reader does. It reports whether any was taken.
func (c *Conn) offer() bool {
	n := c.owner.Take(c.in)
	c.in = c.in[n:]
	return n > 0
}

// served takes in what has come and reports whether the owner took all of it, so that the reader, which
// waits in Read, need not be gone on with.
func (c *Conn) served() bool {
	switch {
	case !c.waiting:
		return false
	case !c.receive():
		return true
	}
	if len(c.in) > 0 {
		c.offer()
	}
	return len(c.in) == 0 && c.end == nil
}

// settle is called when the shard turns to another connection. What the reader has not read yet, because
// it waits for something else, is put where it can stay; and a connection that was not read to its end is
// read on in the next poll: the epoll set names it but once.
func (c *Conn) settle() {
	if len(c.in) > 0 && !c.kept {
		c.in, c.kept = bytes.Clone(c.in), true
	}
	if len(c.in) == 0 && c.kept {
		c.in, c.kept = nil, false
	}
	if c.waiting && c.readable && !c.again {
		c.again = true
		c.shard.again = append(c.shard.again, c)
	}
}

// Write gives b to the kernel and keeps what it does not take: b is the caller's again. An error ends the
// sending side for good.
func (c *Conn) Write(b []byte) (int, error) { return c.write(b, false) }

// WriteLast is Write, after which there is no other: it gives net.ErrClosed.
func (c *Conn) WriteLast(b []byte) (int, error) { return c.write(b, true) }

func (c *Conn) write(b []byte, last bool) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.fd < 0 || c.last:
		return 0, net.ErrClosed
	case c.failed != nil:
		return 0, c.failed
	}
	c.last = last
	sent := 0
	if c.owed.Load() == 0 {
		n, err := send(c.fd, b)
		if n == len(b) {
			return n, nil
		}
		if err != nil && err != syscall.EAGAIN {
			return n, c.fail(os.NewSyscallError("sendto", err))
		}
		sent, c.restAt, c.restBy = n, moment(time.Now()), 0
		if p := c.shard.patience; p > 0 {
			c.restBy = c.restAt + int64(p)
		}
	}
	if by := c.writeBy.Load(); by != 0 && (c.restBy == 0 || by < c.restBy) {
		c.restBy = by
	}
	if len(c.rest)+len(b)-sent > MaxRest {
		return sent, c.fail(fmt.Errorf("poll: more than %d bytes unsent: %w", MaxRest, os.ErrDeadlineExceeded))
	}
	c.rest = append(c.rest, b[sent:]...)
	c.owed.Store(int64(len(c.rest)))
	return len(b), nil
}

// Pending returns how many bytes of what was written are not in the kernel yet.
func (c *Conn) Pending() int { return int(c.owed.Load()) }

// flush sends more of the rest. It reports that none is left, and how long there was some, or why none can
// be sent. It does nothing if there was no rest.
func (c *Conn) flush() (drained bool, held time.Duration, err error) {
	c.mu.Lock() // also to let a Write finish whose refusal the kernel has taken back by now
	defer c.mu.Unlock()
	if len(c.rest) == 0 {
		return false, 0, nil
	}
	n, err := send(c.fd, c.rest)
	if err != nil && err != syscall.EAGAIN {
		return false, 0, c.fail(os.NewSyscallError("sendto", err))
	}
	c.rest = c.rest[n:]
	c.owed.Store(int64(len(c.rest)))
	if len(c.rest) > 0 {
		return false, 0, nil
	}
	c.rest = nil
	return true, time.Duration(moment(time.Now()) - c.restAt), nil
}

// expire gives up a rest whose deadline is over, and returns the error then.
func (c *Conn) expire(now int64) error {
	if c.owed.Load() == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rest) == 0 || !passed(c.restBy, now) {
		return nil
	}
	return c.fail(os.ErrDeadlineExceeded)
}

// fail ends the sending side. Its caller holds mu.
func (c *Conn) fail(err error) error {
	c.failed, c.rest = err, nil
	c.owed.Store(0)
	return err
}

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
