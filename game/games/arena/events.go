package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// The events. Positions are in 1/16 unit, angles in 1/65536 turn, players by id, pickups by index.
// "Predicted" ones are raised by the Predictor for its own player and sent by the World to everyone
// else.
const (
	// EventFired: player, weapon, x, y, then for each ray of a hitscan weapon one word made by
	// PackRay, or for a projectile its angle. Predicted.
	EventFired = game.FirstEvent + iota
	// EventHit, to the attacker: victim, damage, 1 if it killed, weapon.
	EventHit
	// EventHurt, to the victim: attacker, damage, angle towards where it came from, weapon.
	EventHurt
	// EventExplosion: x, y, weapon, owner. Predicted if a wall or time ended the shot.
	EventExplosion
	// EventKill, kept: killer, victim, weapon, assisting player or 0, the killer's streak. Killer
	// and victim are the same for an own goal.
	EventKill
	// EventPickup: player, pickup. Predicted.
	EventPickup
	// EventSpawn: player, x, y.
	EventSpawn
	// EventDash: player, x, y, angle. Predicted.
	EventDash
	// EventPhase, kept: phase, tick at which it ends, the winning player and the winning team. The
	// last two are 0 but for the intermission, and there for a draw.
	EventPhase
	// EventEmpty: weapon. Predicted, and for its player only.
	EventEmpty
	// EventStreak, kept: player, kills in a row (5, 10, 15 ...).
	EventStreak
)

// PackRay puts a ray's angle and its length (whole units, at most 32767) into one argument.
func PackRay(a fixed.Angle, length int) int32 {
	return int32(uint32(a)<<16 | uint32(min(length, 1<<15-1)))
}

// UnpackRay is the inverse of PackRay.
func UnpackRay(v int32) (a fixed.Angle, length int) {
	return fixed.Angle(uint32(v) >> 16), int(v & 0xffff)
}

// fired describes a volley after its rays were traced.
func (v *volley) fired(id protocol.PlayerID, aim fixed.Angle) protocol.Event {
	e := protocol.NewEvent(EventFired, int32(id), int32(v.weapon), v.from.X.Wire(), v.from.Y.Wire())
	if v.rays == 0 {
		e.Args[e.N] = int32(aim)
		e.N++
	}
	for i := range v.rays {
		e.Args[e.N] = PackRay(v.angles[i], distance(v.from, v.ends[i]).Floor())
		e.N++
	}
	return e
}

// placed says where an event happened, and by whom.
func placed(at fixed.Vec, by protocol.PlayerID, e game.Event) game.Event {
	e.Placed, e.X, e.Y, e.By = true, at.X.Wire(), at.Y.Wire(), by
	return e
}

func exploded(at fixed.Vec, weapon uint8, owner protocol.PlayerID) protocol.Event {
	return protocol.NewEvent(EventExplosion, at.X.Wire(), at.Y.Wire(), int32(weapon), int32(owner))
}

func dashed(id protocol.PlayerID, p *player) protocol.Event {
	return protocol.NewEvent(EventDash, int32(id), p.pos.X.Wire(), p.pos.Y.Wire(), int32(p.vel.Angle()))
}
