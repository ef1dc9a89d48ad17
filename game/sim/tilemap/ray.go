package tilemap

import "hindsight/game/sim/fixed"

// Ray follows a shot from one point to another and returns where it ends: at to, or where the first
// wall stops it. The end is never inside a wall unless from is, in which case it is from.
//
// The walk is exact: it visits the tiles that the line passes through, one after another (Amanatides
// and Woo, "A Fast Voxel Traversal Algorithm", 1987), comparing crossings by cross-multiplication
// instead of by a running fraction. So Ray stops if and only if the ray in the other direction does.
func (m *Map) Ray(from, to fixed.Vec) (end fixed.Vec, hit bool) {
	w := walk{
		tx: TileOf(from.X), ty: TileOf(from.Y), endX: TileOf(to.X), endY: TileOf(to.Y),
		from: from, d: to.Sub(from),
	}
	if m.BlocksShot(w.tx, w.ty) {
		return from, true
	}
	for w.tx != w.endX || w.ty != w.endY {
		was := w
		if w.step(); m.BlocksShot(w.tx, w.ty) || was.squeezes(&w, m) {
			return was.exit(&w), true
		}
	}
	return to, false
}

// Sight reports whether nothing between a and b stops an eye or a shot. Sight(a, b) equals
// Sight(b, a).
func (m *Map) Sight(a, b fixed.Vec) bool {
	_, hit := m.Ray(a, b)
	return !hit
}

// walk is a line's way from tile to tile. A point on the border of two tiles belongs to the one with
// the higher index.
type walk struct {
	tx, ty, endX, endY int
	from, d            fixed.Vec
}

// step goes on to the next tile that holds a point of the line.
func (w *walk) step() {
	switch x, y := w.reach(); {
	case w.tx == w.endX:
		w.ty += sign(w.d.Y)
	case w.ty == w.endY:
		w.tx += sign(w.d.X)
	case x < y:
		w.tx += sign(w.d.X)
	case x > y:
		w.ty += sign(w.d.Y)
	case w.d.X > 0 == (w.d.Y > 0): // through the corner, into the tile diagonally across
		w.tx += sign(w.d.X)
		w.ty += sign(w.d.Y)
	case w.d.X > 0: // the corner itself belongs to the higher column
		w.tx++
	default:
		w.ty++
	}
}

// reach returns how far along the line the next column and the next row begin, on a common scale.
func (w *walk) reach() (x, y int64) {
	x = int64(fixed.Abs(border(w.tx, w.d.X)-w.from.X)) * int64(fixed.Abs(w.d.Y))
	y = int64(fixed.Abs(border(w.ty, w.d.Y)-w.from.Y)) * int64(fixed.Abs(w.d.X))
	return x, y
}

// squeezes reports whether the step from w to next passes exactly between two walls that touch at a
// corner: there is no gap there.
func (w *walk) squeezes(next *walk, m *Map) bool {
	return w.tx != next.tx && w.ty != next.ty && m.BlocksShot(next.tx, w.ty) && m.BlocksShot(w.tx, next.ty)
}

// exit returns the last point of the line within tile w on its way to tile next.
func (w *walk) exit(next *walk) fixed.Vec {
	var p fixed.Vec
	if w.tx != next.tx {
		b := border(w.tx, w.d.X)
		p = fixed.Vec{X: b, Y: w.from.Y + fixed.MulRatio(w.d.Y, int64(b-w.from.X), int64(w.d.X))}
	} else {
		b := border(w.ty, w.d.Y)
		p = fixed.Vec{X: w.from.X + fixed.MulRatio(w.d.X, int64(b-w.from.Y), int64(w.d.Y)), Y: b}
	}
	return fixed.Vec{X: clampTo(p.X, w.tx), Y: clampTo(p.Y, w.ty)}
}

// border returns the coordinate at which a walk in direction d leaves a column or row.
func border(tile int, d fixed.Num) fixed.Num {
	if d > 0 {
		tile++
	}
	return fixed.Num(tile) << tileShift
}

// clampTo returns the coordinate in a column or row that is nearest to n.
func clampTo(n fixed.Num, tile int) fixed.Num {
	lo := fixed.Num(tile) << tileShift
	return min(max(n, lo), lo+tileNum-1)
}

func sign(n fixed.Num) int {
	if n > 0 {
		return 1
	}
	return -1
}
