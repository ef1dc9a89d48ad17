package rng

import (
	"math/bits"
	"testing"
)

// The first outputs of SplitMix64 for seed 1234567, as its authors' reference program prints them.
func TestReference(t *testing.T) {
	r := New(1234567)
	for i, want := range []uint64{
		6457827717110365317, 3203168211198807973, 9817491932198370423,
		4593380528125082431, 16408922859458223821,
	} {
		if got := r.Uint64(); got != want {
			t.Fatalf("output %d = %d, want %d", i, got, want)
		}
	}
}

func TestCopyAndStateContinueAlike(t *testing.T) {
	r := New(7)
	r.Uint32()
	c, s := r, New(r.State())
	for range 100 {
		want := r.Uint64()
		if got := c.Uint64(); got != want {
			t.Fatal("a copy drew something else")
		}
		if got := s.Uint64(); got != want {
			t.Fatal("New(State()) drew something else")
		}
	}
}

func TestIntnIsEven(t *testing.T) {
	r := New(3)
	for _, n := range []int{1, 2, 3, 6, 10, 1000} {
		const each = 2000
		count := make([]int, n)
		for range each * n {
			count[r.Intn(n)]++
		}
		for v, c := range count {
			if c < each*8/10 || c > each*12/10 {
				t.Errorf("Intn(%d) gave %d %d times, want about %d", n, v, c, each)
			}
		}
	}
}

// A flip of any input bit flips about half of the output, and the order of the parts matters.
func TestMixAvalanche(t *testing.T) {
	r := New(11)
	total, n := 0, 0
	for range 200 {
		p := [3]uint64{r.Uint64(), r.Uint64(), uint64(r.Intn(100))}
		h := Mix(p[0], p[1], p[2])
		for bit := range 192 {
			q := p
			q[bit/64] ^= 1 << (bit % 64)
			d := bits.OnesCount64(h ^ Mix(q[0], q[1], q[2]))
			if d < 8 {
				t.Fatalf("bit %d of %x moves only %d bits", bit, p, d)
			}
			total, n = total+d, n+1
		}
	}
	if mean := float64(total) / float64(n); mean < 31.8 || mean > 32.2 {
		t.Errorf("a flipped bit moves %.2f bits on average, want 32", mean)
	}
	if Mix(1, 2, 3) == Mix(3, 2, 1) || Mix(0, 0, 1) == Mix(0, 1, 0) {
		t.Error("the order of the parts does not matter")
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"Intn": func() { r := New(1); r.Intn(0) },
		"Pick": func() { Pick(1, -1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
