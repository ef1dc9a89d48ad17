package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// aim is the crosshair and the hand that moves it: a hand that trembles, needs a moment to settle on
// a new target, and turns at a limited rate.
type aim struct {
	at     fixed.Angle
	on     protocol.PlayerID // whom it has settled on
	tremor int               // present error, 1/65536 turn
	drift  int               // where the error is going
	flinch int               // extra error, shrinking
	next   protocol.Tick     // when drift changes
}

// turnTo moves the crosshair towards a direction, as seen through the errors, and returns how far
// off it then is from where the bot believes the direction to be.
func (b *Bot) turnTo(want fixed.Angle) (off int) {
	a, k := &b.aim, b.skill
	if b.tick.Sub(a.next) >= 0 {
		a.next = b.tick.Add(8 + b.rand.Intn(14))
		a.drift = b.spread(k.noise)
	}
	for range b.elapsed {
		a.tremor += (a.drift - a.tremor) / 6
		a.flinch -= a.flinch * k.settle / 256
	}
	want += fixed.Angle(a.tremor + a.flinch)

	for range b.elapsed {
		way := want.Diff(a.at)
		step := way * k.gain / 256
		if step == 0 {
			step = min(max(way, -1), 1)
		}
		a.at += fixed.Angle(min(max(step, -k.turn), k.turn))
	}
	way := want.Diff(a.at)
	return max(way, -way)
}

// settleOn begins to aim at someone else.
func (b *Bot) settleOn(id protocol.PlayerID) {
	if b.aim.on == id {
		return
	}
	b.aim.on = id
	b.aim.flinch = b.skill.flinch/2 + b.rand.Intn(b.skill.flinch)
	if b.rand.Intn(2) == 0 {
		b.aim.flinch = -b.aim.flinch
	}
}

// mark returns the place to shoot at to hit an enemy with the weapon. Rays are aimed at what is
// seen, since the engine judges them by that; projectiles are aimed at where he will be if he
// goes on as he does and no wall stops him.
func (b *Bot) mark(t *track, weapon uint8) fixed.Vec {
	w := &weapons[weapon]
	if w.Speed == 0 {
		return t.at
	}
	from, at := b.eye(), t.at
	for range 3 {
		flight := int64(distance(from, at)) * int64(b.skill.lead) / int64(w.Speed) // 1/256 tick
		at = fixed.Vec{
			X: t.at.X + fixed.MulRatio(t.vel.X, flight, 256),
			Y: t.at.Y + fixed.MulRatio(t.vel.Y, flight, 256),
		}
	}
	end, _ := b.rules.field.Ray(t.at, at)
	return end
}

// wallBy returns a place on a wall from which an explosion reaches a spot that is out of sight, if
// there is one that the bot can shoot at from a safe distance.
func (b *Bot) wallBy(spot fixed.Vec) (at fixed.Vec, ok bool) {
	reach := weapons[Rocket].Splash * 3 / 4
	for i := range steps {
		end, hit := b.rules.field.Ray(spot, spot.Add(fixed.Angle(i*8192).Unit(reach)))
		if hit && distance(b.body.pos, end) > safeRocket && b.rules.field.Sight(b.body.pos, end) {
			return end, true
		}
	}
	return at, false
}
