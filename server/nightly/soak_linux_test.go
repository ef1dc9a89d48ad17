package nightly

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestSoak has bots come, play, lose their lines and go for as long as HINDSIGHT_SOAK says, such as 30m, on
// a server that is a process of its own, and then asks what has grown and whether a match's result was
// lost. HINDSIGHT_SOAK_BOTS is how many play at once [200], HINDSIGHT_SOAK_PROGRAM the program to test
// [this source, built]. It prints a table. `make soak` runs it.
//
// What it takes for growth is in soak_growth_test.go, for a lost result in soak_results_linux_test.go, and
// what bots go through in soak_players_linux_test.go. Besides, the server may log no error, a bot on a good
// line must get to play, and the empty server must be as it was before anybody came.
func TestSoak(t *testing.T) {
	length, players := soakOf(t)
	s := serveSoak(t, players)
	before := s.sample(t)
	c := newCrowd(t, s.addr, players, length)
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	c.start(ctx)

	fmt.Printf("| s | players | rooms | RSS MB | heap MB after GC | goroutines | descriptors | matches seen | visits |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	var samples []sample
	every := max(length/100, 500*time.Millisecond)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for began, shown := time.Now(), time.Duration(0); ctx.Err() == nil; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			continue
		}
		n := s.sample(t)
		samples = append(samples, n)
		if at := time.Since(began); at-shown >= length/10 {
			shown = at
			fmt.Printf("| %.0f | %v | %d | %d |\n", at.Seconds(), n, c.seen.matches(), c.visits.Load())
		}
		if len(samples) == 30 { // the second fifth
			s.keepProfiles("early")
		}
	}
	s.keepProfiles("late")
	c.wait()
	for _, g := range gauges {
		early, late, grew := g.growth(samples)
		fmt.Printf("%s: %.1f in the second fifth, %.1f in the last\n", g.name, early, late)
		if grew {
			t.Errorf("%s grew from %.1f to %.1f, more than %.0f %% and %.0f", g.name, early, late, 100*g.share, g.slack)
		}
	}
	s.rests(t, before)
	c.report(t)
	s.stop(t)
	checkResults(t, s.database(), &c.seen)
	if t.Failed() {
		fmt.Printf("profiles are in %s: go tool pprof -base early.heap late.heap\n", s.dir)
	}
}

// soakOf reads how long and how many, and skips the test if nobody asks for it.
func soakOf(t *testing.T) (length time.Duration, players int) {
	t.Helper()
	text := os.Getenv("HINDSIGHT_SOAK")
	if text == "" {
		t.Skip("takes half an hour; make soak runs it")
	}
	length, err := time.ParseDuration(text)
	if err != nil || length < 30*time.Second {
		t.Fatalf("HINDSIGHT_SOAK is %q, want 30s at least, such as 30m", text)
	}
	players = 200
	if text := os.Getenv("HINDSIGHT_SOAK_BOTS"); text != "" {
		if players, err = strconv.Atoi(text); err != nil || players < partySize {
			t.Fatalf("HINDSIGHT_SOAK_BOTS is %q, want %d at least", text, partySize)
		}
	}
	return length, players
}
