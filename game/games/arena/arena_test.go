package arena

import (
	"math/rand/v2"
	"testing"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// hall is a plain room of 20x12 tiles without pickups.
var hall = []string{
	"####################",
	"#S.................#",
	"#..................#",
	"#..................#",
	"#..................#",
	"#..................#",
	"#..................#",
	"#..................#",
	"#..................#",
	"#..................#",
	"#................S.#",
	"####################",
}

// yard has walls, water and everything that can be picked up.
var yard = []string{
	"####################",
	"#S.4.2...#...h.4..S#",
	"#.##.....#..###....#",
	"#4.#.........#..~4.#",
	"#..3..M......4..~..#",
	"#....##....#....~..#",
	"#..d.#..4..#..a....#",
	"#.h........#....##.#",
	"###...~~~....4...#4#",
	"#4....~~~..5..b....#",
	"#S..4c..d..e...4.S.#",
	"####################",
}

// draw turns rows of tiles into a map: # wall, ~ low, S spawn, h health, M mega, a armour, 2 to 5
// weapons, b to e their ammunition.
func draw(rows []string) *tilemap.Map {
	m := &tilemap.Map{Name: "test", Title: "Test", W: len(rows[0]), H: len(rows)}
	for y, row := range rows {
		for x, c := range row {
			tile := tilemap.Floor
			o := tilemap.Object{At: tilemap.Center(x, y)}
			switch {
			case c == '#':
				tile = tilemap.Wall
			case c == '~':
				tile = tilemap.Low
			case c == 'S':
				o.Class = ClassSpawn
			case c == 'h':
				o.Class = ClassHealth
			case c == 'M':
				o.Class = ClassMega
			case c == 'a':
				o.Class = ClassArmour
			case c >= '2' && c <= '5':
				o.Class, o.Props = ClassWeapon, []tilemap.Prop{{Name: "weapon", Value: c - '0'}}
			case c >= 'b' && c <= 'e':
				o.Class, o.Props = ClassAmmo, []tilemap.Prop{{Name: "weapon", Value: c - 'b' + 2}}
			}
			m.Tiles = append(m.Tiles, tile)
			if o.Class != "" {
				m.Objects = append(m.Objects, o)
			}
		}
	}
	return m
}

// live is a free-for-all without a warm-up or limits worth the name.
func live(rows []string) Settings {
	return Settings{Mode: ModeFFA, TimeLimit: maxTimeLimit, Seed: 7, Map: draw(rows)}
}

// bench is a match under test: commands go in by player, and what happened is kept.
type bench struct {
	*game.Match
	t      testing.TB
	w      *World
	cmds   [MaxCrowd + 1]protocol.Command
	inputs []game.Input
	turn   *game.Turn
	seen   []game.Event // since the last clear
	shots  []game.Shot
}

func newBench(t testing.TB, s Settings, players int) *bench {
	t.Helper()
	b := &bench{t: t}
	def := *Game
	def.NewWorld = func(start []byte) (game.World, error) {
		w, err := NewWorld(start)
		b.w, _ = w.(*World)
		return w, err
	}
	m, err := game.NewMatch(&def, game.Start{Blob: EncodeStart(s)})
	if err != nil {
		t.Fatal(err)
	}
	b.Match = m
	for id := range players {
		m.Join(protocol.PlayerID(id+1), game.Joiner{})
	}
	b.step()
	return b
}

// step runs one tick with the commands as they stand.
func (b *bench) step() {
	b.inputs = b.inputs[:0]
	for _, id := range b.Seats() {
		c := b.cmds[id]
		c.Tick = b.Tick() + 1
		b.inputs = append(b.inputs, game.Input{Player: id, Command: c})
	}
	b.turn = b.Match.Step(b.inputs)
	b.seen = append(b.seen, b.turn.Events...)
	b.shots = append(b.shots, b.turn.Shots...)
}

func (b *bench) run(ticks int) {
	for range ticks {
		b.step()
	}
}

func (b *bench) clear() { b.seen, b.shots = b.seen[:0], b.shots[:0] }

func (b *bench) player(id protocol.PlayerID) *player { return &b.w.seats[id].player }

// put sets a player down, without spawn protection.
func (b *bench) put(id protocol.PlayerID, x, y int) *player {
	p := b.player(id)
	p.pos, p.vel = fixed.Vec{X: fixed.FromInt(x), Y: fixed.FromInt(y)}, fixed.Vec{}
	p.safeEnd = 0
	return p
}

// arm gives a player a weapon, ready to fire.
func (b *bench) arm(id protocol.PlayerID, weapon uint8, ammo int32) {
	p := b.player(id)
	p.weapon, p.owned = weapon, p.owned|1<<(weapon-1)
	p.ammo[weapon-1], p.ready = ammo, 0
}

// tap presses fire once, with an aim and a view, and steps.
func (b *bench) tap(id protocol.PlayerID, aim fixed.Angle, view protocol.View) {
	c := &b.cmds[id]
	c.Press[0]++
	c.Aim, c.View = uint16(aim), view
	b.step()
}

// find returns the events of a kind.
func (b *bench) find(kind uint8) (found []game.Event) {
	for _, e := range b.seen {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// one returns the only event of a kind.
func (b *bench) one(kind uint8) game.Event {
	b.t.Helper()
	found := b.find(kind)
	if len(found) != 1 {
		b.t.Fatalf("%d events of kind %d, want 1: %v", len(found), kind, found)
	}
	return found[0]
}

// whim is a player that holds each random idea for a random while.
type whim struct {
	r    *rand.Rand
	cmd  protocol.Command
	left int
}

func newWhim(seed uint64) *whim { return &whim{r: rand.New(rand.NewPCG(seed, 1))} }

func (m *whim) next(tick protocol.Tick) protocol.Command {
	c := &m.cmd
	if m.left--; m.left < 0 {
		m.left = m.r.IntN(40)
		c.MoveX, c.MoveY = int8(m.r.IntN(256)-128), int8(m.r.IntN(256)-128)
		if m.r.IntN(4) == 0 {
			c.MoveX = 0
		}
		c.Held = protocol.Buttons(m.r.IntN(2))
		c.Select = uint8(m.r.IntN(8))
		if m.r.IntN(2) == 0 { // what hurts its owner most
			c.Held, c.Select = HeldFire, Rocket
		}
	}
	c.Aim += uint16(m.r.IntN(2000) - 1000)
	if m.r.IntN(12) == 0 {
		c.Press[0] += uint8(m.r.IntN(3))
	}
	if m.r.IntN(30) == 0 {
		c.Press[1]++
	}
	c.Tick, c.View = tick, protocol.View{}
	if back := protocol.Tick(m.r.IntN(14)); m.r.IntN(5) > 0 && tick > back+2 {
		c.View = protocol.View{A: tick - back - 2, B: tick - back - 1, Frac: uint16(m.r.IntN(300))}
	}
	return *c
}
