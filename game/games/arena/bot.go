package arena

import (
	"fmt"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
)

// Bot plays the arena. It knows what a client's screen and headphones tell it and answers what a
// client sends: it has no other way to aim, move or fire, reacts late, turns at a limited rate and
// misses. Skill makes all of these better; see skills.
//
// A tick of its mind:
//
//	bot_senses.go  what is seen (never through walls) and heard, and what is remembered of it
//	bot_goal.go    what it wants: health, a weapon, that enemy
//	bot_fight.go   whom to fight, with what, and when to pull the trigger
//	bot_aim.go     where the crosshair goes
//	bot_steer.go   where the feet go, past walls and projectiles; nav_*.go finds the way
//
// It is deterministic: equal arguments and equal sights give equal commands. After warm-up a Think
// allocates nothing, and its cost is bounded on every map.
type Bot struct {
	rules *rules
	me    protocol.PlayerID
	skill *skill
	rand  rng.Rand
	seed  uint64

	// As told by this tick's Sight.
	tick    protocol.Tick
	elapsed int // ticks since the last Think, 1 to maxElapsed: a bot of a crowd does not think in each
	body    player
	ground  ground

	senses senses
	goal   goal
	fight  fight
	aim    aim
	feet   feet
	route  route
}

// NewBot is the arena's game.Definition.NewBot.
func NewBot(start []byte, me protocol.PlayerID, skill int, seed uint64) (game.Bot, error) {
	r, err := newRules(start)
	if err != nil {
		return nil, err
	}
	return newBot(r, me, skill, seed)
}

// Sibling implements game.Sibling.
func (b *Bot) Sibling(me protocol.PlayerID, skill int, seed uint64) (game.Bot, error) {
	return newBot(b.rules, me, skill, seed)
}

func newBot(r *rules, me protocol.PlayerID, skill int, seed uint64) (game.Bot, error) {
	if skill < MinSkill || skill > MaxSkill {
		return nil, fmt.Errorf("arena: bot of skill %d, want %d to %d", skill, MinSkill, MaxSkill)
	}
	return &Bot{
		rules: r, me: me, skill: &skills[skill], seed: seed,
		rand: rng.New(rng.Mix(seed, uint64(me), uint64(skill))), route: newRoute(r.field),
	}, nil
}

// maxElapsed bounds the ticks that a Think makes up for.
const maxElapsed = 8

// Think returns the command for s.Tick.
func (b *Bot) Think(s *game.Sight) protocol.Command {
	wasBorn := b.body.born
	b.elapsed = 1
	if b.tick != 0 {
		b.elapsed = min(max(s.Tick.Sub(b.tick), 1), maxElapsed)
	}
	b.tick = s.Tick
	b.body.load(&b.ground, s.Own)
	if b.body.born != wasBorn {
		b.awake()
	}
	b.look(s.Scene)
	b.listen(s.Events)
	// The counters go on from what the match has seen, also after taking over someone's seat.
	c := protocol.Command{Tick: s.Tick, Aim: uint16(b.body.aim), Press: [2]uint8{b.body.pressFire, b.body.pressDash}}
	if !b.body.alive || b.ground.frozen() {
		return c
	}
	b.choose()
	b.decide()
	b.route.to(b.body.pos, b.goal.at, b.tick)
	b.steer(&c)
	b.take(&c)
	return c
}

// awake begins a life: nothing that was planned in the last one holds.
func (b *Bot) awake() {
	b.route.forget()
	b.goal, b.fight, b.feet = goal{}, fight{}, feet{}
	b.aim = aim{at: b.body.aim}
}

// spread returns a number from -n to n, most often near 0.
func (b *Bot) spread(n int) int {
	up := b.rand.Intn(n + 1)
	return up - b.rand.Intn(n+1)
}

// eye is where the bot looks and shoots from in this tick.
func (b *Bot) eye() fixed.Vec { return b.body.pos.Add(b.body.vel) }
