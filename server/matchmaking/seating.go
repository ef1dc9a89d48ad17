package matchmaking

// maxSteps bounds the search for a seating. A search that is not hopeless takes about one step for
// each seat; one that was given up counts as failed, and its people wait for easier company.
const maxSteps = 2000

// seating looks for a way to seat entries in teams so that every seat is taken. To a team entries
// differ by their size only, so it works with the number of entries of each size; an empty seat is
// an entry of one. It is bin packing with few sizes, solved by trying the largest first.
type seating struct {
	teams, size int   // teams, and seats in each
	have        []int // how many entries there are, by size
	plan        []place
	steps       int
}

// place is for an entry of some size, in a team.
type place struct{ team, size int }

// reset begins with a first entry, which sits in team 0, and no others.
func (s *seating) reset(teams, size, first int) {
	s.teams, s.size = teams, size
	s.have = append(s.have[:0], make([]int, size+1)...)
	s.plan = append(s.plan[:0], place{0, first})
}

// solve finds a plan from what there is. What it says holds until the next call.
func (s *seating) solve() bool {
	s.plan, s.steps = s.plan[:1], maxSteps
	return s.fill(0, s.size-s.plan[0].size, s.size)
}

// fill seats the rest of a team, in entries of at most this size, and all teams after it.
func (s *seating) fill(team, left, most int) bool {
	if left == 0 {
		return team+1 == s.teams || s.fill(team+1, s.size, s.size)
	}
	for n := min(left, most); n > 0; n-- {
		if s.have[n] == 0 {
			continue
		}
		if s.steps--; s.steps < 0 {
			return false
		}
		s.have[n]--
		s.plan = append(s.plan, place{team, n})
		solved := s.fill(team, left-n, n)
		s.have[n]++
		if solved {
			return true
		}
		s.plan = s.plan[:len(s.plan)-1]
	}
	return false
}

// assign gives the plan's places to entries, the first of which is the plan's first; of each size
// those that come first get one. It returns who was seated, and where.
func (s *seating) assign(entries []*waiting) (group []*waiting, team []int) {
	places := s.plan
	for _, w := range entries {
		for i, p := range places {
			if p.size == len(w.Players) {
				group, team = append(group, w), append(team, p.team)
				places[i] = places[len(places)-1]
				places = places[:len(places)-1]
				break
			}
		}
	}
	return group, team
}
