package server

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"hindsight/server/session"
)

// The log says which transport game sockets have, and one that cannot be had is refused.
func TestTransport(t *testing.T) {
	best := session.Poll
	if !session.Pollable() {
		best = session.Goroutine
	}
	for name, tt := range map[string]struct {
		config Config
		want   session.Transport
	}{
		"plain":          {Config{}, best},
		"plain, chosen":  {Config{Transport: session.Goroutine}, session.Goroutine},
		"TLS":            {Config{TLS: selfSigned(t, t.TempDir(), 1)}, session.Goroutine},
		"TLS and polled": {Config{TLS: selfSigned(t, t.TempDir(), 1), Transport: session.Poll}, session.Poll},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			tt.config.Log = slog.New(slog.NewTextHandler(&log, nil))
			s, err := New(tt.config)
			if tt.config.TLS.Cert != "" && tt.want == session.Poll {
				if !errors.Is(err, session.ErrPollTLS) && !errors.Is(err, session.ErrNotPollable) {
					t.Fatalf("polled TLS: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s.backend.close()
			if want := "transport=" + tt.want.String(); !strings.Contains(log.String(), want) {
				t.Errorf("no %q in the log:\n%s", want, &log)
			}
		})
	}
}
