package arena

import (
	"slices"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/grid"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
)

// Game is the arena.
var Game = &game.Definition{
	Name:         "arena",
	TickRate:     TickRate,
	MaxPlayers:   MaxCrowd,
	Schema:       Schema,
	Looks:        true,
	NewWorld:     NewWorld,
	NewPredictor: NewPredictor,
	NewBot:       NewBot,
	Standing:     Standing,
}

// World is the authority's arena. It implements game.World.
type World struct {
	rules  *rules
	ground ground
	tick   protocol.Tick
	rand   rng.Rand // what only the authority decides
	teams  [3]int32 // points, by team
	order  []protocol.PlayerID
	seats  []seat // by player
	crowd  *crowd // nil in a small match
	// lost says who took each pickup last, and when: others may not know yet.
	lost [MaxPickups]struct {
		by protocol.PlayerID
		at protocol.Tick
	}

	// Scratch of one tick.
	tally tally
	row   [ownFields]int32
}

// seat is one player and what the authority keeps about him.
type seat struct {
	taken bool
	fresh bool // joined since the last tick
	// touched is the last tick in which something changed the player that he could not foresee.
	touched protocol.Tick
	told    protocol.Tick // when the next spawn point was last changed
	player  player
	score   score
	late    late
	// slayer dealt the damage that ended this life, with slainWith.
	slayer    protocol.PlayerID
	slainWith uint8
	grudges   [grudges]grudge
	out       outcome // of this tick
}

// forget clears who has hurt this player.
func (s *seat) forget() {
	s.slayer, s.slainWith = 0, 0
	s.grudges = [grudges]grudge{}
}

// NewWorld starts a match from a start blob.
func NewWorld(start []byte) (game.World, error) {
	r, err := newRules(start)
	if err != nil {
		return nil, err
	}
	w := &World{
		rules: r, ground: r.opening(), rand: rng.New(r.Seed),
		order: make([]protocol.PlayerID, 0, r.seats()), seats: make([]seat, r.seats()+1),
	}
	if r.isCrowd() {
		w.crowd = &crowd{grid: grid.New(r.field.Size(), fixed.FromInt(crowdCell))}
	}
	return w, nil
}

// Clone implements game.Cloner. The rules never change and are shared.
func (w *World) Clone() game.World {
	c := *w
	c.order = append(make([]protocol.PlayerID, 0, cap(w.order)), w.order...)
	c.seats, c.tally = slices.Clone(w.seats), tally{}
	if w.crowd != nil {
		c.crowd = &crowd{grid: grid.New(w.rules.field.Size(), fixed.FromInt(crowdCell)), board: w.crowd.board}
	}
	return &c
}

// Join seats a player with an empty score, in the promised team or else the smaller. He enters with
// the next tick.
func (w *World) Join(id protocol.PlayerID, j game.Joiner) {
	team := w.smallerTeam()
	if team != TeamNone && (j.Team == TeamRed || j.Team == TeamBlue) {
		team = j.Team
	}
	i, _ := slices.BinarySearch(w.order, id)
	w.order = slices.Insert(w.order, i, id)
	s := &w.seats[id]
	*s = seat{taken: true, fresh: true}
	s.score.since = w.tick.Add(1)
	s.player.weapon, s.player.team = startWeapon, team
	w.chooseSpawn(id)
}

// smallerTeam returns the team with fewer players, then the one with fewer points, then red.
func (w *World) smallerTeam() uint8 {
	if w.rules.Mode != ModeTDM {
		return TeamNone
	}
	var size [3]int
	for _, id := range w.order {
		size[w.seats[id].player.team]++
	}
	red, blue := size[TeamRed], size[TeamBlue]
	if blue < red || blue == red && w.teams[TeamBlue] < w.teams[TeamRed] {
		return TeamBlue
	}
	return TeamRed
}

// Leave takes a player out with his shots. His team keeps its points.
func (w *World) Leave(id protocol.PlayerID) {
	if i, seated := slices.BinarySearch(w.order, id); seated {
		w.order = slices.Delete(w.order, i, i+1)
	}
	w.seats[id] = seat{}
	for _, other := range w.order {
		s := &w.seats[other]
		if g := &s.grudges[id%grudges]; g.by == id {
			*g = grudge{}
		}
		if s.slayer == id {
			s.slayer = 0
		}
	}
}

// Own fills row with the player's own row.
func (w *World) Own(id protocol.PlayerID, row []int32) {
	w.seats[id].player.save(&w.ground, row)
}

// Sites implements game.Sited: who took a pickup is not to be guessed at from afar.
func (w *World) Sites() []game.Site {
	var sites []game.Site
	for i := range w.rules.pickups {
		at := w.rules.pickups[i].At
		sites = append(sites, game.Site{Cell: OwnPick + i, X: at.X.Wire(), Y: at.Y.Wire()})
	}
	return sites
}

// Over reports that the final scoreboard has been shown.
func (w *World) Over() bool { return w.ground.frozen() && w.tick.Sub(w.ground.ends) >= 0 }

// Hash returns the FNV-1a digest of the whole state, 32 bits at a time.
func (w *World) Hash() uint64 {
	h := digest(14695981039346656037)
	h.add(uint32(w.tick), uint32(w.ground.phase), uint32(w.ground.ends))
	h.add(uint32(w.rand.State()), uint32(w.rand.State()>>32))
	for i := range w.teams {
		h.add(uint32(w.teams[i]))
	}
	for i := range w.lost {
		h.add(uint32(w.ground.picks[i]), uint32(w.lost[i].by), uint32(w.lost[i].at))
	}
	for _, id := range w.order {
		h.add(uint32(id))
		w.hashSeat(&h, &w.seats[id])
	}
	return uint64(h)
}

func (w *World) hashSeat(h *digest, s *seat) {
	s.player.save(&w.ground, w.row[:])
	for _, v := range w.row {
		h.add(uint32(v))
	}
	if s.fresh {
		h.add(1)
	}
	c := &s.score
	h.add(uint32(c.since), uint32(c.kills), uint32(c.deaths), uint32(c.assists))
	h.add(uint32(s.slayer), uint32(s.slainWith), uint32(s.touched), uint32(s.told))
	s.late.hash(h)
	for i := range s.grudges {
		g := &s.grudges[i]
		h.add(uint32(g.damage), uint32(g.last))
		if w.crowd != nil { // else the place says it
			h.add(uint32(g.by))
		}
	}
}

type digest uint64

func (h *digest) add(words ...uint32) {
	for _, v := range words {
		*h = (*h ^ digest(v)) * 1099511628211
	}
}
