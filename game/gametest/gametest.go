// Package gametest checks that a game keeps the contract of package game. A game's own test calls
//
//	gametest.Run(t, arena.Game, start)
//
// once for each kind of match it has. Run plays thousands of ticks with the game's bots and fails
// with what was broken, for whom and in which tick:
//
//   - the schema is valid, and every row published or owned stays inside its fields' ranges;
//   - a start blob that was cut or changed gives an error or a match, never a panic;
//   - two matches with the same start, seats and inputs have the same state after every tick;
//   - the predictor of a lone player never errs, that of one among others only in ticks for which
//     the world called Touch, and both publish alike;
//   - a shot's outcome on the screen is the authority's;
//   - a match without the views that the world did not look at goes the same way, if it says so;
//   - a clone, if the world makes any, goes the way of its original;
//   - if walls hide something, everybody looks from somewhere, allies are so mutually, and what an own
//     row tells of places is told;
//   - a tick allocates nothing.
//
// Table, which plays the matches, is exported for benchmarks and for tests of what bots do; Rabble,
// whose players do anything, for tests of recordings and for comparing machines.
package gametest

import (
	"fmt"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// How long the checks play, in ticks. A lone player needs longest: what goes wrong once in a
// minute of play must show.
const (
	lonely  = 20000
	crowded = 4000
	crowd   = 8
	house   = 32 // the fullest that a match is looked at
)

// Run checks a game with matches begun from that start.
func Run(t *testing.T, def *game.Definition, start game.Start) {
	for _, c := range []struct {
		name  string
		check func(*game.Definition, game.Start) error
	}{
		{"schema", checkSchema},
		{"start", checkStart},
		{"determinism", checkDeterminism},
		{"rows", checkRows},
		{"looks", checkLooks},
		{"clone", checkClone},
		{"walls", checkWalls},
		{"prediction alone", checkAlone},
		{"prediction in a crowd", checkCrowd},
		{"allocations", checkAllocations},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(def, start); err != nil {
				t.Error(err)
			}
		})
	}
}

func checkSchema(def *game.Definition, _ game.Start) error {
	switch {
	case def.Name == "":
		return fmt.Errorf("no name")
	case def.TickRate < 10 || def.TickRate > 240:
		return fmt.Errorf("tick rate %d, want 10 to 240", def.TickRate)
	case def.Standing == nil:
		return fmt.Errorf("no Standing")
	case def.MaxPlayers < 1 || def.MaxPlayers > protocol.MaxPlayers:
		return fmt.Errorf("%d players, want 1 to %d", def.MaxPlayers, protocol.MaxPlayers)
	}
	return def.Schema.Validate()
}

// checkStart cuts the blob everywhere and flips bits in it. What is made of a damaged blob need not
// be an error, but must then be a match that can be played.
func checkStart(def *game.Definition, start game.Start) error {
	if n := len(start.Blob); n > protocol.MaxStartBytes {
		return fmt.Errorf("the start blob has %d bytes, want at most %d", n, protocol.MaxStartBytes)
	}
	for n := range start.Blob {
		if err := refuse(def, start.Blob[:n:n]); err != nil {
			return fmt.Errorf("blob cut to %d of %d bytes: %w", n, len(start.Blob), err)
		}
	}
	r := rng.New(1)
	for range 200 {
		blob := slices.Clone(start.Blob)
		for range 1 + r.Intn(4) {
			if len(blob) > 0 {
				blob[r.Intn(len(blob))] ^= 1 << r.Intn(8)
			}
		}
		if err := survive(def, game.Start{Title: start.Title, Blob: blob}); err != nil {
			return fmt.Errorf("damaged blob: %w", err)
		}
	}
	return nil
}

// refuse reports an error unless everything made from the blob is refused.
func refuse(def *game.Definition, blob []byte) error {
	if _, err := def.NewWorld(blob); err == nil {
		return fmt.Errorf("NewWorld accepted it")
	}
	if _, err := def.NewPredictor(blob, 1); err == nil {
		return fmt.Errorf("NewPredictor accepted it")
	}
	if _, err := def.NewBot(blob, 1, 3, 1); err == nil {
		return fmt.Errorf("NewBot accepted it")
	}
	return nil
}

// survive plays a little with a blob that may be wrong.
func survive(def *game.Definition, start game.Start) error {
	_, worldErr := def.NewWorld(start.Blob)
	_, predErr := def.NewPredictor(start.Blob, 1)
	if (worldErr == nil) != (predErr == nil) {
		return fmt.Errorf("NewWorld says %v, NewPredictor %v", worldErr, predErr)
	}
	if worldErr != nil {
		return nil
	}
	t, err := full(def, start, min(2, def.MaxPlayers), 1)
	for i := 0; err == nil && i < 20; i++ {
		t.Tick()
	}
	return err
}

