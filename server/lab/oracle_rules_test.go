package lab

import (
	"math"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/protocol"
)

// The rules of the arena, lengths in 1/256 unit and times in ticks, what is about shots in 1/16 unit. Weapons
// are as arena.WeaponInfo says.
const (
	ruleRun      = 300 * 256 / 60 // speed of a runner
	ruleDash     = 900 * 256 / 60 // while a dash lasts
	ruleDashExit = 420 * 256 / 60 // after it, to be braked
	ruleDashing  = 8
	ruleDashGap  = 90 // from one dash to the next
	ruleGrip     = 1 - 44./256
	ruleSliding  = 1 - 7./256 // of those who were pushed
	ruleSlide    = 12
	rulePush     = 620 * 256 / 60 // by an explosion
	ruleBody     = 14 * 16        // radius, 1/16 unit
	ruleDead     = 90
	ruleSafe     = 90 // of a life, for who does not fire
	ruleSwitch   = 12
	ruleLate     = 16 // a command may still fire
	ruleRewind   = 46 // and be judged by what was seen then
	ruleLead     = 6  // a projectile is older than its shot
	ruleAstray   = 24 * 16
	ruleReach    = 26 * 16 // of pickups
)

// rules are the names of what is checked.
var rules = []string{
	"pace", "command", "future", "rewind", "back", // what is let through
	"spawn", "respawn", "speed", "dash", // where players are
	"dead", "refire", "switch", "owned", "ammo", "lead", "origin", // what they fire
	"aim", "past", "range", "wall", "protected", "damage", "bolts", // whom it hits
	"pickup", // what they take
}

// paced: a tick follows another, and no sooner than time does.
func (o *oracle) paced(m *beat) {
	if o.first == nil {
		o.first = m
		return
	}
	ticks := m.tick.Sub(o.first.tick)
	if m.tick != o.last.tick+1 || protocol.Micros(ticks-1)*protocol.Second/arena.TickRate > m.at-o.first.at {
		o.blame("pace", m, 0, "%d ticks in %d µs", ticks, m.at-o.first.at)
	}
}

// commanded: one command for each tick, late ones once and in order, and none that has seen what was yet
// to come or is long gone.
func (o *oracle) commanded(m *beat, a *actor, l *ledger) {
	take := func(c *protocol.Command, clamp game.Clamp) {
		if c.Tick.Sub(l.taken) <= 0 || m.tick.Sub(c.Tick) > ruleLate || c.Tick.Sub(m.tick) > 0 {
			o.blame("command", m, a.id, "for tick %d after one for %d", c.Tick, l.taken)
		}
		l.taken = c.Tick
		if c.View.A == 0 || clamp == game.ClampAbsent {
			return
		}
		v := moment(c.View)
		if v > int64(max(c.Tick-1, 1))<<8 {
			o.blame("future", m, a.id, "a command for tick %d has seen %.2f", c.Tick, float64(v)/256)
		}
		if int64(m.tick)<<8-v > ruleRewind<<8 {
			o.blame("rewind", m, a.id, "%.2f ticks", float64(int64(m.tick)<<8-v)/256)
		}
		if v < l.view {
			o.blame("back", m, a.id, "from %.2f to %.2f", float64(l.view)/256, float64(v)/256)
		}
		l.view = v
	}
	for i := range a.in.Late {
		take(&a.in.Late[i].Command, a.in.Late[i].Clamp)
	}
	if a.in.Clamp != game.ClampAbsent {
		take(&a.in.Command, a.in.Clamp)
	}
	if a.in.Command.Tick != m.tick {
		o.blame("command", m, a.id, "is for tick %d", a.in.Command.Tick)
	}
}

