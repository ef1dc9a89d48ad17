package load

import "math/bits"

// Histogram counts values of any size with a resolution of 3 %: bins are 32 to each doubling. The zero
// value is empty and ready.
type Histogram struct {
	// N is how many values were added, Bins how many of them fell into each bin; see bin.
	N    uint64
	Bins []uint64
}

// fine is how many bits of a value are kept.
const fine = 5

// bin returns the bin of a value: the value itself below 2^fine, then its length and its first bits.
func bin(v int64) int {
	if v < 1<<fine {
		return int(max(v, 0))
	}
	shift := bits.Len64(uint64(v)) - fine - 1
	return (shift+1)<<fine + int(v>>shift)&(1<<fine-1)
}

// floorOf returns the least value of a bin.
func floorOf(bin int) int64 {
	if bin < 1<<fine {
		return int64(bin)
	}
	shift := bin>>fine - 1
	return int64(1<<fine+bin&(1<<fine-1)) << shift
}

// Add counts v; less than 0 counts as 0.
func (h *Histogram) Add(v int64) {
	b := bin(v)
	for len(h.Bins) <= b {
		h.Bins = append(h.Bins, 0)
	}
	h.Bins[b]++
	h.N++
}

// Merge adds what o counted.
func (h *Histogram) Merge(o *Histogram) {
	for len(h.Bins) < len(o.Bins) {
		h.Bins = append(h.Bins, 0)
	}
	for i, n := range o.Bins {
		h.Bins[i] += n
	}
	h.N += o.N
}

// Quantile returns the value that a share q of all is at most, up to the resolution; 0 if there are none.
func (h *Histogram) Quantile(q float64) int64 {
	if h.N == 0 {
		return 0
	}
	rank := uint64(q * float64(h.N))
	for i, n := range h.Bins {
		if n > rank {
			return floorOf(i)
		}
		rank -= n
	}
	return floorOf(len(h.Bins) - 1)
}

// Reset forgets everything.
func (h *Histogram) Reset() {
	clear(h.Bins)
	h.N = 0
}
