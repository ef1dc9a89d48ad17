//go:build amd64 || arm64

package poll

import (
	"bytes"
	"io"
	"net"
	"os"
	"syscall"
)

// Read reads what has come and Owner.Take has left, and leaves the coroutine until something has, or the
// read deadline is over. What has come goes first: a process that was held up does not take its clients
// for silent.
func (c *Conn) Read(b []byte) (int, error) {
	for {
		by := c.readBy.Load()
		switch {
		case c.fd < 0 || c.panics > 1:
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
	if c.waiting && c.readable {
		c.shard.later(c)
	}
}
