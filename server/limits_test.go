package server

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hindsight/server/alloctest"
	"hindsight/server/metrics"
	"hindsight/server/throttle"
)

// Every limit can be set to its default, is what it says then, and is counted by a metric that exists.
func TestLimits(t *testing.T) {
	reg := prometheus.NewRegistry()
	metrics.New(reg)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for _, f := range families {
		for _, m := range f.Metric {
			line := f.GetName()
			for _, l := range m.Label {
				line += "{" + l.GetName() + `="` + l.GetValue() + `"}`
			}
			lines[line] = true
		}
	}
	seen := map[string]bool{}
	for i := range Limits {
		l := &Limits[i]
		if seen[l.Name] {
			t.Errorf("two limits are named %s", l.Name)
		}
		seen[l.Name] = true
		var c Config
		if err := c.SetLimit(l.Name, l.Default()); err != nil {
			t.Error(err)
		}
		if !lines[l.Metric] {
			t.Errorf("%s is counted by %s, which does not exist", l.Name, l.Metric)
		}
	}
	var c Config
	for name, value := range map[string]string{"hello": "3", "messages": "0", "waiting": "-1", "guests": "30", "reads": "0/1s", "writes": "3/0s", "streams": "many"} {
		if err := c.SetLimit(name, value); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	if err := c.SetLimit("sanity", "1"); err == nil {
		t.Error("a limit that does not exist was set")
	}
}

// FuzzLimit: what a host writes is a positive limit, or is refused.
func FuzzLimit(f *testing.F) {
	for i := range Limits {
		f.Add(uint(i), Limits[i].Default())
	}
	for _, value := range []string{"", "/", "0", "-1", "1e9", "99999999999999999999", "3/", "/1s", "1/1s/1s", "1h1h"} {
		f.Add(uint(0), value)
	}
	f.Fuzz(func(t *testing.T, which uint, value string) {
		l := &Limits[which%uint(len(Limits))]
		var c Config
		alloctest.Check(t, alloctest.Earned(len(value)), func() {
			if !set(l.at(&c), value) {
				return
			}
			ok := false
			switch v := l.at(&c).(type) {
			case *int:
				ok = *v > 0
			case *time.Duration:
				ok = *v > 0
			case *throttle.Rate:
				ok = v.Burst > 0 && v.Every > 0
			}
			if !ok {
				t.Errorf("%s=%q was taken", l.Name, value)
			}
		})
	})
}
