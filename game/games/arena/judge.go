package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// judge decides a volley of rays against what its shooter saw. The verdict is excused if a target
// has since died, been born anew or is protected, and if the shooter himself was pushed or moved
// after what he saw, so that he fired from somewhere else than he thought.
func (w *World) judge(t *game.Turn, in *game.Input, v *volley) {
	me := in.Player
	lo, hi := v.bounds(playerRadius)
	seen := w.seen(t.Past, in.Command.View, lo, hi)
	v.trace(seen, me, w.seats[me].player.team, &w.tally)
	if len(w.tally.hits) == 0 {
		t.Shots = append(t.Shots, audit(t, in, v))
	}
	flags, known := int32(0), in.Command.View.B
	if known == 0 {
		known = w.tick.Add(-1)
	}
	if at := w.seats[me].touched; at != 0 && at.Sub(known) > 0 {
		flags = game.VerdictExcused
	}
	for i := range w.tally.hits {
		id, hits := w.tally.hits[i].player, w.tally.hits[i].n
		e, victim := seen.Find(w.rules.playerID(id)), &w.seats[id].player
		record := audit(t, in, v)
		record.Target = id
		record.RewoundX, record.RewoundY = e.Row[PlayerX], e.Row[PlayerY]
		record.LiveX, record.LiveY = victim.pos.X.Wire(), victim.pos.Y.Wire()
		// Who was protected when it was fired is, however late it came.
		if w.open(me, id) && victim.born == e.Birth && !victim.safe(in.Command.Tick) {
			info := &weapons[v.weapon]
			record.Damage = int32(hits) * int32(info.Damage)
			push := w.seats[me].player.aim.Unit(info.Push * fixed.Num(hits))
			w.wound(t, me, id, v.weapon, record.Damage, push)
		} else {
			flags |= game.VerdictExcused
			w.tally.hits[i].n = 0
		}
		t.Shots = append(t.Shots, record)
	}
	t.Emit(game.Event{To: me, Event: verdict(in.Command.Tick, flags, &w.tally)})
}

// verdict describes the hits of a volley.
func verdict(tick protocol.Tick, flags int32, hits *tally) protocol.Event {
	e := protocol.NewEvent(game.Verdict, int32(tick), flags)
	e.Keep = true
	hits.pairs(&e)
	return e
}

// audit returns the record of a volley that hit nobody.
func audit(t *game.Turn, in *game.Input, v *volley) game.Shot {
	view, age := in.Command.View, int32(0)
	if view.A != 0 {
		age = int32(t.Tick.Sub(view.A))<<8 - int32(view.B.Sub(view.A))*int32(view.Frac)
	}
	return game.Shot{Tick: t.Tick, Shooter: in.Player, Weapon: v.weapon, View: view, Clamp: in.Clamp, Age: age}
}
