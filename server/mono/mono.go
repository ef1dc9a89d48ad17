// Package mono is the server's clock: microseconds on the monotonic clock since the process began.
// It is the only clock that ticks, deadlines and round trips are measured with; the wall clock may
// jump and is for logs alone. Everything that needs the time takes a func() protocol.Micros, so
// that tests can bring their own.
package mono

import (
	"time"

	"hindsight/protocol"
)

var start = time.Now()

// Now returns the time since the process began.
func Now() protocol.Micros { return protocol.Micros(time.Since(start).Microseconds()) }
