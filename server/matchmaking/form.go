package matchmaking

import (
	"math"
	"sort"

	"hindsight/protocol"
)

// former makes new matches of a pool's people.
type former struct {
	rules Rules
	line  *line
	seating
	near []*waiting // the one that is served, then others, the nearest first
}

// form appends the pool's new matches, for who waits longest first.
func (q *Queue) form(out []Match, now protocol.Micros, p *pool) []Match {
	f := &former{rules: p.rules, line: newLine(p.queue)}
	for _, w := range p.queue {
		if w.match != 0 {
			continue
		}
		group, team, size := f.serve(w, now-w.Since)
		if group == nil {
			continue
		}
		for _, w := range group {
			f.line.leave(w)
		}
		m := Match{}
		if !p.rules.free() {
			balance(group, team, p.rules.Teams, size)
		}
		if !p.rules.NoBots {
			m.BotSlots = p.rules.seats() - people(group)
		}
		m.Teams = p.rules.split(group, team)
		out = append(out, q.propose(now, p, m, group))
	}
	p.sweep()
	return out
}

func people(group []*waiting) int {
	n := 0
	for _, w := range group {
		n += len(w.Players)
	}
	return n
}

// serve finds a match for an entry after a wait, or nil. It returns how many seats a team has: with
// NoBots that may be fewer than the rules give it.
func (f *former) serve(w *waiting, wait protocol.Micros) (group []*waiting, team []int, size int) {
	r, reach := f.rules, f.rules.reach(wait)
	size = r.TeamSize
	if group, team = f.full(w, reach, size); group != nil || wait < r.StartAfter {
		return group, team, size
	}
	if r.NoBots && !r.free() {
		for size--; size >= len(w.Players) && size*r.Teams >= r.MinPlayers; size-- {
			if group, team = f.full(w, reach, size); group != nil {
				return group, team, size
			}
		}
		return nil, nil, 0
	}
	group, team = f.most(w, reach)
	if n := people(group); n >= r.MinPlayers || wait >= r.FillAfter && !r.NoBots {
		return group, team, size
	}
	return nil, nil, 0
}

// full seats w with the people nearest to him so that teams of this size have no free seat: it finds
// the smallest neighbourhood of his that has such a match in it.
func (f *former) full(w *waiting, reach float64, size int) (group []*waiting, team []int) {
	missing := f.rules.Teams*size - len(w.Players)
	if f.line.people < missing+len(w.Players) {
		return nil, nil
	}
	f.near = f.line.around(append(f.near[:0], w), w, reach, missing)
	if people(f.near[1:]) < missing {
		return nil, nil
	}
	n := len(f.near)
	if !f.fits(n, size) {
		// Their sizes do not add up. More people only help, so the bound can be found by bisection.
		f.near = f.line.around(f.near[:1], w, reach, math.MaxInt)
		all := len(f.near)
		if !f.fits(all, size) {
			return nil, nil
		}
		n += sort.Search(all-n, func(i int) bool { return f.fits(n+i, size) })
		if !f.fits(n, size) {
			return nil, nil // the search was given up this time
		}
	}
	return f.assign(f.near[:n])
}

// fits reports that the first n of those near can fill teams of this size, with the very first.
func (f *former) fits(n, size int) bool {
	f.reset(f.rules.Teams, size, len(f.near[0].Players))
	for _, w := range f.near[1:n] {
		if len(w.Players) <= size {
			f.have[len(w.Players)]++
		}
	}
	return f.solve()
}

// most seats as many of the people nearest to w as find room.
func (f *former) most(w *waiting, reach float64) (group []*waiting, team []int) {
	f.near = f.line.around(append(f.near[:0], w), w, reach, math.MaxInt)
	f.reset(f.rules.Teams, f.rules.TeamSize, len(w.Players))
	empty, largest := f.rules.seats()-len(w.Players), f.rules.TeamSize
	f.have[1] = empty
	kept := f.near[:1]
	for _, o := range f.near[1:] {
		n := len(o.Players)
		if n > empty || n > largest {
			continue
		}
		if n > 1 && !f.squeeze(n) {
			largest = n - 1 // who comes later finds less room, not more
			continue
		}
		empty -= n
		kept = append(kept, o)
	}
	f.solve() // again, for the plan; it was solved with the last who was squeezed in
	return f.assign(kept)
}

// squeeze takes a party of n instead of n empty seats, if that leaves a place for everybody.
func (f *former) squeeze(n int) bool {
	f.have[1] -= n
	f.have[n]++
	if f.solve() {
		return true
	}
	f.have[1] += n
	f.have[n]--
	return false
}
