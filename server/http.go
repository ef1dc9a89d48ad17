package server

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"hindsight/protocol"
	"hindsight/server/api"
	"hindsight/server/cluster"
)

// maxHeaderBytes bounds the header of a request. The standard library adds 4 KiB to it.
const maxHeaderBytes = 8 << 10

// webServer is an HTTP server that a slow or silent client cannot hold for long. The game socket
// leaves HTTP behind and has bounds of its own.
func (s *Server) webServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: s.headers,
		ReadTimeout:       2 * s.headers,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// publicHandler is everything that the public listener serves.
func (s *Server) publicHandler() http.Handler {
	mux := http.NewServeMux()
	if s.sessions != nil {
		mux.Handle("/ws", s.sessions)
	}
	mux.HandleFunc("GET /healthz", health)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /version", s.version)
	if s.backend != nil {
		mux.Handle(api.Root, s.backend.api)
	}
	if s.hub != nil {
		mux.Handle(cluster.Path, s.hub)
	}
	mux.HandleFunc("/api/", http.NotFound)
	mux.HandleFunc("GET /replay", s.client.page)
	mux.HandleFunc("GET /replay/{id}", s.client.page)
	mux.Handle("/", s.client)
	return secured(s.policy(), s.contained(mux))
}

// health says that the server runs. Pages of another lobby's measure by it how far away this server is.
func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	plain(w, http.StatusOK, "ok\n")
}

// ready says whether new players should be sent here.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.draining.Load():
		plain(w, http.StatusServiceUnavailable, "stopping\n")
	case s.node != nil && !s.node.Started():
		plain(w, http.StatusServiceUnavailable, "starting\n")
	default:
		plain(w, http.StatusOK, "ready\n")
	}
}

func (s *Server) version(w http.ResponseWriter, _ *http.Request) {
	reply(w, struct {
		Version  string `json:"version"`
		Protocol int    `json:"protocol"`
		Go       string `json:"go"`
	}{s.cfg.Version, protocol.Version, runtime.Version()})
}

// reply sends v as JSON that nobody may keep.
func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // fails only when the client is gone
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// contained answers a request whose handler panics, which the standard library would only hang up on,
// and puts where it was on the log. The process goes on either way.
func (s *Server) contained(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			e := recover()
			switch e {
			case nil:
			case http.ErrAbortHandler:
				panic(e)
			default:
				s.metrics.Panics.Inc()
				s.cfg.Log.Error("a request made its handler panic", "panic", e, "path", r.URL.Path, "stack", string(debug.Stack()))
				w.WriteHeader(http.StatusInternalServerError) // logged, and without effect, if the answer has begun
			}
		}()
		h.ServeHTTP(w, r)
	})
}
