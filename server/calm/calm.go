// Package calm keeps a log readable, and a disk from filling up, while somebody sees to it that the same
// thing happens again and again.
//
//	log := slog.New(calm.New(handler, calm.Rate, count))
//
// Records are of one kind if they have the same level and the same message; what differs is in their
// attributes. Of each kind so many are passed on in a second, twice as many at once, and the next one
// that is passed on says in "unsaid" how many were not. Debug records are not held back: whoever asks
// for those wants them all. It counts nothing that matters: metrics are exact whatever is logged.
//
// A Handler may be used from any goroutine, like every slog.Handler. Messages are constants of the
// program; should they not be, the kinds beyond maxKinds share one limit.
package calm

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how many records of a kind are worth reading in a second.
const Rate = 10

// maxKinds is how many kinds are told apart.
const maxKinds = 1024

// Handler is a slog.Handler that passes on some of what it is given.
type Handler struct {
	next   slog.Handler
	shared *shared
}

// shared is what all Handlers have in common that With and WithGroup make of one.
type shared struct {
	perSecond int
	unsaid    func() // told of each record that is not passed on

	mu    sync.Mutex
	kinds map[kind]*state // guarded by mu
}

type kind struct {
	level   slog.Level
	message string
}

// state is what is known of a kind.
type state struct {
	limit  *rate.Limiter
	unsaid int // since one was passed on
}

// New returns a handler in front of another. Unsaid is told of each record that is not passed on; nil
// is for nobody.
func New(next slog.Handler, perSecond int, unsaid func()) *Handler {
	if unsaid == nil {
		unsaid = func() {}
	}
	return &Handler{next, &shared{perSecond: perSecond, unsaid: unsaid, kinds: map[kind]*state{}}}
}

// Enabled implements slog.Handler.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Handler{h.next.WithAttrs(attrs), h.shared}
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{h.next.WithGroup(name), h.shared}
}

// Handle implements slog.Handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelInfo {
		return h.next.Handle(ctx, r)
	}
	unsaid, ok := h.shared.take(kind{r.Level, r.Message}, r.Time)
	if !ok {
		h.shared.unsaid()
		return nil
	}
	if unsaid > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("unsaid", unsaid))
	}
	return h.next.Handle(ctx, r)
}

// take reports whether a record may be passed on, and how many before it were not.
func (s *shared) take(k kind, now time.Time) (unsaid int, ok bool) {
	if now.IsZero() {
		now = time.Now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.kinds[k]
	if st == nil {
		if len(s.kinds) >= maxKinds {
			k = kind{}
			st = s.kinds[k]
		}
		if st == nil {
			st = &state{limit: rate.NewLimiter(rate.Limit(s.perSecond), 2*s.perSecond)}
			s.kinds[k] = st
		}
	}
	if !st.limit.AllowN(now, 1) {
		st.unsaid++
		return 0, false
	}
	unsaid, st.unsaid = st.unsaid, 0
	return unsaid, true
}
