package gametest

import (
	"fmt"

	"hindsight/game"
	"hindsight/protocol"
)

// checkLooks plays two matches side by side, one of which is shown only the views that the other has
// said it looked at: what a replay has.
func checkLooks(def *game.Definition, start game.Start) error {
	if !def.Looks {
		return nil
	}
	r, err := NewRabble(def, start, crowd, 11)
	if err != nil {
		return err
	}
	blind, err := game.NewMatch(def, start)
	if err != nil {
		return err
	}
	r.Joined = func(id protocol.PlayerID, j game.Joiner) { blind.Join(id, j) }
	r.Left = blind.Leave
	var inputs []game.Input
	for range crowded {
		turn := r.Tick()
		inputs = append(inputs[:0], turn.Inputs...)
		for i := range inputs {
			if !turn.Looked(inputs[i].Player) {
				inputs[i].Command.View = protocol.View{}
			}
		}
		blind.Step(inputs)
		if r.Match.Hash() != blind.Hash() {
			return fmt.Errorf("tick %d: without the views for which Look was not called the match goes another way", turn.Tick)
		}
	}
	return nil
}

// checkClone copies a match now and then and lets the copy go the same way as the original, after the
// original has gone on alone for a while.
func checkClone(def *game.Definition, start game.Start) error {
	const apart = 200
	r, err := NewRabble(def, start, crowd, 13)
	if err != nil {
		return err
	}
	for r.Match.Tick() < crowded/2 {
		r.Tick()
		if r.Match.Tick()%apart != 0 {
			continue
		}
		copied := r.Match.Clone()
		if copied == nil {
			return nil // the game says that it cannot
		}
		if err := r.ahead(copied, apart); err != nil {
			return err
		}
	}
	return nil
}

// ahead plays for some ticks and then the same with a copy made before.
func (r *Rabble) ahead(copied *game.Match, ticks int) error {
	type step struct {
		before []func(*game.Match)
		inputs []game.Input
		hash   uint64
	}
	var now step
	r.Joined = func(id protocol.PlayerID, j game.Joiner) {
		now.before = append(now.before, func(m *game.Match) { m.Join(id, j) })
	}
	r.Left = func(id protocol.PlayerID) {
		now.before = append(now.before, func(m *game.Match) { m.Leave(id) })
	}
	from, hash := r.Match.Tick(), r.Match.Hash()
	if copied.Hash() != hash {
		return fmt.Errorf("tick %d: a clone's hash is %x, its original's %x", from, copied.Hash(), hash)
	}
	var steps []step
	for range ticks {
		now = step{}
		now.inputs = append(now.inputs, r.Tick().Inputs...)
		now.hash = r.Match.Hash()
		steps = append(steps, now)
	}
	r.Joined, r.Left = nil, nil
	if copied.Hash() != hash {
		return fmt.Errorf("tick %d: what its original did after tick %d changed a clone", r.Match.Tick(), from)
	}
	for i := range steps {
		s := &steps[i]
		for _, f := range s.before {
			f(copied)
		}
		copied.Step(s.inputs)
		if copied.Hash() != s.hash {
			return fmt.Errorf("tick %d: a clone made at tick %d went another way than its original", copied.Tick(), from)
		}
	}
	if !alike(copied.Snapshot().Entities(), r.Match.Snapshot().Entities()) {
		return fmt.Errorf("tick %d: a clone publishes other rows than its original", copied.Tick())
	}
	return nil
}
