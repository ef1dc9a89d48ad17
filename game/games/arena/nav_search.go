package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
)

// search is an A* over the tiles of a map (Hart, Nilsson and Raphael, 1968) that can be spread over
// many ticks: begin it, run it a few tiles at a time, and read the path when it is done. Steps go to
// all eight neighbours, diagonally only where both tiles beside the step are floor, since a body
// is nearly as wide as a tile.
type search struct {
	m *tilemap.Map

	start, goal int
	running     bool
	failed      bool

	heap []mark
	// What is searched is a window around the start, which is all of a small map.
	w, h int
	// By tile, both coordinates modulo those of the window. A tile's cost is of this search if its round is.
	cost  []int32
	round []uint16
	from  []uint8 // step that led here, index of steps
	shut  []bool
	now   uint16
}

// mark is a tile waiting to be looked at, with the least length a path through it can have.
type mark struct{ total, tile int32 }

// steps are the eight ways to a neighbour, with their lengths in tenths of a tile.
var steps = [8]struct {
	dx, dy int
	length int32
}{
	{1, 0, 10}, {0, 1, 10}, {-1, 0, 10}, {0, -1, 10},
	{1, 1, 14}, {-1, 1, 14}, {-1, -1, 14}, {1, -1, 14},
}

// searchAll is the size of map up to which all of it is searched, in tiles; of larger ones it is
// searchWindow along each side, since that is the memory of each of a thousand bots.
const (
	searchAll    = 96 * 96
	searchWindow = 64
)

func newSearch(m *tilemap.Map) search {
	w, h := m.W, m.H
	if w*h > searchAll {
		w, h = min(w, searchWindow), min(h, searchWindow)
	}
	n := w * h
	return search{
		m: m, w: w, h: h, heap: make([]mark, 0, 256),
		cost: make([]int32, n), round: make([]uint16, n), from: make([]uint8, n), shut: make([]bool, n),
	}
}

// begin starts looking for a way between two tiles, forgetting any earlier search.
func (s *search) begin(start, goal int) {
	if s.now++; s.now == 0 { // the counter wrapped: old rounds could look new
		clear(s.round)
		s.now = 1
	}
	s.start, s.goal, s.running, s.failed = start, goal, true, false
	s.heap = s.heap[:0]
	if !s.covers(goal%s.m.W, goal/s.m.W) {
		s.running, s.failed = false, true
		return
	}
	s.reach(start, 0, 0)
}

// covers reports whether a tile lies in the window.
func (s *search) covers(tx, ty int) bool {
	dx, dy := tx-s.start%s.m.W, ty-s.start/s.m.W
	return (s.w == s.m.W || max(dx, -dx) < s.w/2) && (s.h == s.m.H || max(dy, -dy) < s.h/2)
}

// at returns where a tile's cost is kept.
func (s *search) at(tile int) int {
	return tile/s.m.W%s.h*s.w + tile%s.m.W%s.w
}

// run looks at up to n tiles and reports whether the search has just ended with a path.
func (s *search) run(n int) bool {
	for ; s.running && n > 0; n-- {
		if len(s.heap) == 0 {
			s.running, s.failed = false, true
			return false
		}
		tile := int(s.pop().tile)
		if tile == s.goal {
			s.running = false
			return true
		}
		if at := s.at(tile); !s.shut[at] {
			s.shut[at] = true
			s.expand(tile)
		}
	}
	return false
}

func (s *search) expand(tile int) {
	tx, ty, cost := tile%s.m.W, tile/s.m.W, s.cost[s.at(tile)]
	for i := range steps {
		d := &steps[i]
		x, y := tx+d.dx, ty+d.dy
		if s.m.Solid(x, y) || !s.covers(x, y) || d.dx != 0 && d.dy != 0 && (s.m.Solid(x, ty) || s.m.Solid(tx, y)) {
			continue
		}
		s.reach(y*s.m.W+x, cost+d.length, uint8(i))
	}
}

// reach notes a way to a tile if it is the first or the shortest so far.
func (s *search) reach(tile int, cost int32, by uint8) {
	at := s.at(tile)
	if s.round[at] == s.now && (s.shut[at] || s.cost[at] <= cost) {
		return
	}
	s.round[at], s.cost[at], s.from[at], s.shut[at] = s.now, cost, by, false
	s.push(mark{cost + s.least(tile), int32(tile)})
}

// least returns the length of the shortest way to the goal if nothing stood in it.
func (s *search) least(tile int) int32 {
	dx := tile%s.m.W - s.goal%s.m.W
	dy := tile/s.m.W - s.goal/s.m.W
	dx, dy = max(dx, -dx), max(dy, -dy)
	return int32(10*max(dx, dy) + 4*min(dx, dy))
}

// path appends to dst the tiles of the way found, from the one after the start to the goal.
func (s *search) path(dst []int32) []int32 {
	first := len(dst)
	for tile := s.goal; tile != s.start; {
		dst = append(dst, int32(tile))
		d := &steps[s.from[s.at(tile)]]
		tile -= d.dy*s.m.W + d.dx
	}
	for i, j := first, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
}

// The heap is binary, the least total first; equal totals are told apart by tile, so that every
// machine pops them in the same order.
func (a mark) before(b mark) bool { return a.total < b.total || a.total == b.total && a.tile < b.tile }

func (s *search) push(m mark) {
	s.heap = append(s.heap, m)
	for i := len(s.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !s.heap[i].before(s.heap[up]) {
			return
		}
		s.heap[i], s.heap[up] = s.heap[up], s.heap[i]
		i = up
	}
}

func (s *search) pop() mark {
	top, last := s.heap[0], len(s.heap)-1
	s.heap[0] = s.heap[last]
	s.heap = s.heap[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			return top
		}
		if down+1 < last && s.heap[down+1].before(s.heap[down]) {
			down++
		}
		if !s.heap[down].before(s.heap[i]) {
			return top
		}
		s.heap[i], s.heap[down] = s.heap[down], s.heap[i]
		i = down
	}
}

// straight reports whether a player can walk from a to b without turning. It looks at places 8
// units apart, which is less than any corner that could stop him needs.
func straight(m *tilemap.Map, a, b fixed.Vec) bool {
	d := b.Sub(a)
	n := fixed.Num(d.Len().Floor()/8 + 1)
	for i := fixed.Num(1); i <= n; i++ {
		at := fixed.Vec{X: a.X + fixed.MulRatio(d.X, int64(i), int64(n)), Y: a.Y + fixed.MulRatio(d.Y, int64(i), int64(n))}
		if !m.Free(at, playerRadius) {
			return false
		}
	}
	return true
}
