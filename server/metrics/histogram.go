package metrics

import (
	"math"
	"math/bits"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Histogram is a distribution of whole numbers, microseconds or bytes, which rooms hand over by the
// dozen. To a scraper it is the histogram that Prometheus' own library would have made of them, with the
// same classic and native buckets; to a room it costs a tenth, since a number only has to be counted in
// its cell: the numbers between two neighbouring bounds of either kind. It may be used from any goroutine.
type Histogram struct {
	desc  *prometheus.Desc
	scale float64 // whole numbers in one of Prometheus' units
	upper []float64
	born  *timestamppb.Timestamp

	plus, minus axis // by the number's distance from 0
	zero        atomic.Uint64
	sum         atomic.Int64
}

// axis is the cells of the numbers of one sign. It is immutable but for the counts.
type axis struct {
	last   []int64 // the greatest distance from 0 in each cell, ascending
	first  [64]int // by the number of a distance's bits: the first cell that it can be in
	native []int   // each cell's native bucket
	counts []atomic.Uint64
}

// nativeSchema is the resolution of native buckets: each octave has 2^nativeSchema, so that they are 9 %
// apart.
const nativeSchema = 3

// octave is how an octave is divided, as in Prometheus' nativeHistogramBounds.
var octave = [1 << nativeSchema]float64{
	0.5, 0.5452538663326288, 0.5946035575013605, 0.6484197773255048,
	0.7071067811865475, 0.7711054127039704, 0.8408964152537144, 0.9170040432046711,
}

// newHistogram returns one of numbers of which scale are one of Prometheus' units, with these upper
// bounds in that unit, ascending.
func newHistogram(name, help string, scale float64, upper []float64) *Histogram {
	h := &Histogram{
		desc:  prometheus.NewDesc(name, help, nil, nil),
		scale: scale, upper: upper, born: timestamppb.New(time.Now()),
	}
	h.plus.divide(scale, upper, +1)
	h.minus.divide(scale, upper, -1)
	return h
}

// most is the greatest distance from 0 that is told from others: half an hour in microseconds.
const most = 1<<31 - 1

// divide makes the cells. A number is in a classic bucket if it is its bound or less, in a native one if
// its distance from 0 is.
func (a *axis) divide(scale float64, upper []float64, sign float64) {
	bound := func(x float64) int64 { // the greatest whole distance from 0 that is x units or less
		n := int64(x*scale) + 1
		for float64(n)/scale > x {
			n--
		}
		return n
	}
	ends := map[int64]bool{most: true}
	for _, u := range upper {
		switch n := bound(u * sign); {
		case u*sign <= 0:
		case sign > 0:
			ends[n] = true
		case float64(n)/scale == -u: // a negative bound is itself below the bound
			ends[n-1] = true
		default:
			ends[n] = true
		}
	}
	for e := math.Ilogb(1 / scale); ; e++ {
		if math.Ldexp(.5, e)*scale > most {
			break
		}
		for _, frac := range octave {
			ends[bound(math.Ldexp(frac, e))] = true
		}
	}
	for n := range ends {
		if n > 0 && n <= most {
			a.last = append(a.last, n)
		}
	}
	slices.Sort(a.last)
	a.counts = make([]atomic.Uint64, len(a.last))
	for _, n := range a.last {
		frac, exp := math.Frexp(float64(n) / scale)
		at, _ := slices.BinarySearch(octave[:], frac)
		a.native = append(a.native, at+(exp-1)*len(octave))
	}
	for b := range a.first {
		a.first[b], _ = slices.BinarySearch(a.last, int64(1)<<max(b-1, 0))
	}
}

// Add counts numbers.
func (h *Histogram) Add(values []int32) {
	sum := int64(0)
	for _, v := range values {
		sum += int64(v)
		switch {
		case v > 0:
			h.plus.count(int64(v))
		case v < 0:
			h.minus.count(-int64(v))
		default:
			h.zero.Add(1)
		}
	}
	h.sum.Add(sum)
}

func (a *axis) count(n int64) {
	i := a.first[bits.Len64(uint64(n))]
	for i < len(a.last)-1 && a.last[i] < n {
		i++
	}
	a.counts[i].Add(1)
}

// Describe implements prometheus.Collector.
func (h *Histogram) Describe(ch chan<- *prometheus.Desc) { ch <- h.desc }

// Collect implements prometheus.Collector.
func (h *Histogram) Collect(ch chan<- prometheus.Metric) { ch <- h }

// Desc implements prometheus.Metric.
func (h *Histogram) Desc() *prometheus.Desc { return h.desc }

// Write implements prometheus.Metric.
func (h *Histogram) Write(out *dto.Metric) error {
	plus, minus, zero := h.plus.read(), h.minus.read(), h.zero.Load()
	classic := make([]uint64, len(h.upper)+1)
	into := func(x float64, n uint64) {
		i, _ := slices.BinarySearch(h.upper, x)
		classic[i] += n
	}
	into(0, zero)
	total := zero
	for i, n := range plus {
		into(float64(h.plus.last[i])/h.scale, n)
		total += n
	}
	for i, n := range minus {
		into(-float64(h.minus.last[i])/h.scale, n)
		total += n
	}
	his := &dto.Histogram{
		SampleCount: &total, SampleSum: new(float64(h.sum.Load()) / h.scale), CreatedTimestamp: h.born,
		Schema: new(int32(nativeSchema)), ZeroThreshold: new(prometheus.DefNativeHistogramZeroThreshold), ZeroCount: &zero,
	}
	cumulative := uint64(0)
	for i, u := range h.upper {
		cumulative += classic[i]
		his.Bucket = append(his.Bucket, &dto.Bucket{CumulativeCount: new(cumulative), UpperBound: new(u)})
	}
	his.PositiveSpan, his.PositiveDelta = h.plus.spans(plus)
	his.NegativeSpan, his.NegativeDelta = h.minus.spans(minus)
	out.Histogram = his
	return nil
}

func (a *axis) read() []uint64 {
	n := make([]uint64, len(a.counts))
	for i := range n {
		n[i] = a.counts[i].Load()
	}
	return n
}

// spans writes native buckets as Prometheus wants them: runs of neighbours, gaps of one or two filled,
// and the difference of each count from the one before.
func (a *axis) spans(counts []uint64) (spans []*dto.BucketSpan, deltas []int64) {
	next, before := 0, int64(0)
	for i := 0; i < len(counts); {
		key, n := a.native[i], int64(0)
		for ; i < len(counts) && a.native[i] == key; i++ {
			n += int64(counts[i])
		}
		if n == 0 {
			continue
		}
		gap := key - next
		if len(spans) == 0 || gap > 2 {
			spans = append(spans, &dto.BucketSpan{Offset: new(int32(gap)), Length: new(uint32(0))})
			gap = 0
		}
		for ; gap > 0; gap-- {
			deltas, before = append(deltas, -before), 0
			*spans[len(spans)-1].Length++
		}
		deltas, before = append(deltas, n-before), n
		*spans[len(spans)-1].Length++
		next = key + 1
	}
	return spans, deltas
}
