package lab

// Histogram counts non-negative values in bins of equal width, so that equal runs give equal
// quantiles and the results of several add up. Bin is required; the zero value otherwise is empty.
type Histogram struct {
	// Bin is the width of a bin, in the unit of the values.
	Bin int64
	N   int64
	Sum int64
	Max int64

	counts []int64
}

// binsMost bounds the memory; larger values count in the last bin.
const binsMost = 1 << 16

// Add takes in a value. A negative one counts as 0.
func (h *Histogram) Add(v int64) {
	v = max(v, 0)
	i := int(min(v/h.Bin, binsMost-1))
	for len(h.counts) <= i {
		h.counts = append(h.counts, 0)
	}
	h.counts[i]++
	h.N++
	h.Sum += v
	h.Max = max(h.Max, v)
}

// Merge adds all of o, whose bins are as wide.
func (h *Histogram) Merge(o *Histogram) {
	if h.Bin == 0 {
		h.Bin = o.Bin
	}
	for len(h.counts) < len(o.counts) {
		h.counts = append(h.counts, 0)
	}
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.N += o.N
	h.Sum += o.Sum
	h.Max = max(h.Max, o.Max)
}

// Quantile returns an upper bound, exact to a bin, of the q-th part of the values: 0.5 for the
// median. It returns 0 if there are none.
func (h *Histogram) Quantile(q float64) int64 {
	want := int64(q * float64(h.N))
	var below int64
	for i, n := range h.counts {
		if below += n; below > want || below == h.N {
			return min((int64(i)+1)*h.Bin, h.Max)
		}
	}
	return 0
}

// Mean returns the mean, 0 if there is nothing.
func (h *Histogram) Mean() float64 {
	if h.N == 0 {
		return 0
	}
	return float64(h.Sum) / float64(h.N)
}

// Each calls f with the upper bound of each bin that has values and the share of all values up to
// it, ascending: the points of a cumulative distribution.
func (h *Histogram) Each(f func(value int64, share float64)) {
	var below int64
	for i, n := range h.counts {
		if n > 0 {
			below += n
			f((int64(i)+1)*h.Bin, float64(below)/float64(h.N))
		}
	}
}
