package wire

import (
	"encoding/binary"
	"math/bits"
)

// Bits is a string of bits under construction, the first bit the most significant of its first byte.
// The zero value is empty. It allocates only when it has to grow.
type Bits struct {
	b   []byte // whole groups of 32 bits, after what Reset was given
	acc uint64 // the bits after them, the last one lowest; what is above them has no meaning
	n   int    // how many
	at  int    // where in b the string begins
}

// tail is how many bytes beyond those of a string a reader of 64 bits at a time may touch.
const tail = 16

// Reset empties s and makes it append to dst, which it keeps as it is.
func (s *Bits) Reset(dst []byte) { *s = Bits{b: dst, at: len(dst)} }

// Clear empties s, keeping its memory.
func (s *Bits) Clear() { s.b, s.n = s.b[:s.at], 0 }

// Len returns how many bits s has.
func (s *Bits) Len() int { return (len(s.b)-s.at)<<3 + s.n }

// Put appends the n lowest bits of v, at most 32. The others must be 0.
func (s *Bits) Put(v uint32, n int) {
	s.acc = s.acc<<n | uint64(v)
	if s.n += n; s.n >= 32 {
		s.n -= 32
		s.b = binary.BigEndian.AppendUint32(s.b, uint32(s.acc>>s.n))
	}
}

// Flag appends one bit.
func (s *Bits) Flag(set bool) {
	if set {
		s.Put(1, 1)
	} else {
		s.Put(0, 1)
	}
}

// Number appends v in the Exp-Golomb code of order k: v + 2^k in binary, after as many zeroes as it
// has bits more than k + 1. It is short for numbers around 2^k and below.
func (s *Bits) Number(v uint32, k int) {
	m := uint64(v) + 1<<k
	n := bits.Len64(m)
	if zeroes := n - 1 - k; zeroes > 0 {
		s.Put(0, zeroes)
	}
	if n > 32 {
		s.Put(uint32(m>>32), n-32)
		n = 32
	}
	s.Put(uint32(m), n)
}

// Signed appends v as a Number: 0, -1, 1, -2, 2 ... are 0, 1, 2, 3, 4 ...
func (s *Bits) Signed(v int32, k int) { s.Number(ZigZag(v), k) }

// sizeOrder is the order of the length of a Sized number.
const sizeOrder = 2

// Sized appends v in about as many bits as it has: the length of its ZigZag as a Number of order 2,
// then, but for the first, which is always 1, its bits. It is for numbers of no usual size.
func (s *Bits) Sized(v int32) {
	u := ZigZag(v)
	n := bits.Len32(u)
	s.Number(uint32(n), sizeOrder)
	s.Below(u, n)
}

// Below appends the n bits of v but for the first, which is 1. There may be none.
func (s *Bits) Below(v uint32, n int) {
	if n > 1 {
		s.Put(v&(1<<(n-1)-1), n-1)
	}
}

// ZigZag numbers the integers by their distance from 0, the negative one first.
func ZigZag(v int32) uint32 { return uint32(v)<<1 ^ uint32(v>>31) }

// ZagZig is the inverse of ZigZag.
func ZagZig(u uint32) int32 { return int32(u>>1) ^ -int32(u&1) }

// Copy appends n bits of o, from its bit at on.
func (s *Bits) Copy(o *Bits, at, n int) { s.CopyFrom(o.Source(), at, n) }

// Source returns the bits as CopyFrom takes them, good until more are appended. Several goroutines may copy
// from one Source.
func (s *Bits) Source() []byte {
	s.spill()
	return s.b[s.at : len(s.b)+tail]
}

// CopyFrom is Copy from the Source of another string.
func (s *Bits) CopyFrom(src []byte, at, n int) {
	for ; n > 32; n -= 32 {
		s.Put(load(src, at, 32), 32)
		at += 32
	}
	if n > 0 {
		s.Put(load(src, at, n), n)
	}
}

// load returns n bits of src, 1 to 32, from bit at on.
func load(src []byte, at, n int) uint32 {
	return uint32(binary.BigEndian.Uint64(src[at>>3:]) << (at & 7) >> (64 - n))
}

