// Package sight says from where on a map whom a player might come to see. A server asks it before it
// tells a client of an enemy: what a client does not know no cheat can draw on a wall.
//
// It answers for tiles and errs on the side of showing. An enemy is in question as soon as he, or the
// one who looks, could walk Margin tiles and stand in the other's sight, so that he is known before he
// comes round the corner. That is how Valorant's fog of war ended up too: a
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
	// MaxTiles is how large a map can be, in tiles. On a larger one nothing is hidden: its table would
	// take more than ten megabytes, and longer to make than a match can wait.
	MaxTiles = 8192
)

// Lines holds the lines of sight of one map.
type Lines struct {
	w, h, words int // words of a row
	// rows has h rows for each tile, from north to south: bit x of row y is set if the tile in that
	// column and row might come into sight. From inside a wall everything does.
	rows []uint64
}

// New works out the lines of sight of a map, in some ten microseconds a tile.
func New(m *tilemap.Map) *Lines {
	l := &Lines{w: m.W, h: m.H, words: (m.W + 63) / 64}
	if m.W*m.H > MaxTiles {
		return l
	}
	l.rows = make([]uint64, m.W*m.H*m.H*l.words)
	plain := make([]uint64, len(l.rows)) // what is seen from the middle of each tile
	c := caster{m: m, words: l.words}
	for y := range m.H {
		for x := range m.W {
			if !m.BlocksShot(x, y) {
				c.cast(x, y, l.of(plain, x, y))
			}
		}
	}
	g := newGround(m, l.words)
	for y := range m.H {
		for x := range m.W {
			to := l.of(l.rows, x, y)
			if m.BlocksShot(x, y) {
				fill(to)
				continue
			}
			for dy := -1; dy <= 1; dy++ { // nobody stands in the middle of his tile
				for dx := -1; dx <= 1; dx++ {
					if dx == 0 && dy == 0 || !m.Solid(x+dx, y+dy) && !m.Solid(x, y) {
						merge(to, l.of(plain, x+dx, y+dy))
					}
				}
			}
			for range Margin {
				g.spread(to)
			}
		}
	}
	return l
}

// of returns the rows of a tile on the map.
func (l *Lines) of(rows []uint64, x, y int) []uint64 {
	n := l.h * l.words
	at := (y*l.w + x) * n
	return rows[at : at+n : at+n]
}

func merge(to, from []uint64) {
	for i, w := range from {
		to[i] |= w
	}
}

func fill(rows []uint64) {
	for i := range rows {
		rows[i] = ^uint64(0)
	}
}

// May reports whether somebody at a might come to see somebody at b, or the other way round. Who is
// inside a wall, or off the map, can be seen by all.
func (l *Lines) May(a, b fixed.Vec) bool {
	ax, ay := tilemap.TileOf(a.X), tilemap.TileOf(a.Y)
	bx, by := tilemap.TileOf(b.X), tilemap.TileOf(b.Y)
	if l.rows == nil || !l.on(ax, ay) || !l.on(bx, by) {
		return true
	}
	return l.bit(ax, ay, bx, by) || l.bit(bx, by, ax, ay)
}

func (l *Lines) on(x, y int) bool { return uint(x) < uint(l.w) && uint(y) < uint(l.h) }

func (l *Lines) bit(ax, ay, bx, by int) bool {
	return l.rows[((ay*l.w+ax)*l.h+by)*l.words+bx>>6]>>(bx&63)&1 == 1
}
