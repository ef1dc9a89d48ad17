package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
)

// late is what it takes to judge the shots of commands that came after their tick, and of those that
// were given before their player knew of it.
type late struct {
	// trail is where the player stood in each of the last ticks.
	trail [game.MaxLate]fixed.Vec
	// walker is the player as his own commands have moved him up to tick at, where trail follows what
	// was assumed in their absence. It is set back to the player once he knows.
	walker mover
	at     protocol.Tick
	last   protocol.Command // the walker's
}

// strayed is how far from where others saw him a player may have fired, in units: less than the width
// of a body, so that nobody shoots from where he was never to be seen.
const strayed = 24 * fixed.One

// remember keeps where the player stands in a tick, and what he believes.
func (w *World) remember(s *seat, in *game.Input) {
	l := &s.late
	l.trail[w.tick%game.MaxLate] = s.player.pos
	switch {
	case in.Clamp == game.ClampAbsent: // his own command may come yet
	case in.Astray && !w.disturbed(s):
		w.walkOn(l, &in.Command)
	default:
		l.walker, l.at, l.last = s.player.mover, w.tick, in.Command
	}
}

// hash adds what can still make a difference.
func (l *late) hash(h *digest) {
	for i := range l.trail {
		h.add(uint32(l.trail[i].X), uint32(l.trail[i].Y))
	}
	h.add(uint32(l.at), uint32(l.walker.pos.X), uint32(l.walker.pos.Y))
}

// disturbed reports that others had a hand in where the player is since he went his own way, or that
// this is another life.
func (w *World) disturbed(s *seat) bool {
	at := s.late.at
	return s.touched != 0 && s.touched.Sub(at) >= 0 || s.player.born.Sub(at) > 0 || w.tick.Sub(at) > rewind.Size
}

// walkOn moves the walker up to a command's tick, without the commands that never came.
func (w *World) walkOn(l *late, c *protocol.Command) {
	var out outcome
	for l.at.Sub(c.Tick) < 0 {
		l.at++
		if l.last = l.last.Assumed(l.at); l.at == c.Tick {
			l.last = *c
		}
		w.rules.walk(&l.walker, &w.ground, &l.last, l.at, &out)
	}
}

// origin returns from where a command of some tick fires: where its player saw himself, if that is near
// where he stood for the others and nobody had a hand in it.
func (w *World) origin(s *seat, c *protocol.Command) fixed.Vec {
	l := &s.late
	stood := l.trail[c.Tick%game.MaxLate]
	if w.disturbed(s) {
		return stood
	}
	w.walkOn(l, c)
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
	if !p.alive || tick.Sub(p.born) < 0 || w.lacked(id, c.Command.Select, true, tick) || w.lacked(id, p.weapon, false, tick) {
		return
	}
	aim := p.aim
	p.aim = fixed.Angle(c.Command.Aim)
	in := game.Input{Player: id, Command: c.Command, Clamp: c.Clamp}
	w.shoot(t, &in, tick, w.origin(s, &c.Command))
	p.aim = aim
	if v := &s.out.volley; v.weapon != 0 && v.rays == 0 {
		w.flyLate(t, &in, &p.shots[v.slot])
	}
}

// lacked reports that a player may not have had a weapon in a tick that is over, or nothing to fire it
// with: he has taken it since. One that is to be chosen was none if it was taken as a whole. Otherwise who
// kept his commands back would be ready to fire what he came by before he had it.
func (w *World) lacked(id protocol.PlayerID, weapon uint8, chosen bool, tick protocol.Tick) bool {
	taken := int32(0)
	for i := range w.rules.pickups {
		item, l := &w.rules.pickups[i], &w.lost[i]
		switch {
		case l.by != id || item.Weapon != weapon || weapon == 0 || l.at.Sub(tick) < 0:
		case chosen && item.Kind == PickWeapon:
			return true
		default:
			taken += int32(weapons[weapon].Ammo)
		}
	}
	return taken > 0 && w.seats[id].player.ammo[weapon-1] <= taken
}

// flyLate brings a shot to where it would have been before this tick.
func (w *World) flyLate(t *game.Turn, in *game.Input, s *shot) {
	if at, target := w.catchUp(t, in, s, w.tick.Add(-1)); target != 0 {
		w.explode(t, in.Player, s, at, target)
	}
}
