package alarm

import (
	"container/heap"
	"math"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/protocol"
)

// grain is how late a wake-up may come so that alarms that lie next to each other have it in common:
// moments of one grid differ by a microsecond or two, by how they were rounded.
const grain protocol.Micros = 5

// never is when a waker without a waiting alarm wakes.
const never = protocol.Micros(math.MaxInt64)

// Clock wakes alarms. Its methods may be called from any goroutine.
type Clock struct {
	now func() protocol.Micros

	mu       sync.Mutex
	alarms   int             // guarded by mu: made and not closed
	waiting  queue           // guarded by mu
	running  bool            // guarded by mu: there is a waker
	sleeping bool            // guarded by mu: it sleeps until this moment:
	until    protocol.Micros // guarded by mu
	sleep    sleep           // what it sleeps on; guarded by mu but for its wait
}

// NewClock returns a clock whose alarms read now, which must run like CLOCK_MONOTONIC.
func NewClock(now func() protocol.Micros) *Clock { return &Clock{now: now} }

// Now reads the clock.
func (c *Clock) Now() protocol.Micros { return c.now() }

// New returns an alarm. Who made it closes it.
func (c *Clock) New() *Alarm {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.running {
		if err := c.sleep.open(); err != nil {
			return &Alarm{timer: NewTimer(c.now)}
		}
		c.running = true
		go c.run() // ends with the last alarm
	}
	c.alarms++
	return &Alarm{clock: c, at: -1, woken: make(chan struct{}, 1)}
}

// run is the waker.
func (c *Clock) run() {
	var due []*Alarm
	for {
		c.mu.Lock()
		c.sleeping = false
		if c.alarms == 0 {
			c.running = false
			c.sleep.close()
			c.mu.Unlock()
			return
		}
		for now := c.now(); len(c.waiting) > 0 && c.waiting[0].moment <= now; {
			due = append(due, heap.Pop(&c.waiting).(*Alarm))
		}
		if len(due) == 0 {
			c.doze()
		}
		c.mu.Unlock()
		if len(due) == 0 {
			c.sleep.wait(c.set)
			continue
		}
		// Of goroutines that one has made ready, its processor runs the last one next and the others in their
		// order: so they run in the order of their moments, a poll before the ticks that use what it reads.
		for _, a := range due[1:] {
			a.Wake()
		}
		due[0].Wake()
		clear(due)
		due = due[:0]
	}
}

// doze begins a sleep until the soonest alarm. Its caller holds mu.
func (c *Clock) doze() {
	c.sleeping, c.until = true, never
	if len(c.waiting) > 0 {
		c.until = c.waiting[0].moment + grain
	}
	c.sleep.end(c.until, c.now())
}

// set has the descriptor end the sleep in time. The waker's sleep calls it when it has forgotten the
// wake-ups before; what was set meanwhile, by soon, is then set again. It reports that there is no need to
// sleep.
func (c *Clock) set() (over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sleep.set(c.until, c.now())
}

// soon has the waker wake at that moment, or before. Its caller holds mu.
func (c *Clock) soon(at protocol.Micros) {
	at += grain
	if !c.sleeping || at >= c.until {
		return // it looks at the alarms before it sleeps
	}
	c.until = at
	now := c.now()
	c.sleep.end(at, now)
	c.sleep.set(at, now)
}

// sleep is what a waker sleeps on: a timerfd, and, as its read deadline, a Go timer.
type sleep struct {
	fd   int
	file *os.File // owns fd, which is in the runtime's poller
	raw  syscall.RawConn
}

func (s *sleep) open() error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("timerfd_create", err)
	}
	s.fd, s.file = fd, os.NewFile(uintptr(fd), "timerfd")
	if s.raw, err = s.file.SyscallConn(); err != nil {
		_ = s.file.Close()
	}
	return err
}

func (s *sleep) close() { _ = s.file.Close() }

// end sets the Go timer.
func (s *sleep) end(at, now protocol.Micros) {
	if at == never {
		_ = s.file.SetReadDeadline(time.Time{})
		return
	}
	_ = s.file.SetReadDeadline(time.Now().Add(time.Duration(at-now) * time.Microsecond))
}

// set sets the descriptor. It reports that it is at already.
func (s *sleep) set(at, now protocol.Micros) (over bool) {
	var spec unix.ItimerSpec // the zero value never ends
	if at != never {
		spec.Value = unix.NsecToTimespec(max(int64(at-now)*1000, 1))
	}
	_ = unix.TimerfdSettime(s.fd, 0, &spec, nil)
	return at <= now
}

// wait sleeps until one of the two is over. The descriptor is never read: the poller tells when it
// becomes readable, and that it is set anew.
func (s *sleep) wait(set func() (over bool)) {
	slept := false
	_ = s.raw.Read(func(uintptr) bool {
		if slept {
			return true
		}
		slept = true
		return set()
	})
}
