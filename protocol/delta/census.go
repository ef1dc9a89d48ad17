package delta

import (
	"math/bits"

	"hindsight/protocol/wire"
)

// Census counts what movers do, for making the codes of it; see headLengths.
type Census struct {
	Heads [moods][heads]int
	Sizes [sizes]int
}

func (c *Census) head(t *Track, symbol int) {
	if c != nil {
		c.Heads[t.mood][symbol]++
	}
}

func (c *Census) size(v int32) {
	if c != nil {
		c.Sizes[bits.Len32(wire.ZigZag(v))]++
	}
}
