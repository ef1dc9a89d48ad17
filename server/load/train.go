package load

import (
	"fmt"
	"slices"
	"strings"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/simnet"
	"hindsight/server/lab"
	"hindsight/server/replication"
)

// Codes are the lengths of the codes of package delta as a census of real movement would have them, in
// the form in which they stand there.
type Codes struct {
	Heads []string // after each mood
	Sizes string
}

// longestCode is the most bits that a code of package delta may have.
const longestCode = 11

// Train returns the codes that are shortest for what each of the traces at 20 snapshots a second and an
// arena of 16 players at 20 and at 60 are an equal part of.
func Train(traces []*Trace, seconds float64, seed uint64) (*Codes, error) {
	const slow, players = 20, 16
	var all []*delta.Census
	for _, t := range traces {
		c := &delta.Census{}
		if _, err := OfTrace(t, TraceConfig{Rate: slow, AimBits: 8, Census: c}); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	l, err := newArena(players, slow, seed)
	if err != nil {
		return nil, err
	}
	if err := l.Run(arrival(players)); err != nil {
		return nil, err
	}
	rare, every := newCounter(arena.Schema), newCounter(arena.Schema)
	for end := l.Now() + protocol.Micros(seconds*float64(protocol.Second)); l.Now() < end; {
		if err := l.Run(protocol.Second / 240); err != nil {
			return nil, err
		}
		rare.look(l.Room.Match(), 3)
		every.look(l.Room.Match(), 1)
	}
	return codesFor(all, []*delta.Census{&rare.census, &every.census}), nil
}

// counter takes a census of a match at a rate of its own.
type counter struct {
	table  *replication.Table
	census delta.Census
}

func newCounter(s *delta.Schema) *counter {
	c := &counter{table: replication.NewTable(s)}
	c.table.Count(&c.census)
	return c
}

// look counts what was done in the match's last ticks, if there are so many new ones.
func (c *counter) look(m *game.Match, ticks int) {
	if s := m.Snapshot(); s != nil && s.Tick.Sub(c.table.Tick()) >= ticks {
		c.table.Advance(s, m.Past().At(c.table.Tick()))
	}
}

// codesFor weighs each census by its heads, so that a long one counts no more than a short one, and one of
// a trace as much as four of the arena: people run straighter than bots.
func codesFor(traces, arena []*delta.Census) *Codes {
	const least, most = 1e7, 4e7
	heads, sizes := [len(delta.Census{}.Heads)][]float64{}, []float64(nil)
	add := func(sum *[]float64, counts []int, weight float64) {
		if *sum == nil {
			*sum = make([]float64, len(counts))
		}
		for i, n := range counts {
			(*sum)[i] += float64(n) * weight
		}
	}
	for n, c := range slices.Concat(traces, arena) {
		total := 0.0
		for i := range c.Heads {
			for _, n := range c.Heads[i] {
				total += float64(n)
			}
		}
		weight := least / total
		if n < len(traces) {
			weight = most / total
		}
		for i := range c.Heads {
			add(&heads[i], c.Heads[i][:], weight)
		}
		add(&sizes, c.Sizes[:], weight)
	}
	codes := &Codes{Sizes: lengths(sizes)}
	for i := range heads {
		codes.Heads = append(codes.Heads, lengths(heads[i]))
	}
	return codes
}

// lengths returns those of the best prefix code for symbols that are so frequent, none longer than
// longestCode, a hexadecimal digit for each (Larmore and Hirschberg, "A fast algorithm for optimal
// length-limited Huffman codes", 1990: package-merge).
func lengths(weights []float64) string {
	type pack struct {
		weight  float64
		symbols []int
	}
	var leaves []pack
	for i, w := range weights {
		leaves = append(leaves, pack{w + 1, []int{i}}) // what was never seen can still happen
	}
	byWeight := func(a, b pack) int {
		switch {
		case a.weight < b.weight:
			return -1
		case a.weight > b.weight:
			return 1
		}
		return slices.Compare(a.symbols, b.symbols)
	}
	slices.SortFunc(leaves, byWeight)
	var row []pack
	for range longestCode {
		var packs []pack
		for i := 0; i+1 < len(row); i += 2 {
			packs = append(packs, pack{row[i].weight + row[i+1].weight, slices.Concat(row[i].symbols, row[i+1].symbols)})
		}
		row = slices.Concat(leaves, packs)
		slices.SortFunc(row, byWeight)
	}
	n := make([]int, len(weights))
	for _, p := range row[:2*len(weights)-2] {
		for _, s := range p.symbols {
			n[s]++
		}
	}
	var b strings.Builder
	for _, l := range n {
		fmt.Fprintf(&b, "%x", l)
	}
	return b.String()
}

// newArena returns an arena in virtual time, played by bots over links of 50 ms there and back that lose
// nothing.
func newArena(players, rate int, seed uint64) (*lab.Lab, error) {
	host, rotation, err := lab.Arena()
	if err != nil {
		return nil, err
	}
	if rate < 1 || host.TickRate%rate != 0 || players < 1 || players > host.MaxPlayers {
		return nil, fmt.Errorf("load: %d players and %d snapshots a second, want 1 to %d and a divisor of %d", players, rate, host.MaxPlayers, host.TickRate)
	}
	return lab.New(lab.Config{
		Host: host, Rotation: rotation, Players: players, SnapshotEvery: host.TickRate / rate, Seed: seed,
		Link: simnet.Config{Latency: 25 * protocol.Millisecond},
	})
}

// arrival is how long it takes until players who come in one each quarter second have found each other.
func arrival(players int) protocol.Micros {
	return protocol.Micros(players)*protocol.Second/4 + 5*protocol.Second
}
