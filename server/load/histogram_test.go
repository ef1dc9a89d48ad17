package load

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBinsFollowEachOther(t *testing.T) {
	last := int64(-1)
	for b := range 1000 {
		v := floorOf(b)
		if v <= last || bin(v) != b || b > 0 && bin(v-1) != b-1 {
			t.Fatalf("bin %d begins with %d, which is in bin %d; the bin before began with %d", b, v, bin(v), last)
		}
		last = v
	}
	if bin(-5) != 0 {
		t.Errorf("-5 is in bin %d", bin(-5))
	}
}

func TestQuantilesAreCloseToTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []int64
	var h, rest Histogram
	for i := range 5000 {
		v := int64(rng.ExpFloat64() * 40_000)
		all = append(all, v)
		if i%2 == 0 {
			h.Add(v)
		} else {
			rest.Add(v)
		}
	}
	h.Merge(&rest)
	slices.Sort(all)
	for _, q := range []float64{0, .1, .5, .9, .99, .999} {
		want := all[int(q*float64(len(all)))]
		if got := h.Quantile(q); got > want || float64(want-got) > float64(want)/32+1 {
			t.Errorf("quantile %v is %d, want %d less at most 1/32", q, got, want)
		}
	}
	h.Reset()
	if h.N != 0 || h.Quantile(.5) != 0 {
		t.Errorf("after Reset there are %d, the median is %d", h.N, h.Quantile(.5))
	}
}
