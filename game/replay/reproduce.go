package replay

import (
	"errors"
	"fmt"
	"io"

	"hindsight/game"
	"hindsight/protocol"
)

// Case is a mismatch that was run again: all that is needed to see who was wrong.
type Case struct {
	Mismatch
	// Input is what the authority used in that tick, Touched whether the world said that something
	// changed the player which he could not know.
	Input   game.Input
	Touched bool
	// Before and After are the own rows around the tick, as this build runs the match.
	Before, After []int32
	// Foreseen is what this build's predictor makes of Before and the input.
	Foreseen []int32
	// Agreed is the last digest's tick up to which the run was the recorded one.
	Agreed protocol.Tick
	// Diverged says that a digest before the mismatch differs: this build's rules are not those that
	// were played, and After says little.
	Diverged bool
}

// ErrNoCase says that a mismatch lies where the recording has nothing.
var ErrNoCase = errors.New("replay: the recording does not have that player in that tick")

// Reproduce runs the match up to a mismatch.
func (f *File) Reproduce(def *game.Definition, m *Mismatch) (*Case, error) {
	if m.Tick == 0 || m.Tick > f.Ticks {
		return nil, fmt.Errorf("%w: player %d, tick %d of %d", ErrNoCase, m.Player, m.Tick, f.Ticks)
	}
	c := &Case{Mismatch: *m}
	fields := len(def.Schema.Own.Fields)
	c.Before, c.After, c.Foreseen = make([]int32, fields), make([]int32, fields), make([]int32, fields)
	var r run
	if err := r.begin(f, def); err != nil {
		return nil, err
	}
	for r.match.Tick() < m.Tick {
		if r.match.Tick() == m.Tick-1 && r.person(m.Player).Present {
			r.match.Own(m.Player, c.Before)
		}
		turn, err := r.step()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if t := &r.reader.tick; t.Digested {
			if t.Digest != r.match.Hash() {
				c.Diverged = true
			} else if !c.Diverged {
				c.Agreed = t.Tick
			}
		}
		c.Touched = turn.Touched(m.Player)
	}
	for _, in := range r.reader.tick.Inputs {
		if in.Player == m.Player {
			c.Input = in
		}
	}
	if c.Input.Player == 0 {
		return nil, fmt.Errorf("%w: player %d, tick %d", ErrNoCase, m.Player, m.Tick)
	}
	r.match.Own(m.Player, c.After)
	return c, c.foresee(def, f.Header.Blob)
}

// foresee runs the predictor for the tick.
func (c *Case) foresee(def *game.Definition, blob []byte) error {
	p, err := def.NewPredictor(blob, c.Player)
	if err != nil {
		return err
	}
	p.Load(c.Tick-1, c.Before)
	p.Step(&game.Guess{Command: c.Input.Command})
	p.Save(c.Foreseen)
	return nil
}