// checkDeterminism plays two matches side by side, with players coming and going.
func checkDeterminism(def *game.Definition, start game.Start) error {
	a, err := full(def, start, min(crowd, def.MaxPlayers), 7)
	if err != nil {
		return err
	}
	b, err := full(def, start, min(crowd, def.MaxPlayers), 7)
	if err != nil {
		return err
	}
	r := rng.New(2)
	for range crowded {
		if r.Intn(60) == 0 {
			id := protocol.PlayerID(1 + r.Intn(a.Match.MaxPlayers()))
			for _, t := range [...]*Table{a, b} {
				if _, seated := slices.BinarySearch(t.Match.Seats(), id); seated {
					t.Leave(id)
				} else if err := t.Join(id, 3); err != nil {
					return err
				}
			}
		}
		a.Tick()
		b.Tick()
		if ha, hb := a.Match.Hash(), b.Match.Hash(); ha != hb {
			return fmt.Errorf("tick %d: equal matches have hashes %x and %x", a.Match.Tick(), ha, hb)
		}
		if !alike(a.Match.Snapshot().Entities(), b.Match.Snapshot().Entities()) {
			return fmt.Errorf("tick %d: equal matches publish different rows", a.Match.Tick())
		}
	}
	return nil
}

// alike reports whether two lists hold the same entities with the same rows.
func alike(a, b []delta.Entity) bool {
	return slices.EqualFunc(a, b, func(x, y delta.Entity) bool {
		return x.Same(&y) && x.Owner == y.Owner && slices.Equal(x.Row, y.Row)
	})
}

// checkRows looks at everything that is published or owned.
func checkRows(def *game.Definition, start game.Start) error {
	t, err := full(def, start, min(house, def.MaxPlayers), 3)
	if err != nil {
		return err
	}
	var nothing delta.Snapshot
	for _, s := range t.Seats {
		if got := def.Standing(&nothing, s.ID); got != (game.Standing{}) {
			return fmt.Errorf("player %d stands at %+v in an empty snapshot", s.ID, got)
		}
	}
	for range crowded / 2 {
		t.Tick()
		for _, e := range t.Match.Snapshot().Entities() {
			if int(e.Kind) >= len(def.Schema.Kinds) || int(e.Owner) > def.MaxPlayers {
				return fmt.Errorf("tick %d: entity %d is of kind %d and owner %d", t.Match.Tick(), e.ID, e.Kind, e.Owner)
			}
			if err := inRange(&def.Schema.Kinds[e.Kind], e.Row); err != nil {
				return fmt.Errorf("tick %d: entity %d: %w", t.Match.Tick(), e.ID, err)
			}
		}
		for _, s := range t.Seats {
			if err := inRange(&def.Schema.Own, s.Own); err != nil {
				return fmt.Errorf("tick %d: player %d: %w", t.Match.Tick(), s.ID, err)
			}
		}
	}
	return nil
}

func inRange(k *delta.Kind, row []int32) error {
	if len(row) != len(k.Fields) {
		return fmt.Errorf("%s has %d cells, want %d", k.Name, len(row), len(k.Fields))
	}
	for i, v := range row {
		if f := &k.Fields[i]; !f.Allows(v) {
			return fmt.Errorf("%s.%s is %d, want %d to %d", k.Name, f.Name, v, f.Min, f.Max)
		}
	}
	return nil
}

// checkAllocations replays recorded commands, so that only the engine's and the rules' own
// allocations count, and none of a bot's. Buffers grow when a tick is busier than any before, so
// there are several windows of ticks, and one must pass without any.
func checkAllocations(def *game.Definition, start game.Start) error {
	const warm, measured, windows = 1200, 300, 8
	t, err := full(def, start, min(crowd, def.MaxPlayers), 5)
	if err != nil {
		return err
	}
	var script [][]game.Input
	for range warm {
		t.Tick()
		script = append(script, slices.Clone(t.inputs))
	}
	at := 0
	replay := func() {
		for range measured {
			in := script[at%warm]
			at++
			tick := t.Match.Tick() + 1
			for i := range in {
				c := &in[i].Command
				c.Tick, c.View = tick, t.view(in[i].Player, tick)
			}
			t.Match.Step(in)
			for i, s := range t.Seats {
				s.Predict.Load(tick-1, s.Own)
				s.Guess = game.Guess{Command: in[i].Command}
				s.Predict.Step(&s.Guess)
				s.private.Reset(tick)
				s.Predict.Publish(&s.private)
				t.Match.Own(s.ID, s.Own)
			}
		}
	}
	least := testing.AllocsPerRun(1, replay)
	for i := 1; i < windows && least > 0; i++ {
		least = min(least, testing.AllocsPerRun(1, replay))
	}
	if least > 0 {
		return fmt.Errorf("%v allocations in %d ticks with %d players, want 0", least, measured, len(t.Seats))
	}
	return nil
}
