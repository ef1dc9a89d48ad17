// Package sight says from where on a map whom a player might come to see. A server asks it before it
// tells a client of an enemy: what a client does not know no cheat can draw on a wall.
//
// It answers for tiles and errs on the side of showing. An enemy is in question as soon as he, or the
// one who looks, could walk Margin tiles and stand in the other's sight, so that he is known before he
// comes round the corner, however slow the line. That is how Valorant's fog of war ended up too: a
// table made beforehand, generous, instead of rays in every tick ("Demolishing Wallhacks with
// VALORANT's Fog of War", Riot Games 2020).
//
// Lines are immutable once made and may be shared by all matches on a map. They are no part of the
// rules: a world steps the same whether anybody asks them or not.
package sight

import (
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
)

const (
	// Margin is how many steps from tile to tile, diagonal ones included, somebody may be from where he
	// would be seen: 96 units, a third of a second at 300 units a second. It has to cover a snapshot's
	// way to the client, the view delay that the client draws with, and the tile's own size.
	Margin = 3
	// Reach is how far the table goes, in tiles to each side: 992 units. Beyond it a ray decides.
	Reach = 31

	side = 2*Reach + 1 // of the square around a tile; its rows fit a word each
)

// Lines holds the lines of sight of one map.
type Lines struct {
	m *tilemap.Map
	// rows has side words for each tile, from north to south: bit Reach+d of a row is set if the tile d
	// columns to the east might come into sight.
	rows []uint64
}

// New works out the lines of sight of a map, in some ten microseconds a tile.
func New(m *tilemap.Map) *Lines {
	l := &Lines{m: m, rows: make([]uint64, m.W*m.H*side)}
	g := ground{m: m, rows: make([]uint64, m.H*words(m))}
	g.read()
	plain := make([]uint64, len(l.rows)) // what is seen from the middle of each tile
	c := caster{m: m}
	for y := range m.H {
		for x := range m.W {
			if !m.BlocksShot(x, y) {
				c.cast(x, y, square(plain, m, x, y))
			}
		}
	}
	for y := range m.H {
		for x := range m.W {
			to := square(l.rows, m, x, y)
			for dy := -1; dy <= 1; dy++ { // nobody stands in the middle of his tile
				for dx := -1; dx <= 1; dx++ {
					if dx == 0 && dy == 0 || !m.Solid(x+dx, y+dy) && !m.Solid(x, y) {
						merge(to, square(plain, m, x+dx, y+dy), dx, dy)
					}
				}
			}
			for range Margin {
				g.spread(to, x, y)
			}
		}
	}
	return l
}

// square returns the rows of a tile on the map.
func square(rows []uint64, m *tilemap.Map, x, y int) []uint64 {
	at := (y*m.W + x) * side
	return rows[at : at+side : at+side]
}

// merge adds the square of the tile dx, dy away.
func merge(to, from []uint64, dx, dy int) {
	for r := range side {
		if s := r - dy; s >= 0 && s < side {
			if dx >= 0 {
				to[r] |= from[s] << dx & (1<<side - 1)
			} else {
				to[r] |= from[s] >> -dx
			}
		}
	}
}

// May reports whether somebody at a might come to see somebody at b, or the other way round. Who is
// inside a wall, or off the map, can be seen by all.
func (l *Lines) May(a, b fixed.Vec) bool {
	ax, ay := tilemap.TileOf(a.X), tilemap.TileOf(a.Y)
	bx, by := tilemap.TileOf(b.X), tilemap.TileOf(b.Y)
	dx, dy := bx-ax, by-ay
	switch {
	case l.m.BlocksShot(ax, ay) || l.m.BlocksShot(bx, by):
		return true
	case max(dx, -dx) > Reach || max(dy, -dy) > Reach:
		return l.m.Sight(a, b)
	}
	return l.rows[(ay*l.m.W+ax)*side+Reach+dy]>>(Reach+dx)&1 == 1 ||
		l.rows[(by*l.m.W+bx)*side+Reach-dy]>>(Reach-dx)&1 == 1
}
