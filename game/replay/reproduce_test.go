package replay_test

import (
	"errors"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/replay"
	"hindsight/protocol"
)

// A mismatch is run again to its tick: both rows, what went in, and whether predictor and world of
// this build agree, all are there.
func TestReproduce(t *testing.T) {
	start := arenaStart(t, map[string]string{"maps": "warren", "warmup": "0"})
	was := film(t, arena.Game, start, 8, 700)
	const tick = 611
	k := &was.takes[tick-1]
	at := 2
	id := k.seats[at]
	predicted := slices.Clone(k.own[at])
	predicted[arena.OwnX]++
	parts := apart(t, was.file)
	file := together(parts[:len(parts)-1]...)
	file = replay.AppendMismatch(file, &replay.Mismatch{Player: id, Tick: tick, Predicted: predicted, Authority: k.own[at]})
	f := parse(t, file)
	if len(f.Mismatches) != 1 {
		t.Fatalf("mismatches %+v", f.Mismatches)
	}
	c, err := f.Reproduce(arena.Game, &f.Mismatches[0])
	if err != nil {
		t.Fatal(err)
	}
	before := was.takes[tick-2].own[slices.Index(was.takes[tick-2].seats, id)]
	if !slices.Equal(c.After, k.own[at]) || !slices.Equal(c.Before, before) || !slices.Equal(c.Predicted, predicted) || c.Diverged || c.Agreed != 600 {
		t.Errorf("%+v", c)
	}
	in := k.inputs[at]
	if !k.looked[id] {
		in.Command.View = protocol.View{}
	}
	if !alike([]game.Input{c.Input}, []game.Input{in}) {
		t.Errorf("input %+v, want %+v", c.Input, in)
	}
	if !c.Touched && !slices.Equal(c.Foreseen, c.After) {
		t.Errorf("the predictor makes another row of an untouched tick:\n%v\n%v", c.Foreseen, c.After)
	}
	for _, m := range []replay.Mismatch{{Player: 64, Tick: 5}, {Player: id, Tick: 0}, {Player: id, Tick: 701}} {
		if _, err := f.Reproduce(arena.Game, &m); !errors.Is(err, replay.ErrNoCase) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// With rules that have changed since, that is said.
func TestReproduceOfOtherRules(t *testing.T) {
	was := film(t, toy, toyStart, 4, 300)
	other := *toy
	other.NewWorld = func([]byte) (game.World, error) { return &driftingWorld{}, nil }
	c, err := parse(t, was.file).Reproduce(&other, &replay.Mismatch{Player: was.takes[200].seats[0], Tick: 201})
	if err != nil || !c.Diverged || c.Agreed != 120 {
		t.Errorf("%v: %+v", err, c)
	}
}
