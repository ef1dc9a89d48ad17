package matchmaking

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hindsight/protocol"
)

// Who is matched with whom after which wait, as "sizes" of the teams and the bots. Everybody queues
// at start; the parties are given by the skill of their members.
func TestForm(t *testing.T) {
	solos := func(n int, mu float64) (all [][]float64) {
		for range n {
			all = append(all, []float64{mu})
		}
		return all
	}
	four := []float64{25, 25, 25, 25}
	three, two := four[:3], four[:2]
	const sec = protocol.Second
	for name, c := range map[string]struct {
		list    Playlist
		parties [][]float64
		wait    protocol.Micros
		want    string // team sizes and bots of each match
	}{
		"eight for all":                  {ffa, solos(8, 25), 0, "1 1 1 1 1 1 1 1 +0"},
		"seven wait":                     {ffa, solos(7, 25), 10*sec - 1, ""},
		"seven start":                    {ffa, solos(7, 25), 10 * sec, "1 1 1 1 1 1 1 +1"},
		"one waits":                      {ffa, solos(1, 25), 20*sec - 1, ""},
		"one plays with bots":            {ffa, solos(1, 25), 20 * sec, "1 +7"},
		"two full":                       {ffa, solos(17, 25), 0, "1 1 1 1 1 1 1 1 +0; 1 1 1 1 1 1 1 1 +0"},
		"a party of four for all":        {ffa, append(solos(4, 25), four), 0, "1 1 1 1 1 1 1 1 +0"},
		"parties that do not add up":     {ffa, [][]float64{three, three, three}, 0, ""},
		"all that find room":             {ffa, [][]float64{three, three, three}, 10 * sec, "1 1 1 1 1 1 +2; 1 1 1 +5"},
		"four against four":              {squads, [][]float64{four, four}, 0, "4 4 +0"},
		"four against singles":           {squads, append(solos(4, 25), four), 0, "4 4 +0"},
		"threes need singles":            {squads, [][]float64{three, three, two}, 0, ""},
		"threes with singles":            {squads, [][]float64{three, three, two, {25}, {25}}, 0, "4 4 +0"},
		"three, one, two and two":        {squads, [][]float64{three, three, two, two, {25}}, 0, "4 4 +0"},
		"four and a bot each":            {squads, solos(6, 25), 10 * sec, "3 3 +2"},
		"too few for a squad":            {squads, solos(3, 25), 10 * sec, ""},
		"few with bots":                  {squads, solos(3, 25), 20 * sec, "2 1 +5"},
		"four in eights":                 {eights, append(solos(8, 25), four, four), 0, "8 8 +0"},
		"ranked needs even teams":        {ranked, solos(7, 25), 10 * sec, "3 3 +0"},
		"ranked full":                    {ranked, solos(8, 25), 0, "4 4 +0"},
		"ranked without bots":            {ranked, solos(3, 25), 1000 * sec, ""},
		"ranked, two parties":            {ranked, [][]float64{two, two}, 10 * sec, "2 2 +0"},
		"ranked, parties that never fit": {ranked, [][]float64{three, two}, 1000 * sec, ""},
		"a duel of unequals":             {duel, [][]float64{{25}, {28}}, 5*sec - 1, ""},
		"a duel in a wider window":       {duel, [][]float64{{25}, {28}}, 5 * sec, "1 1 +0"},
		"a duel in the widest":           {duel, [][]float64{{25}, {33}}, 10 * sec, "1 1 +0"},
		"a duel of whoever is there":     {duel, [][]float64{{0}, {50}}, 20 * sec, "1 1 +0"},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQueue(t, Config{Rules: playlists})
			for i, mu := range c.parties {
				add(t, q, start, party(c.list, fmt.Sprint(i), mu...))
			}
			var got []string
			for _, m := range q.Tick(start+c.wait, nil) {
				got = append(got, shape(m))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("matches %q, want %q", s, c.want)
			}
		})
	}
}

// shape is a match's team sizes, the largest first, and its bots.
func shape(m Match) string {
	var sizes []int
	for _, team := range m.Teams {
		sizes = append(sizes, len(team))
	}
	slices.SortFunc(sizes, func(a, b int) int { return cmp.Compare(b, a) })
	return fmt.Sprintf("%s +%d", strings.Trim(fmt.Sprint(sizes), "[]"), m.BotSlots)
}

// Whoever waits longest gets those nearest to him, whoever came first among the others.
func TestNearestFirst(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists})
	add(t, q, start, party(duel, "old", 25))
	add(t, q, start+1, party(duel, "above", 26.5), party(duel, "below", 24), party(duel, "far", 27.5))
	got := q.Tick(start+2, nil)
	if len(got) != 2 || ids(got[0]) != "old below" || ids(got[1]) != "above far" {
		t.Errorf("matches %v", got)
	}
	add(t, q, start, party(duel, "a", 25))
	add(t, q, start+1, party(duel, "late", 24))
	add(t, q, start, party(duel, "early", 26))
	if got := q.Tick(start+2, nil); len(got) != 1 || ids(got[0]) != "a early" {
		t.Errorf("of two as near %v was taken", got)
	}
	// Five and three would do, but so do others that are nearer.
	add(t, q, start, party(ffa, "3", 25, 25, 25))
	add(t, q, start+1, party(ffa, "4", 25, 25, 25, 25), party(ffa, "3'", 25, 25, 25), party(ffa, "1", 25.5), party(ffa, "5", 26, 26, 26, 26, 26))
	if got := q.Tick(start+2, nil); len(got) != 2 || ids(got[0]) != "3 4 1" || ids(got[1]) != "3' 5" {
		t.Errorf("matches %v", got)
	}
	// No full match can be made of these: the nearest go first, and who finds no room then waits.
	add(t, q, start, party(ffa, "three", 25, 25, 25))
	add(t, q, start, party(ffa, "near", 24, 24, 24), party(ffa, "four", 23.5, 23.5, 23.5, 23.5))
	if got := q.Tick(start+DefaultFillAfter/2, nil); len(got) != 2 || ids(got[0]) != "three near" || ids(got[1]) != "four" {
		t.Errorf("matches %v", got)
	}
}

