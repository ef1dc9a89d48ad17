package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// Limits of a body.
const (
	fullHealth = 100
	maxHealth  = 200
	maxArmour  = 100
	maxAmmo    = 200

	// playerRadius is half the side of the body for walls, and the radius of the disc for shots.
	playerRadius = 14 * fixed.One

	respawnDelay = 90       // ticks between a death and the next life
	safeTicks    = 90       // ticks of spawn protection
	decayEvery   = TickRate // ticks per point of health above fullHealth that is lost
	firingTicks  = 6        // ticks for which a shot shows as FlagFiring
	startHealth  = fullHealth
	startOwned   = 1 // the blaster's bit
	startWeapon  = Blaster
	lowest       = -10000 // health never goes below
)

// player is one body: all that its own prediction depends on, and nothing else. World and Predictor
// step it by the same functions, which is what makes prediction exact (the idea of Quake III's
// bg_pmove.c). Times are absolute ticks.
type player struct {
	mover
	health int32
	armour int32
	weapon uint8
	owned  uint8 // bit w-1 for weapon w
	team   uint8
	flying uint8 // of shots, how many are

	ready, fired, queued   protocol.Tick
	pressFire              uint8
	born, safeEnd, respawn protocol.Tick
	spawnAt                fixed.Vec // told
	spawnAim               fixed.Angle
	points, streak         int32 // told

	ammo  [WeaponCount]int32
	next  [WeaponCount]protocol.Tick
	shots [MaxShots]shot
}

// mover is what walking depends on and changes.
type mover struct {
	pos, vel                    fixed.Vec // vel per tick
	aim                         fixed.Angle
	alive                       bool
	pressDash                   uint8
	dashEnd, dashReady, pushEnd protocol.Tick
}

// ground is the state that all players share and each predicts: the phase and the pickups.
type ground struct {
	phase uint8
	ends  protocol.Tick
	picks [MaxPickups]protocol.Tick
}

// frozen reports whether the match stands still for its final scoreboard.
func (g *ground) frozen() bool { return g.phase == PhaseIntermission }

// safe reports whether nothing can hurt the player in that tick.
func (p *player) safe(tick protocol.Tick) bool { return tick.Sub(p.safeEnd) < 0 }

// enter begins a life at the spawn point that was told.
func (p *player) enter(tick protocol.Tick) {
	p.pos, p.vel, p.aim = p.spawnAt, fixed.Vec{}, p.spawnAim
	p.health, p.armour, p.alive = startHealth, 0, true
	p.weapon, p.owned = startWeapon, startOwned
	p.ready, p.queued, p.dashEnd, p.dashReady, p.pushEnd = tick, 0, 0, tick, 0
	p.ammo, p.next = [WeaponCount]int32{}, [WeaponCount]protocol.Tick{}
	p.born, p.safeEnd = tick, tick.Add(safeTicks)
}

// die ends a life. Shots in flight fly on.
func (p *player) die(tick protocol.Tick) {
	p.alive, p.vel, p.queued = false, fixed.Vec{}, 0
	p.respawn = tick.Add(respawnDelay)
}

// hurt takes damage off armour and health; armour bears two thirds while there is any.
func (p *player) hurt(damage int32) {
	borne := min(p.armour, damage*2/3)
	p.armour -= borne
	p.health = max(p.health-(damage-borne), lowest)
}

// push adds a velocity and loosens the player's grip on the ground for as long as it is felt: not
// at all for a blaster's nudge, a fifth of a second for a rocket.
func (p *player) push(v fixed.Vec, tick protocol.Tick) {
	p.vel = p.vel.Add(v).AtMost(maxVelocity)
	slide := min(int(v.Len()/pushPerTick), maxSlide)
	if end := tick.Add(slide); end.Sub(p.pushEnd) > 0 {
		p.pushEnd = end
	}
}

// decay lowers health above full, once a second of the match's clock.
func (p *player) decay(tick protocol.Tick) {
	if p.health > fullHealth && tick%decayEvery == 0 {
		p.health--
	}
}

