package matchmaking

import "math"

const (
	// maxExact is up to how many ways of seating entries in teams are all looked at. It covers
	// 8 against 8 with everybody alone, in about a tenth of a millisecond.
	maxExact = 1 << 15
	// headWeight makes even numbers come before even strength: one player more or less weighs as
	// much as a thousand points of rating.
	headWeight = 1e6
)

// balance moves entries between teams of a size so that the teams are as even as possible: first in
// the number of people, then in strength, which is the sum of a team's ratings with a player of
// average skill in each empty seat. Few entries are laid out in the best way there is; many are
// exchanged as long as an exchange helps. team holds a valid seating before and after.
func balance(group []*waiting, team []int, teams, size int) {
	b := &balancer{group: group, team: team, size: size, heads: make([]int, teams), strength: make([]float64, teams)}
	for _, w := range group {
		b.average += w.skill * float64(len(w.Players))
	}
	b.average /= float64(people(group))
	if math.Pow(float64(teams), float64(len(group)-1)) <= maxExact {
		b.layOut()
	} else {
		b.even()
	}
}

// balancer is the state of balancing one match.
type balancer struct {
	group   []*waiting
	team    []int // of each in group
	size    int
	average float64 // skill of the match's people

	// Of each team: how many people it has and how much stronger they are than average ones.
	heads    []int
	strength []float64

	best  float64 // the least cost seen by try
	found []int   // its teams
}

// put adds an entry to a team (sign 1) or takes it out (sign -1).
func (b *balancer) put(i, team, sign int) {
	w := b.group[i]
	b.heads[team] += sign * len(w.Players)
	b.strength[team] += float64(sign) * (w.skill - b.average) * float64(len(w.Players))
}

// cost is what a team adds to the unevenness of the match. The sums of heads and of strengths over
// all teams are fixed, so the sums of their squares are least when all are equal.
func (b *balancer) cost(team int) float64 {
	return headWeight*float64(b.heads[team]*b.heads[team]) + b.strength[team]*b.strength[team]
}

// layOut finds the best teams there are.
func (b *balancer) layOut() {
	b.best, b.found = math.Inf(1), make([]int, len(b.group))
	b.try(0, 0)
	copy(b.team, b.found)
}

// try lays out the entries from i on in all ways, and keeps the best. Teams are alike, so the first
// entry to enter an empty one enters the first such.
func (b *balancer) try(i, used int) {
	if i == len(b.group) {
		total := 0.0
		for t := range b.heads {
			total += b.cost(t)
		}
		if total < b.best {
			b.best = total
			copy(b.found, b.team)
		}
		return
	}
	for t := range min(used+1, len(b.heads)) {
		if b.heads[t]+len(b.group[i].Players) > b.size {
			continue
		}
		b.team[i] = t
		b.put(i, t, 1)
		b.try(i+1, max(used, t+1))
		b.put(i, t, -1)
	}
}

// even exchanges entries as long as that helps; four times each is far more than it ever takes.
func (b *balancer) even() {
	for i, t := range b.team {
		b.put(i, t, 1)
	}
	for rounds := 0; rounds < 4*len(b.group) && b.improve(); rounds++ {
	}
}

// improve makes those exchanges of two entries, and moves of one, that help. It returns false if
// there are none.
func (b *balancer) improve() bool {
	improved := false
	for i := range b.group {
		for t := range b.heads {
			improved = b.exchange(i, -1, t) || improved
		}
		for j := range i {
			improved = b.exchange(i, j, b.team[j]) || improved
		}
	}
	return improved
}

// exchange moves entry i to a team, and j, unless it is -1, from there to where i was. If the match
// is not more even then, it takes that back and returns false.
func (b *balancer) exchange(i, j, to int) bool {
	from := b.team[i]
	if from == to {
		return false
	}
	before := b.cost(from) + b.cost(to)
	b.swap(i, j, from, to)
	// The margin keeps rounding from passing for progress.
	if b.heads[from] <= b.size && b.heads[to] <= b.size && b.cost(from)+b.cost(to) < before-1e-6 {
		return true
	}
	b.swap(i, j, to, from)
	return false
}

func (b *balancer) swap(i, j, from, to int) {
	b.put(i, from, -1)
	b.put(i, to, 1)
	b.team[i] = to
	if j >= 0 {
		b.put(j, to, -1)
		b.put(j, from, 1)
		b.team[j] = from
	}
}
