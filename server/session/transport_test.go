package session

import (
	"errors"
	"testing"
)

func TestResolve(t *testing.T) {
	best, sorry := Poll, error(nil)
	if !Pollable() {
		best, sorry = Goroutine, ErrNotPollable
	}
	for _, tt := range []struct {
		asked Transport
		tls   bool
		want  Transport
		err   error
	}{
		{Auto, false, best, nil},
		{Auto, true, Goroutine, nil},
		{Goroutine, false, Goroutine, nil},
		{Goroutine, true, Goroutine, nil},
		{Poll, false, Poll, sorry},
	} {
		if got, err := tt.asked.Resolve(tt.tls); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%v, TLS %v: %v, %v, want %v, %v", tt.asked, tt.tls, got, err, tt.want, tt.err)
		}
	}
	if _, err := Poll.Resolve(true); err == nil {
		t.Error("TLS can be polled")
	}
}

func TestParseTransport(t *testing.T) {
	for _, want := range []Transport{Auto, Goroutine, Poll} {
		if got, ok := ParseTransport(want.String()); got != want || !ok {
			t.Errorf("%v is read as %v, %v", want, got, ok)
		}
	}
	if got, ok := ParseTransport("invalid"); ok {
		t.Errorf("%q is read as %v", "invalid", got)
	}
}
