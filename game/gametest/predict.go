package gametest

import (
	"fmt"
	"slices"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// checkAlone lets one player's predictor run on by itself for a long time. Nobody else is there to
// surprise it, so it must agree with the authority in every tick. Only what the authority tells is
// adopted, as a client adopts it.
func checkAlone(def *game.Definition, start game.Start) error {
	t, err := full(def, start, 1, 11)
	if err != nil {
		return err
	}
	pred, err := def.NewPredictor(start.Blob, 1)
	if err != nil {
		return err
	}
	row := make([]int32, len(def.Schema.Own.Fields))
	pred.Load(0, t.Seats[0].Own)
	for i := range lonely {
		if t.Match.Over() {
			if t, err = full(def, start, 1, uint64(i)); err != nil {
				return err
			}
			pred.Load(0, t.Seats[0].Own)
		}
		t.Tick()
		s := t.Seats[0]
		pred.Step(&game.Guess{Command: s.Input.Command})
		pred.Save(row)
		if f := differ(&def.Schema.Own, row, s.Own); f >= 0 {
			return fmt.Errorf("tick %d: a lone player predicted %s", t.Match.Tick(), contrast(def, f, row, s.Own))
		}
		if !slices.Equal(row, s.Own) { // told
			pred.Load(t.Match.Tick(), s.Own)
		}
	}
	return nil
}

// checkCrowd predicts every tick of everyone from the authority's row before it.
func checkCrowd(def *game.Definition, start game.Start) error {
	t, err := full(def, start, min(crowd, def.MaxPlayers), 13)
	if err != nil {
		return err
	}
	for i := range crowded {
		if t.Match.Over() {
			if t, err = full(def, start, min(crowd, def.MaxPlayers), uint64(i)); err != nil {
				return err
			}
		}
		turn := t.Tick()
		for _, s := range t.Seats {
			if err := checkSeat(t, s, turn); err != nil {
				return fmt.Errorf("tick %d: player %d: %w", turn.Tick, s.ID, err)
			}
		}
	}
	return nil
}

// checkSeat compares one player's prediction of a tick with what came of it.
func checkSeat(t *Table, s *Seat, turn *game.Turn) error {
	def, row := t.Match.Def, make([]int32, len(s.Own))
	s.Predict.Save(row)
	touched := turn.Touched(s.ID)
	f := differ(&def.Schema.Own, row, s.Own)
	if f >= 0 && !touched {
		return fmt.Errorf("predicted %s, and Touch was not called", contrast(def, f, row, s.Own))
	}
	if f < 0 {
		if err := checkPublished(t, s); err != nil {
			return err
		}
	}
	if err := checkVerdict(s, turn); err != nil {
		return err
	}
	again := make([]int32, len(row))
	s.Predict.Load(turn.Tick-1, s.Before)
	s.Predict.Save(again)
	if f := firstDifference(again, s.Before); f >= 0 {
		return fmt.Errorf("a Save after Load gives %s", contrast(def, f, again, s.Before))
	}
	silent := game.Guess{Command: s.Input.Command}
	s.Predict.Step(&silent)
	s.Predict.Save(again)
	if f := firstDifference(again, row); f >= 0 {
		return fmt.Errorf("predicted again without a scene: %s", contrast(def, f, again, row))
	}
	if len(silent.Events) > 0 {
		return fmt.Errorf("predicted again, it raised event %d a second time", silent.Events[0].Kind)
	}
	s.Predict.Load(turn.Tick, s.Own)
	return nil
}

// checkPublished compares the private entities that the predictor shows with the published ones.
func checkPublished(t *Table, s *Seat) error {
	var want []delta.Entity
	for _, e := range t.Match.Snapshot().Entities() {
		if e.Owner == s.ID && t.Match.Def.Schema.Kinds[e.Kind].Private {
			want = append(want, e)
		}
	}
	s.private.Reset(t.Match.Tick())
	s.Predict.Publish(&s.private)
	if got := s.private.Entities(); !alike(got, want) {
		return fmt.Errorf("the predictor publishes %v, the world %v", got, want)
	}
	return nil
}

// checkVerdict compares the outcome of a rewound shot on the screen with the authority's.
func checkVerdict(s *Seat, turn *game.Turn) error {
	isVerdict := func(e protocol.Event) bool { return e.Kind == game.Verdict }
	shown := slices.IndexFunc(s.Guess.Events, isVerdict)
	judged := slices.IndexFunc(turn.Events, func(e game.Event) bool { return isVerdict(e.Event) && e.To == s.ID })
	switch {
	case turn.Touched(s.ID): // it may not have come to the shot, or only in truth
		return nil
	case shown < 0 && judged < 0:
		return nil
	case shown < 0 || judged < 0:
		return fmt.Errorf("verdict shown: %t, judged: %t", shown >= 0, judged >= 0)
	}
	screen, truth := s.Guess.Events[shown], turn.Events[judged].Event
	if truth.Args[1]&game.VerdictExcused == 0 && (screen.N != truth.N || screen.Args != truth.Args) {
		return fmt.Errorf("the screen showed %v, the verdict is %v", screen.Args[:screen.N], truth.Args[:truth.N])
	}
	return nil
}

// differ returns the first field in which two own rows differ, other than those the authority
// tells, or -1.
func differ(k *delta.Kind, a, b []int32) int {
	for i := range a {
		if a[i] != b[i] && !k.Fields[i].Told {
			return i
		}
	}
	return -1
}

// firstDifference returns the first field in which two own rows differ at all, or -1.
func firstDifference(a, b []int32) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

func contrast(def *game.Definition, field int, got, want []int32) string {
	return fmt.Sprintf("%s %d, the authority has %d", def.Schema.Own.Fields[field].Name, got[field], want[field])
}
