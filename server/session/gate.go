package session

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"hindsight/server/throttle"
)

// gate counts connections, in all and by address, and lets in what the limits allow. It refuses
// early, with a time to come back after, because in a storm a quick no is worth more than a late
// yes. What it remembers of addresses is bounded: the rates by throttle.DefaultKeys, the counts by
// the connections there are.
type gate struct {
	limits *Limits
	rate   *rate.Limiter
	each   *throttle.Throttle[netip.Addr]

	mu     sync.Mutex
	all    headcount                // guarded by mu
	guests map[netip.Addr]headcount // guarded by mu: of each address with a connection
}

// headcount is how many connections are open, and how many of those have not said Hello.
type headcount struct{ open, waiting int }

// place is one connection's entry in the gate.
type place struct {
	addr    netip.Addr // the client's, for the log
	key     netip.Addr // what is counted: the address, or its /64 network
	exempt  bool       // not counted by address
	waiting bool
}

func newGate(l *Limits) *gate {
	return &gate{
		limits: l,
		rate:   rate.NewLimiter(rate.Limit(l.Handshakes), l.Handshakes),
		each: throttle.New[netip.Addr](throttle.Rate{
			Every: max(time.Second/time.Duration(l.HandshakesPerAddress), 1), Burst: 2 * l.HandshakesPerAddress,
		}, 0),
		guests: make(map[netip.Addr]headcount),
	}
}

// admit finds out who asks and whether there is room.
func (h *Handler) admit(r *http.Request) (place, error) {
	h.mu.Lock()
	draining := h.draining
	h.mu.Unlock()
	if draining {
		return place{}, errDraining
	}
	p := newPlace(ClientAddr(r, h.cfg.Proxies))
	err := h.gate.enter(&p, at(h.cfg.Now()))
	return p, err
}

func newPlace(addr netip.Addr) place {
	return place{addr: addr, key: throttle.Network(addr), exempt: addr.IsLoopback()}
}

// enter counts a connection in, or says why not. An address that comes too fast is refused before it
// takes from what all have together.
func (g *gate) enter(p *place, now time.Time) error {
	if !p.exempt && g.each.Take(p.key, now) > 0 {
		return errRate
	}
	if !g.rate.AllowN(now, 1) {
		return errBusy
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	of := g.guests[p.key]
	switch {
	case g.all.open >= g.limits.Connections:
		return errFull
	case !p.exempt && of.open >= g.limits.PerAddress:
		return errAddress
	case !p.exempt && of.waiting >= g.limits.WaitingPerAddress:
		return errStrangers
	case g.all.waiting >= g.limits.Waiting:
		return errWaiting
	}
	p.waiting = true
	g.count(p, 1, 1)
	return nil
}

// count adds to what is counted of a connection, in all and of its address. Its caller holds mu.
func (g *gate) count(p *place, open, waiting int) {
	g.all.open, g.all.waiting = g.all.open+open, g.all.waiting+waiting
	of := g.guests[p.key]
	if of = (headcount{of.open + open, of.waiting + waiting}); of == (headcount{}) {
		delete(g.guests, p.key)
		return
	}
	g.guests[p.key] = of
}

// greeted notes that a connection has said Hello.
func (g *gate) greeted(p *place) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.waiting {
		p.waiting = false
		g.count(p, 0, -1)
	}
}

// leave counts a connection out.
func (g *gate) leave(p *place) {
	g.greeted(p)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count(p, -1, 0)
}

// ClientAddr is the address of the client: the peer's, or, if that is one of our proxies, the last
// one in X-Forwarded-For that is not. What stands before it is the client's own writing and may say
// anything.
func ClientAddr(r *http.Request, proxies []netip.Prefix) netip.Addr {
	addr := ParseAddr(r.RemoteAddr)
	if !Within(addr, proxies) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := ParseAddr(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			break
		}
		if addr = hop; !Within(addr, proxies) {
			break
		}
	}
	return addr
}

// ParseAddr reads an address with or without a port; the zero Addr is neither.
func ParseAddr(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, _ := netip.ParseAddr(s)
	return a.Unmap()
}

// Within reports that an address is in one of the networks.
func Within(a netip.Addr, nets []netip.Prefix) bool {
	for _, n := range nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// DefaultLimits are the limits of a Config that says nothing.
func DefaultLimits() Limits { return Config{}.withDefaults().Limits }
