package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

const (
	ways       = 16              // directions that are weighed
	stickTicks = 45              // in which a bot that wants to walk must get somewhere
	stickRange = 36 * fixed.One  //
	freeTicks  = 24              // of walking anywhere to get free
	foresight  = 45              // ticks for which projectiles are followed
	dashDanger = 260             // danger on the best way at which the bot dashes
	dashRun    = 260 * fixed.One // of open floor ahead that a dash is worth
	runChance  = 25              // one in so many ticks of such floor
	rocketShun = 80 * fixed.One  // how near a rocket may pass
	plasmaShun = 30 * fixed.One  // how near a bolt may pass
	nearWall   = 20 * fixed.One  // looked ahead for walls, twice
	heldWorth  = 45              // a goal worth more than this is not given up for a fight
	waitRange  = 22 * fixed.One  // how near to an item that is away it waits: it slides on a little
	fullTilt   = 127
	steady     = 8 // a direction walked already is worth that much more
)

// feet is how the bot walks.
type feet struct {
	side   int           // 1 or -1: the side to which it strafes
	change protocol.Tick // when it changes sides
	since  protocol.Tick // when, and
	from   fixed.Vec     // where, it began to make way
	loose  protocol.Tick // until when it walks anywhere
	way    int           // where it then walks
	last   int           // where it walked in the tick before
}

// preferred is the distance to keep from an enemy, by the weapon in hand.
var preferred = [WeaponCount + 1]fixed.Num{
	Blaster: 260 * fixed.One, Shotgun: 80 * fixed.One, Plasma: 210 * fixed.One,
	Rocket: 260 * fixed.One, Rail: 480 * fixed.One,
}

// steer fills in the command's movement. Sixteen directions and standing still are weighed by what
// speaks for and against each (context steering, Fray, "Game AI Pro 2", chapter 18, 2015), and the
// best is walked.
func (b *Bot) steer(c *protocol.Command) {
	p := b.pulls()
	best, most, danger := -1, 0, 0
	if p.stay {
		danger = b.danger(fixed.Vec{})
		most = 10 - danger
	} else {
		most = -1 << 30
	}
	for i := range ways {
		v := fixed.Angle(i * 65536 / ways).Unit(fullTilt)
		score := p.score(b.free(v))
		if i == b.feet.last {
			score += steady
		}
		d := 0
		if b.senses.threat > 0 {
			d = b.danger(v)
		}
		if score -= d; score > most {
			best, most, danger = i, score, d
		}
	}
	if b.tick.Sub(b.feet.loose) < 0 {
		best = b.feet.way
	}
	if best < 0 {
		b.feet.since, b.feet.from = b.tick, b.body.pos
		return
	}
	v := fixed.Angle(best * 65536 / ways).Unit(fullTilt)
	c.MoveX, c.MoveY = int8(v.X), int8(v.Y)
	b.feet.last = best
	b.unstick(best)
	if b.dashes(v, danger) {
		c.Press[1]++
	}
}

// pulls are the forces on the feet, each a vector of up to 100 or so.
type pulls struct {
	path, keep, side fixed.Vec
	stay             bool // standing still is a choice
}

// score returns how well a direction of length fullTilt follows the pulls.
func (p *pulls) score(v fixed.Vec) int {
	return int((p.path.Dot(v) + p.keep.Dot(v) + p.side.Dot(v)) / fullTilt)
}

// pulls weighs the way to the goal against keeping a distance and strafing in a fight.
func (b *Bot) pulls() (p pulls) {
	gap := b.route.next(b.body.pos, b.tick, b.elapsed).Sub(b.body.pos)
	pull, near := fixed.Num(100), fixed.Num(closeBy/4)
	if far := distance(b.body.pos, b.goal.at); b.goal.kind == goalItem && b.wait(b.goal.item) > 0 && far < 100*fixed.One {
		pull, near = far/fixed.One, waitRange // hang around, the more loosely the nearer
	}
	if gap.Len2() > int64(near)*int64(near) {
		p.path = gap.WithLen(pull)
	} else {
		p.stay = b.fight.target == 0
	}
	if b.fight.target == 0 {
		return p
	}
	t := b.senses.of(b.fight.target)
	gap = t.at.Sub(b.body.pos)
	wrong := distance(t.at, b.body.pos) - preferred[b.body.weapon]
	if b.strength() < 30 {
		wrong -= 200 * fixed.One // keep out of trouble
	}
	p.keep = gap.WithLen(min(max(wrong/512, -60), 60))
	if b.tick.Sub(b.feet.change) >= 0 {
		b.feet.side = 1 - 2*b.rand.Intn(2)
		b.feet.change = b.tick.Add(b.skill.strafe + b.rand.Intn(b.skill.strafe))
	}
	side := fixed.Vec{X: -gap.Y, Y: gap.X}
	p.side = side.WithLen(fixed.Num(60 * b.feet.side))
	switch {
	case b.goal.kind == goalHunt || b.goal.kind == goalRoam:
		p.path = fixed.Vec{} // he is here
	case b.goal.worth <= heldWorth:
		p.path = p.path.WithLen(40)
	default:
		p.side = p.side.WithLen(35)
	}
	return p
}

