package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// late is what it takes to judge the shots of commands that came after their tick.
type late struct {
	// trail is where the player stood in each of the last ticks.
	trail [game.MaxLate]fixed.Vec
	// walker is the player as his own commands have moved him up to tick at, where trail follows what
	// was assumed in their absence.
	walker player
	at     protocol.Tick
	last   protocol.Command // the walker's
}

// strayed is how far from where others saw him a player may have fired, in units: less than the width
// of a body, so that nobody shoots from where he was never to be seen.
const strayed = 24 * fixed.One

// remember keeps where the player stands in a tick, by a command of his own or by an assumed one.
func (l *late) remember(p *player, tick protocol.Tick, in *game.Input) {
	l.trail[tick%game.MaxLate] = p.pos
	if in.Clamp != game.ClampAbsent {
		l.walker, l.at, l.last = *p, tick, in.Command
	}
}

// hash adds what can still make a difference.
func (l *late) hash(h *digest) {
	for i := range l.trail {
		h.add(uint32(l.trail[i].X), uint32(l.trail[i].Y))
	}
	h.add(uint32(l.at), uint32(l.walker.pos.X), uint32(l.walker.pos.Y))
}

// origin returns from where a late command fires: where its player saw himself, if that is near where
// he stood for the others and nobody had a hand in it.
func (w *World) origin(s *seat, c *protocol.Command) fixed.Vec {
	stood, l := s.late.trail[c.Tick%game.MaxLate], &s.late
	if l.at.Sub(s.touched) <= 0 && s.touched != 0 || l.at.Sub(s.player.born) < 0 || c.Tick.Sub(l.at) > game.MaxLate {
		return stood
	}
	var out outcome
	for l.at.Sub(c.Tick) < 0 {
		l.at++
		if l.last = l.last.Assumed(l.at); l.at == c.Tick {
			l.last = *c
		}
		w.rules.walk(&l.walker, &w.ground, &l.last, l.at, &out)
	}
	if distance(stood, l.walker.pos) > strayed {
		return stood
	}
	return l.walker.pos
}

// shootLate lets a command that came after its tick fire as if it had come in time: from where the
// player saw himself in that tick, with the weapon as ready as it was.
func (w *World) shootLate(t *game.Turn, id protocol.PlayerID, c *game.Late) {
	s, tick := &w.seats[id], c.Command.Tick
	p := &s.player
	if !p.alive || tick.Sub(p.born) < 0 {
		return
	}
	pos, aim := p.pos, p.aim
	p.pos, p.aim = w.origin(s, &c.Command), fixed.Angle(c.Command.Aim)
	in := game.Input{Player: id, Command: c.Command, Clamp: c.Clamp}
	w.shoot(t, &in, tick)
	p.pos, p.aim = pos, aim
	if v := &s.out.volley; v.weapon != 0 && v.rays == 0 {
		w.flyLate(t, &in, &p.shots[v.slot])
	}
}

// flyLate brings a shot to where it would have been before this tick.
func (w *World) flyLate(t *game.Turn, in *game.Input, s *shot) {
	if at, target := w.catchUp(t, in, s, w.tick.Add(-1)); target != 0 {
		w.explode(t, in.Player, s, at, target)
	}
}
