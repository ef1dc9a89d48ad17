//go:build !linux

package alarm

import "hindsight/protocol"

// Clock makes alarms where the system has nothing better than Go's timers.
type Clock struct{ now func() protocol.Micros }

// Alarm is a Timer.
type Alarm = Timer

// NewClock returns a clock whose alarms read now.
func NewClock(now func() protocol.Micros) *Clock { return &Clock{now} }

// Now reads the clock.
func (c *Clock) Now() protocol.Micros { return c.now() }

// New returns an alarm.
func (c *Clock) New() *Alarm { return NewTimer(c.now) }
