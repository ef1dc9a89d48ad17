package netcode

import (
	"slices"

	"hindsight/protocol"
)

// stalls remembers by how much a direction of the line was lately held up, beyond its usual lateness.
// On TCP a lost segment holds up all that follow for a round trip and a quarter, again and again by
// the same amount: a buffer of that length hides every one of them, and a quantile of all arrivals,
// most of which are on time, would be too short for it. But a buffer is paid for in every second, and a
// few stalls in a minute are not worth it: it takes about as many as 1 % of loss gives. What is known
// outlives matches and connections, as the line does.
type stalls struct {
	ring  [stallRing]stall
	count int // ever noted
}

type stall struct {
	at   protocol.Micros
	size phase // never 0
}

const (
	stallRing   = 16
	stallMoment = 2 * protocol.Second // the longest of so long counts for all
	stallMemory = 30 * protocol.Second
	stallOften  = 3 // in stallMemory, or else two in stallSoon
	stallSoon   = 8 * protocol.Second
	stallLeast  = 12 * protocol.Millisecond // of commands; less is jitter, which the margins show
	// stallMost is the longest that a buffer is to hide. An outage is not to be hidden, but over.
	stallMost = 300 * protocol.Millisecond
)

// note takes in a stall.
func (s *stalls) note(now protocol.Micros, size phase) {
	if last := &s.ring[(s.count+stallRing-1)%stallRing]; last.size != 0 && now-last.at < stallMoment {
		last.size = max(last.size, size)
		return
	}
	s.ring[s.count%stallRing] = stall{now, size}
	s.count++
}

// usual returns the median of the last stalls, 0 if there were too few. Stalls by loss are all alike,
// and the few longer ones are those of a retransmission that was lost as well.
func (s *stalls) usual(now protocol.Micros) phase {
	var sizes [stallRing]phase
	n, oldest := 0, now
	for i := range s.ring[:min(s.count, stallRing)] {
		if e := &s.ring[i]; now-e.at <= stallMemory {
			sizes[n], oldest = e.size, min(oldest, e.at)
			n++
		}
	}
	if n < 2 || n < stallOften && now-oldest > stallSoon {
		return 0
	}
	slices.Sort(sizes[:n])
	return sizes[(n-1)/2]
}
