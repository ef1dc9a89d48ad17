package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

const (
	sightEvery   = 3               // ticks between two looks at the same enemy: a look is a ray
	sightX       = 1000 * 256      // Num to the edge of the screen
	sightY       = 700 * 256       //
	hearing      = 800 * 256       // Num at which a shot is heard
	memory       = 5 * TickRate    // ticks for which someone unseen is still looked for
	maxThreats   = 12              // projectiles that are watched at a time
	velocityMix  = 4               // a new velocity counts one part in so many
	threatRange  = 500 * fixed.One // projectiles farther away are no concern
	maxDrawnStep = 40 * fixed.One  // a longer way between two ticks is no walk
)

// senses is what the bot knows of others.
type senses struct {
	tracks  [tracks]track
	none    track // what is known of one of whom nothing is
	threats [maxThreats]threat
	threat  int // how many
	hurtBy  protocol.PlayerID
	hurtAt  protocol.Tick
}

// tracks is of how many enemies a bot knows something. Whose ids are equal modulo that share a place, and
// who is in sight keeps it: nobody does in a small match, and few meet in a crowd.
const tracks = MaxPlayers + 1

// of returns what is known of an enemy.
func (s *senses) of(id protocol.PlayerID) *track {
	if t := &s.tracks[id%tracks]; t.id == id {
		return t
	}
	s.none = track{}
	return &s.none
}

// track is what is known of one enemy.
type track struct {
	id      protocol.PlayerID
	birth   protocol.Tick
	drawn   protocol.Tick // last on the screen, be it behind a wall
	since   protocol.Tick // in sight without a break
	seen    protocol.Tick // last in sight, or heard; 0 is never
	visible bool
	at, vel fixed.Vec // as drawn; velocity per tick
	health  int32     // tenths
	flags   int32
}

// threat is an enemy's projectile on the screen.
type threat struct {
	at, vel fixed.Vec
	weapon  uint8
}

// look takes in the screen.
func (b *Bot) look(scene *delta.Snapshot) {
	s := &b.senses
	s.threat = 0
	ents := scene.Entities()
	for i := range ents {
		switch e := &ents[i]; {
		case isTarget(e, b.me, b.body.team):
			b.lookAt(e)
		case e.Kind == KindShot && e.Owner != b.me:
			b.watch(e)
		}
	}
	for i := range s.tracks {
		if t := &s.tracks[i]; t.drawn != b.tick {
			t.visible = false
		}
	}
}

// lookAt follows one enemy. Where he goes is only learnt while he is in sight.
func (b *Bot) lookAt(e *delta.Entity) {
	t, at := &b.senses.tracks[e.Owner%tracks], seenAt(e)
	if t.id != e.Owner && t.visible {
		return
	}
	if t.id != e.Owner || t.birth != e.Birth {
		*t = track{id: e.Owner, birth: e.Birth}
	}
	was, gap := t.visible, b.tick.Sub(t.drawn)
	if gap <= 0 || gap > sightEvery || b.due(e.Owner) {
		d := at.Sub(b.body.pos)
		t.visible = fixed.Abs(d.X) < sightX && fixed.Abs(d.Y) < sightY && b.rules.field.Sight(b.body.pos, at)
	}
	t.drawn = b.tick
	if !t.visible {
		return
	}
	switch step := at.Sub(t.at); {
	case !was:
		t.since, t.vel = b.tick, fixed.Vec{}
	case gap > 0 && fixed.Abs(step.X) < maxDrawnStep && fixed.Abs(step.Y) < maxDrawnStep:
		t.vel.X += (step.X/fixed.Num(gap) - t.vel.X) / velocityMix
		t.vel.Y += (step.Y/fixed.Num(gap) - t.vel.Y) / velocityMix
	}
	t.at, t.seen = at, b.tick
	t.health, t.flags = e.Row[PlayerHealth], e.Row[PlayerFlags]
}

// due spreads the looks at many enemies over the ticks.
func (b *Bot) due(id protocol.PlayerID) bool { return (uint32(b.tick)+uint32(id))%sightEvery == 0 }

// watch notes a projectile, if this bot is one to notice it.
func (b *Bot) watch(e *delta.Entity) {
	s := &b.senses
	if s.threat == maxThreats || b.body.team != TeamNone && uint8(e.Row[ShotTeam]) == b.body.team {
		return
	}
	if rng.Pick(rng.Mix(b.seed, uint64(e.ID), uint64(e.Birth)), 100) >= b.skill.dodge {
		return
	}
	t := threat{
		at:     fixed.Vec{X: fixed.FromWire(e.Row[ShotX]), Y: fixed.FromWire(e.Row[ShotY])},
		vel:    fixed.Vec{X: fixed.Num(e.Row[ShotVX]), Y: fixed.Num(e.Row[ShotVY])},
		weapon: uint8(e.Row[ShotWeapon]),
	}
	d := b.body.pos.Sub(t.at)
	if d.Dot(t.vel) > 0 && fixed.Abs(d.X) < threatRange && fixed.Abs(d.Y) < threatRange {
		s.threats[s.threat] = t
		s.threat++
	}
}

// listen takes in the events.
func (b *Bot) listen(events []protocol.Event) {
	s := &b.senses
	for i := range events {
		e := &events[i]
		switch e.Kind {
		case EventHurt:
			if id := e.Args[0]; id > 0 && id <= MaxCrowd && protocol.PlayerID(id) != b.me {
				s.hurtBy, s.hurtAt = protocol.PlayerID(id), b.tick
				b.hear(s.hurtBy, s.of(s.hurtBy).at)
			}
		case EventFired:
			if id := e.Args[0]; id > 0 && id <= MaxCrowd && protocol.PlayerID(id) != b.me {
				at := fixed.Vec{X: fixed.FromWire(e.Args[2]), Y: fixed.FromWire(e.Args[3])}
				if d := at.Sub(b.body.pos); d.Len2() < hearing*hearing {
					b.hear(protocol.PlayerID(id), at)
				}
			}
		case EventKill:
			if id := e.Args[1]; id > 0 && id <= MaxCrowd {
				t := s.of(protocol.PlayerID(id))
				t.seen, t.visible = 0, false
			}
		}
	}
}

// hear notes where someone is who is not in sight. Who is no enemy was never drawn as one.
func (b *Bot) hear(id protocol.PlayerID, at fixed.Vec) {
	if t := b.senses.of(id); !t.visible && t.drawn != 0 && at != (fixed.Vec{}) {
		t.at, t.vel, t.seen = at, fixed.Vec{}, b.tick
	}
}

// noticed reports whether an enemy in sight has been so for as long as it takes to react, which is
// half as long for whoever has just hurt the bot.
func (b *Bot) noticed(id protocol.PlayerID) bool {
	t, react := b.senses.of(id), b.skill.react
	if b.senses.hurtBy == id && b.tick.Sub(b.senses.hurtAt) < TickRate {
		react /= 2
	}
	return t.visible && b.tick.Sub(t.since) >= react
}
