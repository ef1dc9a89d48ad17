package alarm_test

import (
	"testing"
	"testing/synctest"
	"time"

	"hindsight/protocol"
	"hindsight/server/alarm"
	"hindsight/server/mono"
)

// both are the alarms, on the real clock.
func both(t *testing.T, test func(t *testing.T, a waker)) {
	t.Run("timer", func(t *testing.T) { test(t, alarm.NewTimer(mono.Now)) })
	t.Run("clock", func(t *testing.T) { test(t, alarm.NewClock(mono.Now).New()) })
}

// waker is an alarm.
type waker interface {
	Wait(at protocol.Micros)
	Wake()
	Close()
}

func TestNobodyIsWokenEarly(t *testing.T) {
	both(t, func(t *testing.T, a waker) {
		defer a.Close()
		for i := range 40 {
			at := mono.Now() + protocol.Micros(i*100)
			if a.Wait(at); mono.Now() < at {
				t.Errorf("wait %d: woken %d us early", i, at-mono.Now())
			}
		}
	})
}

func TestWakeEndsAWaitUnderWayOrTheNext(t *testing.T) {
	both(t, func(t *testing.T, a waker) {
		never := mono.Now() + 24*3600*protocol.Second
		a.Wake()
		a.Wake() // counts once, or not at all
		a.Wait(never)
		for range 1000 {
			go a.Wake()
			a.Wait(never)
		}
		a.Close()
		a.Wake()
	})
}

func TestAWaitForThePastReturns(t *testing.T) {
	both(t, func(_ *testing.T, a waker) {
		defer a.Close()
		a.Wait(mono.Now() - 1000)
		a.Wait(0)
	})
}

func TestATimerIsExactInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		now := func() protocol.Micros { return protocol.Micros(time.Since(began).Microseconds()) }
		a := alarm.NewTimer(now)
		defer a.Close()
		for i := range protocol.Micros(100) {
			if a.Wait(i * 16_667); now() != i*16_667 {
				t.Fatalf("woken at %d, want %d", now(), i*16_667)
			}
		}
	})
}
