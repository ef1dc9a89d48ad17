package lab

import (
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// trace is what an oracle saw of a match: beat i is that of tick i+1.
type trace []*beat

// forgeries change the trace of an honest match as a cheat that worked would have, one for every rule.
// Each may break others as well.
var forgeries = map[string]func(tr trace, o *oracle){
	"pace": func(tr trace, _ *oracle) {
		for _, m := range tr[300:] {
			m.at -= protocol.Second
		}
	},
	"command": func(tr trace, _ *oracle) {
		a := tr.at(300, 1)
		a.in.Late = append(a.in.Late, game.Late{Command: protocol.Command{Tick: 299}})
	},
	"future": func(tr trace, _ *oracle) { tr.look(300, 0) },
	"rewind": func(tr trace, _ *oracle) { tr.look(300, ruleRewind+1) },
	"back":   func(tr trace, _ *oracle) { tr.look(300, 1); tr.look(301, 30) },
	"respawn": func(tr trace, _ *oracle) {
		m, a := tr.find(func(m *beat, a *actor) bool { return tr.died(m, a) })
		next := tr.at(m.tick+5, a.id)
		next.own[arena.OwnAlive], next.own[arena.OwnBorn] = 1, int32(m.tick+5)
	},
	"spawn": func(tr trace, _ *oracle) {
		_, a := tr.find(func(m *beat, a *actor) bool { return a.own[arena.OwnBorn] == int32(m.tick) })
		a.own[arena.OwnX] += int32(fixed.FromInt(100))
	},
	"speed": func(tr trace, _ *oracle) {
		_, a := tr.find(func(m *beat, a *actor) bool { return m.tick > 300 && tr.lives(m, a, 1) })
		a.own[arena.OwnX] += int32(fixed.FromInt(17))
	},
	"dash": func(tr trace, _ *oracle) {
		m, e := tr.event(arena.EventDash, func(m *beat, e *game.Event) bool {
			return tr.lives(tr[m.tick+79], tr.at(m.tick+80, protocol.PlayerID(e.Args[0])), 80)
		})
		tr.add(m.tick+ruleDashGap-1, *e)
	},
	"dead": func(tr trace, _ *oracle) {
		m, a := tr.find(tr.died)
		tr.fire(m.tick+5, a.id, arena.Blaster)
	},
	"refire": func(tr trace, _ *oracle) {
		m, id := tr.shot(arena.Rocket)
		tr.fire(m.tick+47, id, arena.Rocket)
	},
	"switch": func(tr trace, _ *oracle) {
		m, id := tr.shot(arena.Rocket)
		tr.fire(m.tick+35, id, arena.Blaster)
	},
	"owned": func(tr trace, _ *oracle) {
		_, e := tr.event(arena.EventFired, func(*beat, *game.Event) bool { return true })
		e.Args[1] = int32(arena.Rail)
	},
	"ammo": func(tr trace, _ *oracle) {
		_, a := tr.find(func(_ *beat, a *actor) bool { return a.own[arena.OwnAmmo+int(arena.Rocket)-1] > 0 })
		a.own[arena.OwnAmmo+int(arena.Rocket)-1]++
	},
	"lead": func(tr trace, _ *oracle) {
		_, a := tr.find(func(_ *beat, a *actor) bool { return a.own[arena.OwnShot+arena.OwnShotWeapon] != 0 })
		a.own[arena.OwnShot+arena.OwnShotT0] = a.own[arena.OwnShot+arena.OwnShotBorn] - ruleLead - 1
	},
	"origin": func(tr trace, _ *oracle) {
		_, e := tr.event(arena.EventFired, func(*beat, *game.Event) bool { return true })
		e.Args[2] += ruleAstray + 16
	},
	"damage": func(tr trace, _ *oracle) { tr.hit().Damage = 8 },
	"bolts": func(tr trace, _ *oracle) {
		for range 9 {
			tr.add(300, game.Event{To: 1, Event: protocol.NewEvent(arena.EventHit, 2, 18, 0, int32(arena.Plasma))})
		}
	},
	"past": func(tr trace, _ *oracle) { tr.hit().RewoundY += 8 },
	"aim":  func(tr trace, _ *oracle) { tr.ray(tr.hit()).Args[4] += 0x0800 << 16 },
	"range": func(tr trace, _ *oracle) {
		e := tr.ray(tr.hit())
		angle, _ := arena.UnpackRay(e.Args[4])
		back := angle.Unit(arena.WeaponInfo(arena.Blaster).Range)
		e.Args[2], e.Args[3] = e.Args[2]-back.X.Wire(), e.Args[3]-back.Y.Wire()
	},
	"wall": func(_ trace, o *oracle) {
		m := *o.field
		m.Tiles = slices.Clone(m.Tiles)
		for x := range m.W {
			for y := x % 2; y < m.H; y += 2 {
				m.Tiles[y*m.W+x] = tilemap.Wall
			}
		}
		o.field = &m
	},
	"protected": func(tr trace, _ *oracle) {
		s := tr.hit()
		for _, m := range tr[s.Tick-3 : s.Tick+5] { // born anew three ticks before it was hit
			tr.at(m.tick, s.Target).own[arena.OwnBorn] = int32(s.Tick - 2)
		}
	},
	"pickup": func(tr trace, o *oracle) {
		_, e := tr.event(arena.EventPickup, func(*beat, *game.Event) bool { return true })
		e.Args[1] = (e.Args[1] + 1) % int32(len(o.picks))
	},
}

// An oracle that could not fail would prove nothing: it sees each rule broken in the trace of an honest
// match in which it saw none broken.
func TestTheOracleNoticesEveryBreach(t *testing.T) {
	st, seen := armoury(), &oracle{keep: true}
	st.run(t, nil, clean(50), seen)
	for _, rule := range rules {
		forge := forgeries[rule]
		if forge == nil {
			t.Errorf("nobody breaks the rule %q", rule)
			continue
		}
		tr, o := seen.trace.clone(), &oracle{}
		if err := o.begin(st.rotation.Match(0, 0).Blob); err != nil {
			t.Fatal(err)
		}
		forge(tr, o)
		for _, m := range tr {
			o.see(m)
		}
		if !slices.ContainsFunc(o.faults, func(f fault) bool { return f.rule == rule }) {
			t.Errorf("the rule %q was broken and nobody noticed; but %v", rule, o.faults)
		}
	}
	if len(forgeries) != len(rules) {
		t.Errorf("%d rules are broken, of %d", len(forgeries), len(rules))
	}
}

func (tr trace) clone() trace {
	all := make(trace, len(tr))
	for i, m := range tr {
		c := *m
		c.actors, c.events, c.shots = slices.Clone(m.actors), slices.Clone(m.events), slices.Clone(m.shots)
		for j := range c.actors {
			c.actors[j].own = slices.Clone(c.actors[j].own)
		}
		all[i] = &c
	}
	return all
}

// at returns a player in a tick.
func (tr trace) at(t protocol.Tick, id protocol.PlayerID) *actor {
	as := tr[t-1].actors
	return &as[slices.IndexFunc(as, func(a actor) bool { return a.id == id })]
}

// find returns the first of all players in all ticks of whom f holds. It panics if there is none: then
// the match must be a longer one.
func (tr trace) find(f func(m *beat, a *actor) bool) (*beat, *actor) {
	for _, m := range tr {
		for i := range m.actors {
			if f(m, &m.actors[i]) {
				return m, &m.actors[i]
			}
		}
	}
	panic("lab: nobody did that")
}

// event returns the first event of a kind that everybody was told and of which f holds.
func (tr trace) event(kind uint8, f func(m *beat, e *game.Event) bool) (*beat, *game.Event) {
	for _, m := range tr {
		for i := range m.events {
			if e := &m.events[i]; e.Kind == kind && e.To == 0 && f(m, e) {
				return m, e
			}
		}
	}
	panic("lab: that never happened")
}

// lives reports that a player has been alive for so many ticks.
func (tr trace) lives(m *beat, a *actor, ticks int) bool {
	born := protocol.Tick(uint32(a.own[arena.OwnBorn]))
	return a.own[arena.OwnAlive] != 0 && m.tick.Sub(born) >= ticks
}

// died reports that a player has just died.
func (tr trace) died(m *beat, a *actor) bool {
	return a.own[arena.OwnAlive] == 0 && m.tick > 300 && tr.at(m.tick-1, a.id).own[arena.OwnAlive] != 0
}

// shot returns the first shot of a weapon whose player lives on for a second.
func (tr trace) shot(weapon uint8) (*beat, protocol.PlayerID) {
	m, e := tr.event(arena.EventFired, func(m *beat, e *game.Event) bool {
		id := protocol.PlayerID(e.Args[0])
		return e.Args[1] == int32(weapon) && tr.lives(tr[m.tick+59], tr.at(m.tick+60, id), 60)
	})
	return m, protocol.PlayerID(e.Args[0])
}

// hit returns the first hit of a blaster.
func (tr trace) hit() *game.Shot {
	for _, m := range tr {
		for i := range m.shots {
			if s := &m.shots[i]; s.Damage > 0 && s.Weapon == arena.Blaster {
				return s
			}
		}
	}
	panic("lab: nobody was hit")
}

// ray returns the event of a shot.
func (tr trace) ray(s *game.Shot) *game.Event { return tr[s.Tick-1].of(arena.EventFired, s.Shooter)[0] }

// look has the first player see what was so many ticks ago.
func (tr trace) look(t protocol.Tick, ago int) {
	in := &tr.at(t, 1).in
	in.Clamp, in.Command.View = game.ClampNone, protocol.View{A: t.Add(-ago), B: t.Add(-ago)}
}

func (tr trace) add(t protocol.Tick, e game.Event) { tr[t-1].events = append(tr[t-1].events, e) }

// fire adds a shot of a projectile, or of a ray that hits nobody.
func (tr trace) fire(t protocol.Tick, id protocol.PlayerID, weapon uint8) {
	own := tr.at(t, id).own
	tr.add(t, game.Event{Event: protocol.NewEvent(arena.EventFired, int32(id), int32(weapon), own[arena.OwnX]>>4, own[arena.OwnY]>>4)})
}
