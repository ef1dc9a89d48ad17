package alarm

import (
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"hindsight/protocol"
)

// Alarm wakes its owner within a tenth of a millisecond, as a rule, of the moment that was set.
type Alarm struct {
	now  func() protocol.Micros
	woke atomic.Bool // Wake was called since the last Wait

	fd   int
	file *os.File // owns fd, which is in the runtime's poller
	raw  syscall.RawConn

	// Owned by Wait.
	at    protocol.Micros
	early lead
	armed bool               // the timer was looked at in this Wait
	slept bool               // and set
	pass  func(uintptr) bool // a.passed, made once
	timer *Timer             // instead of the descriptor, if there was none
}

// New returns an alarm that reads that clock, which must run like CLOCK_MONOTONIC.
func New(now func() protocol.Micros) *Alarm {
	a := &Alarm{now: now}
	a.pass = a.passed
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		a.timer = NewTimer(now)
		return a
	}
	a.fd, a.file = fd, os.NewFile(uintptr(fd), "timerfd")
	if a.raw, err = a.file.SyscallConn(); err != nil {
		_ = a.file.Close()
		a.timer = NewTimer(now)
	}
	return a
}

// Wait returns once it is at, or Wake was called since the last Wait.
func (a *Alarm) Wait(at protocol.Micros) {
	if a.timer != nil {
		a.timer.Wait(at)
		return
	}
	a.at, a.armed, a.slept = at, false, false
	if a.raw.Read(a.pass) != nil {
		return // closed
	}
	if a.woke.Swap(false) || !a.slept {
		return
	}
	late := a.now() - at
	if late < -leadMost {
		return // somebody's old Wake
	}
	a.early.learn(late)
	for late < 0 {
		late = a.now() - at
	}
}

// passed tells the runtime whether the wait is over. The first call, which comes after the runtime
// has forgotten older wake-ups, sets the timer; the second is the wake-up.
//
// Wake sets its flag before the timer and this the timer before it looks at the flag: one of the two
// sees the other.
func (a *Alarm) passed(uintptr) bool {
	if a.armed {
		return true
	}
	a.armed = true
	d := a.at - a.now() - protocol.Micros(a.early)
	if a.slept = d > 0; !a.slept {
		return true
	}
	a.set(d)
	return a.woke.Load()
}

// Wake ends the Wait under way, or else the next one.
func (a *Alarm) Wake() {
	if a.timer != nil {
		a.timer.Wake()
		return
	}
	if !a.woke.Swap(true) {
		_ = a.raw.Control(func(uintptr) { a.set(0) }) // after Close the number may be another file's
	}
}

// set has the timer go off in d from now, at once if d is 0.
func (a *Alarm) set(d protocol.Micros) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(max(int64(d)*1000, 1))}
	_ = unix.TimerfdSettime(a.fd, 0, &spec, nil)
}

// Close gives the descriptor back. Wake may still be called and does nothing.
func (a *Alarm) Close() {
	if a.timer != nil {
		a.timer.Close()
		return
	}
	_ = a.file.Close()
}
