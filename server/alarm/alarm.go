// Package alarm wakes goroutines at moments that were set, or when another goroutine says so. Rooms
// sleep on it between two ticks, and pollers between two polls.
//
//	clock := alarm.NewClock(mono.Now) // one for the process
//	...
//	a := clock.New()
//	defer a.Close()
//	for {
//		take what is queued
//		a.Wait(next) // returns at next, or soon after somebody called a.Wake
//		tick if it is due
//	}
//
// # One clock for all
//
// To be woken costs ten microseconds, most of it the interrupt, the kernel's and the runtime's way out of
// idleness and back. Who sleeps on a timer of its own pays that each time. A Clock has one goroutine,
// the waker, which sleeps until the soonest of its alarms and wakes all that are due then, for the price
// of a channel each. So it is worth having moments in common: rooms tick on a grid.
//
// # What the waker sleeps on
//
// A Go timer is exact while the processor is busy, and half a millisecond to more than one late when it
// is idle, because the runtime sleeps in whole milliseconds (netpollDelay in runtime/netpoll_epoll.go). A
// timerfd in the runtime's own poller is the other way round: the kernel's high-resolution timer ends the
// runtime's sleep within a twentieth of a millisecond, but a processor that is never idle asks its poller
// only every ten. So the waker sleeps on both, and the first one wakes it.
//
// # Who owns what
//
// An Alarm belongs to the goroutine that waits: only it calls Wait and Close. Anybody may call Wake. It
// never fires by itself into a channel, never wakes anyone but its owner, and may wake it early: who has
// waited looks at the clock. A Clock has a goroutine and a descriptor while it has alarms, and wakes for
// nothing while none of them waits. Where there is no timerfd, or no descriptor to be had, an alarm is a
// Timer. BENCHMARK.md has what was measured, and what else was tried.
package alarm

import (
	"time"

	"hindsight/protocol"
)

// Timer is an Alarm on a time.Timer of its own: exact to about a millisecond, and at home in the virtual
// time of tests.
type Timer struct {
	now   func() protocol.Micros
	timer *time.Timer
	wake  chan struct{} // holds one token from Wake until the next Wait
}

// NewTimer returns an alarm that reads that clock.
func NewTimer(now func() protocol.Micros) *Timer {
	t := &Timer{now: now, timer: time.NewTimer(time.Hour), wake: make(chan struct{}, 1)}
	t.timer.Stop()
	return t
}

// Wait returns once it is at, or Wake was called since the last Wait.
func (t *Timer) Wait(at protocol.Micros) {
	t.timer.Reset(time.Duration(at-t.now()) * time.Microsecond)
	select {
	case <-t.timer.C:
	case <-t.wake:
	}
}

// Wake ends the Wait under way, or else the next one.
func (t *Timer) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Close frees the timer. Wake may still be called and does nothing.
func (t *Timer) Close() { t.timer.Stop() }
