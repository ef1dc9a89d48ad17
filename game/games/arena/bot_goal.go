package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

const (
	decideTicks = 15 // between two decisions, at least; up to twice as many
	shunTicks   = 5 * TickRate
	closeBy     = 20 * 256 // Num at which a place counts as reached
	walkTicks   = 58       // ticks for 256 units of beeline: top speed, and corners
)

// goalKind is what a bot is after.
type goalKind uint8

const (
	goalNone goalKind = iota
	goalItem
	goalHunt
	goalRoam
)

// goal is where the bot wants to be, and why.
type goal struct {
	kind  goalKind
	item  int               // of goalItem and goalRoam
	prey  protocol.PlayerID // of goalHunt
	at    fixed.Vec
	worth int // how much it is wanted, about 0 to 100
	next  protocol.Tick
	// shunned is an item that could not be reached, until the tick.
	shunned int
	until   protocol.Tick
}

// decide keeps or changes the goal. Wants are compared by worth for the time it takes to get there:
// the utility of Mark, "Behavioral Mathematics for Game AI", 2009, in integers.
func (b *Bot) decide() {
	g := &b.goal
	if g.kind == goalItem && b.route.lost() {
		g.shunned, g.until, g.kind = g.item, b.tick.Add(shunTicks), goalNone
	}
	if g.kind == goalHunt {
		g.at = b.senses.of(g.prey).at // where he was last seen
	}
	if !b.stale() && b.tick.Sub(g.next) < 0 {
		return
	}
	g.next = b.tick.Add(decideTicks + b.rand.Intn(decideTicks))
	roam := *g
	best := goal{kind: goalNone, shunned: g.shunned, until: g.until, next: g.next}
	b.considerItems(&best)
	b.considerHunt(&best)
	switch {
	case best.kind != goalNone:
		*g = best
	case roam.kind != goalRoam || distance(b.body.pos, roam.at) < 3*closeBy || b.route.lost():
		*g = best
		b.roam(g)
	}
}

// stale reports whether the goal has been reached or is no longer there.
func (b *Bot) stale() bool {
	g := &b.goal
	switch g.kind {
	case goalItem:
		return b.wait(g.item) > b.skill.timing
	case goalHunt:
		t := b.senses.of(g.prey)
		if !t.visible && distance(b.body.pos, t.at) < 3*closeBy {
			t.seen = 0 // he is not where he was: look elsewhere
		}
		return t.seen == 0 || b.tick.Sub(t.seen) > memory
	case goalRoam:
		return distance(b.body.pos, g.at) < 3*closeBy
	}
	return true
}

// wait returns how many ticks a pickup will yet be away.
func (b *Bot) wait(item int) int { return max(b.ground.picks[item].Sub(b.tick), 0) }

func (b *Bot) considerItems(best *goal) {
	for i := range b.rules.pickups {
		p := &b.rules.pickups[i]
		far := distance(b.body.pos, p.At)
		if far.Floor() > b.skill.look || i == best.shunned && b.tick.Sub(best.until) < 0 {
			continue
		}
		way := int(far) * walkTicks >> 16
		idle := max(b.wait(i)-way, 0)
		if idle > b.skill.timing {
			continue
		}
		worth := b.want(p)
		if worth > 0 {
			b.offer(best, goal{kind: goalItem, item: i, at: p.At, worth: worth}, way+2*idle)
		}
	}
}

// offer takes a goal if it is worth more than the best so far, for the time it costs.
func (b *Bot) offer(best *goal, g goal, ticks int) {
	g.worth = g.worth * 240 / (240 + ticks)
	if g.kind == b.goal.kind && g.item == b.goal.item && g.prey == b.goal.prey {
		g.worth += g.worth / 4 // no dithering
	}
	if g.worth > best.worth {
		g.next, g.shunned, g.until = best.next, best.shunned, best.until
		*best = g
	}
}

// want returns how much good a pickup would do, 0 for none.
func (b *Bot) want(p *Pickup) int {
	health, armour := int(b.body.health), int(b.body.armour)
	switch p.Kind {
	case PickHealth:
		return max(fullHealth-health, 0) * 3 / 2
	case PickMega:
		return max(maxHealth-health, 0) * 4 / 5
	case PickArmour:
		return max(maxArmour-armour, 0) * 3 / 4
	case PickWeapon:
		if b.body.owned&(1<<(p.Weapon-1)) == 0 {
			return [WeaponCount + 1]int{Shotgun: 60, Plasma: 75, Rocket: 95, Rail: 85}[p.Weapon]
		}
		return b.shortage(p.Weapon) / 2
	case PickAmmo:
		if b.body.owned&(1<<(p.Weapon-1)) != 0 {
			return b.shortage(p.Weapon) / 2
		}
	}
	return 0
}

// shortage returns how much ammunition is missing, in hundredths.
func (b *Bot) shortage(weapon uint8) int {
	most := weapons[weapon].MaxAmmo
	return 100 * (most - int(b.body.ammo[weapon-1])) / most
}

// considerHunt offers the enemies that are known of, the more eagerly the stronger the bot is.
func (b *Bot) considerHunt(best *goal) {
	strength := b.strength()
	for i := range b.senses.tracks {
		t := &b.senses.tracks[i]
		age := b.tick.Sub(t.seen)
		if t.seen == 0 || age > memory {
			continue
		}
		worth := 15 + strength/2 + int(10-t.health)*2
		if t.id == b.fight.target {
			worth += 15
		}
		way := int(distance(b.body.pos, t.at)) * walkTicks >> 16
		b.offer(best, goal{kind: goalHunt, prey: t.id, at: t.at, worth: worth}, way+age)
	}
}

// strength returns how fit for a fight the bot is, about 0 to 100.
func (b *Bot) strength() int {
	s := int(b.body.health)/3 + int(b.body.armour)/4
	for w := Shotgun; w <= Rail; w++ {
		if b.usable(w) {
			s += 12
		}
	}
	return min(s, 100)
}

// roam goes where something will be, or to where others enter.
func (b *Bot) roam(g *goal) {
	g.kind, g.worth = goalRoam, 5
	if b.rules.isCrowd() {
		b.stroll(g)
		return
	}
	n := len(b.rules.pickups)
	i := b.rand.Intn(n + len(b.rules.spawns))
	if i < n {
		g.at = b.rules.pickups[i].At
	} else {
		g.at = b.rules.spawns[i-n].At
	}
}

// stroll goes somewhere near by: in a town there is always somebody.
func (b *Bot) stroll(g *goal) {
	const tiles = 24
	for range 8 {
		tx := tilemap.TileOf(b.body.pos.X) + b.rand.Intn(2*tiles) - tiles
		ty := tilemap.TileOf(b.body.pos.Y) + b.rand.Intn(2*tiles) - tiles
		if g.at = tilemap.Center(tx, ty); !b.rules.field.Solid(tx, ty) {
			return
		}
	}
	g.at = b.body.pos
}
