package sight

import "hindsight/game/sim/tilemap"

// caster finds what is seen from the middle of a tile, by shadow casting in four quadrants: row after
// row away from the eye, each between the slopes that the walls before have left open ("Symmetric
// Shadowcasting", A. Ford 2017).
type caster struct {
	m      *tilemap.Map
	words  int // of a row
	ox, oy int
	open   []row // still to be looked at
}

// row is a part of a line of tiles that are equally far from the eye, between two slopes.
type row struct {
	depth      int
	start, end slope
}

// slope is a fraction: columns aside for each row ahead.
type slope struct{ num, den int }

// cast marks in a tile's rows what is seen from it.
func (c *caster) cast(x, y int, s []uint64) {
	c.ox, c.oy = x, y
	c.mark(s, x, y)
	for q := range 4 {
		c.open = append(c.open[:0], row{1, slope{-1, 1}, slope{1, 1}})
		for len(c.open) > 0 {
			r := c.open[len(c.open)-1]
			c.open = c.open[:len(c.open)-1]
			c.look(q, r, s)
		}
	}
}

// turn returns where a quadrant's row and column are, from the eye.
func turn(q, depth, col int) (dx, dy int) {
	switch q {
	case 0:
		return col, -depth
	case 1:
		return depth, col
	case 2:
		return col, depth
	default:
		return -depth, col
	}
}

// look marks a row and adds what can be seen behind it to open.
func (c *caster) look(q int, r row, s []uint64) {
	const (
		none = iota
		free
		wall
	)
	last := none
	for col := r.first(); col <= r.last(); col++ {
		dx, dy := turn(q, r.depth, col)
		now := free
		if c.m.BlocksShot(c.ox+dx, c.oy+dy) {
			now = wall
		} else {
			c.mark(s, c.ox+dx, c.oy+dy)
		}
		edge := slope{2*col - 1, 2 * r.depth}
		switch {
		case last == wall && now == free:
			r.start = edge
		case last == free && now == wall:
			c.add(row{r.depth + 1, r.start, edge})
		}
		last = now
	}
	if last == free {
		c.add(row{r.depth + 1, r.start, r.end})
	}
}

// add takes note of a part that is to be looked at. There is an end to them, since off the map all is wall.
func (c *caster) add(r row) { c.open = append(c.open, r) }

func (c *caster) mark(s []uint64, x, y int) { s[y*c.words+x>>6] |= 1 << (x & 63) }

// first and last are the columns nearest to the two slopes, inwards if there are two.
func (r *row) first() int { return floor(2*r.depth*r.start.num+r.start.den, 2*r.start.den) }
func (r *row) last() int  { return -floor(r.end.den-2*r.depth*r.end.num, 2*r.end.den) }

// floor returns a/b, b positive, rounded towards minus infinity.
func floor(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
