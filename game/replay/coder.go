package replay

import "math/bits"

// coder is an adaptive binary range coder, the one of LZMA ("LZMA specification", Igor Pavlov, 2015)
// with finer probabilities. The same calls write and read: in writing, a method returns the value it
// was given, in reading the one that was written. So what is coded is described once, in model.go,
// and a reader cannot differ from its writer.
//
// It allocates only when out has to grow.
type coder struct {
	reading bool
	width   uint32 // of the interval; at least 2^24 between two bits

	// Writing.
	out   []byte
	low   uint64 // of the interval; bit 32 is a carry into what was put out
	cache byte   // the last byte, kept back because of the carry
	held  int    // 0xff bytes after it, kept back as well
	begun bool   // cache holds a byte of the stream

	// Reading.
	in   []byte
	at   int
	code uint32 // where in the interval the stream points
	over int    // bytes read beyond the end
}

// prob is how likely a bit is 0, in 1/65536. It follows what it sees with a weight of 1/32 and never
// reaches 0 or 1.
type prob uint16

const (
	even    prob = 1 << 15
	tailMax      = 4 // zero bytes at the end of a stream that need not be there
)

// write makes c append a new stream to dst.
func (c *coder) write(dst []byte) {
	*c = coder{width: 1<<32 - 1, out: dst}
}

// read makes c read the stream in b.
func (c *coder) read(b []byte) {
	*c = coder{reading: true, width: 1<<32 - 1, in: b}
	for range 4 {
		c.code = c.code<<8 | c.next()
	}
}

// next returns the next byte of the stream. Behind its end there are zeroes.
func (c *coder) next() uint32 {
	if c.at == len(c.in) {
		c.over++
		return 0
	}
	b := c.in[c.at]
	c.at++
	return uint32(b)
}

// short reports that more was read than was written: the stream is not what it says.
func (c *coder) short() bool { return c.over > tailMax }

// unread reports that bytes of the stream were not needed.
func (c *coder) unread() bool { return c.at < len(c.in) }

// bit codes b, 0 or 1, by its likelihood p, and adapts p.
func (c *coder) bit(p *prob, b uint32) uint32 {
	likely := uint32(*p)
	bound := c.width >> 16 * likely
	if c.reading {
		b = 0
		if c.code >= bound {
			b = 1
		}
	}
	if b == 0 {
		c.width = bound
		*p = prob(likely + (1<<16-likely)>>5)
	} else {
		c.width -= bound
		c.skip(bound)
		*p = prob(likely - likely>>5)
	}
	if c.width < 1<<24 { // seldom: most bits were expected
		c.level()
	}
	return b
}

// skip moves the interval's lower end.
func (c *coder) skip(n uint32) {
	if c.reading {
		c.code -= n
	} else {
		c.low += uint64(n)
	}
}

// level keeps the interval wide enough for the next bit.
func (c *coder) level() {
	for c.width < 1<<24 {
		c.width <<= 8
		if c.reading {
			c.code = c.code<<8 | c.next()
		} else {
			c.shift()
		}
	}
}

// shift puts out the top byte of low, as soon as no carry can reach it any more.
func (c *coder) shift() {
	if c.low >= 0xff<<24 && c.low < 1<<32 {
		c.held++
	} else {
		carry := byte(c.low >> 32)
		if c.begun {
			c.out = append(c.out, c.cache+carry)
		}
		for ; c.held > 0; c.held-- {
			c.out = append(c.out, 0xff+carry)
		}
		c.cache, c.begun = byte(c.low>>24), true
	}
	c.low = c.low & (1<<24 - 1) << 8
}

// finish ends the stream that was begun at index from of out, and returns out. Zeroes at the end of
// the stream are not kept: a reader finds them anyway.
func (c *coder) finish(from int) []byte {
	for range 5 {
		c.shift()
	}
	for i := 0; i < tailMax && len(c.out) > from && c.out[len(c.out)-1] == 0; i++ {
		c.out = c.out[:len(c.out)-1]
	}
	return c.out
}

// flag codes a truth value.
func (c *coder) flag(p *prob, v bool) bool {
	b := uint32(0)
	if v {
		b = 1
	}
	return c.bit(p, b) == 1
}

// raw codes the lowest n bits of v, 0 to 64, about which nothing is known.
func (c *coder) raw(v uint64, n int) uint64 {
	got := uint64(0)
	for n--; n >= 0; n-- {
		c.width >>= 1
		b := v >> n & 1
		if c.reading {
			b = 0
			if c.code >= c.width {
				b = 1
			}
		}
		if b == 1 {
			c.skip(c.width)
		}
		if c.width < 1<<24 {
			c.level()
		}
		got = got<<1 | b
	}
	return got
}

// symbol codes the lowest n bits of v by a tree of 1<<n likelihoods: that of a bit depends on those
// above it.
func (c *coder) symbol(tree []prob, n int, v uint32) uint32 {
	at := uint32(1)
	for n--; n >= 0; n-- {
		at = at<<1 | c.bit(&tree[at], v>>n&1)
	}
	return at - uint32(len(tree))
}

// number is a model of numbers that are small more often than not: their length in bits is foreseen,
// and of each length the two bits below the highest. It has memory for those of usualBits and grows with
// longer ones, which only who means harm gets to say.
type number struct {
	length [128]prob
	below  [][4]prob // by length, from 2 on
}

// number codes v.
func (c *coder) number(m *number, v uint64) uint64 {
	n := int(c.symbol(m.length[:], 7, uint32(bits.Len64(v))))
	if n > 64 {
		n = 64 // a hostile stream: any number will do
	}
	if n < 2 {
		return uint64(n)
	}
	for len(m.below) <= n-2 {
		m.below = append(m.below, [4]prob{even, even, even, even})
	}
	known := min(n-1, 2)
	low := n - 1 - known
	got := 1<<known | uint64(c.symbol(m.below[n-2][:1<<known], known, uint32(v>>low)&(1<<known-1)))
	return got<<low | c.raw(v, low)
}

func (m *number) reset() {
	evenOut(m.length[:])
	m.below = make([][4]prob, 0, usualBits)
}

// usualBits is more than the length of a difference of angles, or of an age in 1/256 tick.
const usualBits = 20

// signed is a model of differences. The sign is foreseen from that of another number.
type signed struct {
	size  number
	minus [3]prob
}

// signed codes v, which must be greater than -1<<63, beside a number whose sign may say something
// about its own.
func (c *coder) signed(m *signed, beside, v int64) int64 {
	size := int64(c.number(&m.size, uint64(max(v, -v))))
	if size != 0 && c.flag(&m.minus[1+signOf(beside)], v < 0) {
		return -size
	}
	return size
}

func (m *signed) reset() {
	m.size.reset()
	evenOut(m.minus[:])
}

// evenOut makes every bit as likely as not.
func evenOut(ps []prob) {
	for i := range ps {
		ps[i] = even
	}
}
