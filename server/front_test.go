package server

import (
	"bytes"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// knock is a connection from somewhere that remembers what was done to it.
type knock struct {
	net.Conn
	from   string
	told   bytes.Buffer
	closed bool
}

func (k *knock) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(k.from))
}
func (k *knock) SetWriteDeadline(time.Time) error { return nil }
func (k *knock) Write(b []byte) (int, error)      { return k.told.Write(b) }
func (k *knock) Close() error                     { k.closed = true; return nil }

func TestFront(t *testing.T) {
	refused := map[string]int{}
	f := newFront(FrontLimits{Sockets: 9, PerAddress: 2}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, func(why string) { refused[why]++ })
	come := func(from string, in bool) *knock {
		t.Helper()
		k := &knock{from: from}
		f.state(k, http.StateNew)
		if k.closed == in || in != (k.told.Len() == 0) {
			t.Errorf("%s: closed %v, told %q", from, k.closed, &k.told)
		}
		if !in && !strings.Contains(k.told.String(), "\r\nRetry-After: ") {
			t.Errorf("%s is not told when to come back: %q", from, &k.told)
		}
		return k
	}
	first := come("203.0.113.1:1", true)
	come("203.0.113.1:2", true)
	late := come("203.0.113.1:3", false)
	f.state(late, http.StateClosed) // net/http says so of it too
	come("203.0.113.1:4", false)
	f.state(first, http.StateHijacked) // a game socket has limits of its own
	f.state(first, http.StateClosed)   // never comes, and would do nothing
	come("203.0.113.1:5", true)

	come("[2001:db8::1]:1", true)
	come("[2001:db8::2]:1", true)
	come("[2001:db8::3]:1", false) // the same network
	come("[2001:db8:0:1::1]:1", true)

	for range 3 {
		come("127.0.0.1:1", true) // loopback counts in all, and not by address
	}
	come("10.0.0.1:1", true)
	come("198.51.100.1:1", false) // the tenth
	if len(f.known) != 9 || refused["sockets"] != 1 || refused["sockets_per_address"] != 3 {
		t.Errorf("%d are in, refused %v", len(f.known), refused)
	}
	for nc := range f.known {
		f.state(nc, http.StateClosed)
	}
	if len(f.known) != 0 || len(f.guests) != 0 {
		t.Errorf("%d connections and %d addresses are left", len(f.known), len(f.guests))
	}
}
