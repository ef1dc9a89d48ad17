package alarm_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"hindsight/protocol"
	"hindsight/server/alarm"
	"hindsight/server/mono"
)

// Alarms of one clock come and go, wait for whatever moments and are woken by others meanwhile: each wakes,
// none early, and the last one takes the clock's goroutine with it.
func TestAClockOfMany(t *testing.T) {
	defer goleak.VerifyNone(t)
	clock := alarm.NewClock(mono.Now)
	for range 3 { // a clock begins again
		var all sync.WaitGroup
		for g := range 8 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(g), 0))
				for range 20 {
					a := clock.New()
					for range 20 {
						at := mono.Now() + protocol.Micros(r.IntN(400)-100)
						if g%2 == 0 {
							go a.Wake()
						}
						for mono.Now() < at {
							a.Wait(at)
						}
					}
					a.Close()
				}
			})
		}
		all.Wait()
	}
}

// A moment that is sooner than what the clock sleeps for is kept, and the later one as well.
func TestASoonerMomentIsKept(t *testing.T) {
	defer goleak.VerifyNone(t)
	clock := alarm.NewClock(mono.Now)
	late, early := clock.New(), clock.New()
	at := mono.Now() + 50*protocol.Millisecond
	woken := make(chan protocol.Micros)
	go func() {
		for mono.Now() < at {
			late.Wait(at)
		}
		woken <- mono.Now()
	}()
	for range 20 {
		sooner := mono.Now() + protocol.Millisecond
		for mono.Now() < sooner {
			early.Wait(sooner)
		}
	}
	if got := <-woken; got < at {
		t.Errorf("woken at %d, want %d", got, at)
	}
	early.Wake()
	early.Wait(mono.Now() + 24*3600*protocol.Second)
	early.Close()
	late.Close()
}
