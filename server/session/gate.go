package session

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// gate counts connections, in all and by address, and lets in what the limits allow. It refuses
// early, with a time to come back after, because in a storm a quick no is worth more than a late
// yes.
type gate struct {
	limits *Limits
	all    *rate.Limiter

	mu      sync.Mutex
	open    int                     // guarded by mu
	waiting int                     // guarded by mu: of those, without a Hello
	guests  map[netip.Addr]*visitor // guarded by mu
	sweepAt int                     // guarded by mu: the size of guests at which idle ones are forgotten
}

// visitor is what is remembered of an address.
type visitor struct {
	open int
	rate *rate.Limiter
}

// place is one connection's entry in the gate.
type place struct {
	addr    netip.Addr // the client's, for the log
	key     netip.Addr // what is counted: the address, or its /64 network
	exempt  bool       // not counted by address
	waiting bool
}

// fewGuests is how many addresses are remembered before a sweep is worth its time.
const fewGuests = 1024

func newGate(l *Limits) *gate {
	return &gate{
		limits:  l,
		all:     rate.NewLimiter(rate.Limit(l.Handshakes), l.Handshakes),
		guests:  make(map[netip.Addr]*visitor),
		sweepAt: fewGuests,
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
	p := place{addr: addr, key: addr, exempt: addr.IsLoopback()}
	if addr.Is6() {
		if net, err := addr.WithZone("").Prefix(64); err == nil {
			p.key = net.Addr()
		}
	}
	return p
}

// enter counts a connection in, or says why not.
func (g *gate) enter(p *place, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.guest(p, now)
	switch {
	case !p.exempt && !v.rate.AllowN(now, 1):
		return errRate
	case !g.all.AllowN(now, 1):
		return errBusy
	case g.open >= g.limits.Connections:
		return errFull
	case !p.exempt && v.open >= g.limits.PerAddress:
		return errAddress
	case g.waiting >= g.limits.Waiting:
		return errBusy
	}
	g.open++
	g.waiting++
	v.open++
	p.waiting = true
	return nil
}

// guest returns what is known of an address. Its caller holds mu.
func (g *gate) guest(p *place, now time.Time) *visitor {
	if v, ok := g.guests[p.key]; ok {
		return v
	}
	burst := 2 * g.limits.HandshakesPerAddress
	if len(g.guests) >= g.sweepAt {
		for key, v := range g.guests {
			if v.open == 0 && v.rate.TokensAt(now) >= float64(burst) {
				delete(g.guests, key)
			}
		}
		g.sweepAt = max(fewGuests, 2*len(g.guests))
	}
	v := &visitor{rate: rate.NewLimiter(rate.Limit(g.limits.HandshakesPerAddress), burst)}
	g.guests[p.key] = v
	return v
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
	if v := g.guests[p.key]; v != nil {
		v.open--
	}
}

// ClientAddr is the address of the client: the peer's, or, if that is one of our proxies, the last
// one in X-Forwarded-For that is not. What stands before it is the client's own writing and may say
// anything.
func ClientAddr(r *http.Request, proxies []netip.Prefix) netip.Addr {
	addr := parseAddr(r.RemoteAddr)
	if !within(addr, proxies) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := parseAddr(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			break
		}
		if addr = hop; !within(addr, proxies) {
			break
		}
	}
	return addr
}

// parseAddr reads an address with or without a port; the zero Addr is neither.
func parseAddr(s string) netip.Addr {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, _ := netip.ParseAddr(s)
	return a.Unmap()
}

func within(a netip.Addr, nets []netip.Prefix) bool {
	for _, n := range nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
