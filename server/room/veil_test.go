package room

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// cells are two chambers that nobody leaves, with the same things in both.
var cells = []string{
	"########################",
	"#S........#.........5..#",
	"#.........#...4.4......#",
	"#..4...3..#.....h..3...#",
	"#.........#............#",
	"#...5.....#....3.......#",
	"#.........#...........S#",
	"########################",
}

// drawn turns rows of tiles into a map: # wall, S spawn, h health, 3 to 5 weapons.
func drawn(rows []string) *tilemap.Map {
	m := &tilemap.Map{Name: "cells", Title: "Cells", W: len(rows[0]), H: len(rows), Tiles: make([]tilemap.Tile, len(rows[0])*len(rows))}
	for y, row := range rows {
		for x, c := range row {
			o := tilemap.Object{At: tilemap.Center(x, y)}
			switch {
			case c == '#':
				m.Tiles[y*m.W+x] = tilemap.Wall
			case c == 'S':
				o.Class = arena.ClassSpawn
			case c == 'h':
				o.Class = arena.ClassHealth
			case c >= '3' && c <= '5':
				o.Class, o.Props = arena.ClassWeapon, []tilemap.Prop{{Name: "weapon", Value: c - '0'}}
			}
			if o.Class != "" {
				m.Objects = append(m.Objects, o)
			}
		}
	}
	return m
}

// always is one match again and again.
type always game.Start

func (a always) Match(int, uint64) game.Start { return game.Start(a) }

// neighbour is a client that keeps all it is sent, as it came and as it was meant.
type neighbour struct {
	runner
	t      *testing.T
	all    []byte
	body   frame.Body
	scenes [2]delta.Snapshot
	turn   int
	others int // entities of other players that it was shown
	events int // that others caused
}

func (c *neighbour) Send(b []byte) {
	c.bytes, c.all = b, append(c.all, b...)
	h, err := c.dec.Header(b)
	if err != nil {
		c.t.Fatal(err)
	}
	c.before, c.newest = c.newest, h.Tick
	base := &c.scenes[c.turn]
	c.turn ^= 1
	if err := c.dec.Body(arena.Schema, base, slices.Clone(c.body.Own), &c.body, &c.scenes[c.turn]); err != nil {
		c.t.Fatal(err)
	}
	for _, e := range c.scenes[c.turn].Entities() {
		if e.Owner != 0 {
			c.others++ // its own avatar and shots are in no snapshot
		}
	}
	for _, e := range c.body.Events {
		switch e.Kind {
		case arena.EventFired, arena.EventPickup, arena.EventDash, arena.EventSpawn:
			if e.Args[0] != 1 { // who came first
				c.events++
			}
		}
	}
}

// cell is a room of two who are in one chamber each.
type cell struct {
	*Room
	t     *testing.T
	now   protocol.Micros
	first *neighbour
	other *runner
}

// newCell lets two in who were promised those teams.
func newCell(t *testing.T, start game.Start, teams [2]uint8) *cell {
	t.Helper()
	c, tokens := &cell{t: t, first: &neighbour{t: t}, other: &runner{index: 1}}, 0
	var err error
	c.Room, err = New(Config{
		ID: "cell", Host: game.Host{Definition: arena.Game}, Rotation: always(start), Seed: 5,
		Now: func() protocol.Micros { return c.now }, Token: func() string { tokens++; return strconv.Itoa(tokens) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.first.seat, err = c.Admit(Entrant{Name: "first", Team: teams[0], Sender: c.first}); err != nil {
		t.Fatal(err)
	}
	if c.other.seat, err = c.Admit(Entrant{Name: "second", Team: teams[1], Sender: c.other}); err != nil {
		t.Fatal(err)
	}
	return c
}

// startIn returns the start of a match in the cells, whose walls hide something or not.
func startIn(mode uint8, walls bool) game.Start {
	m := drawn(cells)
	s := game.Start{Blob: arena.EncodeStart(arena.Settings{Mode: mode, TimeLimit: 60_000, Seed: 7, Map: m})}
	if walls {
		s.Walls = m
	}
	return s
}

// play has the first do what a runner does, and the other what he is told.
func (c *cell) play(ticks protocol.Tick, other func(t protocol.Tick)) {
	for t := protocol.Tick(1); t <= ticks; t++ {
		c.first.command(t, c.now)
		other(t)
		due, _ := c.Next()
		c.now = max(c.now, due)
		c.Tick(c.now)
	}
}

// chance returns what somebody does who acts by chance. There is nothing in it that hurts himself.
func (c *cell) chance(seed uint64) func(protocol.Tick) {
	rng, cmd, o := rand.New(rand.NewPCG(seed, 1)), protocol.Command{}, c.other
	return func(t protocol.Tick) {
		if rng.IntN(12) == 0 {
			cmd.MoveX, cmd.MoveY = int8(rng.IntN(255)-127), int8(rng.IntN(255)-127)
			cmd.Aim, cmd.Held = uint16(rng.Uint32()), protocol.Buttons(rng.IntN(2))
			cmd.Press[1] += uint8(rng.IntN(2))
			cmd.Select = []uint8{0, arena.Blaster, arena.Plasma, arena.Rail}[rng.IntN(4)]
		}
		if cmd.Tick = t; o.before != 0 {
			cmd.View = protocol.View{A: o.before, B: o.newest, Frac: 128}
		}
		o.input.Echo, o.input.Commands = o.newest, append(o.input.Commands[:0], cmd)
		o.seat.Input(c.now, &o.input)
	}
}

// What somebody does behind a wall changes not a byte of what another is sent: not where he goes, what
// he fires, what he takes, and not by the size of anything either.
func TestWallsHideWhatIsBehindThem(t *testing.T) {
	for _, walls := range []bool{true, false} {
		var c [2]*cell
		for i := range c {
			c[i] = newCell(t, startIn(arena.ModeFFA, walls), [2]uint8{})
			c[i].play(1800, c[i].chance(uint64(i)))
			own := make([]int32, len(arena.Schema.Own.Fields))
			c[i].Match().Own(2, own)
			if own[arena.OwnAlive] != 1 || own[arena.OwnOwned] == 1 || own[arena.OwnFired] == 0 {
				t.Fatal("the other did nothing that could be betrayed")
			}
		}
		if c[0].Match().Hash() == c[1].Match().Hash() {
			t.Fatal("the other did the same twice")
		}
		a, b := c[0].first, c[1].first
		if same := bytes.Equal(a.all, b.all); same != walls || len(a.all) == 0 {
			t.Errorf("walls %v: the frames are the same: %v", walls, same)
		}
		if shown := a.others > 0 && a.events > 0; shown == walls || walls && a.others+a.events > 0 {
			t.Errorf("walls %v: %d entities and %d events of the other were shown", walls, a.others, a.events)
		}
	}
}

// Who plays in one team hears of each other through any wall.
func TestWallsHideNothingFromAllies(t *testing.T) {
	for _, team := range []uint8{arena.TeamRed, arena.TeamBlue} {
		c := newCell(t, startIn(arena.ModeTDM, true), [2]uint8{arena.TeamRed, team})
		c.play(300, func(t protocol.Tick) { c.other.command(t, c.now) })
		if ally := team == arena.TeamRed; (c.first.others > 200) != ally || (c.first.events > 0) != ally {
			t.Errorf("team %d: shown %d times, %d events", team, c.first.others, c.first.events)
		}
	}
}
