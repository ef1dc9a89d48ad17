package game

import (
	"fmt"
	"slices"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Match is a World with its seats, its clock and its past: all of the authority that is pure. The
// server's room, the laboratory, replays and tests run the same Match.
type Match struct {
	Def   *Definition
	Start Start

	world World
	past  *rewind.History
	turn  Turn
	tick  protocol.Tick
	seats []protocol.PlayerID // ascending
}

// NewMatch begins a match at tick 0, before its first Step.
func NewMatch(def *Definition, start Start) (*Match, error) {
	w, err := def.NewWorld(start.Blob)
	if err != nil {
		return nil, fmt.Errorf("game %s: start: %w", def.Name, err)
	}
	m := &Match{Def: def, Start: start, world: w}
	m.past = m.history()
	return m, nil
}

// history returns an empty one: packed, unless the world is so large that it is looked back at in parts.
func (m *Match) history() *rewind.History {
	if m.Reach() > 0 {
		return rewind.New(m.Def.Schema)
	}
	return rewind.NewPacked(m.Def.Schema)
}

// MaxPlayers returns how many seats the match has.
func (m *Match) MaxPlayers() int {
	if s, ok := m.world.(Sized); ok {
		return min(s.Seats(), m.Def.MaxPlayers)
	}
	return m.Def.MaxPlayers
}

// Reach returns how far from his eye a player is to be shown the world, in units; 0 is all of it. See
// Viewer.
func (m *Match) Reach() int32 {
	if v, ok := m.world.(Viewer); ok {
		return v.Reach()
	}
	return 0
}

// Eye returns from where a player is to be shown the world of a Viewer, in 1/16 unit.
func (m *Match) Eye(id protocol.PlayerID) (x, y int32, ok bool) {
	if v, is := m.world.(Viewer); is {
		return v.Eye(id)
	}
	return 0, 0, false
}

// Allies reports whether two players know of each other whatever is between them; see Allied.
func (m *Match) Allies(a, b protocol.PlayerID) bool {
	if a == b {
		return true
	}
	w, ok := m.world.(Allied)
	return ok && w.Allies(a, b)
}

// Sites returns the cells of own rows that are about a place; see Sited.
func (m *Match) Sites() []Site {
	if w, ok := m.world.(Sited); ok {
		return w.Sites()
	}
	return nil
}

// Join seats a player; see World.Join. It reports false if the seat is taken or out of range.
func (m *Match) Join(id protocol.PlayerID, j Joiner) bool {
	i, taken := slices.BinarySearch(m.seats, id)
	if taken || id == 0 || int(id) > m.MaxPlayers() {
		return false
	}
	m.seats = slices.Insert(m.seats, i, id)
	m.world.Join(id, j)
	return true
}

// Leave frees a seat, if it was taken.
func (m *Match) Leave(id protocol.PlayerID) {
	if i, taken := slices.BinarySearch(m.seats, id); taken {
		m.seats = slices.Delete(m.seats, i, i+1)
		m.world.Leave(id)
	}
}

// Seats returns the seated players in ascending order. The slice is the match's own.
func (m *Match) Seats() []protocol.PlayerID { return m.seats }

// Tick returns the last tick stepped.
func (m *Match) Tick() protocol.Tick { return m.tick }

// Step advances by one tick. Inputs holds one entry for every seat, in ascending order; it panics
// otherwise. The turn returned is valid until the next Step.
func (m *Match) Step(inputs []Input) *Turn {
	if len(inputs) != len(m.seats) {
		panic(fmt.Sprintf("game: Match.Step: %d inputs for %d seats", len(inputs), len(m.seats)))
	}
	for i, id := range m.seats {
		if inputs[i].Player != id {
			panic(fmt.Sprintf("game: Match.Step: input %d is for player %d, want %d", i, inputs[i].Player, id))
		}
	}
	m.tick++
	m.turn.reset(m.tick, inputs, m.past)
	m.world.Step(&m.turn)
	m.world.Publish(m.past.Put(m.tick))
	m.past.Done()
	return &m.turn
}

// Snapshot returns what was published for the last tick, nil before the first.
func (m *Match) Snapshot() *delta.Snapshot { return m.past.At(m.tick) }

// Clone returns a match of its own that goes on as m would, or nil if the game's World is no Cloner.
func (m *Match) Clone() *Match {
	w, ok := m.world.(Cloner)
	if !ok {
		return nil
	}
	c := &Match{Def: m.Def, Start: m.Start, world: w.Clone(), past: m.history(), tick: m.tick}
	c.past.CopyFrom(m.past)
	c.seats = append(make([]protocol.PlayerID, 0, m.Def.MaxPlayers), m.seats...)
	return c
}

// Past returns the published snapshots.
func (m *Match) Past() *rewind.History { return m.past }

// Own fills row with a seated player's own row after the last tick.
func (m *Match) Own(id protocol.PlayerID, row []int32) { m.world.Own(id, row) }

// Hash returns the world's digest after the last tick.
func (m *Match) Hash() uint64 { return m.world.Hash() }

// Over reports that the match is finished.
func (m *Match) Over() bool { return m.world.Over() }
