// Package track is the straightest game there is, for experiments about time: every player runs
// along a line at a speed that follows the hand at once and in full. Nothing pushes, stops or hurts
// anybody, so that distance run is ticks moved, and what is drawn of somebody who holds a key is a
// constant velocity. It is not a game that anyone can choose to play.
package track

import (
	"io/fs"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Speed is how far a player runs in a tick at full speed, in 1/16 unit: 300 units a second.
const Speed = 80

// TopX is the field of the one entity kind that holds the place along the line, in 1/16 unit.
const TopX = 0

// Game is the game.
var Game = game.Host{
	Definition: &game.Definition{
		Name: "track", TickRate: 60, MaxPlayers: players,
		Schema: &delta.Schema{
			Kinds: []delta.Kind{{Name: "runner", Positioned: true, Private: true, Fields: []delta.Field{
				TopX: {Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp},
			}}},
			Own: delta.Kind{Name: "own", Fields: []delta.Field{{Name: "x"}}},
		},
		NewWorld: func([]byte) (game.World, error) { return &world{}, nil },
		NewPredictor: func(_ []byte, me protocol.PlayerID) (game.Predictor, error) {
			return &predictor{me: me}, nil
		},
	},
	NewRotation: func(map[string]string, fs.FS) (game.Rotation, error) { return Rotation{}, nil },
}

const players = 8

// Rotation is one match without end.
type Rotation struct{}

// Match implements game.Rotation.
func (Rotation) Match(int, uint64) game.Start { return game.Start{Title: "a track", Blob: []byte{0}} }

// stride is how far a command moves its player.
func stride(c *protocol.Command) int32 { return int32(c.MoveX) * Speed / 127 }

func publish(s *delta.Snapshot, id protocol.PlayerID, x int32) {
	s.Add(protocol.EntityID(id), 0, id, 1, 2)[TopX] = x
}

type world struct {
	x      [players + 1]int32
	seated [players + 1]bool
}

func (w *world) Join(id protocol.PlayerID, _ game.Joiner) { w.x[id], w.seated[id] = 0, true }
func (w *world) Leave(id protocol.PlayerID)               { w.seated[id] = false }
func (w *world) Own(id protocol.PlayerID, row []int32)    { row[0] = w.x[id] }
func (w *world) Over() bool                               { return false }

func (w *world) Step(t *game.Turn) {
	for i := range t.Inputs {
		in := &t.Inputs[i]
		w.x[in.Player] += stride(&in.Command)
	}
}

func (w *world) Publish(s *delta.Snapshot) {
	for id := range w.x {
		if w.seated[id] {
			publish(s, protocol.PlayerID(id), w.x[id])
		}
	}
}

func (w *world) Hash() (h uint64) {
	for _, x := range w.x {
		h = h*1_000_003 + uint64(uint32(x))
	}
	return h
}

type predictor struct {
	me protocol.PlayerID
	x  int32
}

func (p *predictor) Load(_ protocol.Tick, own []int32) { p.x = own[0] }
func (p *predictor) Step(g *game.Guess)                { p.x += stride(&g.Command) }
func (p *predictor) Save(own []int32)                  { own[0] = p.x }
func (p *predictor) Publish(s *delta.Snapshot)         { publish(s, p.me, p.x) }
