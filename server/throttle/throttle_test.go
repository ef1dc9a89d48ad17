package throttle_test

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hindsight/server/throttle"
)

var start = time.Unix(1_800_000_000, 0)

func TestTake(t *testing.T) {
	l := throttle.New[string](throttle.Rate{Every: 10 * time.Second, Burst: 2}, 0)
	for i, c := range []struct {
		key  string
		at   time.Duration
		wait time.Duration
	}{
		{"a", 0, 0},
		{"a", 0, 0},
		{"a", 0, 10 * time.Second},
		{"a", 4 * time.Second, 6 * time.Second},
		{"b", 4 * time.Second, 0}, // another key
		{"a", 10 * time.Second, 0},
		{"a", 10 * time.Second, 10 * time.Second},
		{"a", time.Hour, 0},
		{"a", time.Hour, 0},
		{"a", time.Hour, 10 * time.Second}, // no more than a burst is saved up
	} {
		if got := l.Take(c.key, start.Add(c.at)).Round(time.Millisecond); got != c.wait {
			t.Errorf("step %d: wait %v, want %v", i, got, c.wait)
		}
	}
}

// TestWaitIsEnough: after the wait that was named, it is allowed.
func TestWaitIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.IntRange(1, 1e9).Draw(t, "every")) * time.Microsecond
		l := throttle.New[int](throttle.Rate{Every: every, Burst: rapid.IntRange(1, 9).Draw(t, "burst")}, 0)
		now := start
		for range 30 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(every)).Draw(t, "pause")))
			if wait := l.Take(1, now); wait > 0 {
				if wait > every {
					t.Fatalf("wait %v is longer than one turn of %v", wait, every)
				}
				now = now.Add(wait + time.Microsecond)
				if again := l.Take(1, now); again > 0 {
					t.Fatalf("waited %v, and was told to wait %v more", wait, again)
				}
			}
		}
	})
}

func TestBounded(t *testing.T) {
	const most = 50
	l := throttle.New[int](throttle.Rate{Every: time.Second, Burst: 3}, most)
	for k := range 10 * most {
		l.Take(k, start)
		if n := l.Len(); n > most {
			t.Fatalf("%d keys remembered", n)
		}
	}
	for range 3 {
		l.Take(10*most-1, start) // exhausts the newest
	}
	for k := range most - 1 {
		l.Take(-k-1, start)
	}
	if l.Take(10*most-1, start) == 0 {
		t.Error("newer keys pushed out one that was in use")
	}
	l.Take(0, start.Add(3*time.Second))
	if n := l.Len(); n != 1 {
		t.Errorf("%d keys remembered after a quiet time, want the last", n)
	}
}

func TestConcurrent(t *testing.T) {
	l := throttle.New[int](throttle.Rate{Every: time.Hour, Burst: 10}, 0)
	var allowed atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if l.Take(7, start) == 0 {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 10 {
		t.Errorf("%d allowed, want the burst of 10", allowed.Load())
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":            "192.0.2.7",
		"::ffff:192.0.2.7":     "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::",
		"2001:db8:1:2:ffff::1": "2001:db8:1:2::",
		"fe80::1%eth0":         "fe80::",
		"2001:db8:1:3::1":      "2001:db8:1:3::",
	} {
		if got := throttle.Network(netip.MustParseAddr(in)); got != netip.MustParseAddr(want) {
			t.Errorf("%s counts as %v, want %s", in, got, want)
		}
	}
	if got := throttle.Network(netip.Addr{}); got.IsValid() {
		t.Errorf("no address counts as %v", got)
	}
}

func TestRateThatAllowsNothing(t *testing.T) {
	for _, r := range []throttle.Rate{{}, {Every: time.Second}, {Burst: 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was accepted", r)
				}
			}()
			throttle.New[int](r, 0)
		}()
	}
}
