package alarm

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"hindsight/server/mono"
)

// A clock whose alarms do not wait sleeps for good; one that waits is what it sleeps for, until a sooner one
// does.
func TestAClockWakesForNothing(t *testing.T) {
	defer goleak.VerifyNone(t)
	c := NewClock(mono.Now)
	until := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
			c.mu.Lock()
			good := c.sleeping && ok()
			c.mu.Unlock()
			if good {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("the clock does not sleep %s", what)
			}
		}
	}
	a, b := c.New(), c.New()
	until("for good", func() bool { return c.until == never })
	hour := mono.Now() + 3_600_000_000
	ended := make(chan struct{}, 2)
	go func() { a.Wait(hour); ended <- struct{}{} }()
	until("for the first", func() bool { return c.until == hour+grain })
	go func() { b.Wait(hour - 1000); ended <- struct{}{} }()
	until("for the second, which is sooner", func() bool { return c.until == hour-1000+grain })
	a.Wake()
	b.Wake()
	<-ended
	<-ended
	b.Close()
	until("for what is left of it, or sooner", func() bool { return c.until <= hour+grain })
	a.Close()
}
