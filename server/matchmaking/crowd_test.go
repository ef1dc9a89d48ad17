package matchmaking

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"hindsight/protocol"
)

// crowd adds n people of normally distributed skill in parties of 1 to 4, most of them alone.
func crowd(t testing.TB, q *Queue, now protocol.Micros, list Playlist, n int) {
	rng := rand.New(rand.NewPCG(5, uint64(n)))
	for n > 0 {
		size := min(n, max(1, rng.IntN(8)-3), playlists[list].TeamSize+playlists[list].MaxPlayers)
		mu := make([]float64, size)
		for i := range mu {
			mu[i] = 25 + 8*rng.NormFloat64()
		}
		add(t, q, now, party(list, fmt.Sprint(n), mu...))
		n -= size
	}
}

// quickest is a Tick, and how long it takes when nothing else wants the processor: the best of three,
// with everybody put back in between.
func quickest(q *Queue, now protocol.Micros) ([]Match, time.Duration) {
	best := time.Duration(math.MaxInt64)
	for try := 1; ; try++ {
		began := time.Now()
		matches := q.Tick(now, nil)
		best = min(best, time.Since(began))
		if try == 3 {
			return matches, best
		}
		for _, m := range matches {
			q.Requeue(m.ID)
		}
	}
}

// Two thousand who come at once are in matches within a few ticks, each of which is short.
func TestTwoThousandAtOnce(t *testing.T) {
	for _, list := range lists {
		t.Run(list.Mode, func(t *testing.T) {
			q := newQueue(t, Config{Rules: playlists})
			crowd(t, q, start, list, 2000)
			longest, full := time.Duration(0), 0
			rules, _ := playlists[list].withDefaults()
			for _, wait := range []protocol.Micros{0, 5 * protocol.Second, 10 * protocol.Second, 20 * protocol.Second} {
				got, took := quickest(q, start+wait)
				longest = max(longest, took)
				for _, m := range got {
					n := 0
					for _, team := range m.Teams {
						n += len(team)
					}
					if n == rules.seats() {
						full += n
					}
				}
				t.Logf("after %2d s: %3d matches, %4d wait", wait/protocol.Second, len(got), q.Waiting(list))
				if wait == 0 && q.Waiting(list) > 400 {
					t.Errorf("%d of 2000 still wait after the first tick", q.Waiting(list))
				}
			}
			if q.Waiting(list) >= rules.MinPlayers || full < 1800 {
				t.Errorf("%d in full matches, %d still wait", full, q.Waiting(list))
			}
			t.Logf("the longest tick took %v", longest)
			if longest > 50*time.Millisecond*slow {
				t.Errorf("a tick took %v, want less than 50 ms", longest)
			}
		})
	}
}

// Parties that never add up to a full match cost a search each, every time.
func TestStubbornParties(t *testing.T) {
	for _, c := range []struct {
		rules Rules
		sizes []int
	}{
		{Rules{Teams: 2, TeamSize: 4}, []int{3}},
		{Rules{Teams: 16, TeamSize: 4}, []int{3, 3, 3, 2}},
		{Rules{Teams: 8, TeamSize: 8}, []int{7, 5, 7, 6}},
		{Rules{MaxPlayers: 64}, []int{5, 15, 20, 10}},
	} {
		c.rules.Window = []Step{{0, 1000}}
		q := newQueue(t, Config{Rules: map[Playlist]Rules{ffa: c.rules}})
		rng := rand.New(rand.NewPCG(1, 1))
		for i, n := 0, 0; n < 2000; i++ {
			e := Entry{ID: fmt.Sprint(i), Playlist: ffa}
			for j := range c.sizes[i%len(c.sizes)] {
				e.Players = append(e.Players, member(fmt.Sprint(i, ".", j), 50*rng.Float64()))
			}
			add(t, q, start, e)
			n += len(e.Players)
		}
		for _, wait := range []protocol.Micros{0, DefaultFillAfter} {
			matches, took := quickest(q, start+wait)
			t.Logf("parties of %v in %d teams: %d matches in %v", c.sizes, c.rules.Teams, len(matches), took)
			if took > 50*time.Millisecond*slow {
				t.Errorf("parties of %v in %d teams took %v, want less than 50 ms", c.sizes, c.rules.Teams, took)
			}
		}
		if n := q.Waiting(ffa); n != 0 {
			t.Errorf("%d still wait", n)
		}
	}
}

