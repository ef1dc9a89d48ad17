// Package grid finds the points near a place without looking at all of them: the plane is cut into
// square cells, and a query looks only into the cells it touches. A world fills it anew every tick
// (Clear, then Insert) and asks it many times.
//
// Answers are exact and in ascending id order, so a world that uses a Grid steps like one that
// tests every pair. With fewer than some twenty points testing every pair is as fast; the benchmark
// beside this file shows where that changes.
//
// A Grid belongs to one world. After warm-up nothing allocates.
package grid

import (
	"slices"

	"hindsight/game/sim/fixed"
)

// Grid is a set of points with ids. The zero value is not ready; use New.
type Grid struct {
	shift      uint // a cell's side is 1<<shift Num
	cols, rows int
	first      []int32 // of each cell: index+1 of its newest point, 0 for none
	points     []point
}

type point struct {
	id   uint32
	next int32 // index+1 of the next point in the same cell
	at   fixed.Vec
}

// New returns an empty grid over the plane from the origin to size, both positive. A cell is the
// smallest power of two that is at least cell; about the radius of the usual query is a good size.
// Points outside the plane are kept in the cells at its border, so they are found all the same.
func New(size fixed.Vec, cell fixed.Num) *Grid {
	if size.X <= 0 || size.Y <= 0 || cell <= 0 {
		panic("grid: New: sizes must be positive")
	}
	g := &Grid{}
	for fixed.Num(1)<<g.shift < cell {
		g.shift++
	}
	g.cols, g.rows = int((size.X-1)>>g.shift)+1, int((size.Y-1)>>g.shift)+1
	g.first = make([]int32, g.cols*g.rows)
	return g
}

// Clear removes all points.
func (g *Grid) Clear() {
	clear(g.first)
	g.points = g.points[:0]
}

// Insert adds a point. Nothing keeps an id from being there twice; it is then found twice.
func (g *Grid) Insert(id uint32, at fixed.Vec) {
	col, row := g.cell(at)
	first := &g.first[row*g.cols+col]
	g.points = append(g.points, point{id, *first, at})
	*first = int32(len(g.points))
}

// cell returns the column and row that hold a place, those at the border for a place outside.
func (g *Grid) cell(at fixed.Vec) (col, row int) {
	return min(max(int(at.X>>g.shift), 0), g.cols-1), min(max(int(at.Y>>g.shift), 0), g.rows-1)
}

// Rect appends to dst the ids of all points from lo to hi, both included, in ascending order.
func (g *Grid) Rect(dst []uint32, lo, hi fixed.Vec) []uint32 {
	start := len(dst)
	c0, r0 := g.cell(lo)
	c1, r1 := g.cell(hi)
	for row := r0; row <= r1; row++ {
		for col := c0; col <= c1; col++ {
			for i := g.first[row*g.cols+col]; i != 0; {
				p := &g.points[i-1]
				if p.at.X >= lo.X && p.at.X <= hi.X && p.at.Y >= lo.Y && p.at.Y <= hi.Y {
					dst = append(dst, p.id)
				}
				i = p.next
			}
		}
	}
	slices.Sort(dst[start:])
	return dst
}

// Circle appends to dst the ids of all points at most radius away from the center, in ascending
// order.
func (g *Grid) Circle(dst []uint32, center fixed.Vec, radius fixed.Num) []uint32 {
	start, reach := len(dst), fixed.Vec{X: radius, Y: radius}
	c0, r0 := g.cell(center.Sub(reach))
	c1, r1 := g.cell(center.Add(reach))
	for row := r0; row <= r1; row++ {
		for col := c0; col <= c1; col++ {
			for i := g.first[row*g.cols+col]; i != 0; {
				p := &g.points[i-1]
				if p.at.Sub(center).Len2() <= int64(radius)*int64(radius) {
					dst = append(dst, p.id)
				}
				i = p.next
			}
		}
	}
	slices.Sort(dst[start:])
	return dst
}
