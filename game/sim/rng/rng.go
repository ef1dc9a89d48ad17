// Package rng is the randomness of simulations: a generator whose whole state is one number kept in
// the simulation's own state, and a stateless Mix for draws that a client and the server must make
// alike without sharing a generator.
//
// Which one to use: what only the authority decides (where to spawn) draws from a Rand in the
// world; what a client predicts (the spread of its own shotgun) uses Mix(seed, tick, player), so
// that both sides get the same number whatever else was drawn in between.
//
// Neither is for secrets: a client that knows the seed can foresee every draw.
package rng

import "math/bits"

// gamma is the golden ratio as a 64-bit fraction, the increment of SplitMix64.
const gamma = 0x9e3779b97f4a7c15

// Rand is a SplitMix64 generator (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
// Generators", OOPSLA 2014). It is a value: a copy continues alike. The zero value is New(0).
type Rand struct{ state uint64 }

// New returns a generator. Any seed is as good as another.
func New(seed uint64) Rand { return Rand{seed} }

// Uint64 returns the next 64 random bits.
func (r *Rand) Uint64() uint64 {
	r.state += gamma
	return finish(r.state)
}

// Uint32 returns the next 32 random bits.
func (r *Rand) Uint32() uint32 { return uint32(r.Uint64() >> 32) }

// Intn returns a number in [0, n). It panics if n is not positive. It draws exactly once, so its
// bias is n/2^64, which no match can notice.
func (r *Rand) Intn(n int) int {
	if n <= 0 {
		panic("rng: Intn of a number that is not positive")
	}
	hi, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(hi)
}

// State returns the whole state: New(r.State()) continues as r would. A world hashes it.
func (r *Rand) State() uint64 { return r.state }

// Mix returns 64 bits that depend on all of a, b and c and on their order, and on nothing else.
func Mix(a, b, c uint64) uint64 {
	h := finish(a + gamma)
	h = finish(h ^ b + gamma)
	return finish(h ^ c + gamma)
}

// Pick turns 64 random bits, such as those of Mix, into a number in [0, n). It panics if n is not
// positive.
func Pick(bits64 uint64, n int) int {
	if n <= 0 {
		panic("rng: Pick of a number that is not positive")
	}
	hi, _ := bits.Mul64(bits64, uint64(n))
	return int(hi)
}

// finish is SplitMix64's output function: a bijection in which every bit of z moves half of the
// result's bits.
func finish(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
