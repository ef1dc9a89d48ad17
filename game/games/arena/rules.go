package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// rules is what never changes during a match. World and Predictor read the same.
type rules struct {
	Settings
	field   *tilemap.Map // Settings.Map
	pickups []Pickup
	spawns  []SpawnPoint
}

// newRules reads a start blob.
func newRules(start []byte) (*rules, error) {
	s, err := DecodeStart(start)
	if err != nil {
		return nil, err
	}
	picks, spawns, err := Layout(s.Map)
	if err != nil {
		return nil, err
	}
	return &rules{Settings: s, field: s.Map, pickups: picks, spawns: spawns}, nil
}

// outcome is what a player's own part of a tick led to, beyond its state: what the World tells
// others and the Predictor shows at once.
type outcome struct {
	spawned bool
	dashed  bool
	empty   uint8  // the weapon that was pulled on empty, or 0
	taken   uint32 // pickups, by bit
	missed  uint32 // pickups that were stood on but not there
	volley  volley // what was fired, if volley.weapon is not 0
}

// begin readies the outcome for another tick.
func (o *outcome) begin() {
	o.spawned, o.dashed, o.empty, o.taken, o.missed, o.volley.weapon = false, false, 0, 0, 0, 0
}

// begin starts a new life if it is time.
func (r *rules) begin(id protocol.PlayerID, p *player, g *ground, tick protocol.Tick, out *outcome) {
	if !p.alive && !g.frozen() && tick.Sub(p.respawn) >= 0 {
		p.enter(tick)
		r.arm(id, p, tick)
		out.spawned = true
	}
}

// walk is the part of a tick in which the command moves the player. Presses are seen even when they
// can have no effect, so that none is remembered across a death.
func (r *rules) walk(p *mover, g *ground, c *protocol.Command, tick protocol.Tick, out *outcome) {
	if p.alive && !g.frozen() {
		r.move(p, c, tick, out)
	}
	p.pressDash = c.Press[1]
}

// shoot is the part of a tick in which the trigger counts.
func (r *rules) shoot(id protocol.PlayerID, p *player, g *ground, c *protocol.Command, tick protocol.Tick, out *outcome) {
	if p.alive && !g.frozen() {
		r.fire(id, p, c, tick, out)
	}
	p.pressFire = c.Press[0]
}

// finish ends a life that has run out of health and reports whether it did.
func (p *player) finish(g *ground, tick protocol.Tick) bool {
	if !p.alive || g.frozen() {
		return false
	}
	p.decay(tick)
	if p.health > 0 {
		return false
	}
	p.die(tick)
	return true
}

// distance returns how far a is from b.
func distance(a, b fixed.Vec) fixed.Num { return a.Sub(b).Len() }
