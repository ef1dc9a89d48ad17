package delta

import (
	"fmt"
	"math/bits"

	"hindsight/protocol"
	"hindsight/protocol/wire"
)

// Records is a run of encoded integers: some entities, or an own row. The zero value is empty.
type Records struct {
	Ints  int // how many integers
	Bytes []byte
}

// Reset empties r, keeping its memory.
func (r *Records) Reset() { r.Ints, r.Bytes = 0, r.Bytes[:0] }

// Append copies o after r. Entities must be appended in ascending id order.
func (r *Records) Append(o Records) {
	r.Ints += o.Ints
	r.Bytes = append(r.Bytes, o.Bytes...)
}

// Coder appends encoded entities and rows to Records. The zero value is ready. It must not be
// copied and allocates only when the Records have to grow.
//
// Its methods panic if a field is outside the range its schema gives: that is a bug in the game,
// and the client would refuse the frame.
type Coder struct {
	w    wire.Writer
	ints int
	mask [maxGroups]uint8
}

// Delta appends what changed since prev, the same entity in the base snapshot. It reports false,
// and writes nothing, if nothing did. It panics if the two are not the same entity or have not the
// same owner: then a Spawn is due.
func (c *Coder) Delta(dst *Records, k *Kind, prev, cur *Entity) bool {
	if !prev.Same(cur) || prev.Owner != cur.Owner {
		panic(fmt.Sprintf("delta: %s %d is not the entity it was: spawn it", k.Name, cur.ID))
	}
	groups := c.compare(k, prev.Row, cur.Row)
	if groups == 0 {
		return false
	}
	c.begin(dst)
	c.head(cur.ID, formDelta)
	c.row(k, groups, prev.Row, cur.Row)
	c.end(dst)
	return true
}

// Absolute appends the whole row of an entity that the receiver has in its base snapshot, whatever
// its row is there. Kind, owner and birth must be as they are there.
func (c *Coder) Absolute(dst *Records, k *Kind, cur *Entity) {
	c.begin(dst)
	c.head(cur.ID, formAbsolute)
	c.absolute(k, cur.Row)
	c.end(dst)
}

// Spawn appends an entity that is new to the receiver. It takes the place of any earlier one of
// that id, which need not be removed. Tick is the frame's.
func (c *Coder) Spawn(dst *Records, k *Kind, tick protocol.Tick, cur *Entity) {
	if cur.ID == 0 || cur.Birth > tick {
		panic(fmt.Sprintf("delta: %s %d, born at %d, cannot be in the frame of tick %d", k.Name, cur.ID, cur.Birth, tick))
	}
	c.begin(dst)
	c.head(cur.ID, formSpawn)
	c.int(int64(cur.Kind))
	c.int(int64(cur.Owner))
	c.int(int64(tick - cur.Birth))
	c.absolute(k, cur.Row)
	c.end(dst)
}

// Row appends what changed in an own row since prev: the row last sent, or zeroes. Nothing is
// written if nothing did.
func (c *Coder) Row(dst *Records, k *Kind, prev, cur []int32) {
	k.mustFit(cur)
	groups := c.compare(k, prev, cur)
	if groups == 0 {
		return
	}
	c.begin(dst)
	c.row(k, groups, prev, cur)
	c.end(dst)
}

func (c *Coder) begin(dst *Records) {
	c.w.Reset(dst.Bytes)
	c.ints = 0
}

func (c *Coder) end(dst *Records) {
	dst.Bytes = c.w.Bytes()
	dst.Ints += c.ints
}

func (c *Coder) int(v int64) {
	c.w.Int(v)
	c.ints++
}

func (c *Coder) head(id protocol.EntityID, form int64) { c.int(int64(id)<<formBits | form) }

// zeroes is the row before an absolute one.
var zeroes [protocol.MaxFields]int32

func (c *Coder) absolute(k *Kind, cur []int32) {
	k.mustFit(cur)
	c.row(k, c.compare(k, zeroes[:], cur), zeroes[:], cur)
}

// compare fills c.mask with the fields that differ and returns the bits of the groups that have one.
func (c *Coder) compare(k *Kind, prev, cur []int32) (groups uint32) {
	n := len(k.Fields)
	prev, cur = prev[:n], cur[:n]
	for g, i := 0, 0; i < n; g++ {
		mask := uint8(0)
		for bit := uint8(1); bit < 1<<groupSize && i < n; bit <<= 1 {
			if prev[i] != cur[i] {
				mask |= bit
			}
			i++
		}
		if c.mask[g] = mask; mask != 0 {
			groups |= 1 << g
		}
	}
	return groups
}

// row writes the masks that compare found and the differences they announce.
func (c *Coder) row(k *Kind, groups uint32, prev, cur []int32) {
	if len(k.Fields) <= groupSize {
		c.group(k, 0, prev, cur)
		return
	}
	c.int(int64(groups))
	for ; groups != 0; groups &= groups - 1 {
		c.group(k, bits.TrailingZeros32(groups), prev, cur)
	}
}

func (c *Coder) group(k *Kind, g int, prev, cur []int32) {
	mask := c.mask[g]
	c.int(int64(mask))
	for ; mask != 0; mask &= mask - 1 {
		i := g*groupSize + bits.TrailingZeros8(mask)
		f := &k.Fields[i]
		if !f.fits(cur[i]) {
			k.unfit(i, cur[i])
		}
		c.int(int64(f.difference(prev[i], cur[i])))
	}
}

// mustFit panics if a field of a whole row is out of range.
func (k *Kind) mustFit(row []int32) {
	for i := range k.Fields {
		if !k.Fields[i].fits(row[i]) {
			k.unfit(i, row[i])
		}
	}
}

func (k *Kind) unfit(i int, v int32) {
	f := &k.Fields[i]
	panic(fmt.Sprintf("delta: %s.%s is %d, outside %d to %d (turn %d)", k.Name, f.Name, v, f.Min, f.Max, f.Turn))
}
