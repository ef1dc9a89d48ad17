package matchmaking

import (
	"math"
	"slices"

	"hindsight/protocol"
)

// opening is a running room while people are sent into it.
type opening struct {
	*Room
	free  []int // what is left of Room.Free
	group []*waiting
	team  []int // of each in group
}

// backfill sends people of a pool into running rooms, who waits longest first.
func (q *Queue) backfill(out []Match, now protocol.Micros, p *pool, rooms []Room) []Match {
	var open []*opening
	for i := range rooms {
		r := &rooms[i]
		if (ground{r.Playlist, r.Region}) == p.ground && len(r.Free) == p.rules.Teams {
			open = append(open, &opening{Room: r, free: slices.Clone(r.Free)})
		}
	}
	if len(open) == 0 {
		return out
	}
	for _, w := range p.queue {
		if o, team := nearest(open, w, p.rules.reach(now-w.Since)); o != nil {
			o.free[team] -= len(w.Players)
			o.group, o.team = append(o.group, w), append(o.team, team)
			w.match = math.MaxUint64 // until the proposal has a number
		}
	}
	for _, o := range open {
		if len(o.group) > 0 {
			m := Match{Room: o.ID, Teams: p.rules.split(o.group, o.team)}
			out = append(out, q.propose(now, p, m, o.group))
		}
	}
	p.sweep()
	return out
}

// nearest returns the room that fits an entry best, and its team with the most free seats: the room
// nearest in skill; of those as near the one with the fewest free seats, since people look for
// people. A room with nobody in it is as far away as the window reaches.
func nearest(open []*opening, w *waiting, reach float64) (best *opening, team int) {
	least, fewest := math.Inf(1), 0
	for _, o := range open {
		emptiest, free := 0, 0
		for i, n := range o.free {
			free += max(n, 0)
			if n > o.free[emptiest] {
				emptiest = i
			}
		}
		gap := reach
		if o.Rating.Sigma > 0 {
			gap = math.Abs(o.Rating.Mu - w.skill)
		}
		if o.free[emptiest] < len(w.Players) || gap > reach {
			continue
		}
		if best == nil || gap < least || gap == least && free < fewest {
			best, team, least, fewest = o, emptiest, gap, free
		}
	}
	return best, team
}

// split lays a match's people out by team.
func (r Rules) split(group []*waiting, team []int) [][]Member {
	var teams [][]Member
	if !r.free() {
		teams = make([][]Member, r.Teams)
	}
	for i, w := range group {
		for _, m := range w.Players {
			if r.free() {
				teams = append(teams, []Member{m})
			} else {
				teams[team[i]] = append(teams[team[i]], m)
			}
		}
	}
	return teams
}
