package server

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"hindsight/server/alarm"
	"hindsight/server/session"
	"hindsight/server/throttle"
	"hindsight/server/turnstile"
)

// FrontLimits bound the connections of the public listener for as long as they speak HTTP: pages,
// requests, event streams, and those that say nothing. Game sockets leave HTTP and have limits of their
// own.
type FrontLimits struct {
	// Sockets is how many there may be [16,384], PerAddress of one IPv4 address or IPv6 /64 network
	// [256]. Loopback and Config.Proxies are exempt from the latter.
	Sockets, PerAddress int
	// Arrivals is how many connections are taken in a second [2,000]; more wait, see package turnstile.
	Arrivals int
}

// DefaultFrontLimits leave room for every event stream that the lobby allows, and for a school class
// behind one address.
var DefaultFrontLimits = FrontLimits{Sockets: 16_384, PerAddress: 256, Arrivals: turnstile.DefaultMost}

func (l FrontLimits) withDefaults() FrontLimits {
	if l.Sockets <= 0 {
		l.Sockets = DefaultFrontLimits.Sockets
	}
	if l.PerAddress <= 0 {
		l.PerAddress = DefaultFrontLimits.PerAddress
	}
	if l.Arrivals <= 0 {
		l.Arrivals = DefaultFrontLimits.Arrivals
	}
	return l
}

// front counts HTTP connections and hangs up on those beyond the limits before a byte of theirs is
// read or a TLS handshake begun.
type front struct {
	limits  FrontLimits
	proxies []netip.Prefix
	refused func(reason string)
	unspent func() // the turnstile's, in whose goroutine connections are new

	mu     sync.Mutex
	known  map[net.Conn]netip.Addr // guarded by mu: those that are counted, by where they are from
	guests map[netip.Addr]int      // guarded by mu: how many there are of each address
}

func newFront(l FrontLimits, proxies []netip.Prefix, refused func(reason string)) *front {
	return &front{limits: l.withDefaults(), proxies: proxies, refused: refused, unspent: func() {}, known: map[net.Conn]netip.Addr{}, guests: map[netip.Addr]int{}}
}

// state is an http.Server's ConnState.
func (f *front) state(nc net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		if reason := f.enter(nc); reason != "" {
			f.refused(reason)
			turnAway(nc)
			f.unspent()
		}
	case http.StateHijacked, http.StateClosed:
		f.leave(nc)
	}
}

// backlog is how many connections wait in the kernel until they are taken, half a second's or a second's worth: who
// waits longer than two has given up.
const backlog = 1024

// behind puts the front behind a turnstile, so that arrivals leave the processor to the rooms that sleep on
// the same clock.
func (f *front) behind(l net.Listener, clock *alarm.Clock, held func()) (net.Listener, error) {
	if err := turnstile.Shorten(l, backlog); err != nil {
		return nil, err
	}
	t := turnstile.New(l, turnstile.Config{
		Most: f.limits.Arrivals, Now: clock.Now, Alarm: func() turnstile.Alarm { return clock.New() }, Held: held,
	})
	f.unspent = t.Unspent
	return t, nil
}

// enter counts a connection in, or says which limit it is beyond.
func (f *front) enter(nc net.Conn) (reason string) {
	addr := session.ParseAddr(nc.RemoteAddr().String())
	from := throttle.Network(addr)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case len(f.known) >= f.limits.Sockets:
		return "sockets"
	case f.guests[from] >= f.limits.PerAddress && !addr.IsLoopback() && !session.Within(addr, f.proxies):
		return "sockets_per_address"
	}
	f.known[nc] = from
	f.guests[from]++
	return ""
}

// leave counts a connection out, if it was in.
func (f *front) leave(nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, ok := f.known[nc]
	if !ok {
		return
	}
	delete(f.known, nc)
	if f.guests[from]--; f.guests[from] == 0 {
		delete(f.guests, from)
	}
}

// away is what one reads who is turned away without TLS; with it there is nothing to read yet.
const away = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// turnAway ends a connection that has just begun. Nothing is in the kernel's buffer yet, so that this
// write waits for nobody.
func turnAway(nc net.Conn) {
	if _, secure := nc.(*tls.Conn); !secure {
		_ = nc.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = nc.Write([]byte(away))
	}
	_ = nc.Close()
}
