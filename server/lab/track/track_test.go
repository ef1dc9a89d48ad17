package track_test

import (
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/server/lab/track"
)

func TestOneCommandIsOneStride(t *testing.T) {
	m, err := game.NewMatch(track.Game.Definition, track.Rotation{}.Match(0, 1))
	if err != nil {
		t.Fatal(err)
	}
	m.Join(1, game.Joiner{})
	m.Join(2, game.Joiner{})
	for i := range 60 {
		m.Step([]game.Input{
			{Player: 1, Command: protocol.Command{Tick: protocol.Tick(i + 1), MoveX: 127}},
			{Player: 2, Command: protocol.Command{Tick: protocol.Tick(i + 1), MoveX: -64}},
		})
	}
	row := make([]int32, 1)
	if m.Own(1, row); row[0] != 60*track.Speed {
		t.Errorf("ran %d, want %d", row[0], 60*track.Speed)
	}
	if m.Own(2, row); row[0] >= 0 || m.Snapshot().Find(2).Row[track.TopX] != row[0] {
		t.Errorf("ran %d, published at %d", row[0], m.Snapshot().Find(2).Row[track.TopX])
	}
	before := m.Hash()
	m.Step([]game.Input{{Player: 1, Command: protocol.Command{MoveX: 1 << 6}}, {Player: 2}})
	if m.Hash() == before {
		t.Error("the hash does not say that somebody moved")
	}
	m.Leave(1)
	if m.Step([]game.Input{{Player: 2}}); m.Snapshot().Find(1) != nil || m.Over() {
		t.Error("somebody who left is still there, or the track has an end")
	}
}
