package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

const (
	safeRocket   = 130 * fixed.One // a rocket that bursts nearer hurts its owner
	fireSlack    = 260             // 1/65536 turn by which the aim may be off beyond the target's edge
	chooseTicks  = 20              // between two choices of weapon
	pressTicks   = 8               // between two presses of the trigger
	cornerTicks  = 40              // for which a rocket is sent after someone who went out of sight
	bodyAngle    = 65536 * 14 / 6  // of a body at a distance of one unit, 1/65536 turn: 2*pi is about 6
	keepSelected = 14              // a weapon in hand is worth that much more than another
)

// fight is whom the bot is fighting, and how.
type fight struct {
	target  protocol.PlayerID // noticed and in sight, 0 for nobody
	lost    protocol.PlayerID // was target when last in sight
	lostAt  protocol.Tick
	weapon  uint8         // wanted
	again   protocol.Tick // when to think about the weapon again
	pressed protocol.Tick // last press of the trigger
}

// choose picks the enemy to fight: near, weak, already being fought, or the one who hurts.
func (b *Bot) choose() {
	f, best, most := &b.fight, protocol.PlayerID(0), -1<<30
	for i := range b.senses.tracks {
		t := &b.senses.tracks[i]
		id := t.id
		if !b.noticed(id) || t.flags&FlagProtected != 0 {
			continue
		}
		score := -distance(b.body.pos, t.at).Floor() - int(t.health)*15
		if id == f.target {
			score += 120
		}
		if id == b.senses.hurtBy && b.tick.Sub(b.senses.hurtAt) < 2*TickRate {
			score += 150
		}
		if score > most {
			best, most = id, score
		}
	}
	if best == 0 && f.target != 0 {
		f.lost, f.lostAt = f.target, b.tick
	}
	f.target = best
}

// usable reports whether a weapon is there and loaded.
func (b *Bot) usable(w uint8) bool {
	return b.body.owned&(1<<(w-1)) != 0 && (weapons[w].MaxAmmo == 0 || b.body.ammo[w-1] > 0)
}

// liking is how good each weapon is at a distance: under 160 units, under 350, under 620, beyond.
var liking = [WeaponCount + 1][4]int{
	Blaster: {30, 40, 48, 45},
	Shotgun: {100, 68, 22, 5},
	Plasma:  {84, 88, 52, 15},
	Rocket:  {0, 94, 70, 30},
	Rail:    {58, 76, 96, 100},
}

// prefer returns the weapon for that distance.
func (b *Bot) prefer(far fixed.Num) uint8 {
	band := 3
	for i, limit := range [...]int{160, 350, 620} {
		if far.Floor() < limit {
			band = i
			break
		}
	}
	best, most := Blaster, -1
	for w := Blaster; w <= Rail; w++ {
		if !b.usable(w) {
			continue
		}
		score := liking[w][band]
		if w == b.body.weapon {
			score += keepSelected
		}
		if b.skill.combos { // fire something else while it reloads
			score -= max(b.body.next[w-1].Sub(b.tick), 0) * 2 / 3
		}
		if score > most {
			best, most = w, score
		}
	}
	return best
}

// take turns, chooses the weapon and fires. It fills in the command's aim, Select, Held and Press.
func (b *Bot) take(c *protocol.Command) {
	f := &b.fight
	t := b.senses.of(f.target)
	switch {
	case f.target != 0:
		b.engage(c, t, distance(b.body.pos, t.at))
	case f.lost != 0 && b.tick.Sub(f.lostAt) < cornerTicks && b.ambush(c):
	default:
		b.glance()
	}
	c.Aim = uint16(b.aim.at)
}

// engage fights an enemy in sight.
func (b *Bot) engage(c *protocol.Command, t *track, far fixed.Num) {
	f := &b.fight
	b.settleOn(f.target)
	if b.tick.Sub(f.again) >= 0 {
		f.weapon, f.again = b.prefer(far), b.tick.Add(chooseTicks)
	}
	if f.weapon != b.body.weapon && b.usable(f.weapon) {
		c.Select = f.weapon
	}
	at := b.mark(t, b.body.weapon)
	off := b.turnTo(at.Sub(b.eye()).Angle())
	if off > bodyAngle/max(far.Floor(), 14)+fireSlack || far > b.reach() {
		return
	}
	if b.body.weapon == Rocket && !b.clearForRocket(at) {
		return
	}
	b.trigger(c)
}

// reach returns how far the weapon in hand shoots.
func (b *Bot) reach() fixed.Num {
	w := &weapons[b.body.weapon]
	if w.Speed != 0 {
		return w.Speed * fixed.Num(w.Life)
	}
	return b.rules.rayLength(w)
}

// clearForRocket reports that a rocket towards a place would burst neither in the bot's face nor at
// a wall just before it.
func (b *Bot) clearForRocket(at fixed.Vec) bool {
	way := fixed.Angle(b.aim.at).Unit(max(distance(b.eye(), at), fixed.One))
	end, _ := b.rules.field.Ray(b.eye(), b.eye().Add(way))
	return distance(b.eye(), end) > safeRocket
}

// ambush sends a rocket to the wall beside the corner behind which someone went.
func (b *Bot) ambush(c *protocol.Command) bool {
	if b.body.weapon != Rocket || !b.usable(Rocket) {
		return false
	}
	t := b.senses.of(b.fight.lost)
	at, ok := b.wallBy(t.at)
	if t.seen == 0 || !ok {
		return false
	}
	if b.turnTo(at.Sub(b.eye()).Angle()) < fireSlack && b.clearForRocket(at) {
		b.trigger(c)
	}
	return true
}

// trigger holds fast weapons down and presses slow ones once they can fire, as people do.
func (b *Bot) trigger(c *protocol.Command) {
	w := b.body.weapon
	if weapons[w].Refire < pressTicks {
		c.Held |= HeldFire
		return
	}
	ready := b.tick.Sub(b.body.ready) >= -2 && b.tick.Sub(b.body.next[w-1]) >= -2
	if ready && b.tick.Sub(b.fight.pressed) >= pressTicks {
		c.Press[0]++
		b.fight.pressed = b.tick
	}
}

// glance looks where someone was heard or seen, or else where the feet go.
func (b *Bot) glance() {
	if b.aim.on != 0 && b.tick.Sub(b.fight.lostAt) > TickRate {
		b.aim.on = 0
	}
	s := &b.senses
	want := b.aim.at
	switch hurt, prey := *s.of(s.hurtBy), *s.of(b.goal.prey); {
	case s.hurtBy != 0 && b.tick.Sub(s.hurtAt) < TickRate && hurt.seen != 0:
		want = hurt.at.Sub(b.body.pos).Angle()
	case b.goal.kind == goalHunt && b.tick.Sub(prey.seen) < 2*TickRate:
		want = prey.at.Sub(b.body.pos).Angle()
	case b.body.vel.Len2() > int64(fixed.One)*int64(fixed.One):
		want = b.body.vel.Angle()
	}
	b.turnTo(want)
}
