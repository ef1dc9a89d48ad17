package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// Assists and streaks.
const (
	assistDamage = 30           // health and armour taken from the victim
	assistWindow = 5 * TickRate // since the last of it
	streakEvery  = 5            // kills between two announcements
)

// score is a player's line on the scoreboard; points and streak are in the player, who is told.
type score struct {
	since                  protocol.Tick // when the player joined
	kills, deaths, assists int32
}

// reset clears the line for the start of play.
func (c *score) reset(p *player) {
	c.kills, c.deaths, c.assists = 0, 0, 0
	p.points, p.streak = 0, 0
}

// grudges is for how many others a player keeps the damage they did. Whose ids are equal modulo that share
// a place, the later taking it: nobody does in a small match, and few meet in a crowd.
const grudges = MaxPlayers + 1

// grudge is the damage one player has done to another. It is forgotten when nothing was added for
// assistWindow.
type grudge struct {
	by     protocol.PlayerID
	damage int32
	last   protocol.Tick
}

// friends reports whether a and b are two players of one team, who cannot hurt each other.
func (w *World) friends(a, b protocol.PlayerID) bool { return a != b && w.Allies(a, b) }

// Allies implements game.Allied.
func (w *World) Allies(a, b protocol.PlayerID) bool {
	return w.rules.Mode == ModeTDM && w.seats[a].player.team == w.seats[b].player.team
}

// touch records that the player could not foresee what has just changed him.
func (w *World) touch(t *game.Turn, id protocol.PlayerID) {
	t.Touch(id)
	w.seats[id].touched = w.tick
}

// open reports whether an attack by one player can hurt another in this tick.
func (w *World) open(by, victim protocol.PlayerID) bool {
	v := &w.seats[victim]
	return v.taken && v.player.alive && v.player.health > 0 && !v.player.safe(w.tick) && !w.friends(by, victim)
}

// wound deals damage and a push to an open victim.
func (w *World) wound(t *game.Turn, by, victim protocol.PlayerID, weapon uint8, damage int32, push fixed.Vec) {
	p := &w.seats[victim].player
	p.push(push, w.tick)
	before := p.health
	p.hurt(damage)
	w.touch(t, victim)
	w.credit(t, by, victim, weapon, damage, before, push)
}

// credit notes who did the damage that has just been dealt, and tells both.
func (w *World) credit(t *game.Turn, by, victim protocol.PlayerID, weapon uint8, damage, before int32, push fixed.Vec) {
	v := &w.seats[victim]
	fatal := int32(0)
	if before > 0 && v.player.health <= 0 {
		v.slayer, v.slainWith, fatal = by, weapon, 1
	}
	from := int32(push.Angle() + 0x8000)
	t.Emit(game.Event{To: victim, Event: protocol.NewEvent(EventHurt, int32(by), damage, from, int32(weapon))})
	if by == victim {
		return
	}
	g := &v.grudges[by%grudges]
	if g.by != by {
		*g = grudge{by: by}
	}
	if w.tick.Sub(g.last) > assistWindow {
		g.damage = 0
	}
	g.damage += damage
	g.last = w.tick
	t.Emit(game.Event{To: by, Event: protocol.NewEvent(EventHit, int32(victim), damage, fatal, int32(weapon))})
}

// buryAll ends the lives that have run out, in player order, and keeps the scores.
func (w *World) buryAll(t *game.Turn) {
	for _, id := range w.order {
		if w.seats[id].player.finish(&w.ground, w.tick) {
			w.bury(t, id)
		}
	}
}

func (w *World) bury(t *game.Turn, id protocol.PlayerID) {
	v := &w.seats[id]
	killer := v.slayer
	if killer == 0 || !w.seats[killer].taken {
		killer = id
	}
	assist := w.assistant(id, killer)
	v.score.deaths++
	v.player.streak = 0
	if killer == id {
		w.award(id, -1)
	} else {
		k := &w.seats[killer]
		k.score.kills++
		k.player.streak++
		w.award(killer, 1)
	}
	if assist != 0 {
		w.seats[assist].score.assists++
	}
	streak := w.seats[killer].player.streak
	w.news(t, killer, id, protocol.NewEvent(EventKill,
		int32(killer), int32(id), int32(v.slainWith), int32(assist), streak))
	if killer != id && streak%streakEvery == 0 {
		w.news(t, killer, id, protocol.NewEvent(EventStreak, int32(killer), streak))
	}
	v.forget()
	if !w.opening() {
		w.chooseSpawn(id)
	}
}

// news tells everyone of a death, or of what came of it. In a crowd that is those who are near, the killer,
// and everyone only if the killer is at the top.
func (w *World) news(t *game.Turn, killer, victim protocol.PlayerID, e protocol.Event) {
	at := w.seats[victim].player.pos
	if w.crowd == nil || w.leads(killer, crowdNews) {
		t.Emit(game.Event{Event: e.Kept()})
		return
	}
	near := placed(at, victim, game.Event{Event: e.Kept()})
	if killer != victim && distance(w.seats[killer].player.pos, at) > fixed.FromInt(crowdReach) {
		t.Emit(game.Event{To: killer, Event: e.Kept()})
	}
	t.Emit(near)
}

// award adds points to a player and his team.
func (w *World) award(id protocol.PlayerID, points int32) {
	p := &w.seats[id].player
	p.points += points
	if p.team != TeamNone {
		w.teams[p.team] += points
	}
}

// assistant returns who, besides the killer, had done most of the victim's recent damage, if it was
// enough for an assist; the lower id of two.
func (w *World) assistant(victim, killer protocol.PlayerID) protocol.PlayerID {
	best, most := protocol.PlayerID(0), int32(assistDamage-1)
	for i := range w.seats[victim].grudges {
		g := &w.seats[victim].grudges[i]
		id := g.by
		if id != 0 && id != killer && id != victim && w.tick.Sub(g.last) <= assistWindow && g.damage > most {
			best, most = id, g.damage
		}
	}
	return best
}