// lives: a life begins at a spawn point, a while after the last one ended.
func (o *oracle) lives(m *beat, a *actor, l *ledger) {
	born := protocol.Tick(uint32(a.own[arena.OwnBorn]))
	if born == l.born {
		return
	}
	if l.died != 0 && m.tick.Sub(l.died) < ruleDead {
		o.blame("respawn", m, a.id, "%d ticks after the death", m.tick.Sub(l.died))
	}
	far := math.Inf(1)
	for i := range o.spawns {
		at := o.spawns[i].At
		far = min(far, math.Hypot(float64(a.own[arena.OwnX])-float64(at.X), float64(a.own[arena.OwnY])-float64(at.Y)))
	}
	if far > ruleDash+8 || born != m.tick {
		o.blame("spawn", m, a.id, "%.1f units from any spawn point", far/256)
	}
	*l = ledger{
		trail: l.trail, taken: l.taken, view: l.view, bolts: l.bolts, gain: l.gain,
		alive: true, born: born, safe: born.Add(ruleSafe),
	}
}

// moves: nobody is faster than he runs, but for a dash and what he was pushed.
func (o *oracle) moves(m *beat, a *actor, l *ledger) {
	limit := ruleRun + l.push
	for range m.of(arena.EventDash, a.id) {
		if l.dashed != 0 && m.tick.Sub(l.dashed) < ruleDashGap {
			o.blame("dash", m, a.id, "%d ticks after the last", m.tick.Sub(l.dashed))
		}
		l.dashed, l.push = m.tick, 0
		l.gain.dashes++
	}
	dashing := l.dashed != 0 && m.tick.Sub(l.dashed) <= ruleDashing
	switch {
	case dashing && m.tick.Sub(l.dashed) == ruleDashing:
		l.push = ruleDashExit - ruleRun
		limit = ruleDashExit
	case dashing:
		limit = ruleDash + l.push
	}
	was, ok := l.at(m.tick - 1)
	if !l.alive || !ok || was.born != l.born {
		return
	}
	is := a.spot(m.tick, l.born)
	step := math.Hypot(is.exactX-was.exactX, is.exactY-was.exactY)
	if o.cornered(was, limit/16) {
		limit *= 1.25 // for a tick or two: see tilemap.Map.Slide
	}
	if step > (limit+4)/16 {
		o.blame("speed", m, a.id, "%.2f units in a tick, %.2f allowed", step/16, limit/256)
	}
	switch {
	case dashing:
	case m.tick.Sub(l.slide) < 0:
		l.push *= ruleSliding
	default:
		l.push *= ruleGrip
	}
	l.gain.walked(m.tick, step/16)
}

// walked adds a step.
func (g *gain) walked(t protocol.Tick, step float64) {
	i := t % arena.TickRate
	g.sum += step - g.steps[i]
	g.steps[i] = step
	g.way += step
	g.second = max(g.second, g.sum)
}

// shoots: each shot needs a command that may fire it. Of rays the authority says which it was. Of other
// shots it is the earliest that could be, so that some honest play must be able to have done the same.
func (o *oracle) shoots(m *beat, a *actor, l *ledger) {
	verdicts := m.told(game.Verdict, a.id)
	for _, e := range m.of(arena.EventFired, a.id) {
		w := uint8(e.Args[1])
		info, ticks := arena.WeaponInfo(w), a.ticks(m)
		if info.Pellets > 0 && len(verdicts) > 0 {
			ticks, verdicts = []protocol.Tick{protocol.Tick(uint32(verdicts[0].Args[0]))}, verdicts[1:]
		}
		c, why := m.tick, "command"
		for _, t := range ticks {
			if why = l.mayFire(w, t); why == "" {
				c = t
				break
			}
		}
		if why != "" {
			o.blame(why, m, a.id, "a %s by commands for %v, after a %s in tick %d", info.Name, ticks, arena.WeaponInfo(l.weapon).Name, l.fired)
		}
		o.aims(m, a, l, e)
		o.fired[e] = c
		l.fired, l.weapon, l.next[w] = c, w, c.Add(info.Refire)
		if c.Sub(l.safe) < 0 {
			l.safe = c
		}
		l.gain.shots++
		if w == arena.Plasma {
			l.bolts++
		}
		if info.MaxAmmo > 0 {
			l.ammo[w]--
		}
	}
	for i := range arena.MaxShots {
		s := a.own[arena.OwnShot+i*(arena.OwnShotBorn+1):]
		t0, born := protocol.Tick(uint32(s[arena.OwnShotT0])), protocol.Tick(uint32(s[arena.OwnShotBorn]))
		if s[arena.OwnShotWeapon] != 0 && born.Sub(t0) > ruleLead {
			o.blame("lead", m, a.id, "a shot is %d ticks older than its command", born.Sub(t0))
		}
	}
}

