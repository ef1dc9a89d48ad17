package fixed

// The sine table holds a quarter turn in 1024 steps, 16 fractional bits. It is computed once from a
// Taylor series in integers, so every machine builds the same table.
var sine = buildSine()

const (
	steps = 1024
	tau30 = 6746518852 // 2*pi with 30 fractional bits
)

func buildSine() (t [steps + 1]int32) {
	for i := range t {
		x := int64(i) * tau30 / (4 * steps)
		x2 := x * x >> 30
		sum, term := x, x
		for k := int64(2); k < 16; k += 2 {
			term = -term * x2 >> 30
			term /= k * (k + 1)
			sum += term
		}
		t[i] = int32((sum + 1<<13) >> 14)
	}
	t[steps] = 1 << 16
	return t
}

// Sin returns the sine of a with 16 fractional bits, interpolated between table entries.
func Sin(a Angle) int32 {
	i := int32(a) & 0x3fff // within the quarter, 14 bits
	if a&0x4000 != 0 {
		i = 0x4000 - i
	}
	lo, part := i>>4, i&15
	s := sine[lo]
	if part != 0 {
		s += (sine[lo+1] - s) * part >> 4
	}
	if a&0x8000 != 0 {
		return -s
	}
	return s
}

// Cos returns the cosine of a with 16 fractional bits.
func Cos(a Angle) int32 { return Sin(a + 0x4000) }

// atan2 finds the direction by halving the quarter it lies in: 14 comparisons of cross products
// against the sine table, no division.
func atan2(y, x int64) Angle {
	if x == 0 && y == 0 {
		return 0
	}
	var base Angle
	switch { // rotate into the first quarter: x > 0, y >= 0
	case x > 0 && y >= 0:
	case x <= 0 && y > 0:
		x, y, base = y, -x, 0x4000
	case x < 0 && y <= 0:
		x, y, base = -x, -y, 0x8000
	default:
		x, y, base = -y, x, 0xc000
	}
	lo, hi := Angle(0), Angle(0x4000)
	for hi-lo > 1 {
		m := lo + (hi-lo)/2
		if y*int64(Cos(m)) >= x*int64(Sin(m)) {
			lo = m
		} else {
			hi = m
		}
	}
	return base + lo
}
