package lab

import (
	"fmt"
	"math"
	"slices"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// oracle watches a match of the arena and notes every breach of its rules. It knows what the authority is
// told to do and what it says became of it: the inputs that the room let through, own rows, events and the
// audit of shots. How the authority comes to that it does not know: the rules are written here a second
// time, as a player would be told them, and their arithmetic is not the same.
type oracle struct {
	now    func() protocol.Micros // virtual time
	keep   bool                   // the beats, in trace
	trace  trace
	faults []fault

	// Of the match.
	field   *tilemap.Map
	picks   []arena.Pickup
	spawns  []arena.SpawnPoint
	back    []protocol.Tick // by pickup: when it is there again
	first   *beat
	last    *beat
	ledgers map[protocol.PlayerID]*ledger
	fired   map[*game.Event]protocol.Tick // the shots of this beat, by the tick of their command
}

// beat is a tick as the oracle sees it.
type beat struct {
	at     protocol.Micros
	tick   protocol.Tick
	actors []actor // ascending by id
	events []game.Event
	shots  []game.Shot
}

// actor is a seated player in a beat: what he was taken to do, and his own row after it.
type actor struct {
	id  protocol.PlayerID
	in  game.Input
	own []int32
}

// fault is a breach of a rule.
type fault struct {
	rule   string
	tick   protocol.Tick
	player protocol.PlayerID
	what   string
}

func (f fault) String() string {
	return fmt.Sprintf("%s: tick %d, player %d: %s", f.rule, f.tick, f.player, f.what)
}

// ledger is what the oracle remembers of a player.
type ledger struct {
	trail [64]spot // where he was, by tick
	taken protocol.Tick
	view  int64 // latest view, 1/256 tick

	// Of this life.
	alive      bool
	born, died protocol.Tick
	safe       protocol.Tick // until when nothing hurts him
	dashed     protocol.Tick // 0 for not yet
	push       float64       // speed beyond running that he was given, 1/256 unit per tick
	slide      protocol.Tick // until when it carries
	fired      protocol.Tick
	weapon     uint8 // that was fired then
	next       [arena.WeaponCount + 1]protocol.Tick
	ammo       [arena.WeaponCount + 1]int
	loaded     [arena.WeaponCount + 1]protocol.Tick // when it last ceased to be empty
	owned      [arena.WeaponCount + 1]protocol.Tick // since when, 0 for not at all

	bolts int // of plasma that have not hit yet
	gain  gain
}

// gain is what a player had of it all.
type gain struct {
	way, second          float64 // all of it and the longest in a second, units
	shots, dashes, kills int
	damage               int
	rewound              float64 // the oldest view of a shot that hit, ticks
	steps                [arena.TickRate]float64
	sum                  float64
}

// spot is where a player was in a tick, in 1/16 unit, as he was published and exactly.
type spot struct {
	tick, born     protocol.Tick // born is 0 for the dead
	x, y           float64
	exactX, exactY float64
}

// watched is the arena under the oracle's eyes.
func (o *oracle) watched() game.Host {
	def := *arena.Game
	def.NewWorld = func(start []byte) (game.World, error) {
		w, err := arena.Game.NewWorld(start)
		if err != nil {
			return nil, err
		}
		return &witness{World: w.(*arena.World), o: o}, o.begin(start)
	}
	return game.Host{Definition: &def}
}

// witness tells the oracle of each step of a world.
type witness struct {
	*arena.World
	o *oracle
}

// Step implements game.World.
func (w *witness) Step(t *game.Turn) {
	w.World.Step(t)
	m := &beat{at: w.o.now(), tick: t.Tick, events: slices.Clone(t.Events), shots: slices.Clone(t.Shots)}
	for _, in := range t.Inputs {
		in.Late = slices.Clone(in.Late)
		own := make([]int32, len(arena.Schema.Own.Fields))
		w.World.Own(in.Player, own)
		m.actors = append(m.actors, actor{in.Player, in, own})
	}
	if w.o.keep {
		w.o.trace = append(w.o.trace, m)
	}
	w.o.see(m)
}

// begin forgets one match for another.
func (o *oracle) begin(start []byte) error {
	s, err := arena.DecodeStart(start)
	if err != nil {
		return err
	}
	o.field, o.first, o.last, o.ledgers = s.Map, nil, nil, map[protocol.PlayerID]*ledger{}
	o.picks, o.spawns, err = arena.Layout(s.Map)
	o.back = make([]protocol.Tick, len(o.picks))
	return err
}

// see checks a beat against all rules.
func (o *oracle) see(m *beat) {
	o.fired = map[*game.Event]protocol.Tick{}
	o.paced(m)
	for i := range m.actors {
		a := &m.actors[i]
		l := o.ledgers[a.id]
		if l == nil {
			l = &ledger{}
			o.ledgers[a.id] = l
		}
		o.commanded(m, a, l)
		o.lives(m, a, l)
		o.moves(m, a, l)
		l.trail[m.tick%64] = a.spot(m.tick, l.born)
	}
	for i := range m.actors {
		a := &m.actors[i]
		o.shoots(m, a, o.ledgers[a.id])
	}
	o.hits(m)
	for i := range m.actors {
		a := &m.actors[i]
		o.collects(m, a, o.ledgers[a.id])
		o.suffers(m, a, o.ledgers[a.id])
	}
	o.last = m
}

// spot returns where a player is.
func (a *actor) spot(t, born protocol.Tick) spot {
	x, y := a.own[arena.OwnX], a.own[arena.OwnY]
	return spot{t, born, wire(x), wire(y), float64(x) / 16, float64(y) / 16}
}

// blame notes a breach of one of the rules.
func (o *oracle) blame(rule string, m *beat, id protocol.PlayerID, format string, args ...any) {
	o.faults = append(o.faults, fault{rule, m.tick, id, fmt.Sprintf(format, args...)})
}

// of returns the events of a kind that are about a player: those that begin with his id.
func (m *beat) of(kind uint8, id protocol.PlayerID) (es []*game.Event) {
	for i := range m.events {
		if e := &m.events[i]; e.Kind == kind && e.To == 0 && e.Args[0] == int32(id) {
			es = append(es, e)
		}
	}
	return es
}

// told returns the events of a kind that only a player is told.
func (m *beat) told(kind uint8, id protocol.PlayerID) (es []*game.Event) {
	for i := range m.events {
		if e := &m.events[i]; e.Kind == kind && e.To == id {
			es = append(es, e)
		}
	}
	return es
}

// wire rounds 1/256 unit to the 1/16 in which everybody is published.
func wire(v int32) float64 { return float64((v + 8) >> 4) }

// at returns where a player was in a tick, if he was in play.
func (l *ledger) at(t protocol.Tick) (spot, bool) {
	s := l.trail[t%64]
	return s, s.tick == t && s.born != 0
}

// seen returns how far from a place a player was to be seen at a view, in 1/16 unit.
func (l *ledger) seen(v protocol.View, x, y float64) float64 {
	a, here := l.at(v.A)
	b, there := l.at(v.B)
	if here && there && a.born == b.born {
		f := float64(v.Frac) / 256
		return math.Hypot(a.x+(b.x-a.x)*f-x, a.y+(b.y-a.y)*f-y)
	}
	far := math.Inf(1) // he came or died in between, and was there or not
	if here {
		far = math.Hypot(a.x-x, a.y-y)
	}
	if there {
		far = min(far, math.Hypot(b.x-x, b.y-y))
	}
	return far
}

// tile is the side of one, in 1/16 unit.
const tile = 16 * tilemap.TileSize

// cornered reports whether a body has something solid within reach: it may be led around its corner.
func (o *oracle) cornered(s spot, reach float64) bool {
	r := ruleBody + reach
	for ty := math.Floor((s.exactY - r) / tile); ty <= math.Floor((s.exactY+r)/tile); ty++ {
		for tx := math.Floor((s.exactX - r) / tile); tx <= math.Floor((s.exactX+r)/tile); tx++ {
			if o.field.Solid(int(tx), int(ty)) {
				return true
			}
		}
	}
	return false
}

// walled reports whether a wall stands between two places, in 1/16 unit.
func (o *oracle) walled(x, y, toX, toY float64) bool {
	n := math.Ceil(math.Hypot(toX-x, toY-y) / 4) // steps of a quarter unit
	for i := 1.0; i < n; i++ {
		if o.field.BlocksShot(int(math.Floor((x+(toX-x)*i/n)/tile)), int(math.Floor((y+(toY-y)*i/n)/tile))) {
			return true
		}
	}
	return false
}
