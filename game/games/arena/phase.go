package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// The phases of a match.
const (
	PhaseWarmup       uint8 = iota // as live, but nothing counts
	PhaseLive                      // until the time or the score limit
	PhaseIntermission              // everything stands still around the final scoreboard
)

// intermissionTicks is how long the final scoreboard is shown.
const intermissionTicks = 10 * TickRate

// opening returns the state of a match before its first tick.
func (r *rules) opening() ground {
	if r.Warmup > 0 {
		return ground{phase: PhaseWarmup, ends: protocol.Tick(r.Warmup)}
	}
	return ground{phase: PhaseLive, ends: protocol.Tick(r.TimeLimit)}
}

// advance goes on to the next phase if its time has come, and reports whether it did. Every player
// must then be given reset.
func (r *rules) advance(g *ground, tick protocol.Tick) bool {
	if g.phase == PhaseIntermission || tick.Sub(g.ends) < 0 {
		return false
	}
	if g.phase == PhaseWarmup {
		g.phase, g.ends = PhaseLive, tick.Add(r.TimeLimit)
		for i := range g.picks {
			g.picks[i] = tick
		}
		return true
	}
	g.halt(tick)
	return true
}

// halt begins the intermission.
func (g *ground) halt(tick protocol.Tick) {
	g.phase, g.ends = PhaseIntermission, tick.Add(intermissionTicks)
}

// reset puts the player into a phase that has just begun: a new life when it goes live, a standstill
// for the scoreboard.
func (r *rules) reset(id protocol.PlayerID, p *player, g *ground, tick protocol.Tick) {
	for i := range p.shots {
		p.shots[i].weapon = 0
	}
	p.flying = 0
	if g.frozen() {
		p.vel, p.queued, p.dashEnd, p.pushEnd = fixed.Vec{}, 0, 0, 0
		return
	}
	p.enter(tick)
	r.arm(id, p, tick)
}

// turnPhase ends the phase by time, which everyone predicts, or by score, which nobody does.
func (w *World) turnPhase(t *game.Turn) {
	switch {
	case w.rules.advance(&w.ground, w.tick):
	case w.ground.phase == PhaseLive && w.limitReached():
		w.ground.halt(w.tick)
		for _, id := range w.order {
			w.touch(t, id)
		}
	default:
		return
	}
	for _, id := range w.order {
		s := &w.seats[id]
		w.rules.reset(id, &s.player, &w.ground, w.tick)
		if w.ground.phase == PhaseLive {
			s.score.reset(&s.player)
			s.forget()
			w.entered(t, id)
		}
	}
	if w.ground.phase == PhaseLive {
		w.teams = [3]int32{}
	}
	player, team := protocol.PlayerID(0), TeamNone
	if w.ground.frozen() {
		player, team = w.winner()
	}
	t.Emit(game.Event{Event: protocol.NewEvent(EventPhase,
		int32(w.ground.phase), int32(w.ground.ends), int32(player), int32(team)).Kept()})
}

// limitReached reports whether a player or a team has the points that end the match.
func (w *World) limitReached() bool {
	limit := int32(w.rules.ScoreLimit)
	if limit == 0 {
		return false
	}
	if w.rules.Mode == ModeTDM {
		return max(w.teams[TeamRed], w.teams[TeamBlue]) >= limit
	}
	for _, id := range w.order {
		if w.seats[id].player.points >= limit {
			return true
		}
	}
	return false
}

// winner returns who leads: a player, or a team; neither if the lead is shared.
func (w *World) winner() (protocol.PlayerID, uint8) {
	if w.rules.Mode == ModeTDM {
		switch red, blue := w.teams[TeamRed], w.teams[TeamBlue]; {
		case red > blue:
			return 0, TeamRed
		case blue > red:
			return 0, TeamBlue
		}
		return 0, TeamNone
	}
	best, shared := protocol.PlayerID(0), false
	for _, id := range w.order {
		switch p := w.seats[id].player.points; {
		case best == 0 || p > w.seats[best].player.points:
			best, shared = id, false
		case p == w.seats[best].player.points:
			shared = true
		}
	}
	if shared {
		best = 0
	}
	return best, TeamNone
}
