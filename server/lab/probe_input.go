package lab

import (
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room"
)

// gave takes in that a player's hands were read for every tick from first on that the client has
// now given a command for.
func (b *Probe) gave(p *Player, first protocol.Tick) {
	g := b.of(p)
	if g == nil {
		return
	}
	end := p.Core().Sight().Tick
	if end.Sub(first) > room.MaxLead { // the clock was set anew; most of these were never sent
		first = end.Add(-room.MaxLead)
	}
	for t := first; end.Sub(t) > 0; t++ {
		g.given[t%gaugeRing] = given{tick: t, at: b.lab.now}
	}
}

// arrived takes in the commands of an input frame at the server.
func (b *Probe) arrived(p *Player, in *frame.Input) {
	g := b.of(p)
	if g == nil {
		return
	}
	now, tick := b.lab.now, b.lab.Room.Match().Tick()
	for i := range in.Commands {
		t := in.Commands[i].Tick
		late := t.Sub(tick) <= 0
		if g.steady(now) && g.begun {
			b.Commands++
			if late {
				b.Tardy++
			}
		}
		if a := &g.arrived[t%gaugeRing]; !late && t.Sub(tick) <= room.MaxLead && a.tick != t {
			*a = arrival{t, now}
		}
	}
}

// ticked takes in that the room has stepped a tick: each player's command for it was there or was
// not. In a match that has just begun no command can be there yet.
func (b *Probe) ticked() {
	if b == nil {
		return
	}
	now, t := b.lab.now, b.lab.Room.Match().Tick()
	for _, p := range b.lab.Players {
		g := b.of(p)
		if g == nil {
			continue
		}
		if t <= 1 {
			g.restart()
		}
		b.watch(g, p)
		a := &g.arrived[t%gaugeRing]
		there := a.tick == t && t != 0
		if there {
			g.begun, g.heard = true, now
			if s := &g.given[t%gaugeRing]; s.tick == t {
				g.used[t%gaugeRing] = *s
			}
		}
		if !g.steady(now) || !g.begun {
			continue
		}
		if b.Ticks++; there {
			b.Wait.Add(int64(now - a.at))
		} else {
			b.Missing++
		}
	}
}

// restart forgets the match before.
func (g *gauge) restart() {
	g.begun = false
	for i := range g.arrived {
		g.arrived[i].tick, g.used[i].tick = 0, 0
	}
}

// watch takes in how the room says the player is.
func (b *Probe) watch(g *gauge, p *Player) {
	s := b.lab.Room.Status(p.Core().Welcome().Player)
	if s == frame.Lagging && g.status != s && g.steady(b.lab.now) {
		b.Lagging++
	}
	g.status = s
}
