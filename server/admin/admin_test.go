package admin

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestPages(t *testing.T) {
	reg := prometheus.NewRegistry()
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "hindsight_rooms", Help: "Running rooms."})
	reg.MustRegister(g)
	h := New(Config{Metrics: reg, Refresh: func() { g.Set(3) }})
	for _, tt := range []struct {
		path string
		code int
		want string
	}{
		{"/", 200, "/metrics"},
		{"/metrics", 200, "hindsight_rooms 3"},
		{"/debug/pprof/", 200, "goroutine"},
		{"/debug/pprof/cmdline", 200, "admin"},
		{"/elsewhere", 404, ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", tt.path, nil))
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %q, want %d and %q", tt.path, w.Code, w.Body, tt.code, tt.want)
		}
	}
}
