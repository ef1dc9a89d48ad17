package sight

import "hindsight/game/sim/tilemap"

// ground is where bodies can walk, as rows of bits like those of Lines.
type ground struct {
	words int
	rows  []uint64
	// Scratch: the row before as it was, this one as it was, and both with the next.
	above, was, near []uint64
}

func newGround(m *tilemap.Map, words int) *ground {
	g := &ground{words: words, rows: make([]uint64, m.H*words), above: make([]uint64, words), was: make([]uint64, words), near: make([]uint64, words)}
	for y := range m.H {
		for x := range m.W {
			if !m.Solid(x, y) {
				g.rows[y*words+x>>6] |= 1 << (x & 63)
			}
		}
	}
	return g
}

// spread adds to a tile's rows what is a step away from what they have. Bodies take the steps, so that
// nothing spreads through walls or over water.
func (g *ground) spread(s []uint64) {
	n := g.words
	clear(g.above)
	for at := 0; at < len(s); at += n {
		row, walk := s[at:at+n], g.rows[at:at+n]
		for i := range row {
			g.was[i] = row[i] & walk[i]
			g.near[i] = g.above[i] | g.was[i]
			if at+n < len(s) {
				g.near[i] |= s[at+n+i] & g.rows[at+n+i]
			}
		}
		for i, near := range g.near {
			near |= near<<1 | near>>1
			if i > 0 {
				near |= g.near[i-1] >> 63
			}
			if i+1 < n {
				near |= g.near[i+1] << 63
			}
			row[i] |= near & walk[i]
		}
		g.above, g.was = g.was, g.above
	}
}
