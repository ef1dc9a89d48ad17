package simnet

import (
	"math/bits"

	"hindsight/protocol"
)

// rng is splitmix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
type rng struct{ state uint64 }

func (r *rng) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// chance reports true n times in a million.
func (r *rng) chance(n int) bool {
	return n > 0 && int(r.next()>>32*1_000_000>>32) < n
}

// exponential returns a time of that mean. It is -ln(u) with the logarithm's fraction taken as
// linear, which is right within 9 % of the mean and needs no float.
func (r *rng) exponential(mean protocol.Micros) protocol.Micros {
	if mean <= 0 {
		return 0
	}
	u := r.next() | 1
	zeros := bits.LeadingZeros64(u)
	fraction := u << zeros << 1 >> 48                                // 16 bits after the leading one
	log2 := protocol.Micros(zeros+1)<<16 - protocol.Micros(fraction) // -log2(u), 16 fractional bits
	return mean * log2 >> 16 * 45426 >> 16                           // ln 2 is 45426/65536
}
