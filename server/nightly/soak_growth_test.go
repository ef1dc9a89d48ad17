package nightly

import (
	"fmt"
	"slices"
	"testing"
)

// sample is what a server held at one moment, just after a garbage collection.
type sample struct {
	players, rooms, rss, heap, goroutines, files float64 // bytes, or how many
}

// String is the middle of a row of the table.
func (s sample) String() string {
	return fmt.Sprintf("%.0f | %.0f | %.1f | %.1f | %.0f | %.0f", s.players, s.rooms, s.rss/1e6, s.heap/1e6, s.goroutines, s.files)
}

// gauge is something that must not grow. Players come and go, so it wavers: it has grown if the median of
// the last fifth of the samples lies above that of the second by more than a share of it, the slack, and
// what the players and rooms that are more than then may take. The first fifth fills pools and caches.
type gauge struct {
	name                 string
	of                   func(*sample) float64
	share, slack         float64
	eachPlayer, eachRoom float64
}

// The gauges. Half an hour has some 10,000 connections and 1,500 matches after the second fifth: what leaks
// a kilobyte with each of the former, or five with each of the latter, is seen.
var gauges = []gauge{
	{"RSS, MB", func(s *sample) float64 { return s.rss / 1e6 }, .05, 10, .1, 1},
	{"heap in use after GC, MB", func(s *sample) float64 { return s.heap / 1e6 }, .05, 4, .1, 1},
	{"goroutines", func(s *sample) float64 { return s.goroutines }, .05, 10, 3, 4},
	{"file descriptors", func(s *sample) float64 { return s.files }, .05, 10, 2, 6},
}

// growth returns the medians of the second and of the last fifth, and whether they are too far apart.
func (g *gauge) growth(all []sample) (early, late float64, grew bool) {
	fifth := len(all) / 5
	before, after := all[fifth:2*fifth], all[len(all)-fifth:]
	more := func(of func(*sample) float64) float64 { return max(0, median(after, of)-median(before, of)) }
	may := g.slack + g.eachPlayer*more(func(s *sample) float64 { return s.players }) +
		g.eachRoom*more(func(s *sample) float64 { return s.rooms })
	early, late = median(before, g.of), median(after, g.of)
	return early, late, late > early*(1+g.share)+may
}

func median(samples []sample, of func(*sample) float64) float64 {
	var v []float64
	for i := range samples {
		v = append(v, of(&samples[i]))
	}
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

func TestGrowthIsSeenAndNoiseIsNot(t *testing.T) {
	heap := &gauges[1]
	for _, c := range []struct {
		name string
		at   func(i int) float64 // MB
		want bool
	}{
		{"flat", func(int) float64 { return 40 }, false},
		{"a saw", func(i int) float64 { return 40 + float64(i%7) }, false},
		{"spikes in the end", func(i int) float64 { return 40 + 60*float64(i/90)*float64((i+1)%2) }, false},
		{"a start from nothing", func(i int) float64 { return min(40, 4*float64(i)) }, false},
		{"smaller in the end", func(i int) float64 { return 60 - float64(i)/5 }, false},
		{"a slow leak", func(i int) float64 { return 40 + float64(i)/8 }, true},
		{"a step", func(i int) float64 { return 40 + 8*float64(i/60) }, true},
	} {
		var all []sample
		for i := range 100 {
			all = append(all, sample{players: 200, rooms: 13, heap: c.at(i) * 1e6})
		}
		if early, late, grew := heap.growth(all); grew != c.want {
			t.Errorf("%s: %v, from %.1f to %.1f", c.name, grew, early, late)
		}
	}
}

func TestMorePlayersAreNoLeak(t *testing.T) {
	var crowded, leaking []sample
	for i := range 100 {
		n := sample{players: 40 + float64(i/50)*20, rooms: 3 + float64(i/50), goroutines: 100 + float64(i/50)*60}
		crowded = append(crowded, n)
		n.goroutines += float64(i)
		leaking = append(leaking, n)
	}
	g := &gauges[2]
	if early, late, grew := g.growth(crowded); grew {
		t.Errorf("20 more players are a leak: %v, %v", early, late)
	}
	if early, late, grew := g.growth(leaking); !grew {
		t.Errorf("a leak hides behind 20 more players: %v, %v", early, late)
	}
}
