package lab

import (
	"hindsight/game"
	"hindsight/protocol"
)

// Solo is a lone player in the cell's conditions, whom nothing can surprise: every correction that a
// late command does not explain is a bug.
type Solo struct {
	Ticks, Late, Mismatches int
}

// RunSolo plays alone for so many ticks.
func RunSolo(c Cell, ticks int) (s Solo, err error) {
	c.Players = 1
	cfg, err := c.config()
	if err != nil {
		return s, err
	}
	l, err := New(cfg)
	if err != nil {
		return s, err
	}
	err = l.Run(protocol.Micros(ticks) * protocol.Second / 60)
	n := l.Players[0].Core().Stats().Corrections
	return Solo{Ticks: n.Confirmed + n.Told + n.Corrected(), Late: n.Late, Mismatches: n.Corrected() - n.Late}, err
}

// Desync is what becomes of one bit flipped in a client's prediction.
type Desync struct {
	// Found says that the client noticed, and saw no reason for it but a bug; After is how long it
	// took from the flip, False how many it had reported before.
	Found bool
	After protocol.Micros
	False int
}

// RunDesync plants the bug: after 30 s the lowest bit of the first field of one player's predicted
// state is flipped, as a miscompiled rule or a bad memory chip might.
func RunDesync(c Cell) (d Desync, err error) {
	const flipAt = 30 * protocol.Second
	c.Players = 1
	cfg, err := c.config()
	if err != nil {
		return d, err
	}
	flip, sound := false, cfg.Host.Definition
	faulty := *sound
	faulty.NewPredictor = func(start []byte, me protocol.PlayerID) (game.Predictor, error) {
		p, err := sound.NewPredictor(start, me)
		return &flipper{Predictor: p, flip: &flip, armed: true, own: make([]int32, len(sound.Schema.Own.Fields))}, err
	}
	cfg.Host.Definition = &faulty
	l, err := New(cfg)
	if err != nil {
		return d, err
	}
	unknown := func() int { return l.Players[0].Core().Stats().Corrections.Unknown }
	if err := l.Run(flipAt); err != nil {
		return d, err
	}
	d.False, flip = unknown(), true
	for l.Now() < flipAt+10*protocol.Second {
		if err := l.Run(protocol.Millisecond); err != nil {
			return d, err
		}
		if unknown() > d.False {
			d.Found, d.After = true, l.Now()-flipAt
			break
		}
	}
	return d, nil
}

// flipper is a Predictor with a planted bug.
type flipper struct {
	game.Predictor
	flip  *bool // that it is time
	armed bool
	own   []int32
}

// Step implements game.Predictor.
func (f *flipper) Step(g *game.Guess) {
	f.Predictor.Step(g)
	if f.armed && *f.flip {
		f.armed = false
		f.Save(f.own)
		f.own[0] ^= 1
		f.Load(g.Command.Tick, f.own)
	}
}
