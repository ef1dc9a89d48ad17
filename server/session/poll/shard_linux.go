//go:build amd64 || arm64

package poll

import (
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"hindsight/protocol"
	"hindsight/server/alarm"
)

// shard is one goroutine with its connections.
type shard struct {
	clock    *alarm.Clock  // immutable
	patience time.Duration // immutable: how long the kernel may take nothing; 0 for ever

	mu      sync.Mutex
	users   int     // guarded by mu: connections adopted and not closed
	running bool    // guarded by mu: there is a goroutine
	joining []*Conn // guarded by mu: run, and not in the epoll set yet
	woken   []*Conn // guarded by mu: to be gone on with whatever the epoll set says

	epfd int // the epoll set; changes only while there are no users

	// Owned by the goroutine.
	now    int64  // of this poll, as moment counts it
	polls  uint64 // so far
	ends   int    // connections in this poll whose peer had gone
	conns  []*Conn
	byFd   []*Conn // those in the epoll set, by descriptor
	again  []*Conn // may have more than was read in the last poll
	cursor int     // where the sweep goes on
	events [512]syscall.EpollEvent
	spare  [3][]*Conn       // joining, woken and again of the poll before
	buffer [bufferSize]byte // what the connection at hand has sent
}

// mostEnds is how many connections whose peers are gone are seen to in one poll: half a millisecond's worth or so.
// When a proxy dies, thousands go in one moment, and nobody waits for their ends.
const mostEnds = 64

// bufferSize is how much of one connection is read in one poll, so that no flood holds up the others.
const bufferSize = 16 << 10

// enter counts a connection in; the first makes the epoll set.
func (s *shard) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 && !s.running {
		fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
		if err != nil {
			return os.NewSyscallError("epoll_create1", err)
		}
		s.epfd = fd
	}
	s.users++
	return nil
}

// leave counts one out. The last closes the epoll set, or has the goroutine do it.
func (s *shard) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users == 0 && !s.running {
		_ = syscall.Close(s.epfd)
	}
}

// over ends the shard if nobody is left.
func (s *shard) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users > 0 {
		return false
	}
	s.running = false
	clear(s.woken) // which have ended since
	s.woken = s.woken[:0]
	_ = syscall.Close(s.epfd)
	return true
}

// join has the next poll take in a connection.
func (s *shard) join(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.ran = true
	s.joining = append(s.joining, c)
	if !s.running {
		s.running = true
		go s.run() // ends with the shard's last connection
	}
}

// wake has the next poll go on with a connection.
func (s *shard) wake(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ran && !c.queued { // before Run there is nothing to go on with
		c.queued = true
		s.woken = append(s.woken, c)
	}
}

// run polls until the last connection is gone, at moments that are the same for all shards.
func (s *shard) run() {
	a := s.clock.New()
	defer a.Close()
	for s.poll(time.Now()); !s.over(); s.poll(time.Now()) {
		// A poll that took longer than a Period leaves the processor to others for a while all the same.
		next := after(s.clock.Now() + protocol.Micros(Period.Microseconds()/4))
		for s.clock.Now() < next {
			a.Wait(next)
		}
	}
}

// lead is how much before the moments of its grid a poll is due, in microseconds: just before the ticks
// that fall on them, however they were rounded.
const lead = 5

// after returns the first moment of the polls' grid that is not before now.
func after(now protocol.Micros) protocol.Micros {
	const hertz = protocol.Micros(time.Second / Period)
	n := ((now+lead)*hertz + protocol.Second - 1) / protocol.Second
	return n*protocol.Second/hertz - lead
}

// poll does everything that is due.
func (s *shard) poll(now time.Time) {
	s.now = moment(now)
	s.polls++
	s.ends = 0
	s.mu.Lock()
	joining, woken := s.joining, s.woken
	s.joining, s.woken = s.spare[0][:0], s.spare[1][:0]
	for _, c := range woken {
		c.queued = false
	}
	s.mu.Unlock()
	for _, c := range joining {
		s.register(c)
		s.resume(c)
	}
	for _, c := range woken {
		s.resume(c)
	}
	again := s.again
	s.again = s.spare[2][:0]
	for _, c := range again {
		c.again = false
		s.look(c)
	}
	clear(joining)
	clear(woken)
	clear(again)
	s.spare = [3][]*Conn{joining, woken, again}
	s.read()
	s.sweep(now)
}