// ticks returns those of the commands that a player gave, oldest first.
func (a *actor) ticks(m *beat) (ts []protocol.Tick) {
	for i := range a.in.Late {
		ts = append(ts, a.in.Late[i].Command.Tick)
	}
	return append(ts, m.tick)
}

// mayFire returns which rule speaks against a shot by a command of that tick, "" for none.
func (l *ledger) mayFire(w uint8, t protocol.Tick) string {
	switch {
	case !l.alive || t.Sub(l.born) < 0:
		return "dead"
	case t.Sub(l.next[w]) < 0 || l.fired != 0 && t.Sub(l.fired) <= 0:
		return "refire"
	case l.fired != 0 && w != l.weapon && t.Sub(l.fired) < max(ruleSwitch, arena.WeaponInfo(l.weapon).Recover):
		return "switch"
	case w == arena.Blaster:
		return ""
	case l.owned[w] == 0 || t.Sub(l.owned[w]) < ruleSwitch:
		return "owned"
	case l.ammo[w] <= 0 || t.Sub(l.loaded[w]) <= 0:
		return "ammo"
	}
	return ""
}

// aims: a shot leaves from where its player was to be seen, or not far from it.
func (o *oracle) aims(m *beat, a *actor, l *ledger, e *game.Event) {
	near := math.Inf(1)
	for _, t := range a.ticks(m) {
		if s, ok := l.at(t); ok {
			near = min(near, math.Hypot(float64(e.Args[2])-s.x, float64(e.Args[3])-s.y))
		}
	}
	if near > ruleAstray+1 {
		o.blame("origin", m, a.id, "a shot from %.1f units away", near/16)
	}
}

// hits: a ray hits who was to be seen on it at the view, in range and before any wall, for the
// damage that its weapon does.
func (o *oracle) hits(m *beat) {
	dealt := map[[2]protocol.PlayerID]int{}
	for i := range m.shots {
		s := &m.shots[i]
		if s.Target == 0 {
			continue
		}
		info, l := arena.WeaponInfo(s.Weapon), o.ledgers[s.Shooter]
		if most := info.Damage * info.Pellets; int(s.Damage) > most {
			o.blame("damage", m, s.Shooter, "%d by a %s, which does %d", s.Damage, info.Name, most)
		}
		dealt[[2]protocol.PlayerID{s.Shooter, s.Target}] += int(s.Damage)
		view := s.View
		if view.A == 0 {
			view = protocol.View{A: m.tick - 1, B: m.tick - 1}
		}
		if s.Damage > 0 {
			l.gain.rewound = max(l.gain.rewound, float64(int64(m.tick)<<8-moment(view))/256)
		}
		if off := o.ledgers[s.Target].seen(view, float64(s.RewoundX), float64(s.RewoundY)); off > 2 {
			o.blame("past", m, s.Shooter, "player %d was hit %.1f units from where he was to be seen", s.Target, off/16)
		}
		why := "aim"
		for _, e := range m.of(arena.EventFired, s.Shooter) {
			if uint8(e.Args[1]) != s.Weapon {
				continue
			}
			for _, ray := range e.Args[4:e.N] {
				switch w := o.strikes(e, ray, s); {
				case w == "" && s.Damage > 0 && o.fired[e].Sub(o.ledgers[s.Target].safe) < 0:
					why = "protected"
				case w == "" || why == "aim":
					why = w
				}
			}
		}
		if why != "" {
			o.blame(why, m, s.Shooter, "no ray of a %s may hit player %d", info.Name, s.Target)
		}
	}
	o.wounds(m, dealt)
}

