package replay_test

import (
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/gametest"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// find knows the games of these tests.
func find(name string) *game.Definition {
	switch name {
	case "arena":
		return arena.Game
	case "toy":
		return toy
	}
	return nil
}

// arenaStart returns an arena match.
func arenaStart(t testing.TB, settings map[string]string) game.Start {
	t.Helper()
	r, err := maps.NewRotation(settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Match(0, 1)
}

// take is one tick of a match as it was played.
type take struct {
	inputs []game.Input
	looked [protocol.MaxPlayers + 1]bool
	seats  []protocol.PlayerID
	hash   uint64
	scene  delta.Snapshot
	own    [][]int32 // by index of seats
	events []game.Event
}

// filmed is a match that was played, and the file of it.
type filmed struct {
	def   *game.Definition
	takes []take // of tick 1 on
	file  []byte
	end   bool // the file has an end
}

func name(id protocol.PlayerID) string { return "Zoë " + string(rune('A'+id)) }

// film plays a rabble, so that players come and go, inputs are missing and some are hostile, and
// records it.
func film(t testing.TB, def *game.Definition, s game.Start, crowd, ticks int) *filmed {
	t.Helper()
	r, err := gametest.NewRabble(def, s, crowd, 3)
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(r.Match, "build 7", 1234567890)
	w := replay.NewWriter(&h)
	r.Joined = func(id protocol.PlayerID, j game.Joiner) { w.Join(id, j, name(id)) }
	r.Left = w.Leave
	f := &filmed{def: def, end: true}
	for range ticks {
		turn := r.Tick()
		w.Tick(r.Match, turn)
		f.file = append(f.file, w.Take()...)
		f.takes = append(f.takes, shoot(r.Match, turn))
	}
	w.End(r.Match)
	f.file = append(f.file, w.Take()...)
	return f
}

// shoot notes what a match is like after a tick.
func shoot(m *game.Match, turn *game.Turn) take {
	k := take{inputs: slices.Clone(turn.Inputs), seats: slices.Clone(m.Seats()), hash: m.Hash(), events: slices.Clone(turn.Events)}
	k.scene.CopyFrom(m.Snapshot())
	for _, id := range k.seats {
		k.looked[id] = turn.Looked(id)
		row := make([]int32, len(m.Def.Schema.Own.Fields))
		m.Own(id, row)
		k.own = append(k.own, row)
	}
	return k
}

// alike reports whether two ticks' inputs are equal.
func alike(a, b []game.Input) bool {
	return slices.EqualFunc(a, b, func(x, y game.Input) bool {
		return x.Player == y.Player && x.Command == y.Command && x.Clamp == y.Clamp && slices.Equal(x.Late, y.Late)
	})
}

func parse(t testing.TB, file []byte) *replay.File {
	t.Helper()
	f, err := replay.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
