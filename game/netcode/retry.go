package netcode

import (
	"hindsight/game/sim/rng"
	"hindsight/protocol"
)

// When a line is tried again that was refused: exponential back-off with full jitter (Brooker,
// "Exponential Backoff And Jitter", AWS 2015), so that the players of a server that restarted do not
// all come back in the same moment.
const (
	retryFirst = 400 * protocol.Millisecond
	retryMost  = 5 * protocol.Second
	// quickFor is how long after the last frame a path that fell silent is tried without slowing
	// down: most outages are over by then, and to a path that is gone it costs nothing.
	quickFor = 12 * protocol.Second
)

// Backoff draws how long to wait after so many failures in a row, 0 for the first.
func Backoff(r *rng.Rand, failures int) protocol.Micros {
	return protocol.Micros(r.Intn(int(backoffCeiling(failures))))
}

// backoffCeiling is the longest that Backoff waits.
func backoffCeiling(failures int) protocol.Micros {
	return min(retryMost, retryFirst<<min(failures, 8))
}
