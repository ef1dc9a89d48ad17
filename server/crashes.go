package server

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"hindsight/server/node"
	"hindsight/server/replays"
	"hindsight/server/room"
)

// Whoever has found a bug can have it reported as often as he likes. A folder keeps so many reports, and
// the first ones say the most; one is made every reportEvery, and a few at once, because looking for a
// room's stack stops the whole process for a moment.
const (
	maxCrashes  = 64
	reportEvery = 10 * time.Second
	reportBurst = 6
)

func newReportLimit() *rate.Limiter { return rate.NewLimiter(rate.Every(reportEvery), reportBurst) }

// roomFailed keeps what is known of a room's panic. The replay, if there is one, runs up to the tick
// before it; the report has the inputs of the tick itself. It holds no name, address or token.
func (s *Server) roomFailed(f node.Failure) {
	s.metrics.RoomFailures.Inc()
	if !s.reports.Allow() {
		return
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%v\n\nversion %s, game %s, match %s\n", time.Now().UTC().Format(time.RFC3339), f.Err, s.cfg.Version, f.Spec.Game, f.Match)
	if t, ok := f.Tape.(*replays.Tape); ok {
		fmt.Fprintf(&b, "the match so far: %s\n", t.File())
	}
	var c *room.Crash
	if errors.As(f.Err, &c) {
		b.WriteString("\nthe inputs of the tick that failed:\n")
		for i := range c.Inputs {
			fmt.Fprintf(&b, "%+v\n", c.Inputs[i])
		}
		fmt.Fprintf(&b, "\n%s", c.Stack)
	}
	s.keepCrash("panic", f.Spec.ID, b.Bytes())
}

// roomStalled keeps the stack of a room that hangs.
func (s *Server) roomStalled(roomID string, since time.Duration) {
	s.metrics.RoomStalls.Inc()
	if !s.reports.Allow() {
		return
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nroom %s hangs since %v\n\nversion %s\n\n", time.Now().UTC().Format(time.RFC3339), roomID, since, s.cfg.Version)
	b.WriteString(stackOf(roomID))
	s.keepCrash("stall", roomID, b.Bytes())
}

// keepCrash writes a report, or logs it where there is no folder for it.
func (s *Server) keepCrash(kind, roomID string, report []byte) {
	log := s.cfg.Log.With("kind", kind, "room", roomID)
	if s.cfg.Crashes == "" {
		log.Error("a report of a room", "report", string(report))
		return
	}
	name := fmt.Sprintf("%s-%s-%s.txt", kind, time.Now().UTC().Format("20060102-150405.000"), roomID)
	err := os.MkdirAll(s.cfg.Crashes, 0o700)
	if err == nil {
		var there []os.DirEntry
		if there, err = os.ReadDir(s.cfg.Crashes); err == nil && len(there) >= maxCrashes {
			log.Warn("a report of a room was not kept: there are enough of them; look at them and delete them", "folder", s.cfg.Crashes)
			return
		}
	}
	file := filepath.Join(s.cfg.Crashes, name)
	if err == nil {
		err = os.WriteFile(file, report, 0o600)
	}
	if err != nil {
		log.Error("a report of a room was not kept", "error", err, "report", string(report))
		return
	}
	log.Error("a report of a room was kept", "file", file)
}

// stackOf returns the stack of a room's goroutine, which package node has labelled with the room's id.
func stackOf(roomID string) string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return err.Error()
	}
	for stack := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(stack, fmt.Sprintf("%q:%q", "room", roomID)) {
			return stack
		}
	}
	return "its goroutine was not found\n"
}
