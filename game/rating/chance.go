package rating

import "math"

// WinChance returns each team's chance to come first, by the model's first choice (see surprise).
// The chances add up to 1. Uncertain ratings draw them together: who knows nothing predicts nothing.
// It panics if a team is empty.
func WinChance(teams [][]Rating) []float64 {
	sides, c := sum(teams)
	chances := make([]float64, len(sides))
	best, total := math.Inf(-1), 0.0
	for _, s := range sides {
		best = max(best, s.mu)
	}
	for i, s := range sides {
		chances[i] = math.Exp((s.mu - best) / c)
		total += chances[i]
	}
	for i := range chances {
		chances[i] /= total
	}
	return chances
}

// Quality says how even a match would be: 1 if all teams have the same chance to win, towards 0 if
// the winner is certain. It is the geometric mean of the chances over their arithmetic mean, so one
// hopeless team spoils a match of many, which an average would hide. Matches of less than two teams
// are even. It panics if a team is empty.
func Quality(teams [][]Rating) float64 {
	if len(teams) < 2 {
		return 1
	}
	sides, c := sum(teams)
	mean, best := 0.0, math.Inf(-1)
	for _, s := range sides {
		mean += s.mu / float64(len(sides))
		best = max(best, s.mu)
	}
	total := 0.0
	for _, s := range sides {
		total += math.Exp((s.mu - best) / c)
	}
	// The geometric mean of exp(mu/c) is exp of the mean; both means are taken from the strongest.
	return math.Exp((mean-best)/c) * float64(len(sides)) / total
}
