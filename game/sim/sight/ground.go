package sight

import "hindsight/game/sim/tilemap"

// ground is where bodies can walk, as rows of bits.
type ground struct {
	m    *tilemap.Map
	rows []uint64 // words(m) for each row of the map, with Reach bits of nothing before it
}

func words(m *tilemap.Map) int { return (Reach+m.W+Reach)/64 + 2 }

func (g *ground) read() {
	for y := range g.m.H {
		for x := range g.m.W {
			if !g.m.Solid(x, y) {
				i := x + Reach
				g.rows[y*words(g.m)+i>>6] |= 1 << (i & 63)
			}
		}
	}
}

// row returns the walkable tiles of row y within Reach of column x, as a square has them.
func (g *ground) row(x, y int) uint64 {
	if y < 0 || y >= g.m.H {
		return 0
	}
	w := g.rows[y*words(g.m)+x>>6:]
	return (w[0]>>(x&63) | w[1]<<(63-x&63)<<1) & (1<<side - 1)
}

// spread adds what is a step away from what a square has. Bodies take the steps, so that nothing
// spreads through walls or over water.
func (g *ground) spread(s []uint64, x, y int) {
	above := uint64(0) // the row before, as it was
	for r := range side {
		was := s[r] & g.row(x, y+r-Reach)
		below := uint64(0)
		if r+1 < side {
			below = s[r+1] & g.row(x, y+r+1-Reach)
		}
		near := above | was | below
		s[r] |= (near | near<<1 | near>>1) & g.row(x, y+r-Reach)
		above = was
	}
}
