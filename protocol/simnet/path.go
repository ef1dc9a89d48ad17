package simnet

import "hindsight/protocol"

// Path is the way between a client and a server. One connection after another is dialled over it, and
// its outages meet them all.
type Path struct {
	up, down Config
	rng      rng
	pairs    []*Pair
	outages  []outage
}

// NewPath returns a path whose two directions are alike.
func NewPath(cfg Config) *Path { return NewPathOf(cfg, cfg) }

// NewPathOf returns a path of two different directions; see NewPairOf.
func NewPathOf(up, down Config) *Path {
	return &Path{up: up, down: down, rng: rng{up.Seed ^ down.Seed<<1}}
}

// Stall takes both directions of every connection down from one time until another, and lets none be
// opened.
func (p *Path) Stall(from, until protocol.Micros) {
	p.outages = append(p.outages, outage{from: from, until: until})
	for _, pair := range p.pairs {
		pair.Stall(from, until)
	}
}

// synTimeout is after what time the first packet of a connection is sent again; then it doubles.
const synTimeout = protocol.Second

// Dial returns a connection that is dialled now, and when it is open: after the round trip of TCP's
// handshake and that of the WebSocket's. A packet lost in the first costs a second, then two, four and
// so on, in the other a retransmission timeout. Nothing may be sent before it is open.
func (p *Path) Dial(now protocol.Micros) (pair *Pair, open protocol.Micros) {
	up, down := p.up, p.down
	up.Seed, down.Seed = up.Seed+uint64(len(p.pairs)), down.Seed+uint64(len(p.pairs))
	pair = NewPairOf(up, down)
	p.pairs = append(p.pairs, pair)
	for _, o := range p.outages {
		pair.Stall(o.from, o.until)
	}
	at := p.trip(now, synTimeout)
	return pair, p.trip(at, pair.Up.timeout())
}

// never is later than any experiment lasts.
const never protocol.Micros = 1 << 60

// trip returns when a packet sent now has been answered. It is sent again until then, first after
// wait; after six doublings no kernel tries any longer.
func (p *Path) trip(now, wait protocol.Micros) protocol.Micros {
	for range 7 {
		there := now + p.up.Latency + p.rng.exponential(p.up.Jitter)
		back := there + p.down.Latency + p.rng.exponential(p.down.Jitter)
		lost := p.rng.chance(p.up.Loss)
		lost = p.rng.chance(p.down.Loss) || lost
		if !lost && !p.broken(now) && !p.broken(there) {
			return back
		}
		now += wait
		wait *= 2
	}
	return never
}

// broken reports whether a packet sent at t is lost in an outage.
func (p *Path) broken(t protocol.Micros) bool {
	for _, o := range p.outages {
		if t >= o.from && t < o.until {
			return true
		}
	}
	return false
}
