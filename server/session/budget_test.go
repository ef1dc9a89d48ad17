package session

import (
	"math/rand/v2"
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
		a, l := newAllowance(perSecond, burst), rate.NewLimiter(rate.Limit(perSecond), burst)
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
