package server

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"hindsight/server/metrics"
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
