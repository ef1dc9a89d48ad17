package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// Movement. Speeds are fixed.Num per tick. Friction and acceleration follow Quake's ground movement
// (PM_Friction and PM_Accelerate in bg_pmove.c): acceleration only makes up what is missing along
// the wanted direction, so a push across it is not braked by walking.
var (
	topSpeed    = perSecond(300)
	stopSpeed   = perSecond(160) // friction is at least what it would be at this speed
	maxVelocity = perSecond(1000)
	dashSpeed   = perSecond(900)
	dashExit    = perSecond(420) // speed left when a dash ends
	pushPerTick = perSecond(50)  // of push for each tick of sliding
)

const (
	friction      = 44 // 1/256 of the speed lost in a tick: 10 per second
	acceleration  = 72 // 1/256 of the wanted speed gained in a tick: 17 per second
	slideFriction = 7  // while a push carries
	slideAccel    = 14
	maxSlide      = 12 // ticks
	dashTicks     = 8
	dashCooldown  = 90 // ticks from the beginning of one dash to the next
)

// move turns the command into a step along the ground.
func (r *rules) move(p *mover, c *protocol.Command, tick protocol.Tick, out *outcome) {
	p.aim = fixed.Angle(c.Aim)
	wish := wanted(c)
	if c.Press[1] != p.pressDash && tick.Sub(p.dashReady) >= 0 {
		p.dash(wish, tick)
		out.dashed = true
	}
	switch {
	case tick.Sub(p.dashEnd) < 0: // under way: nothing steers
	case tick == p.dashEnd:
		p.vel = p.vel.AtMost(dashExit)
	case tick.Sub(p.pushEnd) < 0:
		p.brake(slideFriction)
		p.accelerate(wish, slideAccel)
	default:
		p.brake(friction)
		p.accelerate(wish, acceleration)
	}
	p.vel = p.vel.AtMost(maxVelocity)
	from := p.pos
	end, hitX, hitY := r.field.Slide(from, p.vel, playerRadius)
	// A body led around a corner keeps its speed: it is about to get past.
	if hitX && end.Y-from.Y == p.vel.Y {
		p.vel.X = 0
	}
	if hitY && end.X-from.X == p.vel.X {
		p.vel.Y = 0
	}
	p.pos = end
}

// wanted returns the velocity that the command asks for.
func wanted(c *protocol.Command) fixed.Vec {
	v := fixed.Vec{X: topSpeed * fixed.Num(c.MoveX) / 127, Y: topSpeed * fixed.Num(c.MoveY) / 127}
	return v.AtMost(topSpeed)
}

// dash starts a burst the way the player is going, or facing if he stands. The length of a stick that is
// hardly touched is known too coarsely to be stretched at once.
func (p *mover) dash(wish fixed.Vec, tick protocol.Tick) {
	way := wish.WithLen(dashSpeed).AtMost(dashSpeed)
	if way == (fixed.Vec{}) {
		way = p.aim.Unit(dashSpeed)
	}
	p.vel = way
	p.dashEnd, p.dashReady = tick.Add(dashTicks), tick.Add(dashCooldown)
}

// brake slows by rate/256.
func (p *mover) brake(rate fixed.Num) {
	speed := p.vel.Len()
	if speed == 0 {
		p.vel = fixed.Vec{}
		return
	}
	drop := max(speed, stopSpeed) * rate >> 8
	p.vel = p.vel.WithLen(max(speed-drop, 0))
}

// accelerate gains up to rate/256 of the wanted speed along the wanted direction. Running makes nobody
// faster than topSpeed. In Quake what is gained across the way adds to the speed along it, and who steers
// left and right in turns outruns who runs straight.
func (p *mover) accelerate(wish fixed.Vec, rate fixed.Num) {
	speed := wish.Len()
	if speed == 0 {
		return
	}
	along := fixed.Num(p.vel.Dot(wish) / int64(speed))
	missing := speed - along
	if missing <= 0 {
		return
	}
	was := p.vel
	p.vel = was.Add(wish.WithLen(min(speed*rate>>8, missing)))
	if p.vel.Len2() > int64(topSpeed)*int64(topSpeed) {
		p.vel = p.vel.AtMost(max(was.Len(), topSpeed))
	}
}
