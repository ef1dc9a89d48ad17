package gametest

import (
	"fmt"
	"slices"

	"hindsight/game"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Table is a match with bots around it, each with a client's half of the rules: what server and
// clients do together, but with no wire in between. Every player sees the match a few ticks late
// and between two snapshots, as over a network, and its own part as predicted.
//
// Equal arguments and calls give equal matches. A Table is for tests and benchmarks.
type Table struct {
	Match *game.Match
	Seats []*Seat // in ascending id order

	seed   uint64
	inputs []game.Input
}

// Seat is one player at a Table.
type Seat struct {
	ID      protocol.PlayerID
	Input   game.Input       // of the last tick
	Scene   delta.Snapshot   // what was drawn when it was given
	Own     []int32          // the authority's own row after the last tick
	Before  []int32          // and before it
	Guess   game.Guess       // what the predictor was asked and answered
	Events  []protocol.Event // that reached this player in the last tick
	Bot     game.Bot
	Predict game.Predictor

	private delta.Snapshot
}

// NewTable begins a match without players.
func NewTable(def *game.Definition, start game.Start, seed uint64) (*Table, error) {
	m, err := game.NewMatch(def, start)
	if err != nil {
		return nil, err
	}
	return &Table{Match: m, seed: seed}, nil
}

// Join seats a bot, before the next tick.
func (t *Table) Join(id protocol.PlayerID, skill int) error {
	def, blob := t.Match.Def, t.Match.Start.Blob
	bot, err := def.NewBot(blob, id, skill, rng.Mix(t.seed, uint64(id), uint64(t.Match.Tick())))
	if err != nil {
		return fmt.Errorf("bot %d: %w", id, err)
	}
	pred, err := def.NewPredictor(blob, id)
	if err != nil {
		return fmt.Errorf("predictor %d: %w", id, err)
	}
	if !t.Match.Join(id, game.Joiner{Bot: true}) {
		return fmt.Errorf("seat %d is taken or does not exist", id)
	}
	fields := len(def.Schema.Own.Fields)
	s := &Seat{ID: id, Bot: bot, Predict: pred, Own: make([]int32, fields), Before: make([]int32, fields)}
	at, _ := slices.BinarySearchFunc(t.Seats, id, func(s *Seat, id protocol.PlayerID) int { return int(s.ID) - int(id) })
	t.Seats = slices.Insert(t.Seats, at, s)
	t.Match.Own(id, s.Own)
	return nil
}

// Leave frees a seat, before the next tick.
func (t *Table) Leave(id protocol.PlayerID) {
	t.Match.Leave(id)
	t.Seats = slices.DeleteFunc(t.Seats, func(s *Seat) bool { return s.ID == id })
}

// Tick lets everyone look and decide, predicts the tick for each from the authority's row before
// it, and steps the match.
func (t *Table) Tick() *game.Turn {
	tick := t.Match.Tick() + 1
	t.inputs = t.inputs[:0]
	for _, s := range t.Seats {
		t.look(s, tick)
		cmd := s.Bot.Think(&game.Sight{Tick: tick, Me: s.ID, Own: s.Own, Scene: &s.Scene, Events: s.Events})
		cmd.Tick, cmd.View = tick, t.view(s.ID, tick)
		s.Input = game.Input{Player: s.ID, Command: cmd}
		t.inputs = append(t.inputs, s.Input)

		copy(s.Before, s.Own)
		s.Guess = game.Guess{Command: cmd, Scene: &s.Scene, Events: s.Guess.Events[:0]}
		s.Predict.Load(tick-1, s.Before)
		s.Predict.Step(&s.Guess)
	}
	turn := t.Match.Step(t.inputs)
	for _, s := range t.Seats {
		t.Match.Own(s.ID, s.Own)
		s.Events = append(s.Events[:0], s.Guess.Events...)
		for i := range turn.Events {
			if e := &turn.Events[i]; (e.To == 0 || e.To == s.ID) && e.Except != s.ID {
				s.Events = append(s.Events, e.Event)
			}
		}
	}
	return turn
}

// view returns what a player's screen shows at a tick: 1 to 8 ticks late and somewhere between two
// snapshots, each player with another delay. The first ticks see the present.
func (t *Table) view(id protocol.PlayerID, tick protocol.Tick) protocol.View {
	late := 2 + protocol.Tick(id)%8
	if tick <= late {
		return protocol.View{}
	}
	return protocol.View{A: tick - late, B: tick - late + 1, Frac: uint16(id) * 37 % 256}
}

// look fills the seat's scene: what was published, blended, with the own part replaced by the
// predicted one.
func (t *Table) look(s *Seat, tick protocol.Tick) {
	s.Scene.Reset(tick)
	s.private.Reset(tick)
	if tick > 1 {
		s.Predict.Load(tick-1, s.Own)
		s.Predict.Publish(&s.private)
	}
	mine := s.private.Entities()
	if seen := t.Match.Past().Seen(t.view(s.ID, tick)); seen != nil {
		for _, e := range seen.Entities() {
			if e.Owner == s.ID && t.Match.Def.Schema.Kinds[e.Kind].Private {
				continue
			}
			for len(mine) > 0 && mine[0].ID <= e.ID {
				add(&s.Scene, &mine[0])
				mine = mine[1:]
			}
			add(&s.Scene, &e)
		}
	}
	for i := range mine {
		add(&s.Scene, &mine[i])
	}
}

func add(s *delta.Snapshot, e *delta.Entity) {
	copy(s.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
}

// Play runs a match with n bots of all skills and returns a digest of its state after each of the
// first ticks, given for every so many of them. When the match is over it begins again. It is what
// a game compares between machines: the first digest that differs says how far they agreed.
func Play(def *game.Definition, start game.Start, n, ticks, every int) ([]uint64, error) {
	var digests []uint64
	t, err := full(def, start, n, 0)
	if err != nil {
		return nil, err
	}
	digest := uint64(0)
	for i := 1; i <= ticks; i++ {
		if t.Match.Over() {
			if t, err = full(def, start, n, uint64(i)); err != nil {
				return nil, err
			}
		}
		t.Tick()
		digest = rng.Mix(digest, t.Match.Hash(), uint64(i))
		if i%every == 0 {
			digests = append(digests, digest)
		}
	}
	return digests, nil
}

// full returns a table with bots of all skills in the seats 1 to n.
func full(def *game.Definition, start game.Start, n int, seed uint64) (*Table, error) {
	t, err := NewTable(def, start, seed)
	if err != nil {
		return nil, err
	}
	for id := 1; id <= min(n, t.Match.MaxPlayers()); id++ {
		if err := t.Join(protocol.PlayerID(id), 1+id%5); err != nil {
			return nil, err
		}
	}
	return t, nil
}
