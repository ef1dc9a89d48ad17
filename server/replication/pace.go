package replication

import "hindsight/protocol"

// The pacing rule's constants. Measured over real TCP: with an in-flight bound from the client's
// echo, a link at two thirds of the demand delivers frames 72 ms late instead of seconds late,
// whatever the kernel buffers.
//
// Whether a link is too slow shows in a queue that stands: a round trip that stays above the best one
// for a whole interval. A stall or jitter exceeds it too, but not for as long (the principle of
// CoDel, Nichols and Jacobson 2012). What may be in flight is what the link delivers in the best round
// trip and a budget, which is wide enough for a stall as long as no queue stands, and tight from then
// on until nothing had to be left out for an interval. Since the best round trip cannot be seen while a queue stands, the line is let run empty now
// and then (BBR's ProbeRTT).
const (
	paceBudget   = 150 * protocol.Millisecond // over the best round trip, while the link keeps up
	paceSlack    = 60 * protocol.Millisecond  // over a round trip and a quarter, a lost segment, if that is more
	paceTight    = 50 * protocol.Millisecond  // while it does not
	paceStanding = 40 * protocol.Millisecond  // a queue of more, for paceInterval, is too much
	paceInterval = protocol.Second
	paceFloor    = 250 * protocol.Millisecond // a frame at least this often, so that echoes go on
	paceWindow   = 10 * protocol.Second       // over which the best round trip is taken

	paceFlight      = 64                         // frames in flight that are remembered, at most
	paceFew         = 8                          // for which there is memory from the first
	paceLeast       = 3                          // frames in flight that are always allowed
	paceFrames      = 60                         // a second, assumed until it was measured
	paceStartingRTT = 200 * protocol.Millisecond // assumed until the first echo
)

// Pace decides whether a connection may be sent another snapshot, from what the client has not yet
// confirmed. The zero value is ready.
type Pace struct {
	// Away is that the client confirms nothing for now, because its page is hidden: then it is sent what everybody
	// is at least, and no more of that is remembered than there is memory for.
	Away bool

	ring       []flight // as long as was ever needed: 0, paceFew, or up to paceFlight
	head, tail uint32   // ring[tail%n] is the oldest unconfirmed, head the next free
	lastSent   protocol.Micros
	echoed     protocol.Tick
	trip       pacedTrip

	// The interval under way, and what the last one showed.
	since     protocol.Micros
	low       protocol.Micros // least round trip
	confirmed int
	held      int // frames left out
	rate      int // frames confirmed in a second
	measured  bool
	tight     bool

	// The line runs empty until all before mark is confirmed; probe is the first frame after that.
	draining bool
	mark     uint32
	drained  protocol.Micros // when it last began to
	probe    protocol.Tick
}

// pacedTrip is what is known about the round trip. It includes the client's wait until its next input.
type pacedTrip struct {
	latest      protocol.Micros
	best, older protocol.Micros // minimum of this half of the window and of the half before
	half        protocol.Micros // when this half began
	sampled     bool
}

type flight struct {
	tick protocol.Tick
	at   protocol.Micros
}

// Sent records that the snapshot of a tick was handed to the connection.
func (p *Pace) Sent(t protocol.Tick, now protocol.Micros) {
	if p.draining && p.empty() {
		p.draining, p.probe = false, t
	}
	if int(p.head-p.tail) == len(p.ring) {
		p.widen()
	}
	*p.flight(p.head) = flight{t, now}
	p.head++
	p.lastSent = now
}

// flight returns the place of the frame of that number.
func (p *Pace) flight(n uint32) *flight { return &p.ring[n%uint32(len(p.ring))] }

// widen makes room for another frame in flight. The oldest is forgotten if there are too many.
func (p *Pace) widen() {
	if len(p.ring) == paceFlight || p.Away && len(p.ring) > 0 {
		p.tail++
		return
	}
	wide := Pace{ring: make([]flight, max(2*len(p.ring), paceFew))}
	for n := p.tail; n != p.head; n++ {
		*wide.flight(n) = *p.flight(n)
	}
	p.ring = wide.ring
}

// Echo records that the client says it has received tick t. A tick that was not sent, or not
// lately, is ignored.
func (p *Pace) Echo(t protocol.Tick, now protocol.Micros) {
	if p.head == p.tail || t.Sub(p.flight(p.head-1).tick) > 0 {
		return
	}
	for p.tail != p.head && p.flight(p.tail).tick.Sub(t) <= 0 {
		f := *p.flight(p.tail)
		p.tail++
		p.confirmed++
		if f.tick == t {
			p.echoed = t
			p.sample(t, now-f.at, now)
		}
	}
}

func (p *Pace) sample(t protocol.Tick, rtt, now protocol.Micros) {
	r := &p.trip
	r.latest = rtt
	if p.low == 0 {
		p.low, p.since = rtt, now
	}
	if !r.sampled || p.probe == t && t != 0 {
		r.sampled, r.best, r.older, r.half = true, rtt, rtt, now
		p.probe, p.low = 0, rtt
	}
	if !p.tight && now-r.half > paceWindow/2 { // else the best is what it was
		r.half, r.older, r.best = now, r.best, rtt
	}
	r.best = min(r.best, rtt)

	p.low = min(p.low, rtt)
	if d := now - p.since; d >= paceInterval {
		was := p.tight
		p.tight = p.low-p.MinRTT() > paceStanding || p.tight && p.held > 0
		if p.tight && (!was || now-p.drained > paceWindow) {
			p.draining, p.mark, p.drained = true, p.head, now
		}
		p.rate, p.measured = p.confirmed*int(protocol.Second)/int(d), true
		p.low, p.since, p.confirmed, p.held = rtt, now, 0, 0
	}
}

// Restart forgets what is in flight: the client was just sent the Start of another match. What the
// connection has shown of itself stays.
func (p *Pace) Restart() { *p = Pace{Away: p.Away, ring: p.ring, trip: p.trip} }

// RTT returns the latest round trip, 0 before the first echo.
func (p *Pace) RTT() protocol.Micros { return p.trip.latest }

// MinRTT returns the smallest round trip of the last ten seconds or so.
func (p *Pace) MinRTT() protocol.Micros {
	if !p.trip.sampled {
		return paceStartingRTT
	}
	return min(p.trip.best, p.trip.older)
}

// Unheard returns for how long the oldest frame has been on its way of those that the client has not
// confirmed, 0 if it has confirmed all.
func (p *Pace) Unheard(now protocol.Micros) protocol.Micros {
	if p.head == p.tail {
		return 0
	}
	return now - p.flight(p.tail).at
}

// Echoed returns the newest tick confirmed, 0 for none.
func (p *Pace) Echoed() protocol.Tick { return p.echoed }

// empty reports that all is confirmed that was sent before the line was to run empty.
func (p *Pace) empty() bool { return int32(p.tail-p.mark) >= 0 }

// May reports whether a snapshot may be written now; if not, it is left out.
func (p *Pace) May(now protocol.Micros) bool {
	if p.room(now) {
		return true
	}
	p.held++
	return false
}

func (p *Pace) room(now protocol.Micros) bool {
	flying := int(p.head - p.tail)
	switch {
	case flying == 0 || now-p.lastSent >= paceFloor:
		return true
	case p.Away:
		return false
	case p.draining:
		return p.empty()
	}
	best := p.MinRTT()
	budget := max(paceBudget, best*5/4+paceSlack)
	if p.tight {
		budget = paceTight
	}
	rate := p.rate
	if !p.measured {
		rate = paceFrames
	}
	return flying < max(paceLeast, rate*int(best+budget)/int(protocol.Second))
}
