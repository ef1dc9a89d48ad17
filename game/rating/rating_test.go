package rating

import (
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// The golden vectors come from another implementation; see testdata/README.md.
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/openskill.json")
	if err != nil {
		t.Fatal(err)
	}
	var matches []struct {
		Name          string
		Ranks         []int
		Before, After [][][2]float64
		Ordinal       float64
	}
	if err := json.Unmarshal(raw, &matches); err != nil {
		t.Fatal(err)
	}
	if len(matches) < 40 {
		t.Fatalf("%d golden matches, want at least 40", len(matches))
	}
	for _, m := range matches {
		t.Run(m.Name, func(t *testing.T) {
			before, want := ratings(m.Before), ratings(m.After)
			got := Update(before, m.Ranks)
			for i := range want {
				for j := range want[i] {
					if !near(got[i][j].Mu, want[i][j].Mu) || !near(got[i][j].Sigma, want[i][j].Sigma) {
						t.Errorf("team %d player %d: %v becomes %v, want %v", i, j, before[i][j], got[i][j], want[i][j])
					}
				}
			}
			if got := before[0][0].Ordinal(); !near(got, m.Ordinal) {
				t.Errorf("ordinal of %v is %v, want %v", before[0][0], got, m.Ordinal)
			}
		})
	}
}

func ratings(raw [][][2]float64) [][]Rating {
	teams := make([][]Rating, len(raw))
	for i, team := range raw {
		for _, p := range team {
			teams[i] = append(teams[i], Rating{Mu: p[0], Sigma: p[1]})
		}
	}
	return teams
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9 }

// Ten thousand matches, half of them free for all and half of them in teams, must put players in the
// order of the skill that decided those matches.
func TestFindsHiddenSkill(t *testing.T) {
	const players, matches = 100, 10_000
	rng := rand.New(rand.NewPCG(2011, 12))
	skill := make([]float64, players)
	believed := make([]Rating, players)
	for i := range skill {
		skill[i], believed[i] = 25+rng.NormFloat64()*6, Default
	}
	for n := range matches {
		teams, size := 8, 1
		if n%2 == 1 {
			teams, size = 2, 4
		}
		seats := rng.Perm(players)[:teams*size]
		played, before := make([]float64, teams), make([][]Rating, teams)
		for s, p := range seats {
			played[s/size] += skill[p] + rng.NormFloat64()*beta
			before[s/size] = append(before[s/size], believed[p])
		}
		for s, r := range slices.Concat(Update(before, places(played))...) {
			believed[seats[s]] = r
		}
	}
	ordinals := make([]float64, players)
	for i, r := range believed {
		ordinals[i] = r.Ordinal()
	}
	if got := spearman(skill, ordinals); got < 0.95 {
		t.Errorf("rank correlation of skill and ordinal is %.3f, want at least 0.95", got)
	} else {
		t.Logf("rank correlation %.4f", got)
	}
}

// places ranks performances: the highest is 0.
func places(played []float64) []int {
	order := make([]int, len(played))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(played[b], played[a]) })
	at := make([]int, len(played))
	for place, i := range order {
		at[i] = place
	}
	return at
}

// spearman is the rank correlation of two samples without ties.
func spearman(a, b []float64) float64 {
	sum, n := 0.0, float64(len(a))
	pa, pb := places(a), places(b)
	for i := range pa {
		d := float64(pa[i] - pb[i])
		sum += d * d
	}
	return 1 - 6*sum/(n*(n*n-1))
}

func TestUpdateKeepsItsArguments(t *testing.T) {
	teams, ranks := [][]Rating{{Default}, {{30, 2}, {10, 4}}}, []int{2, 1}
	Update(teams, ranks)
	if teams[0][0] != Default || teams[1][0] != (Rating{30, 2}) || teams[1][1] != (Rating{10, 4}) || ranks[0] != 2 {
		t.Errorf("arguments became %v %v", teams, ranks)
	}
}

func TestUpdateOfNoContest(t *testing.T) {
	if got := Update([][]Rating{{Default, {30, 2}}}, []int{1}); got[0][0] != Default || got[0][1] != (Rating{30, 2}) {
		t.Errorf("a match of one team changed ratings to %v", got)
	}
	if got := Update(nil, nil); len(got) != 0 {
		t.Errorf("a match of nobody rates %v", got)
	}
}

func TestUpdateRefuses(t *testing.T) {
	for name, call := range map[string]func(){
		"a rank missing": func() { Update([][]Rating{{Default}, {Default}}, []int{1}) },
		"an empty team":  func() { Update([][]Rating{{Default}, {}}, []int{1, 2}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}

// Whatever happens, ratings stay numbers, and the winner of a match loses nothing by it.
func TestUpdateStaysSane(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 2 + rng.IntN(30)
		teams, ranks := make([][]Rating, n), rng.Perm(n)
		for i := range teams {
			for range 1 + rng.IntN(32) {
				teams[i] = append(teams[i], Rating{Mu: rng.Float64()*4000 - 2000, Sigma: math.Exp(rng.Float64()*12 - 8)})
			}
		}
		for i, team := range Update(teams, ranks) {
			for j, r := range team {
				if math.IsNaN(r.Mu) || math.IsInf(r.Mu, 0) || !(r.Sigma > 0) || math.IsInf(r.Sigma, 0) {
					t.Fatalf("%v becomes %v", teams[i][j], r)
				}
				if ranks[i] == 0 && r.Mu < teams[i][j].Mu {
					t.Fatalf("winning took %v to %v", teams[i][j], r)
				}
			}
		}
	}
}

func TestWinChanceAndQuality(t *testing.T) {
	strong, weak := Rating{40, 1}, Rating{10, 1}
	for _, c := range []struct {
		name                  string
		teams                 [][]Rating
		first                 [2]float64 // bounds of the first team's chance
		lowQuality, upQuality float64
	}{
		{"equals", [][]Rating{{Default}, {Default}}, [2]float64{0.5, 0.5}, 1, 1},
		{"eight equals", [][]Rating{{weak}, {weak}, {weak}, {weak}, {weak}, {weak}, {weak}, {weak}}, [2]float64{0.125, 0.125}, 1, 1},
		{"equal sums", [][]Rating{{strong, weak}, {{25, 1}, {25, 1}}}, [2]float64{0.5, 0.5}, 1, 1},
		{"strong and weak", [][]Rating{{strong}, {weak}}, [2]float64{0.99, 0.999}, 0.1, 0.2},
		{"weak and strong", [][]Rating{{weak}, {strong}}, [2]float64{0.001, 0.01}, 0.1, 0.2},
		{"less is known", [][]Rating{{{40, 8}}, {{10, 8}}}, [2]float64{0.85, 0.95}, 0.5, 0.7},
		{"one hopeless of four", [][]Rating{{strong}, {strong}, {strong}, {weak}}, [2]float64{0.3, 0.334}, 0.5, 0.8},
		{"alone", [][]Rating{{strong}}, [2]float64{1, 1}, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			chances, total := WinChance(c.teams), 0.0
			for _, p := range chances {
				total += p
			}
			const slack = 1e-12
			if chances[0] < c.first[0]-slack || chances[0] > c.first[1]+slack || !near(total, 1) {
				t.Errorf("chances %v (sum %v), want the first in %v", chances, total, c.first)
			}
			if q := Quality(c.teams); q < c.lowQuality-slack || q > c.upQuality+slack {
				t.Errorf("quality %v, want %v to %v", q, c.lowQuality, c.upQuality)
			}
		})
	}
}
