package lab

import (
	"slices"

	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// drew takes in that a player's screen was drawn.
func (b *Probe) drew(p *Player, pic *netcode.Picture) {
	g := b.of(p)
	if g == nil {
		return
	}
	now := b.lab.now
	for t := g.shown.Add(1); pic.Tick.Sub(t) >= 0 && pic.Tick.Sub(t) < gaugeRing; t++ {
		g.given[t%gaugeRing].shown = now
		if u := &g.used[t%gaugeRing]; u.tick == t {
			u.shown = now
		}
	}
	g.shown = pic.Tick
	view := moment(pic.View)
	if b.lab.Room.Match().Tick().Sub(pic.View.B) < 0 || view == 0 {
		g.view, g.reached = 0, 0 // the room has gone on to its next match
		return
	}
	if b.clock(g, p, view); g.steady(now) {
		if !g.seen {
			g.base, g.seen = *p.Core().Stats(), true
		}
		b.Frames++
		b.Lag = max(b.Lag, p.Core().Sight().Tick.Sub(pic.Tick)-1)
		b.pace(g, view)
		b.Delay.Add((int64(g.newest)<<8 - view) * int64(protocol.Second) / 256 / int64(b.lab.cfg.Host.TickRate))
		b.compare(p, pic)
		b.motion(g, p, view)
	}
	g.view, g.drawn = view, now
}

// moment is a view in 1/256 tick.
func moment(v protocol.View) int64 {
	return int64(v.A)<<8 + int64(v.B.Sub(v.A))*int64(v.Frac)
}

// pace compares how far the view has moved with how much time has passed. A remote of constant
// velocity is drawn as much too fast or too slow.
func (b *Probe) pace(g *gauge, view int64) {
	if g.view == 0 {
		return
	}
	moved := view - g.view
	if moved < 0 {
		b.Backward++
	}
	passed := int64(b.lab.now-g.drawn) * int64(b.lab.cfg.Host.TickRate) * 256 / 1000 // 1/1000 of a view's unit
	off := moved*1_000_000_000/max(passed, 1) - 1_000_000
	b.SpeedError.Add(max(off, -off))
}

// compare checks what is drawn against what the room would rewind to, as long as it remembers.
func (b *Probe) compare(p *Player, pic *netcode.Picture) {
	past := b.lab.Room.Match().Past()
	if past.At(pic.View.A) == nil || past.At(pic.View.B) == nil {
		return
	}
	rewound, me := past.Seen(pic.View).Entities(), p.Core().Welcome().Player
	kinds := b.lab.cfg.Host.Schema.Kinds
	for i := range pic.Scene.Entities() {
		e := &pic.Scene.Entities()[i]
		for len(rewound) > 0 && rewound[0].ID < e.ID {
			rewound = rewound[1:]
		}
		if e.Owner == me && kinds[e.Kind].Private {
			continue
		}
		b.Rows++
		var o *delta.Entity
		if len(rewound) > 0 && rewound[0].ID == e.ID {
			o = &rewound[0]
		}
		switch {
		case o != nil && o.Same(e) && slices.Equal(o.Row, e.Row):
		case atEdge(b.lab, pic.View, e):
			b.Edges++
		default:
			b.Wrong++
			if o != nil && kinds[e.Kind].Positioned {
				b.ViewError = max(b.ViewError, distance(o.Row[0]-e.Row[0], o.Row[1]-e.Row[1]))
			}
		}
	}
}

// atEdge reports whether an entity is drawn as it is in one of the two snapshots of a view. That is how it is
// drawn if it was not in the other, since a wall hid it until or from then on.
func atEdge(l *Lab, v protocol.View, e *delta.Entity) bool {
	past := l.Room.Match().Past()
	for _, tick := range [...]protocol.Tick{v.A, v.B} {
		if o := past.At(tick).Find(e.ID); o != nil && o.Same(e) {
			row := make([]int32, len(o.Row))
			if delta.Blend(&l.cfg.Host.Schema.Kinds[o.Kind], v, o.Row, o.Row, row); slices.Equal(row, e.Row) {
				return true
			}
		}
	}
	return false
}

// motion looks for what another player did in the ticks that the view has now begun to show: the
// picture is the first that differs because of it. One other player is looked at for each tick.
// What is extrapolated shows nothing that anybody did.
func (b *Probe) motion(g *gauge, p *Player, view int64) {
	begun := protocol.Tick((view + 255) >> 8)
	if begun.Sub(g.newest) > 0 {
		begun = g.newest
	}
	n := len(b.lab.Players) - 1
	if g.reached == 0 || n == 0 || begun.Sub(g.reached) > gaugeRing/2 {
		g.reached = begun
		return
	}
	ways := int64(b.lab.cfg.Link.Latency * 2)
	for t := g.reached + 1; begun.Sub(t) >= 0; t++ {
		other := &b.gauges[(p.Index+1+int(t)%n)%(n+1)]
		u := &other.used[t%gaugeRing]
		if u.tick != t {
			continue
		}
		b.Motion.Add(int64(b.lab.now-u.at) - ways)
		if u.shown != 0 {
			b.Peek.Add(int64(b.lab.now-u.shown) - ways)
		}
	}
	if begun.Sub(g.reached) > 0 {
		g.reached = begun
	}
}

// clockEvery is the frames between two looks at a client's clock.
const clockEvery = 6

// clock compares the client's idea of the server's time, which is what it takes for being received
// now and half a round trip, with the truth; and sees whether an outage is over.
func (b *Probe) clock(g *gauge, p *Player, view int64) {
	if g.converged && g.healing == 0 && (b.lab.now/p.period)%clockEvery != 0 {
		return
	}
	s, rate := p.Core().Stats(), protocol.Micros(b.lab.cfg.Host.TickRate)
	idea := protocol.Micros(view)*protocol.Second/256/rate + s.Delay + s.RTTMin/2
	since, _ := b.age(0)
	off := idea - since
	off = max(off, -off)
	if !g.converged && g.from != 0 && off < b.lab.interval()/2 {
		g.converged = true
		b.Converged.Add(int64(b.lab.now - g.from + settling))
	}
	if g.steady(b.lab.now) && g.healing == 0 {
		b.ClockError.Add(int64(off))
	}
	b.heal(g, off)
}

// heal sees whether a player who was cut off has the newest state, is heard and knows the time.
func (b *Probe) heal(g *gauge, off protocol.Micros) {
	now := b.lab.now
	if g.healing == 0 || now < g.healing {
		return
	}
	link, tick := &b.lab.cfg.Link, b.lab.interval()
	age, _ := b.age(g.newest)
	fresh := age <= link.Latency+4*link.Jitter+protocol.Micros(2*max(b.lab.cfg.SnapshotEvery, 1))*tick+protocol.Second/protocol.Micros(b.lab.cfg.FPS)
	heard := g.heard >= g.healing && now-g.heard <= 2*tick
	if fresh && heard && off < tick {
		b.Recovery.Add(int64(now - g.healing))
		b.Recovered++
		g.healing = 0
	}
}
