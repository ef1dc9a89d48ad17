//go:build amd64 || arm64

package poll

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

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
