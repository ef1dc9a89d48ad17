package session

import (
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"hindsight/protocol"
)

// An allowance lets through what rate.Limiter does, but where there is just enough and they round differently.
func TestAllowanceIsALimiter(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 0))
		perSecond, burst := 1+rng.IntN(500), 3+rng.IntN(1000)
		a, l := newAllowance(float64(perSecond), burst), rate.NewLimiter(rate.Limit(perSecond), burst)
		now, passed, refused := protocol.Micros(0), 0, 0
		for range 5000 {
			now += protocol.Micros(rng.IntN(2_000_000 / perSecond))
			n := 1 + rng.IntN(3)
			if spare := l.TokensAt(at(now)) - float64(n); spare > -1e-3 && spare < 1e-3 {
				continue
			}
			want := l.AllowN(at(now), n)
			if got := a.allow(now, n); got != want {
				t.Fatalf("seed %d at %d: %d tokens: %v, want %v", seed, now, n, got, want)
			}
			if want {
				passed++
			} else {
				refused++
			}
		}
		if passed == 0 || refused == 0 {
			t.Errorf("seed %d: %d passed and %d did not", seed, passed, refused)
		}
	}
}

func TestAllowanceHoldsNoMoreThanItsBurst(t *testing.T) {
	a := newAllowance(100, 10)
	if a.allow(0, 11) || !a.allow(0, 10) || a.allow(0, 1) {
		t.Error("a full one of 10 gave something else than 10")
	}
	if now := protocol.Micros(time.Hour.Microseconds()); a.tokens(now) != 10 {
		t.Errorf("after an hour it holds %v", a.tokens(now))
	}
}

// The write deadline moves when it is due, and begins anew when gws has taken it away after its handshake.
func TestWriteDeadlineMovesWhenItIsDue(t *testing.T) {
	now := protocol.Second
	c := Config{Now: func() protocol.Micros { return now }}.withDefaults()
	nc := &deadlines{}
	g := newGuard(nc, nil, &c)
	write := func(want int) {
		t.Helper()
		if _, err := g.Write([]byte{0x82, 0}); err != nil {
			t.Fatal(err)
		}
		if nc.moved != want {
			t.Errorf("at %d the deadline has been moved %d times, want %d", now, nc.moved, want)
		}
	}
	limit := protocol.Micros(c.Limits.Write.Microseconds())
	write(1)
	now += limit / 5
	write(1)
	now += limit / 5
	write(2)
	if left := time.Until(nc.at); left < c.Limits.Write || left > c.Limits.Write*5/4 {
		t.Errorf("a write may take %v", left)
	}
	_ = g.SetDeadline(time.Time{})
	write(3)
}

// deadlines is a connection that takes everything and remembers its write deadline.
type deadlines struct {
	net.Conn
	at    time.Time
	moved int
}

func (d *deadlines) Write(b []byte) (int, error) { return len(b), nil }
func (d *deadlines) SetDeadline(time.Time) error { return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.at = t
	d.moved++
	return nil
}