// A full match is found whenever the people at hand have one: checked against trying every subset.
func TestFullMatchesAreFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	found := 0
	for range 400 {
		q := newQueue(t, Config{Rules: playlists})
		var sizes []int
		for i := range 2 + rng.IntN(7) {
			n := 1 + rng.IntN(4)
			sizes = append(sizes, n)
			add(t, q, start, party(squads, fmt.Sprint(i), make([]float64, n)...))
		}
		want := false
		for subset := range 1 << (2 * len(sizes)) { // two bits each: out, team 1, team 2, (out)
			var seats [4]int
			for i, n := range sizes {
				seats[subset>>(2*i)&3] += n
			}
			want = want || seats[1] == 4 && seats[2] == 4
		}
		got := q.Tick(start, nil)
		if (len(got) > 0) != want {
			t.Fatalf("parties of %v: %d matches, want any: %v", sizes, len(got), want)
		}
		if want {
			found++
		}
	}
	if found < 100 || found > 390 {
		t.Errorf("%d of 400 cases have a match: the test shows nothing", found)
	}
}

// gap is how much stronger the strongest team of a full match is than the weakest.
func gap(m Match) float64 {
	least, most := math.Inf(1), math.Inf(-1)
	for _, team := range m.Teams {
		sum := skill(team) * float64(len(team))
		least, most = min(least, sum), max(most, sum)
	}
	return most - least
}

// The teams of small matches are as even as can be, and exchanging entries, which makes those of
// large ones, comes close to that. Both are checked against trying all teams.
func TestBalance(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const matches, seats = 60, 16
	exact, exchanged := 0.0, 0.0
	for range matches {
		group, team := make([]*waiting, seats), make([]int, seats)
		for i := range group {
			e := party(eights, fmt.Sprint(i), 25+8*rng.NormFloat64())
			group[i], team[i] = &waiting{Entry: e, skill: skill(e.Players)}, i%2
		}
		best := math.Inf(1)
		for subset := range 1 << (seats - 1) {
			if bits.OnesCount(uint(subset)) != seats/2 {
				continue
			}
			diff := 0.0
			for i, w := range group {
				diff += w.skill * float64(2*(subset>>i&1)-1)
			}
			best = min(best, math.Abs(diff))
		}
		b := &balancer{group: group, team: slices.Clone(team), size: 8, heads: make([]int, 2), strength: make([]float64, 2), average: 25}
		b.even()
		exchanged += gap(Match{Teams: playlists[eights].split(group, b.team)}) - best
		balance(group, team, 2, 8)
		exact += gap(Match{Teams: playlists[eights].split(group, team)}) - best
	}
	if exact/matches > 1e-9 || exchanged/matches > 1 {
		t.Errorf("points from the best: %v, want 0; with exchanges %v, want at most 1", exact/matches, exchanged/matches)
	}
	t.Logf("exchanges end %.3f points from the best", exchanged/matches)
}

// Sixteen teams of four cannot all be tried; exchanges even them out all the same.
func TestBalanceManyTeams(t *testing.T) {
	list := Playlist{"arena", "many"}
	q := newQueue(t, Config{Rules: map[Playlist]Rules{list: {Teams: 16, TeamSize: 4, Window: []Step{{0, 1000}}}}})
	rng := rand.New(rand.NewPCG(8, 4))
	for i, left := 0, 64; left > 0; i++ {
		mu := make([]float64, min(left, 1+i%3%2))
		for j := range mu {
			mu[j] = 25 + 8*rng.NormFloat64()
		}
		add(t, q, start, party(list, fmt.Sprint(i), mu...))
		left -= len(mu)
	}
	got := q.Tick(start, nil)
	if len(got) != 1 || got[0].BotSlots != 0 || gap(got[0]) > 10 {
		t.Fatalf("%d matches, want one whose teams are at most 10 points apart", len(got))
	}
	t.Logf("teams are %.2f points apart", gap(got[0]))
}

// Even teams are no reason to put more into one than it has seats, on whatever scale ratings are.
func TestBalanceKeepsToTheSeats(t *testing.T) {
	list := Playlist{"arena", "many"}
	q := newQueue(t, Config{Rules: map[Playlist]Rules{list: {Teams: 16, TeamSize: 4}}})
	rng := rand.New(rand.NewPCG(8, 5))
	for i := range 55 {
		add(t, q, start, party(list, fmt.Sprint(i), 1e6*rng.NormFloat64()))
	}
	for _, m := range q.Tick(start+DefaultFillAfter, nil) {
		for _, team := range m.Teams {
			if len(team) > 4 {
				t.Errorf("a team of %d: %s", len(team), names(m))
			}
		}
	}
}

// A party stays together however uneven that makes the teams, and the singles even them out.
func TestBalanceKeepsParties(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists})
	add(t, q, start, party(squads, "p", 26, 26), party(squads, "q", 25.5, 25.5))
	for i, mu := range []float64{24, 25, 25, 26} {
		add(t, q, start, party(squads, fmt.Sprint(i), mu))
	}
	got := q.Tick(start, nil)
	if len(got) != 1 || gap(got[0]) != 1 {
		t.Fatalf("match %v, want teams of 102 and 101", got)
	}
}
