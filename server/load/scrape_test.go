package load

import (
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hindsight/server/metrics"
)

func TestWhatHappensBetweenTwoScrapesIsSeen(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := metrics.New(reg)
	site := httptest.NewServer(promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	defer site.Close()
	ask := func() scrape {
		t.Helper()
		s, err := scrapeFrom(t.Context(), site.URL)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if took := ask().between(ask(), "hindsight_tick_seconds"); took.count != 0 || took.quantile(.99) != 0 || took.usual() != 0 {
		t.Errorf("nothing happened: %+v", took)
	}
	for range 100 {
		m.TickSeconds.Add([]int32{500_000}) // before it counts
	}
	before := ask()
	for i := range 1000 {
		m.TickSeconds.Add([]int32{int32(i+1) * 10})
	}
	m.InputsUsed.Add(3)
	m.InputsMissing.Add(4)
	after := ask()
	took := after.between(before, "hindsight_tick_seconds")
	if took.count != 1000 || math.Abs(took.sum-5.005) > 1e-6 {
		t.Errorf("%v observations of %v s in all", took.count, took.sum)
	}
	for q, want := range map[float64]float64{.5: .005, .99: .0099, .999: .00999} {
		if got := took.quantile(q); got < want*.99 || got > want*1.1 {
			t.Errorf("quantile %v is %v, want %v to 10 %% more", q, got, want)
		}
	}
	if got := took.usual(); got < 4.7 || got > 5.3 {
		t.Errorf("the usual sum is %v", got)
	}
	if n := after.value("hindsight_inputs_total/missing") - before.value("hindsight_inputs_total/missing"); n != 4 {
		t.Errorf("%v inputs were missing", n)
	}
}

func TestCoarserBucketsHoldTheSame(t *testing.T) {
	s := spread{count: 10, schema: 3, bins: map[int]float64{-5: 1, -4: 2, 0: 3, 1: 4}}
	got := s.coarser(2)
	if got.schema != 2 || len(got.bins) != 3 || got.bins[-2] != 3 || got.bins[0] != 3 || got.bins[1] != 4 {
		t.Errorf("%+v", got)
	}
}

func TestScrapeOfNothingIsAnError(t *testing.T) {
	site := httptest.NewServer(http.NotFoundHandler())
	defer site.Close()
	if _, err := scrapeFrom(t.Context(), site.URL); err == nil {
		t.Error("a page that is not there was read")
	}
}
