// Package fixed is the arithmetic of simulations: positions, vectors and angles as integers, so
// that a match steps to the same bits on amd64, arm64 and WASM. There is no float in it, not even
// in its tables.
//
// A Num counts 1/256 unit and is meant for |x| < 2^22 (16,384 units), where every product of two
// fits an int64 with room to spare. Division and shifts round towards minus infinity unless a
// function says otherwise.
package fixed

import "math/bits"

// Num is a length or a speed in 1/256 unit (per tick, for a speed).
type Num int32

// One is one unit.
const One Num = 256

// FromInt returns n units.
func FromInt(n int) Num { return Num(n) * One }

// Floor returns the whole units of n, rounded down.
func (n Num) Floor() int { return int(n >> 8) }

// Wire returns n in the quantum that entities travel in, 1/16 unit, rounded to nearest.
func (n Num) Wire() int32 { return int32(n+8) >> 4 }

// FromWire returns a wire position (1/16 unit) as a Num.
func FromWire(w int32) Num { return Num(w << 4) }

// Mul returns a*b/256.
func Mul(a, b Num) Num { return Num(int64(a) * int64(b) >> 8) }

// MulRatio returns n*num/den with the product in 64 bits, rounded towards zero. den must not be 0.
func MulRatio(n Num, num, den int64) Num { return Num(int64(n) * num / den) }

// Abs returns |n|.
func Abs(n Num) Num {
	if n < 0 {
		return -n
	}
	return n
}

// Vec is a point or a displacement.
type Vec struct{ X, Y Num }

// Add returns v+w.
func (v Vec) Add(w Vec) Vec { return Vec{v.X + w.X, v.Y + w.Y} }

// Sub returns v-w.
func (v Vec) Sub(w Vec) Vec { return Vec{v.X - w.X, v.Y - w.Y} }

// Scale returns v*n.
func (v Vec) Scale(n Num) Vec { return Vec{Mul(v.X, n), Mul(v.Y, n)} }

// Dot returns the scalar product in 1/65536 square unit.
func (v Vec) Dot(w Vec) int64 { return int64(v.X)*int64(w.X) + int64(v.Y)*int64(w.Y) }

// Cross returns the z of the vector product in 1/65536 square unit.
func (v Vec) Cross(w Vec) int64 { return int64(v.X)*int64(w.Y) - int64(v.Y)*int64(w.X) }

// Len2 returns the squared length in 1/65536 square unit.
func (v Vec) Len2() int64 { return v.Dot(v) }

// Len returns the length, rounded down.
func (v Vec) Len() Num { return Num(Sqrt(uint64(v.Len2()))) }

// WithLen returns v with its length changed to n, or the zero vector if v is zero.
func (v Vec) WithLen(n Num) Vec {
	l := int64(v.Len())
	if l == 0 {
		return Vec{}
	}
	return Vec{Num(int64(v.X) * int64(n) / l), Num(int64(v.Y) * int64(n) / l)}
}

// AtMost returns v shortened to length n if it is longer.
func (v Vec) AtMost(n Num) Vec {
	if v.Len2() <= int64(n)*int64(n) {
		return v
	}
	return v.WithLen(n)
}

// Angle is a direction in 1/65536 turn: 0 is +x, a quarter turn is +y (down on a screen).
type Angle uint16

// Unit returns the vector of length n in direction a.
func (a Angle) Unit(n Num) Vec { return Vec{scale(Cos(a), n), scale(Sin(a), n)} }

func scale(s int32, n Num) Num { return Num((int64(s)*int64(n) + 1<<15) >> 16) }

// Angle returns the direction of v, 0 for the zero vector. It is exact to 1/65536 turn or so.
func (v Vec) Angle() Angle { return atan2(int64(v.Y), int64(v.X)) }

// Diff returns the signed way from b to a along the shorter side, in 1/65536 turn.
func (a Angle) Diff(b Angle) int { return int(int16(a - b)) }

// Sqrt returns the square root of n, rounded down.
func Sqrt(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	x := uint64(1) << ((bits.Len64(n) + 1) / 2) // at or above the root: Newton descends
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}
