package netcode

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// The course is a small game for these tests: players accelerate, slide and shoot at targets that
// strafe. Its start blob is the number of targets, then 1 if players are pushed now and then by
// something they cannot foresee, then 1 if the predictor is to be wrong on purpose.

const (
	kindAvatar = 0
	kindTarget = 1

	eventBang = game.FirstEvent // args: shooter

	firstTarget = 100
	targetSize  = 16 * 16 // half a width, 1/16 unit
	courseSize  = 1000 * 256
	pushEvery   = 97
)

var courseSchema = &delta.Schema{
	Kinds: []delta.Kind{
		{Name: "avatar", Positioned: true, Private: true, Fields: []delta.Field{
			{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp}, {Name: "aim", Mode: delta.Turn, Turn: 65536},
		}},
		{Name: "target", Positioned: true, Fields: []delta.Field{
			{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp},
		}},
	},
	Own: delta.Kind{Name: "own", Fields: []delta.Field{
		{Name: "x"}, {Name: "y"}, {Name: "vx"}, {Name: "vy"}, {Name: "aim"}, {Name: "press"}, {Name: "born"},
		{Name: "hits", Told: true},
	}},
}

var course = &game.Definition{
	Name: "course", TickRate: 60, MaxPlayers: 8, Schema: courseSchema,
	NewWorld: func(start []byte) (game.World, error) {
		return &courseWorld{targets: make([]fixed.Vec, start[0]), push: start[1] == 1}, nil
	},
	NewPredictor: func(start []byte, me protocol.PlayerID) (game.Predictor, error) {
		if len(start) != 3 {
			return nil, errors.New("course: bad start")
		}
		return &coursePredictor{me: me, wrong: start[2] == 1}, nil
	},
}

// runner is one player: what its own row holds.
type runner struct {
	id     protocol.PlayerID
	x, y   int32 // 1/256 unit
	vx, vy int32
	aim    int32
	press  int32
	born   int32
	hits   int32
}

// step moves a runner by one tick and reports whether it shoots.
func (r *runner) step(c *protocol.Command) (shoots bool) {
	r.vx = r.vx*7/8 + int32(c.MoveX)
	r.vy = r.vy*7/8 + int32(c.MoveY)
	r.x = min(max(r.x+r.vx, 0), courseSize)
	r.y = min(max(r.y+r.vy, 0), courseSize)
	r.aim = int32(c.Aim)
	shoots = r.press != int32(c.Press[0])
	r.press = int32(c.Press[0])
	return shoots
}

func (r *runner) save(row []int32) {
	copy(row, []int32{r.x, r.y, r.vx, r.vy, r.aim, r.press, r.born, r.hits})
}

func (r *runner) load(row []int32) {
	r.x, r.y, r.vx, r.vy, r.aim, r.press, r.born, r.hits = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
}

func (r *runner) publish(s *delta.Snapshot) {
	row := s.Add(protocol.EntityID(r.id), kindAvatar, r.id, protocol.Tick(r.born), 3)
	row[0], row[1], row[2] = fixed.Num(r.x).Wire(), fixed.Num(r.y).Wire(), r.aim
}

// shoot returns the nearest target on a ray through the scene, 0 for none.
func (r *runner) shoot(scene *delta.Snapshot) (hit protocol.EntityID) {
	x, y := int64(fixed.Num(r.x).Wire()), int64(fixed.Num(r.y).Wire())
	sin, cos := int64(fixed.Sin(fixed.Angle(r.aim))), int64(fixed.Cos(fixed.Angle(r.aim)))
	nearest := int64(1) << 62
	for i := range scene.Entities() {
		e := &scene.Entities()[i]
		if e.Owner == r.id {
			continue
		}
		dx, dy := int64(e.Row[0])-x, int64(e.Row[1])-y
		along, across := (dx*cos+dy*sin)>>16, (dx*sin-dy*cos)>>16
		if along > 0 && along < nearest && across > -targetSize && across < targetSize {
			nearest, hit = along, e.ID
		}
	}
	return hit
}

