package simnet

import "hindsight/protocol"

// Pair is a connection: Up carries a client's messages to the server, Down the answers.
type Pair struct{ Up, Down *Link }

// NewPair returns a connection whose two directions are alike and independent.
func NewPair(cfg Config) *Pair { return NewPairOf(cfg, cfg) }

// NewPairOf returns a connection of two different directions. Where they leave RTT open it is the
// sum of both latencies; equal seeds are made different.
func NewPairOf(up, down Config) *Pair {
	rtt := up.Latency + down.Latency
	if up.RTT == 0 {
		up.RTT = rtt
	}
	if down.RTT == 0 {
		down.RTT = rtt
	}
	if up.Seed == down.Seed {
		down.Seed = ^down.Seed
	}
	return &Pair{Up: New(up), Down: New(down)}
}

// Stall takes both directions down from one time until another.
func (p *Pair) Stall(from, until protocol.Micros) {
	p.Up.Stall(from, until)
	p.Down.Stall(from, until)
}

// Next returns when the next message of either direction is delivered; see Link.Next.
func (p *Pair) Next() (at protocol.Micros, ok bool) {
	up, upOK := p.Up.Next()
	down, downOK := p.Down.Next()
	if !upOK || downOK && down < up {
		return down, downOK
	}
	return up, upOK
}