// Of events that the epoll set names only the change is told: it names a connection again when more
// comes, not when it was not read to its end.
const (
	edge     = 1 << 31 // EPOLLET of epoll_ctl(2), which package syscall has with the wrong sign
	interest = syscall.EPOLLIN | syscall.EPOLLOUT | syscall.EPOLLRDHUP | edge
	gone     = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
)

// contain is deferred around whatever the shard does for one connection: a panic there is that
// connection's end and nobody else's. The reader goes on in the next poll, to end; if it is what panicked,
// it has, and is forgotten. If something panics again its Read fails, whatever the owner has done.
func (s *shard) contain(c *Conn) {
	cause := recover()
	if cause == nil {
		return
	}
	c.panics++
	s.wake(c)
	c.owner.Panicked(cause, debug.Stack())
}

// register puts a connection into the epoll set. If that fails, its Read and Write will.
func (s *shard) register(c *Conn) {
	defer s.contain(c)
	c.at = len(s.conns)
	s.conns = append(s.conns, c)
	c.mu.Lock()
	defer c.mu.Unlock()
	e := syscall.EpollEvent{Events: interest, Fd: int32(c.fd)}
	if err := syscall.EpollCtl(s.epfd, syscall.EPOLL_CTL_ADD, c.fd, &e); err != nil {
		c.readBy.Store(atOnce)
		c.failed = os.NewSyscallError("epoll_ctl", err)
		return
	}
	c.watched = true
	for len(s.byFd) <= c.fd {
		s.byFd = append(s.byFd, nil)
	}
	s.byFd[c.fd] = c
}

// read goes on with every connection that the epoll set names: something came, or the kernel has room
// again, or the connection is gone.
func (s *shard) read() {
	for rounds := len(s.conns)/len(s.events) + 1; rounds > 0; rounds-- {
		n, err := syscall.EpollWait(s.epfd, s.events[:], 0)
		if err != nil { // EINTR
			return
		}
		for i := range s.events[:n] {
			e := &s.events[i]
			c := s.byFd[e.Fd]
			if c == nil {
				continue // closed in this poll
			}
			if e.Events&^syscall.EPOLLIN != 0 {
				s.write(c)
			}
			if e.Events&^syscall.EPOLLOUT != 0 {
				c.readable = true
				c.hung = c.hung || e.Events&gone != 0
			}
			s.look(c)
		}
		if n < len(s.events) {
			return
		}
	}
}

// look goes on with a connection that something may have come for.
func (s *shard) look(c *Conn) {
	defer s.contain(c)
	if c.hung {
		if s.ends++; s.ends > mostEnds {
			s.later(c)
			return
		}
	}
	if !c.served() {
		s.resume(c)
	} else {
		c.settle()
	}
}

// later has the next poll look at a connection, whatever the epoll set says.
func (s *shard) later(c *Conn) {
	if !c.again {
		c.again = true
		s.again = append(s.again, c)
	}
}

// write sends what a connection could not send before.
func (s *shard) write(c *Conn) {
	defer s.contain(c)
	drained, held, err := c.flush()
	switch {
	case err != nil:
		c.owner.Broken(err)
	case drained:
		c.owner.Drained(held)
	}
}

// sweep looks after some of the connections, in turn.
func (s *shard) sweep(now time.Time) {
	for n := (len(s.conns) + Sweeps - 1) / Sweeps; n > 0 && len(s.conns) > 0; n-- {
		if s.cursor >= len(s.conns) {
			s.cursor = 0
		}
		c := s.conns[s.cursor]
		s.cursor++
		s.visit(c, now)
	}
}

// visit looks at a connection's deadlines.
func (s *shard) visit(c *Conn, now time.Time) {
	defer s.contain(c)
	if err := c.expire(s.now); err != nil {
		c.owner.Broken(err)
		s.resume(c)
		return
	}
	c.owner.Visit(now)
	if passed(c.readBy.Load(), s.now) {
		s.resume(c)
	}
}

// resume goes on with a connection's coroutine until it waits again, and forgets it when it has ended.
func (s *shard) resume(c *Conn) {
	defer s.contain(c)
	if c.next == nil {
		return
	}
	if _, more := c.next(); more {
		c.settle()
		return
	}
	c.next = nil
	_ = c.Close() // does nothing if the coroutine did it
	last := len(s.conns) - 1
	s.conns[c.at], s.conns[last].at = s.conns[last], c.at
	s.conns[last] = nil
	s.conns = s.conns[:last]
}
