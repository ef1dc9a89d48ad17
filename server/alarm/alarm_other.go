//go:build !linux

package alarm

import "hindsight/protocol"

// Alarm is a Timer where the system has nothing better that the runtime can wait for.
type Alarm = Timer

// New returns an alarm that reads that clock.
func New(now func() protocol.Micros) *Alarm { return NewTimer(now) }
