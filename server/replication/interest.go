package replication

import (
	"math/bits"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Interest chooses what each peer of a world too large to be shown whole is sent: what has a place
// and lies near the peer's eye, and what has none and is nobody's or the peer's own.
//
// The plane is cut into cells. All peers whose eyes lie in the same cell share one list, which is made
// once for a snapshot, when first asked for: what lies within reach of any point of the cell has to be
// shown, what lies no further than leave may be. A peer holds on to what it has been shown as long as
// it may be, and for lingerTicks longer. A cell's side and a half lies between reach and leave, so
// neither a step across a cell's border nor a walk to and fro at the margin makes anybody come and go.
//
// How far reach has to be is the game's arithmetic: half the diagonal of the largest screen, and the
// way that a player can go from when a snapshot was taken to when it is drawn. Then nothing that walks
// into reach pops up in sight.
//
// It belongs to one room and one goroutine; Look may be called for different eyes from several, once
// Prepare has made the lists of their cells. Nothing allocates once warm.
type Interest struct {
	schema *delta.Schema
	shift  uint  // a cell's side is 1<<shift, in 1/16 unit
	reach  int64 // 1/16 unit
	leave  int64

	now     *delta.Snapshot
	bucket  [buckets * buckets]int32 // of each bucket: where its entities begin in placed
	placed  []mark                   // by bucket, ascending by index
	marks   []mark                   // of all entities with a place, before they are sorted
	open    []int32                  // entities without a place that are nobody's
	byID    []int32                  // by entity id: where it is, or was once
	mine    []int32                  // by player: 1 + the first entity without a place that is the player's
	further []int32                  // by entity: 1 + the next such entity of the same player
	lists   []cellList
	made    int          // of lists, for this snapshot
	slots   [slots]int32 // by hash of a cell: 1 + its list
	set     []uint64     // of entities, scratch
	sure    []uint64
}

const (
	cellsInReach = 8  // cells along the reach, at least; up to twice as many
	perBucket    = 2  // cells along a bucket's side, as a power of two
	buckets      = 32 // along a side; what lies further out wraps around, and is told apart by its distance
	slots        = 4096

	// lingerTicks is how long, in ticks at 60 Hz, an entity that is too far away is shown on. It
	// is as long as who has died is told ahead where he will enter, so that nothing vanishes around his
	// corpse while his eye is there already.
	lingerTicks = 45
	// maxEntries bounds the entities that a peer is shown for the first time in one snapshot, so that the
	// frame of one who comes into a crowd fits protocol.MaxFrame; the nearest come first.
	maxEntries = 256
)

// mark is an entity's place.
type mark struct {
	index, bucket int32
	x, y          int32
}

// cellList is what lies around a cell: entity indices, ascending, times two; plus one for those that
// have to be shown.
type cellList struct {
	x, y     int32 // the cell
	entities []int32
}

// NewInterest returns the interest of a world of which a player is sent what lies within so many units
// of his eye.
func NewInterest(s *delta.Schema, reach int32) *Interest {
	n := &Interest{schema: s, reach: int64(reach) * 16}
	for int64(cellsInReach)<<(n.shift+1) <= n.reach {
		n.shift++
	}
	n.leave = n.reach + 3<<n.shift/2
	return n
}

// Reach returns the distance within which everything is shown, in 1/16 unit.
func (n *Interest) Reach() int32 { return int32(n.reach) }

// Advance makes s the current snapshot, which must stay unchanged until the next Advance.
func (n *Interest) Advance(s *delta.Snapshot) {
	n.now, n.made, n.slots = s, 0, [slots]int32{}
	n.marks, n.open, n.further = n.marks[:0], n.open[:0], n.further[:0]
	clear(n.mine)
	ents := s.Entities()
	if k := len(ents); k > 0 && int(ents[k-1].ID) >= len(n.byID) {
		n.byID = append(n.byID, make([]int32, int(ents[k-1].ID)+1-len(n.byID))...)
	}
	for i := range ents {
		e := &ents[i]
		n.byID[e.ID] = int32(i)
		n.further = append(n.further, 0)
		switch k := &n.schema.Kinds[e.Kind]; {
		case k.Positioned:
			x, y := k.Place(s.Tick, e.Row)
			n.marks = append(n.marks, mark{int32(i), n.bucketOf(x, y), x, y})
		case e.Owner == 0:
			n.open = append(n.open, int32(i))
		default:
			n.own(e.Owner, int32(i))
		}
	}
	n.sort()
}

// find returns where the entity of an id is, -1 if it is not there.
func (n *Interest) find(id protocol.EntityID) int32 {
	if int(id) >= len(n.byID) {
		return -1
	}
	i, ents := n.byID[id], n.now.Entities()
	if int(i) >= len(ents) || ents[i].ID != id {
		return -1
	}
	return i
}

// own files an entity without a place that is a player's.
func (n *Interest) own(id protocol.PlayerID, i int32) {
	for int(id) >= len(n.mine) {
		n.mine = append(n.mine, 0)
	}
	at := &n.mine[id]
	for *at != 0 {
		at = &n.further[*at-1]
	}
	*at = i + 1
}

// bucketOf returns the bucket that holds a place.
func (n *Interest) bucketOf(x, y int32) int32 {
	side := n.shift + perBucket
	return (y>>side&(buckets-1))*buckets + x>>side&(buckets-1)
}

// sort brings the marks into the order of their buckets, by counting.
func (n *Interest) sort() {
	clear(n.bucket[:])
	for i := range n.marks {
		n.bucket[n.marks[i].bucket]++
	}
	at := int32(0)
	for b := range n.bucket {
		n.bucket[b], at = at, at+n.bucket[b]
	}
	if cap(n.placed) < len(n.marks) {
		n.placed = make([]mark, len(n.marks), 2*len(n.marks))
	}
	n.placed = n.placed[:len(n.marks)]
	for i := range n.marks {
		to := &n.bucket[n.marks[i].bucket]
		n.placed[*to] = n.marks[i]
		*to++
	}
	// Each bucket's entry is now where the next one's begins.
}

// in returns the marks of a bucket.
func (n *Interest) in(b int32) []mark {
	from := int32(0)
	if b > 0 {
		from = n.bucket[b-1]
	}
	return n.placed[from:n.bucket[b]]
}

// Prepare makes the list for who looks from a place, if nobody has looked from its cell yet. Look does
// it by itself; who wants to Look from several goroutines prepares before.
func (n *Interest) Prepare(x, y int32) { n.list(x, y) }

// list returns what lies around the cell of a place.
func (n *Interest) list(x, y int32) *cellList {
	cx, cy := x>>n.shift, y>>n.shift
	slot := (uint32(cx)*64 + uint32(cy)) % slots
	for ; n.slots[slot] != 0; slot = (slot + 1) % slots {
		if l := &n.lists[n.slots[slot]-1]; l.x == cx && l.y == cy {
			return l
		}
	}
	if n.made == len(n.lists) {
		n.lists = append(n.lists, cellList{})
	}
	l := &n.lists[n.made]
	n.made++
	n.slots[slot] = int32(n.made)
	n.gather(int64(cx)<<n.shift, int64(cy)<<n.shift)
	l.x, l.y, l.entities = cx, cy, n.take(l.entities[:0])
	return l
}

// gather notes what may and what has to be shown in the cell at x, y.
func (n *Interest) gather(x, y int64) {
	words := len(n.now.Entities())/64 + 1
	for len(n.set) < words {
		n.set, n.sure = append(n.set, 0), append(n.sure, 0)
	}
	for _, i := range n.open {
		n.set[i/64] |= 1 << (i % 64)
		n.sure[i/64] |= 1 << (i % 64)
	}
	side := n.shift + perBucket
	end := int64(1)<<n.shift - 1
	x0, x1 := (x-n.leave)>>side, (x+end+n.leave)>>side
	y0, y1 := (y-n.leave)>>side, (y+end+n.leave)>>side
	x1, y1 = min(x1, x0+buckets-1), min(y1, y0+buckets-1) // no bucket twice
	for by := y0; by <= y1; by++ {
		for bx := x0; bx <= x1; bx++ {
			for _, m := range n.in(int32(by&(buckets-1)*buckets + bx&(buckets-1))) {
				dx := max(x-int64(m.x), int64(m.x)-x-end, 0)
				dy := max(y-int64(m.y), int64(m.y)-y-end, 0)
				d := dx*dx + dy*dy
				if d > n.leave*n.leave {
					continue
				}
				n.set[m.index/64] |= 1 << (m.index % 64)
				if d <= n.reach*n.reach {
					n.sure[m.index/64] |= 1 << (m.index % 64)
				}
			}
		}
	}
}

// take appends what was gathered to dst, in ascending order, and forgets it.
func (n *Interest) take(dst []int32) []int32 {
	for i, w := range n.set {
		for ; w != 0; w &= w - 1 {
			b := bits.TrailingZeros64(w)
			dst = append(dst, int32(i*64+b)<<1|int32(n.sure[i]>>b&1))
		}
		n.set[i], n.sure[i] = 0, 0
	}
	return dst
}
