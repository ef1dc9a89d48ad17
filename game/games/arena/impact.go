package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// flyAll moves every shot by a tick: it strikes an enemy, or ends as its owner predicted.
func (w *World) flyAll(t *game.Turn) {
	for i := range t.Inputs {
		in := &t.Inputs[i]
		p := &w.seats[in.Player].player
		for slot := 0; slot < len(p.shots) && p.flying > 0; slot++ {
			s := &p.shots[slot]
			if s.weapon == 0 {
				continue
			}
			var at fixed.Vec
			var target protocol.PlayerID
			if s.born == w.tick {
				at, target = w.catchUp(t, in, s, w.tick)
			} else {
				at, target = w.meet(in.Player, s)
			}
			if target != 0 || s.over(w.tick) {
				w.explode(t, in.Player, s, at, target)
			}
		}
	}
}

// meet returns where the shot is after this tick and which enemy it struck on its way, if any.
func (w *World) meet(owner protocol.PlayerID, s *shot) (fixed.Vec, protocol.PlayerID) {
	from, to := s.pos(w.tick.Add(-1)), s.pos(w.tick)
	var first contact
	for _, id := range w.around(from, to, playerRadius+weapons[s.weapon].Radius) {
		p := &w.seats[id].player
		if id == owner || !p.alive || w.friends(owner, id) {
			continue
		}
		if at, hit := strike(from, to, p.pos, playerRadius+weapons[s.weapon].Radius); hit {
			first.offer(id, at)
		}
	}
	if first.player == 0 {
		return to, 0
	}
	return first.point(from, to), first.player
}

// catchUp flies a shot that was fired into its shooter's past up to a tick, each tick of it against
// what was seen that much later.
func (w *World) catchUp(t *game.Turn, in *game.Input, s *shot, until protocol.Tick) (fixed.Vec, protocol.PlayerID) {
	view, team := in.Command.View, w.seats[in.Player].player.team
	for tick := s.t0.Add(1); tick.Sub(until) <= 0; tick++ {
		view.A, view.B = view.A+1, view.B+1
		from, to := s.pos(tick.Add(-1)), s.pos(tick)
		lo, hi := box(from, to, playerRadius+weapons[s.weapon].Radius)
		seen := w.seen(t.Past, view, lo, hi)
		if seen == nil {
			break
		}
		var first contact
		ents := seen.Entities()
		for i := range ents {
			e := &ents[i]
			if !isTarget(e, in.Player, team) {
				continue
			}
			if p := &w.seats[e.Owner].player; !p.alive || p.born != e.Birth {
				continue
			}
			if at, hit := strike(from, to, seenAt(e), playerRadius+weapons[s.weapon].Radius); hit {
				first.offer(e.Owner, at)
			}
		}
		if first.player != 0 {
			return first.point(from, to), first.player
		}
	}
	return s.pos(until), 0
}

// explode ends a shot: at a target, which its owner cannot have predicted, or by itself, which he
// has.
func (w *World) explode(t *game.Turn, owner protocol.PlayerID, s *shot, at fixed.Vec, target protocol.PlayerID) {
	gone := w.seats[owner].player.end(s)
	info := &weapons[gone.weapon]
	if target != 0 {
		w.touch(t, owner)
		if w.open(owner, target) {
			w.wound(t, owner, target, gone.weapon, int32(info.Damage), gone.angle.Unit(info.Push))
		}
	}
	if info.Splash == 0 {
		return
	}
	e := game.Event{Event: exploded(at, gone.weapon, owner)}
	if target == 0 {
		e.Except = owner
	}
	t.Emit(placed(at, owner, e))
	for _, id := range w.around(at, at, playerRadius+info.Splash) {
		own := id == owner
		if id == target || !own && !w.open(owner, id) {
			continue
		}
		p := &w.seats[id].player
		before := p.health
		damage, reached := w.rules.splash(p, &gone, at, own, w.tick)
		if !reached {
			continue
		}
		if !own {
			w.touch(t, id)
		}
		w.credit(t, owner, id, gone.weapon, damage, before, p.pos.Sub(at))
	}
}