// save writes the own row.
func (p *player) save(g *ground, row []int32) {
	row[OwnX], row[OwnY] = int32(p.pos.X), int32(p.pos.Y)
	row[OwnVX], row[OwnVY] = int32(p.vel.X), int32(p.vel.Y)
	row[OwnAim] = int32(p.aim)
	row[OwnHealth], row[OwnArmour] = p.health, p.armour
	row[OwnAlive] = 0
	if p.alive {
		row[OwnAlive] = 1
	}
	row[OwnWeapon], row[OwnOwned] = int32(p.weapon), int32(p.owned)
	row[OwnReady], row[OwnFired], row[OwnQueued] = int32(p.ready), int32(p.fired), int32(p.queued)
	row[OwnPressFire], row[OwnPressDash] = int32(p.pressFire), int32(p.pressDash)
	row[OwnDashEnd], row[OwnDashReady] = int32(p.dashEnd), int32(p.dashReady)
	row[OwnPushEnd] = int32(p.pushEnd)
	row[OwnBorn], row[OwnSafeEnd], row[OwnRespawn] = int32(p.born), int32(p.safeEnd), int32(p.respawn)
	row[OwnSpawnX], row[OwnSpawnY] = int32(p.spawnAt.X), int32(p.spawnAt.Y)
	row[OwnSpawnAim], row[OwnTeam] = int32(p.spawnAim), int32(p.team)
	row[OwnPhase], row[OwnPhaseEnds] = int32(g.phase), int32(g.ends)
	row[OwnPoints], row[OwnStreak] = p.points, p.streak
	for i := range WeaponCount {
		row[OwnAmmo+i], row[OwnNext+i] = p.ammo[i], int32(p.next[i])
	}
	for i := range g.picks {
		row[OwnPick+i] = int32(g.picks[i])
	}
	for i := range p.shots {
		p.shots[i].save(row[OwnShot+i*ownShotCells:][:ownShotCells])
	}
}

// load reads what save wrote. The row's fields must lie within the schema's ranges.
func (p *player) load(g *ground, row []int32) {
	p.pos = fixed.Vec{X: fixed.Num(row[OwnX]), Y: fixed.Num(row[OwnY])}
	p.vel = fixed.Vec{X: fixed.Num(row[OwnVX]), Y: fixed.Num(row[OwnVY])}
	p.aim = fixed.Angle(row[OwnAim])
	p.health, p.armour = row[OwnHealth], row[OwnArmour]
	p.alive = row[OwnAlive] != 0
	p.weapon, p.owned = uint8(row[OwnWeapon]), uint8(row[OwnOwned])
	p.ready, p.fired, p.queued = tickOf(row[OwnReady]), tickOf(row[OwnFired]), tickOf(row[OwnQueued])
	p.pressFire, p.pressDash = uint8(row[OwnPressFire]), uint8(row[OwnPressDash])
	p.dashEnd, p.dashReady = tickOf(row[OwnDashEnd]), tickOf(row[OwnDashReady])
	p.pushEnd = tickOf(row[OwnPushEnd])
	p.born, p.safeEnd = tickOf(row[OwnBorn]), tickOf(row[OwnSafeEnd])
	p.respawn = tickOf(row[OwnRespawn])
	p.spawnAt = fixed.Vec{X: fixed.Num(row[OwnSpawnX]), Y: fixed.Num(row[OwnSpawnY])}
	p.spawnAim, p.team = fixed.Angle(row[OwnSpawnAim]), uint8(row[OwnTeam])
	g.phase, g.ends = uint8(row[OwnPhase]), tickOf(row[OwnPhaseEnds])
	p.points, p.streak = row[OwnPoints], row[OwnStreak]
	for i := range WeaponCount {
		p.ammo[i], p.next[i] = row[OwnAmmo+i], tickOf(row[OwnNext+i])
	}
	for i := range g.picks {
		g.picks[i] = tickOf(row[OwnPick+i])
	}
	p.flying = 0
	for i := range p.shots {
		s := &p.shots[i]
		if s.load(row[OwnShot+i*ownShotCells:][:ownShotCells]); s.weapon != 0 {
			p.flying++
		}
	}
}

// end takes a shot out of its slot and returns it.
func (p *player) end(s *shot) shot {
	gone := *s
	s.weapon = 0
	p.flying--
	return gone
}

// tickOf reads a tick from a row's cell.
func tickOf(v int32) protocol.Tick { return protocol.Tick(uint32(v)) }
