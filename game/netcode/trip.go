package netcode

import "hindsight/protocol"

// trip estimates the round trip: its smoothed value and mean deviation as in RFC 6298, and the
// least over the last ten seconds, which is the path without queues and stalls.
type trip struct {
	known  bool
	smooth protocol.Micros
	jitter protocol.Micros
	least  [2]protocol.Micros // of the half window before and of the present one
	since  protocol.Micros    // when the present half began
}

const leastHalf = 5 * protocol.Second

// sample takes in one measured round trip.
func (r *trip) sample(now, rtt protocol.Micros) {
	rtt = max(rtt, 0)
	if !r.known {
		*r = trip{known: true, smooth: rtt, jitter: rtt / 2, least: [2]protocol.Micros{rtt, rtt}, since: now}
		return
	}
	off := rtt - r.smooth
	r.smooth += off / 8
	r.jitter += (max(off, -off) - r.jitter) / 4
	if now-r.since >= leastHalf {
		r.least[0], r.least[1], r.since = r.least[1], rtt, now
	}
	r.least[1] = min(r.least[1], rtt)
}

// min is the least round trip of the last five to ten seconds.
func (r *trip) min() protocol.Micros { return min(r.least[0], r.least[1]) }
