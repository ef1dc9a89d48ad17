package lab

import "testing"

func TestQuantilesBoundFromAbove(t *testing.T) {
	h := Histogram{Bin: 10}
	for v := range int64(1000) {
		h.Add(v)
	}
	for q, want := range map[float64]int64{0: 10, 0.5: 510, 0.99: 1000 - 1, 1: 999} {
		if got := h.Quantile(q); got != want {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if h.Mean() != 499.5 || h.N != 1000 || h.Max != 999 {
		t.Errorf("mean %v, n %d, max %d", h.Mean(), h.N, h.Max)
	}
}

func TestMergedHistogramsAreOneOfBoth(t *testing.T) {
	a, b, both := Histogram{Bin: 7}, Histogram{Bin: 7}, Histogram{Bin: 7}
	for v := range int64(500) {
		a.Add(v)
		b.Add(v * v)
		both.Add(v)
		both.Add(v * v)
	}
	var sum Histogram
	sum.Merge(&a)
	sum.Merge(&b)
	for _, q := range []float64{0, 0.1, 0.5, 0.9, 0.999, 1} {
		if sum.Quantile(q) != both.Quantile(q) {
			t.Errorf("quantile %v is %d, want %d", q, sum.Quantile(q), both.Quantile(q))
		}
	}
	last := 0.0
	sum.Each(func(_ int64, share float64) {
		if share <= last {
			t.Errorf("the distribution falls from %v to %v", last, share)
		}
		last = share
	})
	if last != 1 {
		t.Errorf("the distribution ends at %v", last)
	}
}

func TestAnEmptyHistogramSaysNothing(t *testing.T) {
	h := Histogram{Bin: 1}
	if h.Quantile(0.5) != 0 || h.Mean() != 0 {
		t.Errorf("median %d, mean %v", h.Quantile(0.5), h.Mean())
	}
	h.Add(-5)
	h.Add(1 << 40)
	if h.Quantile(0) != 1 || h.Max != 1<<40 {
		t.Errorf("least %d, most %d", h.Quantile(0), h.Max)
	}
}
