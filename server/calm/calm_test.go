package calm

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// rig is a calm log whose records are dated by hand.
type rig struct {
	out    bytes.Buffer
	log    *Handler
	unsaid int
}

func newRig() *rig {
	r := &rig{}
	r.log = New(slog.NewTextHandler(&r.out, &slog.HandlerOptions{Level: slog.LevelDebug}), 10, func() { r.unsaid++ })
	return r
}

func (r *rig) say(h slog.Handler, level slog.Level, at time.Time, message string) {
	if err := h.Handle(context.Background(), slog.NewRecord(at, level, message, 0)); err != nil {
		panic(err)
	}
}

func (r *rig) count(message string) int {
	return strings.Count(r.out.String(), `msg=`+message+"\n") + strings.Count(r.out.String(), `msg=`+message+" ")
}

func TestAKindIsHeldBack(t *testing.T) {
	r, now := newRig(), time.Unix(1, 0)
	for i := range 10_000 { // in a second
		r.say(r.log, slog.LevelWarn, now.Add(time.Duration(i)*100*time.Microsecond), "flood")
	}
	if n := r.count("flood"); n < 20 || n > 31 {
		t.Errorf("%d of 10,000 were passed on, want 20 at once and 10 in the second", n)
	}
	if got := r.count("flood") + r.unsaid; got != 10_000 {
		t.Errorf("%d are accounted for", got)
	}
	r.say(r.log, slog.LevelWarn, now.Add(time.Second), "other")
	r.say(r.log, slog.LevelError, now.Add(time.Second), "flood")
	if r.count("other") != 1 || strings.Count(r.out.String(), "level=ERROR") != 1 {
		t.Error("another kind was held back too")
	}
	r.out.Reset()
	before := r.unsaid
	r.say(r.log, slog.LevelWarn, now.Add(time.Minute), "flood")
	if !strings.Contains(r.out.String(), "unsaid=") || r.unsaid != before {
		t.Errorf("afterwards it says %q", r.out.String())
	}
}

func TestWhatIsMadeOfALogSharesItsLimits(t *testing.T) {
	r, now := newRig(), time.Unix(1, 0)
	for i := range 100 {
		r.say(r.log.WithAttrs([]slog.Attr{slog.Int("conn", i)}).WithGroup("g"), slog.LevelInfo, now, "bye")
	}
	if n := r.count("bye"); n != 20 {
		t.Errorf("%d were passed on, want 20", n)
	}
}

func TestDebugIsNotHeldBack(t *testing.T) {
	r, now := newRig(), time.Unix(1, 0)
	for range 100 {
		r.say(r.log, slog.LevelDebug, now, "detail")
	}
	if n := r.count("detail"); n != 100 {
		t.Errorf("%d of 100 were passed on", n)
	}
}

// Messages that are not constants cost no more memory than so many, and are held back together.
func TestKindsAreBounded(t *testing.T) {
	r, now := newRig(), time.Unix(1, 0)
	for i := range 3 * maxKinds {
		r.say(r.log, slog.LevelInfo, now, fmt.Sprint("kind", i))
	}
	if n := len(r.log.shared.kinds); n > maxKinds+1 {
		t.Errorf("%d kinds are remembered", n)
	}
	if said := 3*maxKinds - r.unsaid; said > maxKinds+20 {
		t.Errorf("%d records were passed on", said)
	}
}
