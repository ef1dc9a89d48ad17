//go:build js && wasm

package main

import (
	"hindsight/game"
	"hindsight/protocol"
)

// foreseen are the verdicts that the own screen has given since the last picture. The client core
// keeps them to compare with the authority's; the page shows them at once as hollow hit markers.
var foreseen []protocol.Event

// foreseeing returns the game with a Predictor that tells of its verdicts.
func foreseeing(g *game.Definition) *game.Definition {
	out := *g
	out.NewPredictor = func(start []byte, me protocol.PlayerID) (game.Predictor, error) {
		p, err := g.NewPredictor(start, me)
		if err != nil {
			return nil, err
		}
		return &foresight{p}, nil
	}
	return &out
}

type foresight struct{ game.Predictor }

// Step steps the rules and keeps what they foresee. A tick that is predicted again has no Scene and
// foresees nothing.
func (f *foresight) Step(g *game.Guess) {
	before := len(g.Events)
	f.Predictor.Step(g)
	for i := before; i < len(g.Events); i++ {
		if g.Events[i].Kind == game.Verdict {
			foreseen = append(foreseen, g.Events[i])
		}
	}
}
