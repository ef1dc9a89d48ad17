package matchmaking

import (
	"cmp"
	"math"
	"slices"
)

// line is a pool in order of skill. Those who are seated step out, so that looking for somebody's
// neighbours costs the same however many were seated before.
type line struct {
	at         []*waiting
	next, prev []int // of each who is in the line; len(at) and -1 beyond its ends
	people     int   // in the line
}

func newLine(queue []*waiting) *line {
	l := &line{at: slices.Clone(queue), next: make([]int, len(queue)), prev: make([]int, len(queue))}
	slices.SortFunc(l.at, func(a, b *waiting) int { return cmp.Or(cmp.Compare(a.skill, b.skill), older(a, b)) })
	for i, w := range l.at {
		w.spot, l.next[i], l.prev[i] = i, i+1, i-1
		l.people += len(w.Players)
	}
	return l
}

// leave takes an entry out.
func (l *line) leave(w *waiting) {
	before, after := l.prev[w.spot], l.next[w.spot]
	if before >= 0 {
		l.next[before] = after
	}
	if after < len(l.at) {
		l.prev[after] = before
	}
	l.people -= len(w.Players)
}

// around appends the others within reach of w, the nearest in skill first, until they are at least
// so many people or there are no more.
func (l *line) around(to []*waiting, w *waiting, reach float64, people int) []*waiting {
	weaker, stronger := l.prev[w.spot], l.next[w.spot]
	for people > 0 {
		below, above := math.Inf(1), math.Inf(1)
		if weaker >= 0 {
			below = w.skill - l.at[weaker].skill
		}
		if stronger < len(l.at) {
			above = l.at[stronger].skill - w.skill
		}
		if min(below, above) > reach || weaker < 0 && stronger >= len(l.at) {
			break
		}
		// Of two as near, the one that waits longer.
		if below < above || below == above && older(l.at[weaker], l.at[stronger]) < 0 {
			to = append(to, l.at[weaker])
			weaker = l.prev[weaker]
		} else {
			to = append(to, l.at[stronger])
			stronger = l.next[stronger]
		}
		people -= len(to[len(to)-1].Players)
	}
	return to
}
