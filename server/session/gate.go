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
	all    *rate.Limiter
	each   *throttle.Throttle[netip.Addr]

	mu      sync.Mutex
	open    int                // guarded by mu
	waiting int                // guarded by mu: of those, without a Hello
	guests  map[netip.Addr]int // guarded by mu: how many are open of each address
}

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
		all:    rate.NewLimiter(rate.Limit(l.Handshakes), l.Handshakes),
		each: throttle.New[netip.Addr](throttle.Rate{
			Every: max(time.Second/time.Duration(l.HandshakesPerAddress), 1), Burst: 2 * l.HandshakesPerAddress,
		}, 0),
		guests: make(map[netip.Addr]int),
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
	if !g.all.AllowN(now, 1) {
		return errBusy
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.open >= g.limits.Connections:
		return errFull
	case !p.exempt && g.guests[p.key] >= g.limits.PerAddress:
		return errAddress
	case g.waiting >= g.limits.Waiting:
		return errWaiting
	}
	g.open++
	g.waiting++
	g.guests[p.key]++
	p.waiting = true
	return nil
}

// greeted notes that a connection has said Hello.
func (g *gate) greeted(p *place) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.waiting {
		p.waiting = false
		g.waiting--
	}
}

// leave counts a connection out.
func (g *gate) leave(p *place) {
	g.greeted(p)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if g.guests[p.key]--; g.guests[p.key] == 0 {
		delete(g.guests, p.key)
	}
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
