package metrics

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// A histogram shows what that of Prometheus' library would, number for number, in every bucket of both
// kinds: also numbers on a bound and beside it, zero, and those below zero.
func TestHistogramIsPrometheus(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, tt := range []struct {
		name  string
		scale float64
		upper []float64
		draw  func() int32
	}{
		{"microseconds", 1e6, tickBuckets, func() int32 { return int32(math.Exp(rng.Float64() * 20)) }},
		{"both signs", 1e6, marginBuckets, func() int32 { return int32((rng.Float64() - .5) * math.Exp(rng.Float64()*15)) }},
		{"bytes", 1, sizeBuckets, func() int32 { return rng.Int32N(15000) }},
		{"few", 1e6, tripBuckets, func() int32 { return rng.Int32N(40) }},
		{"greatest and least", 1e6, marginBuckets, func() int32 { return []int32{math.MaxInt32, -math.MaxInt32}[rng.IntN(2)] }},
	} {
		ours := newHistogram("h", "help", tt.scale, tt.upper)
		theirs := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "help", Buckets: tt.upper, NativeHistogramBucketFactor: 1.1})
		var values []int32
		for range 5000 {
			values = append(values, tt.draw())
		}
		for _, u := range tt.upper {
			for d := range int32(5) {
				values = append(values, int32(u*tt.scale)+d-2)
			}
		}
		for i := 0; ; i++ {
			want, got := &dto.Metric{}, &dto.Metric{}
			if err := theirs.Write(want); err != nil {
				t.Fatal(err)
			}
			if err := ours.Write(got); err != nil {
				t.Fatal(err)
			}
			w, g := want.Histogram, got.Histogram
			if math.Abs(w.GetSampleSum()-g.GetSampleSum()) > 1e-6*math.Abs(w.GetSampleSum())+1e-3 {
				t.Errorf("%s: the sum is %v, want %v", tt.name, g.GetSampleSum(), w.GetSampleSum())
			}
			w.SampleSum, w.CreatedTimestamp = g.SampleSum, g.CreatedTimestamp
			if !proto.Equal(want, got) {
				t.Fatalf("%s, after %d numbers: %v\nwant %v", tt.name, i, got, want)
			}
			if i == len(values) {
				break
			}
			for end := min(i+1+i/2, len(values)); i < end; i++ { // none, one, and ever more
				ours.Add(values[i : i+1])
				theirs.Observe(float64(values[i]) / tt.scale)
			}
			i--
		}
	}
}

func TestHistogramOfManyRooms(t *testing.T) {
	h := newHistogram("h", "help", 1e6, tickBuckets)
	var rooms sync.WaitGroup
	for range 8 {
		rooms.Go(func() {
			for range 1000 {
				h.Add([]int32{1, 0, -5, 70_000})
			}
		})
	}
	rooms.Wait()
	m := &dto.Metric{}
	if err := h.Write(m); err != nil {
		t.Fatal(err)
	}
	if n, sum := m.Histogram.GetSampleCount(), m.Histogram.GetSampleSum(); n != 32_000 || math.Abs(sum-559.968) > 1e-6 {
		t.Errorf("%d numbers, %v in all; want 32000 and 559.968", n, sum)
	}
}

// BenchmarkHistogram is 64 numbers at once, and what the library takes for as many.
func BenchmarkHistogram(b *testing.B) {
	values := make([]int32, 64)
	for i := range values {
		values[i] = int32(i*i) * 9
	}
	b.Run("ours", func(b *testing.B) {
		h := newHistogram("h", "help", 1e6, tickBuckets)
		for b.Loop() {
			h.Add(values)
		}
	})
	b.Run("library", func(b *testing.B) {
		h := factory{}.histogram("h", "help", tickBuckets)
		for b.Loop() {
			for _, v := range values {
				h.Observe(float64(v) / 1e6)
			}
		}
	})
}
