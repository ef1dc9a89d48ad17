package load

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSearchEndsBesideTheLimit(t *testing.T) {
	for _, tt := range []struct {
		first, last, limit int
		most               int
	}{
		{500, 8000, 3333, 3333}, {500, 1000, 5000, 1000}, {500, 8000, 499, 499}, {16, 8000, 16, 16}, {1000, 8000, 5, 0}, {9000, 8000, 9000, 8000},
	} {
		var tried []int
		if err := search(tt.first, tt.last, func(n int) int { return max(n/16, 1) * 16 }, func(n int) (bool, error) {
			tried = append(tried, n)
			return n <= tt.limit, nil
		}); err != nil {
			t.Fatal(err)
		}
		best := 0
		for _, n := range tried {
			if n <= tt.limit {
				best = max(best, n)
			}
		}
		if best > tt.most || best < tt.most*9/10 || len(tried) > 20 || slices.Max(tried) > tt.last {
			t.Errorf("%+v: found %d after %v", tt, best, tried)
		}
	}
	want := errors.New("no")
	if err := search(1, 9, func(n int) int { return n }, func(int) (bool, error) { return false, want }); err != want {
		t.Errorf("the error is %v", err)
	}
}

// someReport is a report of two rounds.
func someReport() *Report {
	c := Config{RoomsOf: 16, Rate: 20, Inputs: 30, Measure: 5 * time.Second}
	r := NewReport("v1", &c)
	sample := func(cpu float64, floor bool) *Sample {
		s := &Sample{Floor: floor, Clients: 500, CPU: cpu, Bytes: 200, Allocs: .5, Memory: 20, GapP99: 55, Rate: 20}
		if !floor {
			s.Tick = &Ticks{P50: 30, P99: 90, LateP99: 700, Missing: .001}
		}
		return s
	}
	l := &Load{Clients: 500}
	for i := range 3 {
		l.Server = append(l.Server, sample(float64(20+i), false))
		l.Floor = append(l.Floor, sample(10, true))
	}
	l.Ratio = median(l.ratios())
	r.Loads = append(r.Loads, l)
	return r
}

func TestRatiosAreOfNeighbours(t *testing.T) {
	r := someReport()
	if l := r.Loads[0]; l.Ratio != 2.1 || !slices.Equal(l.ratios(), []float64{2, 2.1, 2.2}) {
		t.Errorf("the ratio is %v of %v", l.Ratio, l.ratios())
	}
	if median(nil) != 0 || median([]float64{4, 1}) != 2.5 {
		t.Errorf("medians: %v, %v", median(nil), median([]float64{4, 1}))
	}
}

func TestReportsHaveThreeForms(t *testing.T) {
	r := someReport()
	r.Search = []*Sample{{Clients: 500, GapP99: 60}, {Clients: 750, GapP99: 80}}
	var text, bench strings.Builder
	r.Print(&text)
	for _, want := range []string{"| 500", "| 2.10", "| 2.00-2.20", "One core holds 500 clients", "75ms; 750 were too many"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
	r.Bench(&bench)
	lines := 0
	for line := range strings.Lines(bench.String()) {
		if !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		lines++
		// A name, a count, then pairs of a number and its unit: what benchstat reads.
		if f := strings.Fields(line); len(f) < 4 || len(f)%2 != 0 {
			t.Errorf("not a line for benchstat: %q", line)
		}
	}
	if lines != 11 {
		t.Errorf("%d lines for 6 samples, 3 ratios and 2 tries:\n%s", lines, &bench)
	}
	b, err := json.Marshal(r)
	var back Report
	if err != nil || json.Unmarshal(b, &back) != nil || back.Loads[0].Ratio != 2.1 || back.Loads[0].Server[1].Tick.P99 != 90 {
		t.Errorf("%s, %v", b, err)
	}
}

func TestReadyFramesAreAsLongAsSnapshots(t *testing.T) {
	for _, n := range []int{1, 50, 125, 126, 300, 2000} {
		if got := payload(float64(n + socketHead(n))); got != n {
			t.Errorf("for a frame of %d bytes one of %d is made", n, got)
		}
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	good := Config{Clients: 500, RoomsOf: 16, Rate: 20, Inputs: 30, Measure: time.Second}
	if err := good.Validate(); err != nil || good.Every() != 3 || good.Period() != 50*time.Millisecond {
		t.Errorf("%v, every %d, period %v", err, good.Every(), good.Period())
	}
	for name, spoil := range map[string]func(*Config){
		"no clients": func(c *Config) { c.Clients = 0 }, "rooms too large": func(c *Config) { c.RoomsOf = 33 },
		"no whole ticks": func(c *Config) { c.Rate = 25 }, "too slow": func(c *Config) { c.Rate = 5 },
		"too many inputs": func(c *Config) { c.Inputs = 61 }, "no time": func(c *Config) { c.Measure = 0 },
		"too many bots": func(c *Config) { c.Bots = 65 },
	} {
		c := good
		if spoil(&c); c.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestChildrenDoNotTakeOurSettings(t *testing.T) {
	got := environment([]string{"PATH=/bin", "HINDSIGHT_ADDR=:1", "HINDSIGHT_TEST_X=1"}, true)
	if !slices.Equal(got, []string{"PATH=/bin", "HINDSIGHT_TEST_X=1", "GOMAXPROCS=1"}) {
		t.Errorf("%v", got)
	}
}
