// Package admin is the listener for whoever runs a server, never for players: metrics and profiles.
// It has no password. Its owner binds it to loopback, and the public listener serves nothing of it.
package admin

import (
	"fmt"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Config is what the admin pages show.
type Config struct {
	Metrics prometheus.Gatherer
	// Refresh, if not nil, is called before metrics are read, to set those that nobody sets in
	// passing. It may be called from several goroutines at once.
	Refresh func()
}

// index is the page at /.
const index = `Hindsight, admin

/metrics        for Prometheus
/debug/pprof/   profiles: go tool pprof http://HOST/debug/pprof/profile?seconds=10
`

// New returns the admin pages, to be served with Policy.
func New(c Config) http.Handler {
	metrics := promhttp.HandlerFor(c.Metrics, promhttp.HandlerOpts{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, index) })
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if c.Refresh != nil {
			c.Refresh()
		}
		metrics.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// Policy is the content security policy that goes with the pages: it lets the index of profiles have its
// style, which is inside it, and nothing else.
const Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
