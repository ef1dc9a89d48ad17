package threat

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/server"
	"hindsight/server/session"
)

// What happens before there is a game socket: each is refused with the status that says why, early.
func TestDoor(t *testing.T) {
	f := raise(t, session.Auto, func(c *server.Config) {
		c.Origins = []string{"https://good.example"}
		c.Limits.PerAddress, c.Limits.HandshakesPerAddress = 4, 6
		c.Limits.Waiting, c.Limits.WaitingPerAddress = 30, 3
		c.Front = server.FrontLimits{Sockets: 60}
	})
	handshakes(f)
	addresses(f)
	silentSockets(f)
	churn(f)
}

// handshakes that no client of ours sends.
func handshakes(f *fortress) {
	const end = "\r\n\r\n"
	origin := func(o string) []string { return []string{end, "\r\nOrigin: " + o + end} }
	rows := []struct {
		name  string
		edits []string
		want  int
		why   string // the reason that is counted, "" for none
	}{
		{"9: deflate is offered", []string{end, "\r\nSec-WebSocket-Extensions: permessage-deflate" + end}, 101, ""},
		{"11: 64 KB of headers", []string{end, "\r\nX-Large: " + strings.Repeat("x", 64<<10) + end}, 431, ""},
		{"11: 10,000 header lines", []string{end, strings.Repeat("\r\nX-Many: 1", 10_000) + end}, 431, ""},
		{"13: an evil origin", origin("https://evil.example"), 403, "origin"},
		{"13: a null origin", origin("null"), 403, "origin"},
		{"13: a good origin as a prefix", origin("https://good.example.evil"), 403, "origin"},
		{"13: a good origin", origin("https://good.example"), 101, ""},
		{"14: a bad key", []string{"dGhlIHNhbXBsZSBub25jZQ==", "x"}, 400, "request"},
		{"14: HTTP/1.0", []string{"HTTP/1.1", "HTTP/1.0"}, 505, "request"},
		{"14: POST", []string{"GET", "POST"}, 405, "request"},
		{"14: version 8", []string{"Version: 13", "Version: 8"}, 426, "request"},
		{"14: another subprotocol", []string{protocol.Subprotocol, "hindsight.v0"}, 400, "request"},
		{"49: metrics", []string{"/ws", "/metrics"}, 404, ""},
		{"49: profiles", []string{"/ws", "/debug/pprof/heap"}, 404, ""},
	}
	counts := map[string]float64{}
	for _, tt := range rows {
		if tt.why != "" {
			counts[denied(tt.why)]++
		}
	}
	f.row("9, 11, 13, 14, 49: handshakes", counts, func(t *testing.T) {
		for _, tt := range rows {
			a := f.dial()
			_, _ = a.conn.Write([]byte(handshake(f.addr, tt.edits...))) // a large one is not read to its end
			if got := a.response().StatusCode; got != tt.want {
				t.Errorf("%s: answered with %d, want %d", tt.name, got, tt.want)
			}
			_ = a.conn.Close()
		}
	})
	f.row("14: a hello in the handshake's packet", map[string]float64{"hindsight_joins_total": 1}, func(*testing.T) {
		a := f.dial()
		h := hello("Early")
		a.write(append([]byte(handshake(f.addr)), masked(data, a.enc.Hello(nil, &h))...))
		if err := shaken(a.br); err != nil {
			f.t.Fatal(err)
		}
		a.seated()
		_ = a.conn.Close()
	})
}