// strikes returns which rule speaks against a ray hitting the target of a shot, "" for none.
func (o *oracle) strikes(e *game.Event, ray int32, s *game.Shot) string {
	angle, _ := arena.UnpackRay(ray)
	turn := float64(angle) * 2 * math.Pi / 65536
	x, y := float64(e.Args[2]), float64(e.Args[3])
	dx, dy := float64(s.RewoundX)-x, float64(s.RewoundY)-y
	along, off := dx*math.Cos(turn)+dy*math.Sin(turn), math.Abs(dy*math.Cos(turn)-dx*math.Sin(turn))
	if math.Hypot(dx, dy) <= ruleBody { // point-blank
		return ""
	}
	if off > ruleBody+8 || along < 0 {
		return "aim"
	}
	way := along - math.Sqrt(max(ruleBody*ruleBody-off*off, 0))
	if way > float64(arena.WeaponInfo(s.Weapon).Range)/16+8 {
		return "range"
	}
	if o.walled(x, y, x+way*math.Cos(turn), y+way*math.Sin(turn)) {
		return "wall"
	}
	return ""
}

// wounds: nobody is hurt more than by what was shot at him.
func (o *oracle) wounds(m *beat, dealt map[[2]protocol.PlayerID]int) {
	for i := range m.events {
		e := &m.events[i]
		if e.Kind != arena.EventHit {
			continue
		}
		l, w, damage := o.ledgers[e.To], uint8(e.Args[3]), int(e.Args[1])
		l.gain.damage += damage
		l.gain.kills += int(e.Args[2])
		pair := [2]protocol.PlayerID{e.To, protocol.PlayerID(e.Args[0])}
		info := arena.WeaponInfo(w)
		switch {
		case info.Pellets > 0:
			if dealt[pair] -= damage; dealt[pair] < 0 {
				o.blame("damage", m, e.To, "%d by a %s that no shot accounts for", damage, info.Name)
			}
		case damage > max(info.Damage, info.SplashDamage):
			o.blame("damage", m, e.To, "%d by a %s", damage, info.Name)
		case w == arena.Plasma:
			if l.bolts--; l.bolts < 0 {
				o.blame("bolts", m, e.To, "more have hit than were fired")
			}
		}
	}
}

// collects: what is taken was there and near, and nobody has ammunition that he did not take.
func (o *oracle) collects(m *beat, a *actor, l *ledger) {
	for _, e := range m.of(arena.EventPickup, a.id) {
		p := &o.picks[e.Args[1]]
		far := math.Hypot(wire(a.own[arena.OwnX])-float64(p.At.X)/16, wire(a.own[arena.OwnY])-float64(p.At.Y)/16)
		if far > ruleReach+2 || m.tick.Sub(o.back[e.Args[1]]) < 0 {
			o.blame("pickup", m, a.id, "item %d is %.1f units away and there from tick %d on", e.Args[1], far/16, o.back[e.Args[1]])
		}
		o.back[e.Args[1]] = m.tick.Add(p.Respawn())
		if w := p.Weapon; w != 0 {
			if p.Kind == arena.PickWeapon && l.owned[w] == 0 {
				l.owned[w] = m.tick
			}
			if l.ammo[w] == 0 {
				l.loaded[w] = m.tick
			}
			l.ammo[w] = min(l.ammo[w]+arena.WeaponInfo(w).Ammo, arena.WeaponInfo(w).MaxAmmo)
		}
	}
	for w := arena.Shotgun; w <= arena.WeaponCount; w++ {
		if has := a.own[arena.OwnAmmo+int(w)-1]; l.alive && int(has) != l.ammo[w] {
			o.blame("ammo", m, a.id, "%d for the %s, %d were taken and not fired", has, arena.WeaponInfo(w).Name, l.ammo[w])
		}
	}
}

// suffers takes in what was done to a player: it pushes him, and may end his life.
func (o *oracle) suffers(m *beat, a *actor, l *ledger) {
	for _, e := range m.told(arena.EventHurt, a.id) {
		info := arena.WeaponInfo(uint8(e.Args[3]))
		push := max(float64(info.Push)*float64(max(info.Pellets, 1)), 0)
		if info.Splash > 0 {
			push = rulePush
		}
		l.push += push
		l.slide = m.tick.Add(ruleSlide)
	}
	if alive := a.own[arena.OwnAlive] != 0; l.alive && !alive {
		l.alive, l.died = false, m.tick
		l.trail[m.tick%64].born = 0
	}
}
