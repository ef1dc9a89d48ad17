// Package walk is the smallest game there is, for tests of what carries games: rooms, lobbies, sessions.
// It is not a game that anyone can choose to play.
package walk

import (
	"io/fs"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Game is the game: everyone has an x and moves it by MoveX in every tick. A match lasts a second for
// each byte of its start blob, and one of Bomb bytes panics in its first step.
var Game = game.Host{
	Definition: &game.Definition{
		Name: "walk", TickRate: 60, MaxPlayers: 8,
		Schema: &delta.Schema{
			Kinds: []delta.Kind{{Name: "walker", Fields: []delta.Field{{Name: "x", Mode: delta.Lerp}}}},
			Own:   delta.Kind{Name: "own", Fields: []delta.Field{{Name: "x"}, {Name: "steps"}}},
		},
		NewWorld: func(start []byte) (game.World, error) {
			return &world{length: 60 * len(start), explode: len(start) == Bomb}, nil
		},
		NewPredictor: func([]byte, protocol.PlayerID) (game.Predictor, error) { return &predictor{}, nil },
		NewBot: func([]byte, protocol.PlayerID, int, uint64) (game.Bot, error) {
			return bot{}, nil
		},
		Standing: func(s *delta.Snapshot, id protocol.PlayerID) game.Standing {
			if e := s.Find(protocol.EntityID(id)); e != nil {
				return game.Standing{Score: int(e.Row[0])}
			}
			return game.Standing{}
		},
	},
	NewRotation: func(map[string]string, fs.FS) (game.Rotation, error) { return Rotation(10), nil },
}

// Rotation plays matches of that many seconds.
type Rotation int

// Bomb is the length of a match that panics.
const Bomb = 13

// Match implements game.Rotation.
func (n Rotation) Match(int, uint64) game.Start {
	return game.Start{Title: "a walk", Blob: make([]byte, n)}
}

type bot struct{}

func (bot) Think(*game.Sight) protocol.Command { return protocol.Command{MoveX: 1} }

type world struct {
	length, tick int
	x, steps     [9]int32
	seated       [9]bool
	explode      bool
}

func (w *world) Join(id protocol.PlayerID, _ game.Joiner) {
	w.x[id], w.steps[id], w.seated[id] = 0, 0, true
}
func (w *world) Leave(id protocol.PlayerID) { w.seated[id] = false }
func (w *world) Over() bool                 { return w.tick >= w.length }

// Hash is FNV-1a over what there is.
func (w *world) Hash() uint64 {
	h := uint64(w.tick)
	for id := range w.x {
		h = (h ^ uint64(uint32(w.x[id]))) * 1099511628211
		h = (h ^ uint64(uint32(w.steps[id]))) * 1099511628211
	}
	return h
}

func (w *world) Step(t *game.Turn) {
	if w.explode {
		panic("walk: a bug")
	}
	w.tick++
	for _, in := range t.Inputs {
		w.x[in.Player] += int32(in.Command.MoveX)
		if in.Command.MoveX != 0 {
			w.steps[in.Player]++
		}
	}
}

func (w *world) Publish(s *delta.Snapshot) {
	for id := range w.x {
		if w.seated[id] {
			s.Add(protocol.EntityID(id), 0, protocol.PlayerID(id), 1, 1)[0] = w.x[id]
		}
	}
}

func (w *world) Own(id protocol.PlayerID, row []int32) { row[0], row[1] = w.x[id], w.steps[id] }

// predictor is one walker's own part.
type predictor struct{ x, steps int32 }

func (p *predictor) Load(_ protocol.Tick, own []int32) { p.x, p.steps = own[0], own[1] }
func (p *predictor) Save(own []int32)                  { own[0], own[1] = p.x, p.steps }
func (p *predictor) Publish(*delta.Snapshot)           {}

func (p *predictor) Step(g *game.Guess) {
	if x := int32(g.Command.MoveX); x != 0 {
		p.x, p.steps = p.x+x, p.steps+1
	}
}
