// Package alarm wakes a goroutine at a moment that was set, or when another goroutine says so. Rooms
// sleep on it between two ticks.
//
//	a := alarm.New(mono.Now)
//	defer a.Close()
//	for {
//		take what is queued
//		a.Wait(next) // returns at next, or soon after somebody called a.Wake
//		tick if it is due
//	}
//
// A Go timer wakes half a millisecond late in the middle and more than one at worst, because the
// runtime sleeps in whole milliseconds (netpollDelay in runtime/netpoll_epoll.go). On Linux an Alarm
// is a timerfd in the runtime's own poller instead: the kernel's high-resolution timer ends the
// runtime's sleep. That needs no thread, no other goroutine and no lock, and a sleeping alarm costs
// nothing; a wake-up costs one system call more than a Go timer's and cannot be shared with others
// that happen to fall into the same millisecond. What a wake-up still takes is much the same each
// time, so an Alarm learns it and has the kernel's timer go off that much earlier; see lead. Where
// there is no timerfd, or no descriptor to be had, an Alarm is a time.Timer. BENCHMARK.md has what
// was measured, and what else was tried.
//
// An Alarm belongs to the goroutine that waits: only it calls Wait and Close. Anybody may call Wake.
// It never fires by itself into a channel, never wakes anyone but its owner, and may wake it early:
// who has waited looks at the clock.
package alarm

import (
	"time"

	"hindsight/protocol"
)

// Timer is an Alarm on a time.Timer: exact to about a millisecond, and at home in the virtual time
// of tests.
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

// lead is how much before its time a sleep is ended so that the sleeper is up in time. It follows a
// low quantile of what waking takes: nine of ten wake-ups come out late by what is beyond it, and
// one in ten is early and waits the rest out awake, which is what bounds it.
type lead protocol.Micros

const (
	leadMost  = 200 // microseconds: what may be waited out awake at worst
	leadLater = 9   // how much faster an early wake-up lowers it than a late one raises it
)

// learn takes in how late a wake-up came, in microseconds: negative for early.
func (l *lead) learn(late protocol.Micros) {
	if late >= 0 {
		*l = min(*l+1, leadMost)
	} else {
		*l = max(*l-leadLater, 0)
	}
}
