package lab

import (
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Outage is what came of taking one player's network down for some time, over several tries that
// differ in the moment it began. Times are the worst of the tries.
type Outage struct {
	Length protocol.Micros
	Tries  int
	// Recovered is how many of them were well again within a minute; After the time that took since
	// the network was back.
	Recovered int
	After     protocol.Micros
	// Lagging and Detached are how long after the pull the room marked the player so, 0 for never;
	// the soonest and the latest of the tries.
	Lagging, Detached [2]protocol.Micros
	// Corrections is how many the player saw after the outage that others did not cause.
	Corrections int
}

const outageTries = 7

// RunOutage takes the network of one of two players down for d. A d of a minute or more is a pulled
// cable: what follows it is not waited for.
func RunOutage(c Cell, d protocol.Micros) (o Outage, err error) {
	o = Outage{Length: d, Tries: outageTries}
	for i := range outageTries {
		if err := o.try(c, i); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (o *Outage) try(c Cell, i int) error {
	c.Players, c.Seed = 2, c.Seed+uint64(i)
	cfg, err := c.config()
	if err != nil {
		return err
	}
	l, err := New(cfg)
	if err != nil {
		return err
	}
	b, p := l.Observe(), l.Players[0]
	// The tries begin in different parts of a tick and of a frame.
	from := 20*protocol.Second + protocol.Micros(i*7919)
	if err := l.Run(from); err != nil {
		return err
	}
	p.Stall(from, from+o.Length)
	before := p.Core().Stats().Corrections
	end := from + o.Length + 60*protocol.Second
	if o.Length >= 60*protocol.Second {
		end = from + 10*protocol.Second
	}
	var lagging, detached protocol.Micros
	for l.Now() < end && b.Recovered == 0 {
		if err := l.Run(protocol.Millisecond); err != nil {
			return err
		}
		switch s := l.Room.Status(p.Core().Welcome().Player); {
		case s == frame.Lagging && lagging == 0:
			lagging = l.Now() - from
		case s == frame.Detached && detached == 0:
			detached = l.Now() - from
		}
	}
	if err := l.Run(protocol.Second); err != nil {
		return err
	}
	after := p.Core().Stats().Corrections
	o.Corrections = max(o.Corrections, after.Corrected()-after.Touch-before.Corrected()+before.Touch)
	o.Recovered += b.Recovered
	o.After = max(o.After, protocol.Micros(b.Recovery.Max))
	widen(&o.Lagging, lagging)
	widen(&o.Detached, detached)
	return nil
}

// widen takes a time into a range; 0 is no time.
func widen(r *[2]protocol.Micros, t protocol.Micros) {
	if t == 0 {
		return
	}
	if r[0] == 0 || t < r[0] {
		r[0] = t
	}
	r[1] = max(r[1], t)
}

// Reconnects is what came of breaking a player's connection again and again.
type Reconnects struct {
	Drops, Back int // back in the same seat, with the same avatar's score and life where it had one
	Slowest     protocol.Micros
}

// RunReconnects breaks one player's connection every seven seconds, which is seldom enough for its
// client to come back at once.
func RunReconnects(c Cell) (r Reconnects, err error) {
	const drops = 20
	c.Players = 2
	cfg, err := c.config()
	if err != nil {
		return r, err
	}
	l, err := New(cfg)
	if err != nil {
		return r, err
	}
	b, p := l.Observe(), l.Players[0]
	if err := l.Run(10 * protocol.Second); err != nil {
		return r, err
	}
	for range drops {
		seat, connections := p.Core().Welcome().Player, p.Core().Stats().Connections
		p.Drop()
		r.Drops++
		if err := l.Run(7*protocol.Second + 7919); err != nil {
			return r, err
		}
		if p.Core().Joined() && p.Core().Welcome().Player == seat && p.Core().Stats().Connections > connections {
			r.Back++
		}
	}
	r.Slowest = protocol.Micros(b.Reconnect.Max)
	return r, nil
}
