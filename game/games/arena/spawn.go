package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// Where players enter is told ahead, so that a client can predict its own return. It is chosen at
// the death, again spawnNotice ticks before the return, and a last time if somebody stands there
// when the moment comes. A player who enters where he was told less than spawnNotice ago is touched:
// he may not have known.
const (
	spawnNotice  = 45
	spawnCrowd   = 96   // units within which another player makes a spawn point unfit
	spawnFar     = 1200 // units beyond which an enemy does not matter
	spawnInSight = 500  // units that being seen counts as
	spawnTaken   = 2000 // units that somebody else's next spawn here counts as
	spawnChance  = 250  // units of luck, so that a spawn point cannot be foreseen
)

// chooseSpawn picks the player's next spawn point: far from enemies and out of their sight.
func (w *World) chooseSpawn(id protocol.PlayerID) {
	if w.crowd != nil {
		w.drawSpawn(id)
		return
	}
	p := &w.seats[id].player
	best, bestScore := 0, -1<<30
	for i := range w.rules.spawns {
		s := &w.rules.spawns[i]
		score := w.spawnScore(s, id) + w.rand.Intn(spawnChance)
		if s.Team != TeamNone && s.Team != p.team && w.rules.Mode == ModeTDM {
			score -= 4 * spawnTaken
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	w.spawnAt(id, &w.rules.spawns[best])
}

// spawnAt tells a player where he enters next.
func (w *World) spawnAt(id protocol.PlayerID, s *SpawnPoint) {
	if p := &w.seats[id].player; p.spawnAt != s.At || p.spawnAim != s.Aim {
		p.spawnAt, p.spawnAim = s.At, s.Aim
		w.seats[id].told = w.tick
	}
}

// opening reports whether the warm-up is so near its end that spawn points stand.
func (w *World) opening() bool {
	return w.ground.phase == PhaseWarmup && w.ground.ends.Sub(w.tick) <= spawnNotice
}

// entered tells everyone of a new life.
func (w *World) entered(t *game.Turn, id protocol.PlayerID) {
	s := &w.seats[id]
	if w.tick.Sub(s.told) < spawnNotice {
		w.touch(t, id)
	}
	at := s.player.pos
	t.Emit(placed(at, id, game.Event{Event: protocol.NewEvent(EventSpawn, int32(id), at.X.Wire(), at.Y.Wire())}))
}

// spawnScore rates a spawn point in units: the distance to the nearest enemy, less what speaks
// against it.
func (w *World) spawnScore(s *SpawnPoint, id protocol.PlayerID) int {
	score := spawnFar
	for _, other := range w.order {
		o := &w.seats[other].player
		if other == id {
			continue
		}
		if !o.alive || w.opening() {
			if o.spawnAt == s.At {
				score -= spawnTaken // two would enter on one spot
			}
		}
		if !o.alive {
			continue
		}
		far := distance(o.pos, s.At).Floor()
		if far < spawnCrowd {
			score -= spawnTaken
		}
		if w.friends(id, other) {
			continue
		}
		if far < spawnFar && w.rules.field.Sight(o.pos, s.At) {
			far -= spawnInSight
		}
		score = min(score, far)
	}
	return score
}

// crowded reports whether another player stands on the spot. In a crowd there is always somebody.
func (w *World) crowded(at fixed.Vec, id protocol.PlayerID) bool {
	if w.crowd != nil {
		return false
	}
	for _, other := range w.order {
		o := &w.seats[other].player
		if other != id && o.alive && distance(o.pos, at) < fixed.FromInt(spawnCrowd) {
			return true
		}
	}
	return false
}

// mustChoose reports whether it is the tick to tell a player where he enters next.
func (w *World) mustChoose(id protocol.PlayerID, p *player) bool {
	switch left := p.respawn.Sub(w.tick); {
	case p.alive || w.opening() && p.respawn.Sub(w.ground.ends) >= 0:
		// The next life he can count on begins when the match goes live.
		return w.opening() && w.ground.ends.Sub(w.tick) == spawnNotice
	case w.ground.frozen():
		return false
	case left <= 0:
		return w.crowded(p.spawnAt, id)
	default:
		return left == spawnNotice
	}
}

// enterAll tells spawn points in time and begins the lives that are due.
func (w *World) enterAll(t *game.Turn) {
	for _, id := range w.order {
		s := &w.seats[id]
		p := &s.player
		if s.fresh {
			s.fresh = false
			w.touch(t, id)
		}
		if w.mustChoose(id, p) {
			w.chooseSpawn(id)
		}
		w.rules.begin(id, p, &w.ground, w.tick, &s.out)
		if s.out.spawned {
			w.entered(t, id)
		}
	}
}