// verdict is the Verdict event of a shot.
func verdictOf(tick protocol.Tick, hit protocol.EntityID) protocol.Event {
	if hit == 0 {
		return protocol.NewEvent(game.Verdict, int32(tick), 0)
	}
	return protocol.NewEvent(game.Verdict, int32(tick), 0, int32(hit), 1)
}

type coursePredictor struct {
	me    protocol.PlayerID
	run   runner
	wrong bool
	steps int
	shown protocol.Tick // the newest tick predicted with a scene
}

func (p *coursePredictor) Load(t protocol.Tick, own []int32) {
	p.run.id = p.me
	p.run.load(own)
}

func (p *coursePredictor) Step(g *game.Guess) {
	if p.steps++; p.wrong && p.steps == 500 {
		p.run.vx++
	}
	if g.Scene != nil {
		if g.Command.Tick <= p.shown {
			panic("course: a tick is shown twice")
		}
		p.shown = g.Command.Tick
	}
	if p.run.step(&g.Command) && g.Scene != nil {
		g.Emit(protocol.NewEvent(eventBang, int32(p.me)))
		g.Emit(verdictOf(g.Command.Tick, p.run.shoot(g.Scene)))
	}
}

func (p *coursePredictor) Save(own []int32)          { p.run.save(own) }
func (p *coursePredictor) Publish(s *delta.Snapshot) { p.run.publish(s) }

type courseWorld struct {
	tick    protocol.Tick
	runners []runner
	targets []fixed.Vec
	push    bool
}

func (w *courseWorld) Join(id protocol.PlayerID, _ game.Joiner) {
	i := 0
	for i < len(w.runners) && w.runners[i].id < id {
		i++
	}
	w.runners = slices.Insert(w.runners, i, runner{id: id, x: courseSize / 2, y: courseSize / 2, born: int32(w.tick) + 1})
}

func (w *courseWorld) Leave(id protocol.PlayerID) {
	w.runners = slices.DeleteFunc(w.runners, func(r runner) bool { return r.id == id })
}

// targetAt is where a target is at a tick: it strafes with reversals every 9 to 36 ticks.
func targetAt(i int, t protocol.Tick) (x, y int32) {
	period := int32(18 + i%4*18)
	swing := int32(t) % period
	if swing > period/2 {
		swing = period - swing
	}
	return 3000 + int32(i)*900 + swing*80, 2500 + int32(i%3)*1500
}

func (w *courseWorld) Step(t *game.Turn) {
	w.tick = t.Tick
	for i := range w.runners {
		r, in := &w.runners[i], &t.Inputs[i]
		if r.step(&in.Command) {
			hit := r.shoot(t.Past.Seen(in.Command.View))
			if hit != 0 {
				r.hits++
			}
			t.Emit(game.Event{Event: verdictOf(in.Command.Tick, hit), To: r.id})
			t.Emit(game.Event{Event: protocol.NewEvent(eventBang, int32(r.id)), Except: r.id})
		}
		if w.push && t.Tick%pushEvery == 0 {
			r.vx += 900
			t.Touch(r.id)
		}
	}
}

func (w *courseWorld) Publish(s *delta.Snapshot) {
	for i := range w.runners {
		w.runners[i].publish(s)
	}
	for i := range w.targets {
		row := s.Add(protocol.EntityID(firstTarget+i), kindTarget, 0, 1, 2)
		row[0], row[1] = targetAt(i, w.tick)
	}
}

func (w *courseWorld) Own(id protocol.PlayerID, row []int32) {
	for i := range w.runners {
		if w.runners[i].id == id {
			w.runners[i].save(row)
		}
	}
}

func (w *courseWorld) Hash() uint64 {
	h := fnv.New64a()
	for i := range w.runners {
		_ = binary.Write(h, binary.LittleEndian, [4]int32{w.runners[i].x, w.runners[i].y, w.runners[i].vx, w.runners[i].vy})
	}
	return h.Sum64()
}

func (w *courseWorld) Over() bool { return false }
