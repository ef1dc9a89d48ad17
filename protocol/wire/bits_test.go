package wire_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hindsight/protocol/wire"
)

// text shows a string of bits as zeroes and ones.
func text(s *wire.Bits) string {
	var b strings.Builder
	for _, x := range s.Bytes() {
		fmt.Fprintf(&b, "%08b", x)
	}
	return b.String()[:s.Len()]
}

func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		v    uint32
		k    int
		want string
	}{
		{0, 0, "1"}, {1, 0, "010"}, {2, 0, "011"}, {3, 0, "00100"}, {7, 0, "0001000"},
		{0, 2, "100"}, {3, 2, "111"}, {4, 2, "01000"}, {11, 2, "01111"}, {12, 2, "0010000"},
		{math.MaxUint32, 0, strings.Repeat("0", 32) + "1" + strings.Repeat("0", 32)},
		{math.MaxUint32, 4, strings.Repeat("0", 28) + "1" + strings.Repeat("0", 28) + "1111"},
	} {
		var s wire.Bits
		s.Number(tt.v, tt.k)
		if got := text(&s); got != tt.want {
			t.Errorf("%d of order %d is %s, want %s", tt.v, tt.k, got, tt.want)
		}
	}
	for u, v := range []int32{0, -1, 1, -2, 2} {
		if got := wire.ZigZag(v); got != uint32(u) || wire.ZagZig(got) != v {
			t.Errorf("%d is %d, which is %d", v, got, wire.ZagZig(got))
		}
	}
	for _, v := range []int32{math.MinInt32, math.MaxInt32} {
		if wire.ZagZig(wire.ZigZag(v)) != v {
			t.Errorf("%d does not come back", v)
		}
	}
}

// TestBits writes random values of every length, looks at the bytes in between, copies parts over
// and reads all of it.
func TestBits(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		var s, whole wire.Bits
		s.Reset([]byte("kept"))
		whole.Reset([]byte{1, 2, 3})
		type value struct {
			v    uint32
			n, k int // n 0: a number of order k
			at   int
		}
		var all []value
		for range 1 + rng.IntN(200) {
			x := value{v: rng.Uint32() >> rng.IntN(32), at: s.Len()}
			if x.n = rng.IntN(33); x.n > 0 {
				x.v = uint32(uint64(x.v) & (1<<x.n - 1))
				s.Put(x.v, x.n)
			} else {
				x.k = rng.IntN(20)
				s.Number(x.v, x.k)
			}
			all = append(all, x)
			if rng.IntN(4) == 0 {
				_ = s.Bytes()
			}
		}
		at := 0
		for at < s.Len() {
			n := min(rng.IntN(100), s.Len()-at)
			whole.Copy(&s, at, n)
			at += n
		}
		if b := s.Bytes(); string(b[:4]) != "kept" || !slices.Equal(b[4:], whole.Bytes()[3:]) {
			t.Fatalf("seed %d: copied as\n%x, was\n%x", seed, whole.Bytes()[3:], b[4:])
		}
		var r wire.BitReader
		r.Reset(whole.Bytes()[3:])
		for i, x := range all {
			got := uint32(0)
			if x.n > 0 {
				got = r.Get(x.n)
			} else {
				got = r.Number(x.k, math.MaxUint32)
			}
			if got != x.v || r.Err() != nil {
				t.Fatalf("seed %d: value %d is %d, want %+v (%v)", seed, i, got, x, r.Err())
			}
		}
		if r.End(); r.Err() != nil {
			t.Fatal(r.Err())
		}
		s.Clear()
		if s.Put(1, 1); s.Len() != 1 || string(s.Bytes()) != "kept\x80" {
			t.Fatal("not empty after Clear")
		}
	}
}

func TestBitsRefused(t *testing.T) {
	for name, read := range map[string]func(*wire.BitReader){
		"truncated":            func(r *wire.BitReader) { r.Get(25) },
		"a number cut short":   func(r *wire.BitReader) { r.Get(22); r.Number(0, 9) },
		"a number too large":   func(r *wire.BitReader) { r.Number(0, 2) },
		"a number without 1":   func(r *wire.BitReader) { r.Get(4); r.Number(0, math.MaxUint32) },
		"bits that are left":   func(r *wire.BitReader) { r.Get(16); r.End() },
		"a 1 after the end":    func(r *wire.BitReader) { r.Get(3); r.End() },
		"nothing but an error": func(r *wire.BitReader) { r.Fail("so") },
	} {
		var r wire.BitReader
		r.Reset([]byte{0b0010_0000, 0, 0})
		read(&r)
		if !errors.Is(r.Err(), wire.ErrBad) {
			t.Errorf("%s: %v", name, r.Err())
		}
		if r.Get(8) != 0 || r.Number(0, 9) != 0 || r.Flag() {
			t.Errorf("%s: something was read after an error", name)
		}
	}
}

func TestBitsAllocate(t *testing.T) {
	var s, o wire.Bits
	var r wire.BitReader
	n := testing.AllocsPerRun(100, func() {
		s.Clear()
		o.Clear()
		for i := range uint32(200) {
			o.Number(i*i, 3)
		}
		s.Copy(&o, 5, o.Len()-5)
		r.Reset(s.Bytes())
		for r.Left() > 32 {
			r.Number(1, math.MaxUint32)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