// addresses that come too often, whatever they write into their headers.
func addresses(f *fortress) {
	knock := func(forwarded string) (status int, a *attacker) {
		status, head, a := f.status(from(forwarded)...)
		if status != http.StatusSwitchingProtocols && head.Get("Retry-After") == "" {
			f.t.Errorf("refused with %d without Retry-After", status)
		}
		return status, a
	}
	f.row("20, 48: sockets from one address", map[string]float64{denied("address_full"): 4}, func(t *testing.T) {
		var open []*attacker
		for i := range 8 {
			status, a := knock(fmt.Sprintf("8.8.8.%d, 203.0.113.1", i)) // what it writes before its own address
			if status == http.StatusSwitchingProtocols {
				a.hello(hello("Guest"))
				a.seated()
			}
			if want := map[bool]int{true: 101, false: 429}[i < 4]; status != want {
				t.Errorf("connection %d: %d, want %d", i, status, want)
			}
			open = append(open, a)
		}
		if status, a := knock("203.0.113.2"); status != 101 {
			t.Errorf("from elsewhere: %d", status)
		} else {
			open = append(open, a)
		}
		for _, a := range open {
			_ = a.conn.Close()
		}
	})
	f.row("20: handshakes from one network", map[string]float64{denied("address_rate"): 1}, func(t *testing.T) {
		for i := 0; ; i++ { // every connection is over before the next begins
			status, a := knock(fmt.Sprintf("2001:db8::%x", i+1))
			_ = a.conn.Close()
			if status == http.StatusTooManyRequests && f.metrics().of(denied("address_rate")) > 0 {
				break
			}
			if i > 500 {
				t.Fatal("500 handshakes passed a limit of 6 a second")
			}
		}
		if status, a := knock("2001:db8:0:1::1"); status != 101 {
			t.Errorf("another /64: %d", status)
		} else {
			_ = a.conn.Close()
		}
	})
	f.row("12: strangers without a hello from one network", map[string]float64{denied("address_waiting"): 2}, func(t *testing.T) {
		var open []*attacker
		for i := range 5 {
			status, a := knock(fmt.Sprintf("2001:db8:0:2::%x", i+1))
			if want := map[bool]int{true: 101, false: 429}[i < 3]; status != want {
				t.Errorf("stranger %d: %d, want %d", i, status, want)
			}
			open = append(open, a)
		}
		if status, a := knock("2001:db8:0:3::1"); status != 101 {
			t.Errorf("from another network: %d", status)
		} else {
			open = append(open, a)
		}
		for _, a := range open {
			_ = a.conn.Close()
		}
	})
	f.row("12: strangers without a hello", map[string]float64{denied("waiting"): 1}, func(t *testing.T) {
		var open []*attacker
		for range 30 {
			open = append(open, f.open())
		}
		if status, head, _ := f.status(); status != http.StatusServiceUnavailable || head.Get("Retry-After") == "" {
			t.Errorf("one more: %d %v", status, head)
		}
		for _, a := range open {
			_ = a.conn.Close()
		}
	})
}

// silentSockets connect and say nothing, in numbers.
func silentSockets(f *fortress) {
	f.row("10: silent sockets", nil, func(t *testing.T) {
		refused := f.metrics().of(`hindsight_requests_refused_total{reason="sockets"}`)
		var silent []net.Conn
		for range 60 {
			silent = append(silent, f.dial().conn)
		}
		var a *attacker
		await(t, "the limit to be reached", func() bool {
			a = f.dial()
			silent = append(silent, a.conn)
			_, _ = a.conn.Write([]byte(handshake(f.addr)))
			resp, err := http.ReadResponse(a.br, nil)
			return err == nil && resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != ""
		})
		for _, c := range silent {
			_ = c.Close()
		}
		await(t, "the door to be open again", func() bool {
			status, _, a := f.statusIfAny()
			_ = a.conn.Close()
			return status == http.StatusSwitchingProtocols
		})
		if f.metrics().of(`hindsight_requests_refused_total{reason="sockets"}`) == refused {
			t.Error("no refusal was counted")
		}
	})
}

// statusIfAny is status for a server that may hang up.
func (f *fortress) statusIfAny() (status int, head http.Header, a *attacker) {
	a = f.dial()
	_, _ = a.conn.Write([]byte(handshake(f.addr)))
	resp, err := http.ReadResponse(a.br, nil)
	if err != nil {
		return 0, nil, a
	}
	return resp.StatusCode, resp.Header, a
}

// churn is connections that come and go, at every stage.
func churn(f *fortress) {
	f.row("19, 21, 52: churn", nil, func(*testing.T) {
		for i := range 200 {
			a := f.dial()
			if i%4 > 0 {
				a.write([]byte(handshake(f.addr)))
			}
			if i%4 > 1 {
				if err := shaken(a.br); err != nil {
					f.t.Fatal(err)
				}
			}
			if i%4 > 2 {
				a.hello(hello("Moth"))
				a.send(bye, []byte{0x03, 0xe8})
				a.gone()
			}
			_ = a.conn.Close()
		}
	})
}
