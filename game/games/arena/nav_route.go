package arena

import (
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

const (
	tilesPerTick = 160       // of a search, which bounds what a tick can cost
	replanTicks  = 90        // a path is found anew this often
	cornerCut    = 4         // ticks between two looks for a straighter way
	blindLooks   = 3         // looks at which the path's next tile is not straight ahead: it is given up
	beeline      = 400 * 256 // Num over which a way is looked at before a path is known
)

// route leads a bot to a place: it finds the way over the tiles a little at a time and says where to
// walk next, cutting every corner that can be cut.
type route struct {
	m      *tilemap.Map
	search search
	goal   fixed.Vec
	path   []int32 // tiles still ahead; the last one holds the goal
	found  protocol.Tick
	blind  int // looks in a row at which the next tile was not straight ahead
}

func newRoute(m *tilemap.Map) route {
	return route{m: m, search: newSearch(m), path: make([]int32, 0, 128)}
}

// forget drops the path, for a new life.
func (r *route) forget() {
	r.path, r.search.running, r.search.failed, r.found, r.blind = r.path[:0], false, false, 0, 0
}

// tile returns the index of the floor tile at or next to a place. What is drawn between two
// snapshots may lie a little over a corner.
func (r *route) tile(at fixed.Vec) int {
	tx, ty := tilemap.TileOf(at.X), tilemap.TileOf(at.Y)
	if !r.m.Solid(tx, ty) {
		return ty*r.m.W + tx
	}
	for i := range steps {
		if x, y := tx+steps[i].dx, ty+steps[i].dy; !r.m.Solid(x, y) {
			return y*r.m.W + x
		}
	}
	return -1
}

// center returns the middle of a tile.
func (r *route) center(tile int32) fixed.Vec { return tilemap.Center(int(tile)%r.m.W, int(tile)/r.m.W) }

// to wants to be at goal, from pos. It keeps a path that still leads there.
func (r *route) to(pos, goal fixed.Vec, tick protocol.Tick) {
	r.goal = goal
	start, end := r.tile(pos), r.tile(goal)
	if start < 0 || end < 0 {
		return
	}
	fresh := len(r.path) > 0 && tick.Sub(r.found) < replanTicks
	if fresh && int(r.path[len(r.path)-1]) == end && r.blind < blindLooks {
		return
	}
	if !r.search.running || r.search.goal != end {
		r.search.begin(start, end)
	}
	if r.search.run(tilesPerTick) {
		r.path, r.found, r.blind = r.search.path(r.path[:0]), tick, 0
	}
}

// lost reports that there is no way to the goal.
func (r *route) lost() bool { return r.search.failed }

// next returns where to walk now, so many ticks after it was last asked: pos itself while the way is not
// yet known.
func (r *route) next(pos fixed.Vec, tick protocol.Tick, elapsed int) fixed.Vec {
	for len(r.path) > 0 && distance(pos, r.center(r.path[0])) < fixed.FromInt(14) {
		r.drop(1)
	}
	if tick/cornerCut != tick.Add(-elapsed)/cornerCut && len(r.path) > 0 {
		r.cut(pos)
	}
	switch {
	case len(r.path) < 2 && distance(pos, r.goal) < beeline && straight(r.m, pos, r.goal):
		return r.goal
	case len(r.path) > 0:
		return r.center(r.path[0])
	}
	return pos
}

// cut drops the tiles before the farthest one ahead that can be walked to straight.
func (r *route) cut(pos fixed.Vec) {
	r.blind++
	for _, ahead := range [...]int{7, 3, 1, 0} {
		if ahead < len(r.path) && straight(r.m, pos, r.center(r.path[ahead])) {
			r.drop(ahead)
			r.blind = 0
			return
		}
	}
}

// drop takes n tiles off the front, keeping the slice's memory.
func (r *route) drop(n int) { r.path = append(r.path[:0], r.path[n:]...) }
