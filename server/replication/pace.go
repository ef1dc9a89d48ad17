package replication

import "hindsight/protocol"

// The pacing rule's constants. Measured over real TCP: with an in-flight bound from the client's
// echo, a link at two thirds of the demand delivers frames 72 ms late instead of seconds late,
// whatever the kernel buffers.
const (
	paceBudget      = 150 * protocol.Millisecond // over the best round trip, while the link keeps up
	paceTight       = 60 * protocol.Millisecond  // while it does not
	paceFloor       = 250 * protocol.Millisecond // a frame at least this often, so that echoes go on
	paceTightFor    = 2 * protocol.Second        // how long a skip keeps the budget tight
	paceWindow      = 10 * protocol.Second       // over which the best round trip is taken
	paceFlight      = 64                         // frames in flight that are remembered
	paceStartingRTT = 200 * protocol.Millisecond // assumed until the first echo
)

// Pace decides whether a connection may be sent another snapshot, from how old the oldest one is
// that the client has not yet confirmed. The zero value is ready.
type Pace struct {
	ring       [paceFlight]flight
	head, tail uint32 // ring[tail%n] is the oldest unconfirmed, head the next free
	lastSent   protocol.Micros
	tightUntil protocol.Micros

	rtt         protocol.Micros // latest sample
	best, older protocol.Micros // minimum of this half of the window and of the half before
	halfStarted protocol.Micros
	sampled     bool
	echoed      protocol.Tick
}

type flight struct {
	tick protocol.Tick
	at   protocol.Micros
}

// Sent records that the snapshot of a tick was handed to the connection.
func (p *Pace) Sent(t protocol.Tick, now protocol.Micros) {
	if p.head-p.tail == paceFlight {
		p.tail++
	}
	p.ring[p.head%paceFlight] = flight{t, now}
	p.head++
	p.lastSent = now
}

// Echo records that the client says it has received tick t. A tick that was not sent, or not
// lately, is ignored.
func (p *Pace) Echo(t protocol.Tick, now protocol.Micros) {
	if p.head == p.tail || t.Sub(p.ring[(p.head-1)%paceFlight].tick) > 0 {
		return
	}
	for p.tail != p.head && p.ring[p.tail%paceFlight].tick.Sub(t) <= 0 {
		f := p.ring[p.tail%paceFlight]
		p.tail++
		if f.tick == t {
			p.echoed = t
			p.sample(now-f.at, now)
		}
	}
}

func (p *Pace) sample(rtt, now protocol.Micros) {
	p.rtt = rtt
	if !p.sampled {
		p.sampled, p.best, p.older, p.halfStarted = true, rtt, rtt, now
	}
	if now-p.halfStarted > paceWindow/2 {
		p.older, p.best, p.halfStarted = p.best, rtt, now
	}
	p.best = min(p.best, rtt)
}

// RTT returns the latest round trip, 0 before the first echo. It includes the client's wait until
// its next input.
func (p *Pace) RTT() protocol.Micros { return p.rtt }

// MinRTT returns the smallest round trip of the last ten seconds or so.
func (p *Pace) MinRTT() protocol.Micros {
	if !p.sampled {
		return paceStartingRTT
	}
	return min(p.best, p.older)
}

// Echoed returns the newest tick confirmed, 0 for none.
func (p *Pace) Echoed() protocol.Tick { return p.echoed }

// May reports whether a snapshot may be written now, and when not tightens the budget for a while.
func (p *Pace) May(now protocol.Micros) bool {
	if p.tail == p.head || now-p.lastSent >= paceFloor {
		return true
	}
	budget := paceBudget
	if now < p.tightUntil {
		budget = paceTight
	}
	if now-p.ring[p.tail%paceFlight].at <= p.MinRTT()+budget {
		return true
	}
	p.tightUntil = now + paceTightFor
	return false
}
