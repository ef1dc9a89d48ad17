package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// shot is a projectile in its owner's slot. It flies straight at its weapon's speed, so that where
// it is follows from the tick, and where it ends was known when it was fired.
type shot struct {
	weapon uint8 // 0: the slot is free
	t0     protocol.Tick
	at     fixed.Vec // where it was at t0
	angle  fixed.Angle
	end    protocol.Tick // meets a wall or runs out of life
	born   protocol.Tick // was fired
}

func (s *shot) save(row []int32) {
	row[OwnShotWeapon], row[OwnShotT0] = int32(s.weapon), int32(s.t0)
	row[OwnShotX], row[OwnShotY], row[OwnShotAngle] = int32(s.at.X), int32(s.at.Y), int32(s.angle)
	row[OwnShotEnd], row[OwnShotBorn] = int32(s.end), int32(s.born)
}

func (s *shot) load(row []int32) {
	s.weapon, s.t0 = uint8(row[OwnShotWeapon]), tickOf(row[OwnShotT0])
	s.at = fixed.Vec{X: fixed.Num(row[OwnShotX]), Y: fixed.Num(row[OwnShotY])}
	s.angle = fixed.Angle(row[OwnShotAngle])
	s.end, s.born = tickOf(row[OwnShotEnd]), tickOf(row[OwnShotBorn])
}

// velocity is per tick.
func (s *shot) velocity() fixed.Vec { return s.angle.Unit(weapons[s.weapon].Speed) }

// pos returns where the shot is at a tick, not before it began nor after it ended.
func (s *shot) pos(tick protocol.Tick) fixed.Vec {
	n := fixed.Num(min(max(tick.Sub(s.t0), 0), max(s.end.Sub(s.t0), 0)))
	v := s.velocity()
	return fixed.Vec{X: s.at.X + v.X*n, Y: s.at.Y + v.Y*n}
}

// over reports whether the shot ends by itself at or before a tick.
func (s *shot) over(tick protocol.Tick) bool { return tick.Sub(s.end) >= 0 }

// launch puts a projectile into a free slot. It is as old at birth as what its shooter saw, at most
// maxLead, so that it meets moving players where they were drawn; this follows from the command
// alone, so both sides agree.
func (r *rules) launch(p *player, c *protocol.Command, tick protocol.Tick, v *volley) bool {
	for i := range p.shots {
		s := &p.shots[i]
		if s.weapon != 0 {
			continue
		}
		*s = shot{weapon: p.weapon, t0: tick.Add(-leadOf(c, tick)), at: p.pos, angle: p.aim, born: tick}
		s.end = s.t0.Add(r.flight(s))
		p.flying++
		v.slot = i
		return true
	}
	return false
}

// leadOf returns how many ticks before its tick the command's view lies, 0 to maxLead.
func leadOf(c *protocol.Command, tick protocol.Tick) int {
	v := c.View
	if v.A == 0 {
		return 0
	}
	seen := int64(v.B.Sub(v.A))*int64(v.Frac) + 128 // from A in 1/256 tick, to be rounded
	return int(min(max(int64(tick.Sub(v.A))-seen>>8, 0), maxLead))
}

// flight returns the ticks until the shot meets a wall or its life is over. The last whole tick
// before the wall counts, so that an explosion is never inside it.
func (r *rules) flight(s *shot) int {
	w, v := &weapons[s.weapon], s.velocity()
	far := fixed.Vec{X: s.at.X + v.X*fixed.Num(w.Life), Y: s.at.Y + v.Y*fixed.Num(w.Life)}
	end, hit := r.field.Ray(s.at, far)
	if !hit {
		return w.Life
	}
	return int(max(distance(s.at, end)-w.Radius, 0) / w.Speed)
}

// splash gives the player his part of an explosion. It returns the damage, and whether it reached
// him at all. Its owner bears half of the damage and all of the push, which is what makes rocket
// jumps worth their price.
func (r *rules) splash(p *player, s *shot, at fixed.Vec, own bool, tick protocol.Tick) (damage int32, reached bool) {
	w := &weapons[s.weapon]
	if w.Splash == 0 || !p.alive || p.safe(tick) {
		return 0, false
	}
	away := p.pos.Sub(at)
	gap := max(away.Len()-playerRadius, 0)
	if gap >= w.Splash || !r.field.Sight(at, p.pos) {
		return 0, false
	}
	if away == (fixed.Vec{}) {
		away = (s.angle + 0x8000).Unit(fixed.One)
	}
	left := int64(w.Splash - gap)
	p.push(away.WithLen(fixed.MulRatio(w.SplashPush, left, int64(w.Splash))), tick)
	damage = int32(int64(w.SplashDamage) * left / int64(w.Splash))
	if own {
		damage /= 2
	}
	p.hurt(damage)
	return damage, true
}
