package netcode

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// onlooker is the Predictor of a client without a seat: there is nothing to predict.
type onlooker struct{}

// Load implements game.Predictor.
func (onlooker) Load(protocol.Tick, []int32) {}

// Step implements game.Predictor.
func (onlooker) Step(*game.Guess) {}

// Save implements game.Predictor.
func (onlooker) Save(own []int32) { clear(own) }

// Publish implements game.Predictor.
func (onlooker) Publish(*delta.Snapshot) {}
