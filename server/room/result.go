package room

import (
	"slices"

	"hindsight/game"
	"hindsight/protocol"
)

// Result is a match that was played to its end.
type Result struct {
	Room, Game, Title string
	Mode, Map         string // if the game has several
	// Ticks is how long it took, at TickRate Hz.
	Ticks    protocol.Tick
	TickRate int
	// Players are those who were in it, also those who left before the end.
	Players []PlayerResult
}

// PlayerResult is what one player did in a match.
type PlayerResult struct {
	ID   string // Entrant.ID; "" for a bot and for somebody nobody knows
	Name string
	Bot  bool
	Left bool // before the end
	game.Standing
	Shots, Hits int           // rewound shots
	Ticks       protocol.Tick // in the match
}

// record gathers the result of the running match.
type record struct {
	tally []tally // by player, as far as anybody ever came
	gone  []PlayerResult
}

// tally is a seated player's part of the record; of a free seat it says nothing.
type tally struct {
	since       protocol.Tick
	shots, hits int
}

// begin starts the record of a match with these players.
func (c *record) begin(players []*player) {
	c.tally, c.gone = c.tally[:0], c.gone[:0]
	for _, p := range players {
		c.joined(p, 0)
	}
}

func (c *record) joined(p *player, t protocol.Tick) {
	for int(p.id) >= len(c.tally) {
		c.tally = append(c.tally, tally{})
	}
	c.tally[p.id] = tally{since: t}
}

// left closes a player's part, if the match has begun.
func (c *record) left(p *player, m *game.Match) {
	if m.Tick() > 0 {
		r := c.of(p, m)
		r.Left = true
		c.gone = append(c.gone, r)
	}
}

func (c *record) of(p *player, m *game.Match) PlayerResult {
	t := &c.tally[p.id]
	r := PlayerResult{ID: p.who, Name: p.name, Bot: p.isBot(), Shots: t.shots, Hits: t.hits, Ticks: m.Tick() - t.since}
	if f := m.Def.Standing; f != nil {
		r.Standing = f(m.Snapshot(), p.id)
	}
	return r
}

// shots counts the audit records of a tick.
func (c *record) shots(shots []game.Shot) {
	for i := range shots {
		t := &c.tally[shots[i].Shooter]
		t.shots++
		if shots[i].Target != 0 {
			t.hits++
		}
	}
}

// finish returns the result of the match that is over. Who left and came back counts once, as who
// is there.
func (r *Room) finish() Result {
	m := r.match
	res := Result{Room: r.cfg.ID, Game: m.Def.Name, Title: m.Start.Title, Mode: m.Start.Mode, Map: m.Start.Map, Ticks: m.Tick(), TickRate: m.Def.TickRate}
	for _, p := range r.players {
		res.Players = append(res.Players, r.record.of(p, m))
	}
	for i := len(r.record.gone) - 1; i >= 0; i-- {
		g := r.record.gone[i]
		if g.ID == "" || !slices.ContainsFunc(res.Players, func(p PlayerResult) bool { return p.ID == g.ID }) {
			res.Players = append(res.Players, g)
		}
	}
	return res
}