// spill writes the unfinished group behind the finished ones, where the next Put overwrites it, with
// zeroes after it.
func (s *Bits) spill() {
	end := len(s.b)
	s.b = binary.BigEndian.AppendUint64(s.b, s.acc<<(63-s.n)<<1)
	s.b = binary.BigEndian.AppendUint64(s.b, 0)[:end]
}

// Bytes returns what Reset was given and the bits, with zeroes up to a whole byte. The string goes on
// where it was if more is appended, unless the bytes were changed.
func (s *Bits) Bytes() []byte {
	s.spill()
	return s.b[:len(s.b)+(s.n+7)>>3]
}

// BitReader reads a string of bits. Like Reader it returns zeroes after the first error.
type BitReader struct {
	b   []byte
	at  int // the next bit
	err error
}

// Reset makes r read b.
func (r *BitReader) Reset(b []byte) { *r = BitReader{b: b} }

// Err returns the first thing that was wrong since Reset, wrapping ErrBad, or nil.
func (r *BitReader) Err() error { return r.err }

// Fail makes reason the error, unless there is one already.
//
//go:noinline
func (r *BitReader) Fail(reason string) {
	if r.err == nil {
		r.err = bad(reason)
	}
}

// Left returns how many bits are left.
func (r *BitReader) Left() int { return len(r.b)<<3 - r.at }

// Peek returns the next 32 bits, with zeroes after the end.
//
//go:noinline
func (r *BitReader) Peek() uint32 {
	i := r.at >> 3
	if i+8 <= len(r.b) {
		return load(r.b[i:i+8], r.at&7, 32)
	}
	var last [8]byte
	if i < len(r.b) {
		copy(last[:], r.b[i:])
	}
	return load(last[:], r.at&7, 32)
}

// Skip passes over n bits.
//
//go:noinline
func (r *BitReader) Skip(n int) {
	if n > r.Left() {
		r.Fail("truncated")
	}
	if r.err == nil {
		r.at += n
	}
}

// Get reads n bits, at most 32.
func (r *BitReader) Get(n int) uint32 {
	v := uint64(r.Peek()) >> (32 - n)
	if r.Skip(n); r.err != nil {
		return 0
	}
	return uint32(v)
}

// Flag reads one bit.
func (r *BitReader) Flag() bool { return r.Get(1) == 1 }

// More reads one bit if there is one: what may be missing at the end is taken for 0.
func (r *BitReader) More() bool { return r.Left() > 0 && r.Flag() }

// Number reads an Exp-Golomb code of order k that stands for at most most.
func (r *BitReader) Number(k int, most uint32) uint32 {
	zeroes := bits.LeadingZeros32(r.Peek())
	r.Skip(zeroes)
	n := zeroes + 1 + k
	if n > 33 {
		r.Fail("number out of range")
		return 0
	}
	m := uint64(0)
	if n > 32 {
		m = uint64(r.Get(n-32)) << 32
		n = 32
	}
	m |= uint64(r.Get(n))
	if r.err != nil {
		return 0
	}
	if m -= 1 << k; m > uint64(most) {
		r.Fail("number out of range")
		return 0
	}
	return uint32(m)
}

// Signed reads what Bits.Signed wrote.
func (r *BitReader) Signed(k int) int32 { return ZagZig(r.Number(k, 1<<32-1)) }

// Sized reads what Bits.Sized wrote.
func (r *BitReader) Sized() int32 { return ZagZig(r.Below(int(r.Number(sizeOrder, 32)))) }

// Below reads a number of n bits without its first, as Bits.Below wrote it.
func (r *BitReader) Below(n int) uint32 {
	if n <= 1 {
		return uint32(n)
	}
	return 1<<(n-1) | r.Get(n-1)
}

// End fails unless what is left are zeroes and fewer than eight.
func (r *BitReader) End() {
	if n := r.Left(); r.err == nil && (n >= 8 || r.Get(n) != 0) {
		r.Fail("trailing bits")
	}
}
