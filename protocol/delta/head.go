package delta

import (
	"math/bits"

	"hindsight/protocol/wire"
)

// A head says in one code what a mover did: the way it came and how far its heading is from where it
// was foreseen. Its symbol is 12 * way + token; one more announces that other fields change too, and
// is followed by these and the head proper.
const (
	tokens   = 12 // of the heading: 0 to 10 are the zigzag of what it is off by, 11 is more
	headAlso = 3 * tokens
	heads    = headAlso + 1

	// sizes is how many lengths the zigzag of a number can have: what x or y are off by, if they
	// are far off, is sent as its length and then its bits below the first.
	sizes = 33

	longest = 11 // bits of a code
)

// The lengths of the codes, a hexadecimal digit for each symbol: of a head after each mood, and of a
// size. They were made by `hindsight bench train` of movement traces of 64 and of 16 players, each with seed
// 2, and of the arena as its bots play it with that seed.
var (
	headLengths = [moods]string{
		moodRest:   "177b9bbbbbbbbbbbbbbbbbbb3445566767854",
		moodSteady: "2333455789aa5566688aabbb6666788aabaa5",
		moodNear:   "3444556989bb334455688abb5567788aabb95",
		moodTurned: "4455578abbbb4557788abbbb3334456778965",
		moodTwice:  "3345466888ab344657789aba4556677899965",
		moodWild:   "777889babbb96778abbbbbba2334456666643",
	}
	sizeLengths = "36544333248abbbbbbbbbbbbbbbbbbbba"
)

var (
	headCodes = func() (c [moods]prefixCode) {
		for i := range c {
			c[i] = newPrefixCode(headLengths[i])
		}
		return c
	}()
	sizeCode = newPrefixCode(sizeLengths)
)

// prefixCode is a canonical Huffman code: its words are in ascending order of length, and of symbol
// where they are equally long, and each is the one before plus one, with zeroes behind it if it is longer.
type prefixCode struct {
	words  []uint16
	length []uint8
	look   [1 << longest]uint16 // by the next bits: symbol << 4 | length
}

// newPrefixCode returns the code with words of these lengths. It panics if they do not fill the code
// exactly: they are constants of this package.
func newPrefixCode(lengths string) prefixCode {
	c := prefixCode{words: make([]uint16, len(lengths)), length: make([]uint8, len(lengths))}
	next := 0 // the next word, in as many bits as the longest
	for n := 1; n <= longest; n++ {
		for symbol, digit := range lengths {
			if digitValue(digit) != n {
				continue
			}
			c.words[symbol], c.length[symbol] = uint16(next>>(longest-n)), uint8(n)
			for end := next + 1<<(longest-n); next < end; next++ {
				c.look[next] = uint16(symbol<<4 | n)
			}
		}
	}
	if next != 1<<longest {
		panic("delta: the lengths are not those of a prefix code")
	}
	return c
}

func digitValue(d rune) int {
	if d >= 'a' {
		return int(d-'a') + 10
	}
	return int(d - '0')
}

func (c *prefixCode) put(w *wire.Bits, symbol int) {
	w.Put(uint32(c.words[symbol]), int(c.length[symbol]))
}

func (c *prefixCode) get(r *wire.BitReader) int {
	x := c.look[r.Peek()>>(32-longest)]
	r.Skip(int(x & 15))
	return int(x >> 4)
}

// putFar writes what x or y are off by, far.
func putFar(w *wire.Bits, v int32) {
	u := wire.ZigZag(v)
	n := bits.Len32(u)
	sizeCode.put(w, n)
	w.Below(u, n)
}

func getFar(r *wire.BitReader) int32 { return wire.ZagZig(r.Below(sizeCode.get(r))) }
