package session

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hindsight/server/alloctest"
	"hindsight/server/throttle"
)

// Whoever has a million addresses makes the gate remember no more than it has room for.
func TestGateIsBounded(t *testing.T) {
	c := Config{Limits: Limits{Handshakes: 1 << 30, Connections: 1 << 30, Waiting: 1 << 30, WaitingPerAddress: 1 << 30}}.withDefaults()
	g, now := newGate(&c.Limits), time.Unix(1, 0)
	var last place
	for i := range 3 * throttle.DefaultKeys {
		p := newPlace(netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, byte(i >> 16), byte(i >> 8), byte(i)}))
		if err := g.enter(&p, now); err != nil {
			t.Fatal(err)
		}
		g.leave(&p)
		last = p
	}
	if n := g.each.Len(); n > throttle.DefaultKeys || len(g.guests) != 0 || g.all != (headcount{}) {
		t.Errorf("%d addresses are remembered, %d are counted, %+v connections", n, len(g.guests), g.all)
	}
	for range 2*c.Limits.HandshakesPerAddress - 1 {
		if err := g.enter(&last, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.enter(&last, now); err != errRate {
		t.Errorf("the newest address may come for ever: %v", err)
	}
}

// Nobody has more than a share of the places at the door, and who said Hello gives one back.
func TestStrangersOfOneAddress(t *testing.T) {
	c := Config{Limits: Limits{WaitingPerAddress: 2, Waiting: 6, HandshakesPerAddress: 100}}.withDefaults()
	g, now := newGate(&c.Limits), time.Unix(1, 0)
	come := func(addr string, want error) *place {
		t.Helper()
		p := newPlace(netip.MustParseAddr(addr))
		if err := g.enter(&p, now); err != want {
			t.Errorf("%s: %v, want %v", addr, err, want)
		}
		return &p
	}
	first, second := come("203.0.113.1", nil), come("203.0.113.1", nil)
	come("203.0.113.1", errStrangers)
	come("203.0.113.2", nil)
	come("2001:db8::1", nil)
	come("2001:db8::2", nil)
	come("2001:db8::3", errStrangers) // the same network
	g.greeted(first)
	come("203.0.113.1", nil)
	come("203.0.113.1", errStrangers)
	g.leave(second)
	come("203.0.113.1", nil)
	come("203.0.113.1", errStrangers)
	come("127.0.0.1", nil)
	come("127.0.0.1", errWaiting) // exempt from the share, not from the whole
	if of := g.guests[first.key]; of != (headcount{open: 3, waiting: 2}) || g.all != (headcount{open: 7, waiting: 6}) {
		t.Errorf("%+v are counted, %+v in all", of, g.all)
	}
	g.leave(first)
	if of := g.guests[first.key]; of != (headcount{open: 2, waiting: 2}) {
		t.Errorf("%+v are counted of those left", of)
	}
}

// Whatever a header says, what comes out is the peer or an address in it that one of ours may have
// written: never one before a stranger's.
func FuzzClientAddr(f *testing.F) {
	for _, s := range []string{
		"", "203.0.113.9", "8.8.8.8, 203.0.113.9", "203.0.113.9, 127.0.0.1", "::1", "[2001:db8::1]:443, 10.0.0.1:9",
		"::ffff:203.0.113.9", "fe80::1%eth0", ",,,", "unknown", strings.Repeat("1.1.1.1,", 500),
	} {
		f.Add(s)
	}
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, header string) {
		r := &http.Request{RemoteAddr: "10.0.0.1:5", Header: http.Header{"X-Forwarded-For": {header}}}
		var got netip.Addr
		alloctest.Check(t, 64<<10+40*len(header), func() { got = ClientAddr(r, ours) }) // 16 bytes for each comma, and a header has 8 KB at most
		if !got.IsValid() {
			t.Fatalf("%q: no address", header)
		}
		hops := strings.Split(header, ",")
		i := len(hops) - 1
		for i > 0 && Within(ParseAddr(strings.TrimSpace(hops[i])), ours) {
			i--
		}
		if hop := ParseAddr(strings.TrimSpace(hops[i])); hop.IsValid() && got != hop {
			t.Errorf("%q: came from %v, want %v", header, got, hop)
		}
		if r.RemoteAddr = "203.0.113.1:5"; ClientAddr(r, ours) != netip.MustParseAddr("203.0.113.1") {
			t.Errorf("%q: a stranger's header is believed", header)
		}
	})
}
