package arena

import (
	"fmt"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// predictor is one player's own part of the arena. It implements game.Predictor.
type predictor struct {
	rules  *rules
	me     protocol.PlayerID
	tick   protocol.Tick
	player player
	ground ground

	// Scratch of one tick.
	out   outcome
	tally tally
}

// NewPredictor makes the client's half of the rules.
func NewPredictor(start []byte, me protocol.PlayerID) (game.Predictor, error) {
	r, err := newRules(start)
	if err != nil {
		return nil, err
	}
	if me == 0 || int(me) > r.seats() {
		return nil, fmt.Errorf("%w: player %d, want 1 to %d", ErrStart, me, r.seats())
	}
	return &predictor{rules: r, me: me, ground: r.opening(), player: player{weapon: startWeapon}}, nil
}

// Load sets the state to an own row.
func (q *predictor) Load(t protocol.Tick, own []int32) {
	q.tick = t
	q.player.load(&q.ground, own)
}

// Save fills an own row.
func (q *predictor) Save(own []int32) { q.player.save(&q.ground, own) }

// Step runs the stages of World.Step for one player.
func (q *predictor) Step(g *game.Guess) {
	p, c := &q.player, &g.Command
	q.tick, q.out = c.Tick, outcome{}
	q.rules.begin(q.me, p, &q.ground, q.tick, &q.out)
	q.rules.walk(&p.mover, &q.ground, c, q.tick, &q.out)
	if q.out.dashed {
		g.Emit(dashed(q.me, p))
	}
	q.rules.shoot(q.me, p, &q.ground, c, q.tick, &q.out)
	q.show(g)
	q.fly(g)
	q.rules.collect(p, &q.ground, q.tick, &q.out)
	for i := 0; q.out.taken>>i != 0; i++ {
		if q.out.taken>>i&1 != 0 {
			g.Emit(protocol.NewEvent(EventPickup, int32(q.me), int32(i)))
		}
	}
	p.finish(&q.ground, q.tick)
	if q.rules.advance(&q.ground, q.tick) {
		q.rules.reset(q.me, p, &q.ground, q.tick)
	}
}

// show tells what the trigger did, judging rays by what is on the screen.
func (q *predictor) show(g *game.Guess) {
	v := &q.out.volley
	if g.Scene == nil {
		return
	}
	if q.out.empty != 0 {
		g.Emit(protocol.NewEvent(EventEmpty, int32(q.out.empty)))
	}
	if v.weapon == 0 {
		return
	}
	if v.rays > 0 {
		v.trace(g.Scene, q.me, q.player.team, &q.tally)
		g.Emit(verdict(g.Command.Tick, 0, &q.tally))
	}
	g.Emit(v.fired(q.me, q.player.aim))
}

// fly ends the own shots that meet a wall or run out, as World.explode would.
func (q *predictor) fly(g *game.Guess) {
	p := &q.player
	for i := 0; i < len(p.shots) && p.flying > 0; i++ {
		s := &p.shots[i]
		if s.weapon == 0 || !s.over(q.tick) {
			continue
		}
		at := s.pos(q.tick)
		gone := p.end(s)
		if weapons[gone.weapon].Splash > 0 {
			g.Emit(exploded(at, gone.weapon, q.me))
			q.rules.splash(p, &gone, at, true, q.tick)
		}
	}
}

// Publish adds the avatar and the shots, as World.Publish would.
func (q *predictor) Publish(s *delta.Snapshot) {
	q.rules.publish(s, q.me, &q.player, q.tick)
	q.rules.publishShots(s, q.me, &q.player)
}
