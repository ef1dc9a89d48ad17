package session

import "errors"

// Transport is how connections are read and written. From outside they are alike; see package poll for
// what the difference costs.
type Transport uint8

// The transports.
const (
	Auto      Transport = iota // Poll where it can be had, for each connection on its own
	Goroutine                  // two goroutines for each connection
	Poll                       // the same as Auto to a Handler; Resolve says if it cannot be had at all
)

// Errors of Resolve.
var (
	ErrNotPollable = errors.New("connections can be polled on Linux only, on amd64 and arm64")
	ErrPollTLS     = errors.New("connections with TLS cannot be polled; have a proxy do TLS")
)

// ParseTransport returns the transport of that name.
func ParseTransport(name string) (t Transport, ok bool) {
	for t = Auto; t <= Poll; t++ {
		if t.String() == name {
			return t, true
		}
	}
	return Auto, false
}

// String returns the transport's name, as it is in flags and in the log.
func (t Transport) String() string {
	names := [...]string{"auto", "goroutine", "poll"}
	if int(t) < len(names) {
		return names[t]
	}
	return "invalid"
}

// Resolve returns what connections get, with TLS or without: Goroutine or Poll.
func (t Transport) Resolve(tls bool) (Transport, error) {
	err := error(nil)
	switch {
	case t == Goroutine:
		return t, nil
	case !Pollable():
		err = ErrNotPollable
	case tls:
		err = ErrPollTLS
	default:
		return Poll, nil
	}
	if t == Poll {
		return t, err
	}
	return Goroutine, nil
}

// Pollable reports that connections without TLS can be polled on this system.
func Pollable() bool { return newPoller(nil, 0) != nil }