func BenchmarkTwoThousand(b *testing.B) {
	for _, list := range lists {
		b.Run(list.Mode, func(b *testing.B) {
			q := newQueue(b, Config{Rules: playlists})
			crowd(b, q, start, list, 2000)
			for b.Loop() {
				for _, m := range q.Tick(start, nil) {
					q.Requeue(m.ID)
				}
			}
		})
	}
}

// day is what came of a simulated population.
type day struct {
	matched, people int
	gap             float64         // mean difference of hidden skill within full matches
	mean, longest   protocol.Micros // waits
}

// simulate lets people of hidden skill queue, play and queue again. The queue sees an estimate of
// their skill. Population is how many there are in all.
func simulate(t *testing.T, list Playlist, population int, lasts protocol.Micros) day {
	q := newQueue(t, Config{Rules: playlists})
	rng := rand.New(rand.NewPCG(7, uint64(population)))
	hidden := make([]float64, population)
	back := map[protocol.Micros][]int{} // when who queues again
	const tick, match, pause = protocol.Second / 4, 240 * protocol.Second, 60 * protocol.Second
	for i := range hidden {
		hidden[i] = 25 + 8*rng.NormFloat64()
		at := start + protocol.Micros(rng.Int64N(int64((match+pause)/tick)))*tick
		back[at] = append(back[at], i)
	}
	var d day
	gaps := 0
	for now := start; now < start+lasts; now += tick {
		for _, i := range back[now] {
			e := party(list, fmt.Sprint(i), hidden[i]+rng.NormFloat64())
			e.Players[0].ID = e.ID
			add(t, q, now, e)
		}
		delete(back, now)
		for _, m := range q.Tick(now, nil) {
			least, most := math.Inf(1), math.Inf(-1)
			for _, e := range m.Entries {
				var i int
				if _, err := fmt.Sscan(e.ID, &i); err != nil {
					t.Fatal(err)
				}
				least, most = min(least, hidden[i]), max(most, hidden[i])
				d.people++
				d.mean += now - e.Since
				d.longest = max(d.longest, now-e.Since)
				next := now + match + protocol.Micros(rng.Int64N(int64(pause/tick)))*tick
				back[next] = append(back[next], i)
			}
			if m.BotSlots == 0 {
				d.gap += most - least
				gaps++
			}
			d.matched++
			q.Confirm(m.ID)
		}
	}
	d.mean /= protocol.Micros(max(d.people, 1))
	d.gap /= float64(max(gaps, 1))
	return d
}

// The more people there are, the closer they are matched and the shorter they wait; and however few
// they are, nobody waits beyond the bound.
func TestPopulation(t *testing.T) {
	for _, list := range []Playlist{ffa, squads} {
		t.Run(list.Mode, func(t *testing.T) {
			var last day
			for i, population := range []int{30, 300, 3000, 10_000} {
				d := simulate(t, list, population, 900*protocol.Second)
				t.Logf("%5d people: %5d matches, gap %5.2f, wait %5.2f s on average, %5.2f s at most", population, d.matched, d.gap,
					float64(d.mean)/float64(protocol.Second), float64(d.longest)/float64(protocol.Second))
				if d.people < 2*population {
					t.Errorf("%d people played %d times", population, d.people)
				}
				if d.longest > DefaultFillAfter+protocol.Second/4 {
					t.Errorf("somebody of %d waited %d", population, d.longest)
				}
				if i > 0 && (d.mean >= last.mean || i > 1 && d.gap >= last.gap) {
					t.Errorf("%d people are matched worse than fewer: %+v after %+v", population, d, last)
				}
				last = d
			}
			if last.gap > 5 { // drawn at random they are 23 apart, and the error of the estimates alone makes 3
				t.Errorf("10,000 people are %f points apart in a match", last.gap)
			}
		})
	}
}