// free returns what walls and water leave of a walk in a direction: less if it slides along them,
// nothing if it runs into them. In a fight the room behind counts too, so as not to be cornered.
func (b *Bot) free(v fixed.Vec) fixed.Vec {
	ahead := v.WithLen(nearWall)
	end, _, _ := b.rules.field.Slide(b.body.pos, ahead, playerRadius)
	left := end.Sub(b.body.pos)
	if b.fight.target != 0 && !b.rules.field.Free(end.Add(ahead), playerRadius) {
		left = fixed.Vec{X: left.X * 3 / 4, Y: left.Y * 3 / 4}
	}
	return fixed.Vec{X: left.X * fullTilt / nearWall, Y: left.Y * fullTilt / nearWall}
}

// danger returns how much a walk in a direction is threatened by the projectiles in sight: each by
// how near it will pass, and how soon.
func (b *Bot) danger(v fixed.Vec) int {
	walk := fixed.Vec{X: topSpeed * v.X / fullTilt, Y: topSpeed * v.Y / fullTilt}
	sum := 0
	for i := range b.senses.threat {
		t := &b.senses.threats[i]
		shun := plasmaShun
		if t.weapon == Rocket {
			shun = rocketShun
		}
		gap, speed := t.at.Sub(b.body.pos), t.vel.Sub(walk)
		closing := speed.Len2()
		if closing == 0 {
			continue
		}
		ticks := min(-gap.Dot(speed)/closing, foresight)
		if ticks < 0 {
			continue
		}
		near := gap.Add(fixed.Vec{X: speed.X * fixed.Num(ticks), Y: speed.Y * fixed.Num(ticks)})
		if miss := near.Len(); miss < shun {
			sum += int(400*(shun-miss)/shun) * int(foresight+10-ticks) / (foresight + 10)
		}
	}
	return sum
}

// unstick notices when walking leads nowhere and walks somewhere else for a moment.
func (b *Bot) unstick(way int) {
	f := &b.feet
	if distance(f.from, b.body.pos) > stickRange || f.since == 0 {
		f.since, f.from = b.tick, b.body.pos
		return
	}
	if b.tick.Sub(f.since) < stickTicks || b.fight.target != 0 {
		return
	}
	f.way = (way + 4 + b.rand.Intn(9)) % ways
	f.loose, f.since, f.from = b.tick.Add(freeTicks), b.tick, b.body.pos
	b.route.forget()
}

// dashes reports whether to dash along a direction: out of danger, or down an open way.
func (b *Bot) dashes(v fixed.Vec, danger int) bool {
	if b.skill.dodge == 0 || b.tick.Sub(b.body.dashReady) < 0 || !b.rules.field.Free(b.body.pos.Add(v.WithLen(3*nearWall)), playerRadius) {
		return false
	}
	if danger > dashDanger {
		return true
	}
	if b.fight.target != 0 {
		far := distance(b.body.pos, b.senses.of(b.fight.target).at)
		chase := b.body.weapon == Shotgun && far > dashRun
		hurting := b.senses.hurtBy != 0 && b.tick.Sub(b.senses.hurtAt) < TickRate/3
		return (chase || hurting) && b.rand.Intn(runChance) == 0
	}
	return b.skill.timing > 0 && b.goal.worth > 10 && b.rand.Intn(runChance) == 0 &&
		distance(b.body.pos, b.goal.at) > 2*dashRun && straight(b.rules.field, b.body.pos, b.body.pos.Add(v.WithLen(dashRun)))
}
