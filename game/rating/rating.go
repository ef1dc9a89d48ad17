// Package rating estimates how well players play from how their matches end.
//
// It is the Bayesian method of R. C. Weng and C.-J. Lin, "A Bayesian Approximation Method for Online
// Ranking", Journal of Machine Learning Research 12 (2011), 267-300, Algorithm 4: the Plackett-Luce
// model, which orders any number of teams of any size, ties included. Parameters and the slow return
// of uncertainty are those of the OpenSkill family of libraries, with whose results ours agree.
//
//	after := rating.Update([][]rating.Rating{{ann}, {bob, cid}}, []int{2, 1}) // bob and cid won
//
// The package is pure and keeps nothing. Unlike simulation it uses floats: a rating is computed once,
// where the match is recorded, and never replayed. Products that are added are rounded first, so the
// compiler fuses none of them; what remains between machines is the last bit of math.Exp.
package rating

import (
	"fmt"
	"math"
)

// The model's parameters, in points of rating.
const (
	// beta is the spread of one player's performance from match to match.
	beta = 25.0 / 6
	// tau is the uncertainty that every match adds, so that no rating freezes for ever.
	tau = 25.0 / 300
	// kappa keeps a variance positive; see equations (28) and (44).
	kappa = 1e-4
	// doubts is how many standard deviations Ordinal takes off.
	doubts = 3
)

// Rating is what is believed of a player's skill: a normal distribution. The zero value is not a
// rating; see Default.
type Rating struct {
	// Mu is the mean.
	Mu float64
	// Sigma is the standard deviation; above 0.
	Sigma float64
}

// Default is the rating of a player of whom nothing is known. Its Ordinal is 0.
var Default = Rating{Mu: 25, Sigma: 25.0 / 3}

// Ordinal is one number to order players by: a skill that the player has almost certainly. It rises
// with certainty as well as with skill, so one lucky match does not lead a leaderboard.
func (r Rating) Ordinal() float64 { return r.Mu - float64(doubts*r.Sigma) }

// Update returns the ratings after a match, in the order of its arguments. Ranks holds each team's
// place, smaller is better, equal is a tie; only their order counts. A team is judged as the sum of
// its players, and each takes the share of the correction that his uncertainty has in the team's.
// A match of less than two teams says nothing and changes nothing.
//
// The arguments are not changed. It panics if there is not one rank for each team or a team is empty.
func Update(teams [][]Rating, ranks []int) [][]Rating {
	if len(ranks) != len(teams) {
		panic(fmt.Sprintf("rating: %d ranks for %d teams", len(ranks), len(teams)))
	}
	after := make([][]Rating, len(teams))
	for i, team := range teams {
		after[i] = make([]Rating, len(team))
		copy(after[i], team)
	}
	if len(teams) < 2 {
		return after
	}
	for _, team := range after {
		for j := range team {
			team[j].Sigma = math.Sqrt(float64(team[j].Sigma*team[j].Sigma) + float64(tau*tau))
		}
	}
	sides, c := sum(after)
	omega, delta := surprise(sides, ranks, c)
	for i, team := range after {
		// gamma slows the fall of uncertainty where a team was well known: the paper's choice.
		gamma := math.Sqrt(sides[i].variance) / c
		for j := range team {
			v := float64(team[j].Sigma * team[j].Sigma)
			team[j].Mu += float64(v / c * omega[i])
			shrink := float64(v / float64(c*c) * delta[i] * gamma)
			team[j].Sigma *= math.Sqrt(math.Max(1-shrink, kappa))
		}
	}
	return after
}

// side is a team as the model sees it: one competitor.
type side struct{ mu, variance float64 }

// sum adds up each team, and returns with them c, the scale of the whole match: the standard
// deviation of all performances together.
func sum(teams [][]Rating) (sides []side, c float64) {
	sides = make([]side, len(teams))
	total := 0.0
	for i, team := range teams {
		if len(team) == 0 {
			panic(fmt.Sprintf("rating: team %d is empty", i))
		}
		for _, r := range team {
			sides[i].mu += r.Mu
			sides[i].variance += float64(r.Sigma * r.Sigma)
		}
		total += sides[i].variance + float64(beta*beta)
	}
	return sides, math.Sqrt(total)
}

// surprise returns, for each team, how far the outcome lies from what was expected (omega, the first
// derivative of the log likelihood, above 0 for better than expected) and how much it tells (delta,
// the second).
//
// The model sees a match as a row of choices: the winner is drawn from all teams with a chance in
// proportion to exp(mu/c), the second from those that remain, and so on. Tied teams share one choice.
func surprise(sides []side, ranks []int, c float64) (omega, delta []float64) {
	omega, delta = make([]float64, len(sides)), make([]float64, len(sides))
	for q, rank := range ranks {
		// The choice that team q won: among all that were placed like it or behind it. Exponents are
		// taken from the strongest, so that they cannot overflow.
		best, tied := math.Inf(-1), 0
		for s := range sides {
			if ranks[s] >= rank {
				best = max(best, sides[s].mu)
			}
			if ranks[s] == rank {
				tied++
			}
		}
		total := 0.0
		for s := range sides {
			if ranks[s] >= rank {
				total += math.Exp((sides[s].mu - best) / c)
			}
		}
		for i := range sides {
			if ranks[i] < rank {
				continue
			}
			chance := math.Exp((sides[i].mu-best)/c) / total
			won := 0.0
			if i == q {
				won = 1
			}
			omega[i] += (won - chance) / float64(tied)
			delta[i] += float64(chance*(1-chance)) / float64(tied)
		}
	}
	return omega, delta
}
