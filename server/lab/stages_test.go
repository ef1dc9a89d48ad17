package lab

import (
	"bytes"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/netcode"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/simnet"
)

// stage is a match under the oracle's eyes, in which the first players may cheat.
type stage struct {
	name     string
	rotation game.Rotation
	players  int // clients
	cheaters int // of those
	bots     int // seats in all, 0 for none but the clients'
	play     protocol.Micros
	// hands are what every client does, those of a bot if nil.
	hands func(p *Player, s *game.Sight) netcode.Controls
	// most returns what nobody may have more of than who plays perfectly and honestly, nil where that
	// cannot be said. Lengths are in whole units.
	most func(g *gain) [3]int
}

// run plays and returns the oracle and what the first player came by.
func (st *stage) run(t *testing.T, tr trick, link simnet.Config, o *oracle) *gain {
	t.Helper()
	var l *Lab
	o.now = func() protocol.Micros { return l.now }
	l, err := New(Config{
		Host: o.watched(), Rotation: st.rotation, Players: st.players, Bots: st.bots, Skill: 5, Seed: 4, Link: link,
	})
	if err != nil {
		t.Fatal(err)
	}
	var first *cheater
	for i, p := range l.Players {
		if st.hands != nil {
			p.hands = func(s *game.Sight) netcode.Controls { return st.hands(p, s) }
		}
		if i < st.cheaters && tr != nil {
			c := p.cheats(tr)
			if i == 0 {
				first = c
			}
		}
	}
	run(t, l, st.play)
	if first != nil && first.n < 200 {
		t.Errorf("%s: cheated %d times only", st.name, first.n)
	}
	g := o.ledgers[l.Players[0].Core().Welcome().Player]
	if g == nil {
		t.Fatalf("%s: the first player has not played", st.name)
	}
	for _, f := range o.faults[:min(len(o.faults), 5)] {
		t.Errorf("%s: %v, one of %d faults", st.name, f, len(o.faults))
	}
	return &g.gain
}

// sprint is a lane as long as a map can be, run down at full speed with every dash there is.
func sprint() *stage {
	const length, width = 250, 20
	lane := yard{string(bytes.Repeat([]byte("#"), length))}
	for y := range width {
		row := bytes.Repeat([]byte("."), length)
		if row[0], row[length-1] = '#', '#'; y == width/2 {
			row[1] = 'S'
		}
		lane = append(lane, string(row))
	}
	return &stage{
		name: "sprint", rotation: append(lane, lane[0]), players: 1, cheaters: 1, play: 12 * protocol.Second,
		hands: func(_ *Player, s *game.Sight) netcode.Controls {
			return netcode.Controls{MoveX: 127, Press: [2]uint8{0, uint8(s.Tick)}}
		},
		most: func(g *gain) [3]int { return [3]int{int(g.way), int(g.second), g.dashes} },
	}
}

// gallery is a small room where one who never misses shoots at one who stands there.
func gallery() *stage {
	return &stage{
		name: "gallery",
		rotation: yard{
			"##############",
			"#............#",
			"#............#",
			"#.S........S.#",
			"#............#",
			"#............#",
			"#............#",
			"##############",
		}, players: 2, cheaters: 1, play: 14 * protocol.Second,
		hands: func(p *Player, s *game.Sight) netcode.Controls {
			k := netcode.Controls{Held: arena.HeldFire}
			if aim(&k, s); p.Index > 0 {
				return netcode.Controls{}
			}
			return k
		},
		most: func(g *gain) [3]int { return [3]int{g.shots, g.kills} },
	}
}

// armoury is a room with every weapon and a wall in it, where everybody runs about, changes weapons and
// shoots at whom he sees.
func armoury() *stage {
	return &stage{
		name: "armoury",
		rotation: yard{
			"################",
			"#S.2..3...4.5..#",
			"#......###.....#",
			"#.4......#...2.#",
			"#..5.....#.3..S#",
			"#S....#......4.#",
			"#.2.3.#..5..2..#",
			"################",
		}, players: 3, cheaters: 2, play: 15 * protocol.Second,
		hands: func(p *Player, s *game.Sight) netcode.Controls {
			turn := fixed.Angle(uint64(s.Tick/24) * 40503 * uint64(p.Index+1))
			way := turn.Unit(127)
			k := netcode.Controls{
				MoveX: int8(way.X), MoveY: int8(way.Y), Aim: uint16(turn), Held: arena.HeldFire,
				Select: uint8(1 + s.Tick/16%arena.WeaponCount), Press: [2]uint8{0, uint8(s.Tick / 32)},
			}
			aim(&k, s)
			return k
		},
	}
}

// fight is a match of good players on a map with all there is to take.
func fight(t *testing.T) *stage {
	r, err := maps.NewRotation(map[string]string{"maps": "foundry", "warmup": "0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{name: "fight", rotation: r, players: 4, cheaters: 3, bots: 10, play: 10 * protocol.Second}
}

// aim points at somebody who is seen, and reports whether there is one.
func aim(k *netcode.Controls, s *game.Sight) bool {
	me := fixed.Vec{X: fixed.Num(s.Own[arena.OwnX]), Y: fixed.Num(s.Own[arena.OwnY])}
	for _, e := range s.Scene.Entities() {
		if e.Kind == arena.KindPlayer && e.Owner != s.Me {
			k.Aim = uint16(place(&e).Sub(me).Angle())
			return true
		}
	}
	return false
}

func place(e *delta.Entity) fixed.Vec {
	return fixed.Vec{X: fixed.FromWire(e.Row[arena.PlayerX]), Y: fixed.FromWire(e.Row[arena.PlayerY])}
}

// yard is one match on a map drawn in letters: # is a wall, S a spawn point, 2 to 5 a weapon.
type yard []string

// Match implements game.Rotation.
func (y yard) Match(int, uint64) game.Start {
	m := &tilemap.Map{Name: "yard", Title: "Yard", W: len(y[0]), H: len(y)}
	for ty, row := range y {
		for tx, c := range row {
			tile, o := tilemap.Floor, tilemap.Object{At: tilemap.Center(tx, ty)}
			switch {
			case c == '#':
				tile = tilemap.Wall
			case c == 'S':
				o.Class = arena.ClassSpawn
			case c >= '2' && c <= '5':
				o.Class, o.Props = arena.ClassWeapon, []tilemap.Prop{{Name: "weapon", Value: c - '0'}}
			}
			m.Tiles = append(m.Tiles, tile)
			if o.Class != "" {
				m.Objects = append(m.Objects, o)
			}
		}
	}
	blob := arena.EncodeStart(arena.Settings{TimeLimit: 3600 * arena.TickRate, Seed: 1, Map: m})
	return game.Start{Title: "A yard", Blob: blob, Walls: m}
}
