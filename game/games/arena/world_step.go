package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
)

// Step is the order of a tick, the only place where it is written down. Each stage runs over the
// players in ascending id order before the next begins, so that two players who shoot each other
// in one tick both hit. Predictor.Step runs the same stages for one player.
func (w *World) Step(t *game.Turn) {
	w.tick = t.Tick
	for _, id := range w.order {
		w.seats[id].out.begin()
	}
	w.enterAll(t)
	w.walkAll(t)
	w.file()
	w.shootAll(t)
	w.flyAll(t)
	w.collectAll(t)
	w.buryAll(t)
	w.turnPhase(t)
}

func (w *World) walkAll(t *game.Turn) {
	for i := range t.Inputs {
		id := t.Inputs[i].Player
		s := &w.seats[id]
		w.rules.walk(&s.player.mover, &w.ground, &t.Inputs[i].Command, w.tick, &s.out)
		if s.out.dashed {
			t.Emit(placed(s.player.pos, id, game.Event{Except: id, Event: dashed(id, &s.player)}))
		}
	}
}

func (w *World) shootAll(t *game.Turn) {
	for i := range t.Inputs {
		in := &t.Inputs[i]
		s := &w.seats[in.Player]
		for j := range in.Late {
			w.shootLate(t, in.Player, &in.Late[j])
		}
		w.remember(s, in)
		from := s.player.pos
		if in.Astray {
			from = w.origin(s, &in.Command)
		}
		w.shoot(t, in, w.tick, from)
	}
}

// shoot pulls the trigger for a command in its tick, from there.
func (w *World) shoot(t *game.Turn, in *game.Input, tick protocol.Tick, from fixed.Vec) {
	s := &w.seats[in.Player]
	s.out.volley.weapon = 0
	pos := s.player.pos
	s.player.pos = from
	w.rules.shoot(in.Player, &s.player, &w.ground, &in.Command, tick, &s.out)
	s.player.pos = pos
	v := &s.out.volley
	if v.weapon == 0 {
		return
	}
	t.Look(in.Player) // rays are judged by the view, and a projectile is as old as it
	if v.rays > 0 {
		w.judge(t, in, v)
	}
	t.Emit(placed(v.from, in.Player, game.Event{Except: in.Player, Event: v.fired(in.Player, s.player.aim)}))
}

// collectAll gives out the pickups, the lower id first. Whoever stands where another has just
// taken something may have predicted it for himself.
func (w *World) collectAll(t *game.Turn) {
	for _, id := range w.order {
		s := &w.seats[id]
		w.rules.collect(&s.player, &w.ground, w.tick, &s.out)
		if s.out.taken|s.out.missed == 0 {
			continue
		}
		for i := range w.rules.pickups {
			l := &w.lost[i]
			switch bit := uint32(1) << i; {
			case s.out.taken&bit != 0:
				l.by, l.at = id, w.tick
				t.Emit(placed(s.player.pos, id, game.Event{Except: id, Event: protocol.NewEvent(EventPickup, int32(id), int32(i))}))
			case s.out.missed&bit != 0 && l.by != id && l.at != 0 && w.tick.Sub(l.at) < rewind.Size:
				w.touch(t, id)
			}
		}
	}
}
