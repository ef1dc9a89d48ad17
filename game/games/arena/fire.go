package arena

import (
	"slices"

	"hindsight/game/sim/fixed"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

const (
	// HeldFire is the bit of Command.Held that keeps firing.
	HeldFire protocol.Buttons = 1

	switchTicks = 12 // from one weapon in hand to another being ready
	queueTicks  = 12 // how long a press waits for the weapon to be able to fire
	emptyTicks  = 18 // between two clicks of an empty weapon
	maxLead     = 6  // ticks by which a projectile is fired into its shooter's past
)

// volley is what one pull of the trigger sent out.
type volley struct {
	weapon uint8
	from   fixed.Vec
	// Rewound rays: their directions and where walls end them.
	rays   int
	angles [maxPellets]fixed.Angle
	ends   [maxPellets]fixed.Vec
	// Projectiles: the slot.
	slot int
}

// fire handles weapon choice and trigger. A command schedule cannot exceed a fire rate: whatever is
// pressed, a shot needs tick >= next of its weapon, and sets it.
func (r *rules) fire(id protocol.PlayerID, p *player, c *protocol.Command, tick protocol.Tick, out *outcome) {
	if c.Press[0] != p.pressFire {
		p.queued = tick.Add(queueTicks)
	}
	p.choose(c.Select, tick)
	queued := p.queued != 0 && tick.Sub(p.queued) < 0
	if c.Held&HeldFire == 0 && !queued || tick.Sub(p.ready) < 0 || tick.Sub(p.next[p.weapon-1]) < 0 {
		return
	}
	w, ammo := &weapons[p.weapon], &p.ammo[p.weapon-1]
	if w.MaxAmmo > 0 && *ammo == 0 {
		out.empty, p.queued = p.weapon, 0
		p.next[p.weapon-1] = tick.Add(emptyTicks)
		p.choose(p.best(), tick)
		return
	}
	out.volley = volley{from: p.pos}
	if w.Pellets > 0 {
		r.spread(id, p, tick, &out.volley)
	} else if !r.launch(p, c, tick, &out.volley) {
		return // no free slot: wait until a shot has ended
	}
	out.volley.weapon = p.weapon
	if w.MaxAmmo > 0 {
		*ammo--
	}
	p.fired, p.queued = tick, 0
	p.next[p.weapon-1] = tick.Add(w.Refire)
	if p.safe(tick) {
		p.safeEnd = tick
	}
}

// choose takes weapon w in hand if it can be used. It is ready after the switch and after the last
// shot's recovery, whichever is later.
func (p *player) choose(w uint8, tick protocol.Tick) {
	if w == 0 || w > WeaponCount || w == p.weapon || p.owned&(1<<(w-1)) == 0 {
		return
	}
	if weapons[w].MaxAmmo > 0 && p.ammo[w-1] == 0 {
		return
	}
	for _, t := range [...]protocol.Tick{tick.Add(switchTicks), p.fired.Add(weapons[p.weapon].Recover)} {
		if t.Sub(p.ready) > 0 {
			p.ready = t
		}
	}
	p.weapon = w
}

// best returns the weapon to go on with when the one in hand is empty.
func (p *player) best() uint8 {
	for _, w := range preference {
		if p.owned&(1<<(w-1)) != 0 && (weapons[w].MaxAmmo == 0 || p.ammo[w-1] > 0) {
			return w
		}
	}
	return 0
}

// spread casts the rays of a hitscan volley up to the walls. Chance comes from the seed, the tick
// and the player alone, so that both sides draw the same cone.
func (r *rules) spread(id protocol.PlayerID, p *player, tick protocol.Tick, v *volley) {
	w := &weapons[p.weapon]
	v.rays = w.Pellets
	for i := range w.Pellets {
		turn := 0
		if w.Spread > 0 {
			// Each pellet has its own part of the cone, so that no volley has a hole in it.
			part := 2 * w.Spread / w.Pellets
			turn = rng.Pick(rng.Mix(r.Seed, uint64(tick), uint64(id)<<8|uint64(i)), part) + i*part - w.Spread
		}
		a := p.aim + fixed.Angle(turn)
		v.angles[i] = a
		v.ends[i], _ = r.field.Ray(p.pos, p.pos.Add(a.Unit(r.rayLength(w))))
	}
}

// bounds returns the corners of what is within reach of a volley's rays along each axis.
func (v *volley) bounds(reach fixed.Num) (lo, hi fixed.Vec) {
	lo, hi = v.from, v.from
	for _, end := range v.ends[:v.rays] {
		lo = fixed.Vec{X: min(lo.X, end.X), Y: min(lo.Y, end.Y)}
		hi = fixed.Vec{X: max(hi.X, end.X), Y: max(hi.Y, end.Y)}
	}
	return box(lo, hi, reach)
}

// tally is who was hit by a volley, and how often.
type tally struct {
	hits []hits // ascending by player
}

type hits struct {
	player protocol.PlayerID
	n      uint8
}

// trace tests a volley against what was seen and counts the hits by player. It shortens each ray to
// where it struck; a rail goes through everyone on its way. Team-mates are never in the way. World
// and Predictor call it with the same arguments when the view was not clamped, and so they agree.
func (v *volley) trace(seen *delta.Snapshot, me protocol.PlayerID, team uint8, t *tally) {
	t.hits = t.hits[:0]
	if seen == nil {
		return
	}
	ents := seen.Entities()
	for i := range v.rays {
		var first contact
		for j := range ents {
			e := &ents[j]
			if !isTarget(e, me, team) {
				continue
			}
			at, hit := strike(v.from, v.ends[i], seenAt(e), playerRadius)
			switch {
			case !hit:
			case v.weapon == Rail:
				t.add(e.Owner)
			default:
				first.offer(e.Owner, at)
			}
		}
		if first.player != 0 {
			t.add(first.player)
			v.ends[i] = first.point(v.from, v.ends[i])
		}
	}
}

func (t *tally) add(id protocol.PlayerID) {
	i := len(t.hits)
	for i > 0 && t.hits[i-1].player > id {
		i--
	}
	if i > 0 && t.hits[i-1].player == id {
		t.hits[i-1].n++
		return
	}
	t.hits = slices.Insert(t.hits, i, hits{id, 1})
}

// contact is the first player on a segment, and how far from its beginning.
type contact struct {
	player protocol.PlayerID // 0: nobody
	at     fixed.Num
}

// offer takes a player into account. Of two at the same distance the first offered stays.
func (c *contact) offer(id protocol.PlayerID, at fixed.Num) {
	if c.player == 0 || at < c.at {
		*c = contact{id, at}
	}
}

// point returns where on the segment the contact is.
func (c *contact) point(from, to fixed.Vec) fixed.Vec {
	return from.Add(to.Sub(from).WithLen(c.at))
}

// isTarget reports whether an entity is a player that can be hit by one of that team.
func isTarget(e *delta.Entity, me protocol.PlayerID, team uint8) bool {
	return e.Kind == KindPlayer && e.Owner != me && e.Owner != 0 && e.Owner <= MaxCrowd &&
		len(e.Row) == playerFields && (team == TeamNone || uint8(e.Row[PlayerTeam]) != team)
}

// seenAt returns where an entity was drawn.
func seenAt(e *delta.Entity) fixed.Vec {
	return fixed.Vec{X: fixed.FromWire(e.Row[PlayerX]), Y: fixed.FromWire(e.Row[PlayerY])}
}

// strike reports whether the segment from a to b touches the disc around c, and how far from a it
// first does. All products fit int64: what is seen lies within 2^26.
func strike(a, b, c fixed.Vec, radius fixed.Num) (at fixed.Num, hit bool) {
	d, m := b.Sub(a), c.Sub(a)
	r2 := int64(radius) * int64(radius)
	if m.Len2() <= r2 {
		return 0, true // begins inside
	}
	length, along := d.Len(), m.Dot(d)
	if along <= 0 || length == 0 {
		return 0, false
	}
	off := m.Cross(d) / int64(length) // distance of c from the line
	if off < 0 {
		off = -off
	}
	if off > int64(radius) {
		return 0, false
	}
	at = fixed.Num(along/int64(length)) - fixed.Num(fixed.Sqrt(uint64(r2-off*off)))
	return max(at, 0), at <= length
}

// pairs appends the tally to the arguments of a Verdict, as many players as fit.
func (t *tally) pairs(e *protocol.Event) {
	for _, h := range t.hits {
		if h.n > 0 && int(e.N)+2 <= len(e.Args) {
			e.Args[e.N], e.Args[e.N+1] = int32(h.player), int32(h.n)
			e.N += 2
		}
	}
}
