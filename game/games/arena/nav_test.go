package arena

import (
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// maze returns a map of random walls and water inside a closed border.
func maze(r *rand.Rand) *tilemap.Map {
	m := &tilemap.Map{Name: "maze", W: 8 + r.IntN(20), H: 8 + r.IntN(20)}
	m.Tiles = make([]tilemap.Tile, m.W*m.H)
	for i := range m.Tiles {
		x, y := i%m.W, i/m.W
		switch edge := x == 0 || y == 0 || x == m.W-1 || y == m.H-1; {
		case edge || r.IntN(100) < 22:
			m.Tiles[i] = tilemap.Wall
		case r.IntN(100) < 8:
			m.Tiles[i] = tilemap.Low
		}
	}
	return m
}

// floors lists the floor tiles of a map.
func floors(m *tilemap.Map) (tiles []int) {
	for i := range m.Tiles {
		if m.Tiles[i] == tilemap.Floor {
			tiles = append(tiles, i)
		}
	}
	return tiles
}

// lengths returns the length of the shortest way from a tile to every other by relaxing all steps
// until nothing changes; -1 where there is none.
func lengths(m *tilemap.Map, from int) []int32 {
	far := make([]int32, len(m.Tiles))
	for i := range far {
		far[i] = -1
	}
	far[from] = 0
	for changed := true; changed; {
		changed = false
		for i := range far {
			if far[i] < 0 {
				continue
			}
			x, y := i%m.W, i/m.W
			for _, d := range steps {
				if m.Solid(x+d.dx, y+d.dy) || m.Solid(x+d.dx, y) || m.Solid(x, y+d.dy) {
					continue
				}
				if j, l := (y+d.dy)*m.W+x+d.dx, far[i]+d.length; far[j] < 0 || l < far[j] {
					far[j], changed = l, true
				}
			}
		}
	}
	return far
}

// A path is made of steps that can be walked and is as short as any; where there is none the search
// says so. One search object serves them all, a few tiles at a time.
func TestSearchFindsShortestPaths(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		m := maze(r)
		s, tiles := newSearch(m), floors(m)
		from := tiles[r.IntN(len(tiles))]
		far := lengths(m, from)
		for range 40 {
			to := tiles[r.IntN(len(tiles))]
			s.begin(from, to)
			found := false
			for s.running {
				found = s.run(1 + r.IntN(9))
			}
			if found != (far[to] >= 0) || s.failed == found {
				t.Fatalf("from %d to %d: found %t, failed %t, want length %d", from, to, found, s.failed, far[to])
			}
			if !found {
				continue
			}
			if got := walked(t, m, from, s.path(nil)); got != far[to] {
				t.Fatalf("from %d to %d: length %d, want %d", from, to, got, far[to])
			}
		}
	}
}

// walked returns a path's length after checking its steps.
func walked(t *testing.T, m *tilemap.Map, at int, path []int32) (sum int32) {
	for _, next := range path {
		dx, dy := int(next)%m.W-at%m.W, int(next)/m.W-at/m.W
		i := slices.IndexFunc(steps[:], func(s struct {
			dx, dy int
			length int32
		}) bool {
			return s.dx == dx && s.dy == dy
		})
		if i < 0 {
			t.Fatalf("a step by %d, %d", dx, dy)
		}
		x, y := at%m.W, at/m.W
		if m.Solid(x+dx, y+dy) || m.Solid(x+dx, y) || m.Solid(x, y+dy) {
			t.Fatalf("a step from %d by %d, %d through something solid", at, dx, dy)
		}
		sum += steps[i].length
		at = int(next)
	}
	return sum
}

// What is called straight can be walked straight.
func TestStraightCanBeWalked(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	yes := 0
	for range 40 {
		m := maze(r)
		tiles := floors(m)
		for range 100 {
			from, to := tiles[r.IntN(len(tiles))], tiles[r.IntN(len(tiles))]
			a, b := tilemap.Center(from%m.W, from/m.W), tilemap.Center(to%m.W, to/m.W)
			if !straight(m, a, b) {
				continue
			}
			yes++
			for range 2000 {
				a, _, _ = m.Slide(a, b.Sub(a).AtMost(topSpeed), playerRadius)
			}
			if a != b {
				t.Fatalf("from tile %d to %d: stopped at %v", from, to, a)
			}
		}
	}
	if yes < 200 {
		t.Errorf("only %d straight ways were tried", yes)
	}
}

// A body that walks where the route says arrives, from anywhere to anywhere.
func TestRouteArrives(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 25 {
		m := maze(r)
		tiles := floors(m)
		from := tiles[r.IntN(len(tiles))]
		far := lengths(m, from)
		to := tiles[r.IntN(len(tiles))]
		route := newRoute(m)
		pos, goal := tilemap.Center(from%m.W, from/m.W), tilemap.Center(to%m.W, to/m.W)
		arrived := false
		for tick := protocol.Tick(1); tick < 4000 && !arrived && !route.lost(); tick++ {
			route.to(pos, goal, tick)
			pos, _, _ = m.Slide(pos, route.next(pos, tick, 1).Sub(pos).AtMost(topSpeed), playerRadius)
			arrived = pos == goal
		}
		if arrived != (far[to] >= 0) || route.lost() == arrived {
			t.Fatalf("from %d to %d: arrived %t, lost %t, want way of length %d", from, to, arrived, route.lost(), far[to])
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	m := draw(yard)
	tiles := floors(m)
	s := newSearch(m)
	path := make([]int32, 0, 200)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.begin(tiles[i%len(tiles)], tiles[(i*7)%len(tiles)])
		if s.run(1 << 20) {
			path = s.path(path[:0])
		}
	}
}
