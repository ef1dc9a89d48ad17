package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// scrape is what a server says about itself at one moment: metrics by name, those with a label by name/value.
type scrape map[string]*dto.Metric

// protobuf asks for native histograms, whose buckets are 10 % apart; those of the text format are too
// coarse to tell one microsecond from two.
const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

// scrapeFrom reads the metrics at url.
func scrapeFrom(ctx context.Context, url string) (scrape, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", protobuf)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("load: %s: %s", url, resp.Status)
	}
	return parse(resp.Body, expfmt.ResponseFormat(resp.Header))
}

func parse(r io.Reader, format expfmt.Format) (scrape, error) {
	s := scrape{}
	for dec := expfmt.NewDecoder(r, format); ; {
		f := dto.MetricFamily{}
		if err := dec.Decode(&f); errors.Is(err, io.EOF) {
			return s, nil
		} else if err != nil {
			return nil, err
		}
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += "/" + l.GetValue()
			}
			s[name] = m
		}
	}
}

// value returns a counter or gauge, 0 for one that is not there.
func (s scrape) value(name string) float64 {
	return s[name].GetCounter().GetValue() + s[name].GetGauge().GetValue()
}

// spread is what was observed between two scrapes.
type spread struct {
	count  float64
	sum    float64
	zero   float64
	bins   map[int]float64 // by index: bin i holds values up to base^i
	schema int32           // base is 2^(2^-schema)
}

// between returns what a histogram observed since the scrape before.
func (s scrape) between(before scrape, name string) spread {
	a, b := spreadOf(before[name].GetHistogram()), spreadOf(s[name].GetHistogram())
	if a.count == 0 {
		return b
	}
	low := min(a.schema, b.schema)
	a, b = a.coarser(low), b.coarser(low)
	b.count, b.sum, b.zero = b.count-a.count, b.sum-a.sum, b.zero-a.zero
	for i, n := range a.bins {
		b.bins[i] -= n
	}
	return b
}

// spreadOf reads the native buckets of a histogram.
func spreadOf(h *dto.Histogram) spread {
	s := spread{count: float64(h.GetSampleCount()), sum: h.GetSampleSum(), zero: float64(h.GetZeroCount()), bins: map[int]float64{}, schema: h.GetSchema()}
	i, n, deltas := 0, int64(0), h.GetPositiveDelta()
	for _, run := range h.GetPositiveSpan() {
		i += int(run.GetOffset())
		for range run.GetLength() {
			n += deltas[0]
			deltas = deltas[1:]
			s.bins[i] += float64(n)
			i++
		}
	}
	return s
}

// coarser returns s with a lower schema: a server that runs short of buckets merges neighbours.
func (s spread) coarser(schema int32) spread {
	for ; s.schema > schema; s.schema-- {
		merged := map[int]float64{}
		for i, n := range s.bins {
			merged[(i+1)>>1] += n
		}
		s.bins = merged
	}
	return s
}

// quantile returns the upper end of the bin in which a share q of all is reached.
func (s spread) quantile(q float64) float64 {
	rank := q * s.count
	if rank -= s.zero; rank <= 0 || len(s.bins) == 0 {
		return 0
	}
	index := slices.Sorted(maps.Keys(s.bins))
	for _, i := range index {
		if rank -= s.bins[i]; rank <= 0 {
			return s.bound(i)
		}
	}
	return s.bound(index[len(index)-1])
}

// usual returns the sum of what was observed, with the longest ones in a hundred taken for as long as the
// others are on average: on a machine that does other things too, those are times in which the kernel had
// taken the core away.
func (s spread) usual() float64 {
	sum, seen := 0.0, s.zero
	for _, i := range slices.Sorted(maps.Keys(s.bins)) {
		n := max(min(s.bins[i], .99*s.count-seen), 0)
		seen += n
		sum += n * (s.bound(i-1) + s.bound(i)) / 2
	}
	if seen == 0 {
		return 0
	}
	return sum / seen * s.count
}

// bound is the upper end of bin i.
func (s spread) bound(i int) float64 { return math.Pow(2, float64(i)*math.Pow(2, -float64(s.schema))) }
