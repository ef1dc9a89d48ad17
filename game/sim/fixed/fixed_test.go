package fixed

import (
	"math"
	"testing"
)

func TestSineMatchesMath(t *testing.T) {
	for a := 0; a < 65536; a++ {
		want := math.Sin(float64(a) * 2 * math.Pi / 65536)
		if got := float64(Sin(Angle(a))) / 65536; math.Abs(got-want) > 4e-5 {
			t.Fatalf("Sin(%d) = %v, want %v", a, got, want)
		}
	}
}

func TestAngleInvertsUnit(t *testing.T) {
	for a := 0; a < 65536; a += 7 {
		v := Angle(a).Unit(FromInt(4000))
		if d := v.Angle().Diff(Angle(a)); d < -3 || d > 3 {
			t.Fatalf("Unit(%d).Angle() = %d", a, v.Angle())
		}
	}
}

func TestSqrtRoundsDown(t *testing.T) {
	for _, n := range []uint64{0, 1, 2, 3, 4, 15, 16, 17, 1 << 32, 1<<62 - 1, 1<<63 + 12345, math.MaxUint64} {
		r := Sqrt(n)
		if hi := r + 1; r > math.MaxUint32 || r*r > n || (hi <= math.MaxUint32 && hi*hi <= n) {
			t.Errorf("Sqrt(%d) = %d", n, r)
		}
	}
}

func TestVec(t *testing.T) {
	v := Vec{FromInt(3), FromInt(-4)}
	if v.Len() != FromInt(5) {
		t.Errorf("Len = %v", v.Len())
	}
	if got := v.WithLen(FromInt(10)); got != (Vec{FromInt(6), FromInt(-8)}) {
		t.Errorf("WithLen = %v", got)
	}
	if got := v.AtMost(FromInt(6)); got != v {
		t.Errorf("AtMost lengthened: %v", got)
	}
	if got := (Vec{}).WithLen(One); got != (Vec{}) {
		t.Errorf("zero WithLen = %v", got)
	}
	if Num(-1).Wire() != 0 || Num(8).Wire() != 1 || Num(-9).Wire() != -1 {
		t.Error("Wire does not round to nearest")
	}
}
