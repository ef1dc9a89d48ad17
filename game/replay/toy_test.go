package replay_test

import (
	"errors"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// The toy is a game small enough for a golden file: dots that are pushed about, and that remember all
// they were ever told, so that no bit of an input can be lost without its hash changing.
var toy = &game.Definition{
	Name: "toy", TickRate: 20, MaxPlayers: 8,
	Schema: &delta.Schema{
		Kinds: []delta.Kind{{Name: "dot", Positioned: true, Fields: []delta.Field{{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp}}}},
		Own:   delta.Kind{Name: "own", Fields: []delta.Field{{Name: "x"}, {Name: "y"}, {Name: "sum"}}},
	},
	NewWorld: func(start []byte) (game.World, error) {
		if string(start) != "toy" {
			return nil, errors.New("not a toy")
		}
		return &toyWorld{}, nil
	},
	NewPredictor: func([]byte, protocol.PlayerID) (game.Predictor, error) { return &toyPredictor{}, nil },
	Standing: func(s *delta.Snapshot, id protocol.PlayerID) game.Standing {
		if e := s.Find(protocol.EntityID(id)); e != nil {
			return game.Standing{Score: int(e.Row[0])}
		}
		return game.Standing{}
	},
}

// copied is the same game with worlds that can be copied.
func copied() *game.Definition {
	d := *toy
	d.NewWorld = func(start []byte) (game.World, error) {
		w, err := toy.NewWorld(start)
		if err != nil {
			return nil, err
		}
		return cloner{w.(*toyWorld)}, nil
	}
	return &d
}

var toyStart = game.Start{Title: "A toy", Mode: "play", Map: "floor", Blob: []byte("toy")}

type toyWorld struct {
	tick  protocol.Tick
	taken [9]bool
	rows  [9][3]int32
}

type cloner struct{ *toyWorld }

func (c cloner) Clone() game.World {
	w := *c.toyWorld
	return cloner{&w}
}

func (w *toyWorld) Join(id protocol.PlayerID, j game.Joiner) {
	w.taken[id], w.rows[id] = true, [3]int32{0, 0, int32(j.Team) + 1}
	if j.Bot {
		w.rows[id][2] = -1
	}
}

func (w *toyWorld) Leave(id protocol.PlayerID) { w.taken[id] = false; w.rows[id][2]++ }

// move is the rule that world and predictor share.
func move(row *[3]int32, c *protocol.Command) {
	row[0] += int32(c.MoveX)
	row[1] += int32(c.MoveY)
	for _, v := range [...]int32{
		int32(c.Aim), int32(c.Held), int32(c.Select), int32(c.Press[0]), int32(c.Press[1]),
		int32(c.View.A), int32(c.View.B), int32(c.View.Frac), int32(c.Tick),
	} {
		row[2] = row[2]*31 + v
	}
}

func (w *toyWorld) Step(t *game.Turn) {
	w.tick = t.Tick
	for i := range t.Inputs {
		in := &t.Inputs[i]
		row := &w.rows[in.Player]
		before := *row
		move(row, &in.Command)
		row[2] += int32(in.Clamp)
		for j := range in.Late {
			l := &in.Late[j]
			at := *row
			move(&at, &l.Command)
			row[2] = at[2]*3 + int32(l.Clamp)
		}
		if before[0]/1000 != row[0]/1000 {
			t.Emit(game.Event{Event: protocol.NewEvent(game.FirstEvent, int32(in.Player), row[0]/1000)})
		}
		if in.Command.Press[0]%16 == 1 {
			t.Emit(game.Event{To: in.Player, Event: protocol.NewEvent(game.Verdict, 1)})
		}
	}
}

func (w *toyWorld) Publish(s *delta.Snapshot) {
	for id := range w.taken {
		if w.taken[id] {
			copy(s.Add(protocol.EntityID(id), 0, protocol.PlayerID(id), 0, 2), w.rows[id][:])
		}
	}
}

func (w *toyWorld) Own(id protocol.PlayerID, row []int32) { copy(row, w.rows[id][:]) }
func (w *toyWorld) Over() bool                            { return w.tick >= 5000 }

func (w *toyWorld) Hash() uint64 {
	h := uint64(w.tick)
	for id := range w.rows {
		for _, v := range w.rows[id] {
			h = h*1099511628211 + uint64(uint32(v))
		}
	}
	return h
}

type toyPredictor struct{ row [3]int32 }

func (p *toyPredictor) Load(_ protocol.Tick, own []int32) { copy(p.row[:], own) }
func (p *toyPredictor) Save(own []int32)                  { copy(own, p.row[:]) }
func (p *toyPredictor) Step(g *game.Guess)                { move(&p.row, &g.Command) }
func (p *toyPredictor) Publish(*delta.Snapshot)           {}
