package tilemap

import "hindsight/game/sim/fixed"

// A body is a square of twice its radius, [x-r, x+r) by [y-r, y+r). A square on a grid of squares
// has an exact answer for every question here, slides along a wall without feeling the seams
// between its tiles, and fits a corridor that is one tile wide if its radius is at most half a tile.

// Free reports whether a body of that radius at pos touches nothing solid.
func (m *Map) Free(pos fixed.Vec, radius fixed.Num) bool {
	return !m.anySolid(span(pos.X, radius), span(pos.Y, radius))
}

// Slide moves a body by delta, first along x, then along y, and stops each of the two at the first
// solid tile in the way, against its side: this is what makes it slide. It reports which were
// stopped. However large delta is the body tunnels through nothing. A body that begins inside
// something solid can leave it but get no deeper into another tile.
//
// A body that runs (nearly) straight into the corner of a block, overlapping by less than half its
// radius, is led around it at the speed it had and does not count as stopped: without that,
// doorways catch the player's shoulders.
func (m *Map) Slide(pos, delta fixed.Vec, radius fixed.Num) (end fixed.Vec, hitX, hitY bool) {
	start := pos
	dx, dy := fixed.Abs(delta.X), fixed.Abs(delta.Y)
	pos.X, hitX = m.sweepX(pos, delta.X, radius)
	pos.Y, hitY = m.sweepY(pos, delta.Y, radius)
	switch {
	case hitX && 4*dy <= dx:
		y := m.aroundY(pos, radius, sign(delta.X), dx-fixed.Abs(pos.X-start.X))
		if way := y - pos.Y; way != 0 && agree(way, delta.Y) {
			hitX, pos.Y = false, y
		}
	case hitY && 4*dx <= dy:
		x := m.aroundX(pos, radius, sign(delta.Y), dy-fixed.Abs(pos.Y-start.Y))
		if way := x - pos.X; way != 0 && agree(way, delta.X) {
			hitY, pos.X = false, x
		}
	}
	return pos, hitX, hitY
}

// agree reports that leading a body by way does not undo what it wants: that would be a standstill.
func agree(way, want fixed.Num) bool { return want == 0 || way > 0 == (want > 0) }

// tiles is a range of columns or rows, both ends included.
type tiles struct{ lo, hi int }

// span returns the columns or rows that a body touches.
func span(c, radius fixed.Num) tiles { return tiles{TileOf(c - radius), TileOf(c + radius - 1)} }

func (m *Map) anySolid(cols, rows tiles) bool {
	for ty := rows.lo; ty <= rows.hi; ty++ {
		for tx := cols.lo; tx <= cols.hi; tx++ {
			if m.Solid(tx, ty) {
				return true
			}
		}
	}
	return false
}

// sweepX moves the body's leading side column by column.
func (m *Map) sweepX(pos fixed.Vec, d, radius fixed.Num) (x fixed.Num, hit bool) {
	rows, now, then := span(pos.Y, radius), span(pos.X, radius), span(pos.X+d, radius)
	for tx := now.hi + 1; tx <= then.hi; tx++ {
		if m.anySolid(tiles{tx, tx}, rows) {
			return fixed.Num(tx)<<tileShift - radius, true
		}
	}
	for tx := now.lo - 1; tx >= then.lo; tx-- {
		if m.anySolid(tiles{tx, tx}, rows) {
			return fixed.Num(tx+1)<<tileShift + radius, true
		}
	}
	return pos.X + d, false
}

// sweepY is sweepX with the axes exchanged.
func (m *Map) sweepY(pos fixed.Vec, d, radius fixed.Num) (y fixed.Num, hit bool) {
	cols, now, then := span(pos.X, radius), span(pos.Y, radius), span(pos.Y+d, radius)
	for ty := now.hi + 1; ty <= then.hi; ty++ {
		if m.anySolid(cols, tiles{ty, ty}) {
			return fixed.Num(ty)<<tileShift - radius, true
		}
	}
	for ty := now.lo - 1; ty >= then.lo; ty-- {
		if m.anySolid(cols, tiles{ty, ty}) {
			return fixed.Num(ty+1)<<tileShift + radius, true
		}
	}
	return pos.Y + d, false
}

// aroundY returns the y of a body that was stopped at the side of a column, after it used what is
// left of its step to get past the corner that holds it, if only a corner does.
func (m *Map) aroundY(pos fixed.Vec, radius fixed.Num, dir int, left fixed.Num) fixed.Num {
	col := span(pos.X, radius).hi + 1
	if dir < 0 {
		col = span(pos.X, radius).lo - 1
	}
	rows := span(pos.Y, radius)
	if rows.lo == rows.hi || m.Solid(col, rows.lo) == m.Solid(col, rows.hi) {
		return pos.Y
	}
	d := m.shift(pos.Y, radius, rows, m.Solid(col, rows.lo), left)
	y, _ := m.sweepY(pos, d, radius)
	return y
}

// aroundX is aroundY with the axes exchanged.
func (m *Map) aroundX(pos fixed.Vec, radius fixed.Num, dir int, left fixed.Num) fixed.Num {
	row := span(pos.Y, radius).hi + 1
	if dir < 0 {
		row = span(pos.Y, radius).lo - 1
	}
	cols := span(pos.X, radius)
	if cols.lo == cols.hi || m.Solid(cols.lo, row) == m.Solid(cols.hi, row) {
		return pos.X
	}
	d := m.shift(pos.X, radius, cols, m.Solid(cols.lo, row), left)
	x, _ := m.sweepX(pos, d, radius)
	return x
}

// shift returns the way, at most left, that frees a body at c from a solid tile at the low or high
// end of its span, or 0 if it overlaps that tile by half its radius or more.
func (m *Map) shift(c, radius fixed.Num, at tiles, lowSolid bool, left fixed.Num) fixed.Num {
	need := fixed.Num(at.hi)<<tileShift - (c - radius) // upwards, past the tile at the low end
	if !lowSolid {
		need = c + radius - fixed.Num(at.hi)<<tileShift // downwards, past the one at the high end
	}
	switch {
	case need*2 >= radius:
		return 0
	case lowSolid:
		return min(need, left)
	default:
		return -min(need, left)
	}
}
