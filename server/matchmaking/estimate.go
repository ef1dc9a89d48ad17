package matchmaking

import (
	"math"

	"hindsight/protocol"
)

const (
	// bandPoints is how much skill a band of waits spans.
	bandPoints = 5
	// bands is how many there are; the outer ones are open.
	bands = 10
	// everyone is the band of all.
	everyone = -1
	// weight is what the newest wait counts in the average: about ten of them make it up.
	weight = 0.1
	// stale is when waits of another time of day say nothing about now.
	stale = 600 * protocol.Second
)

// band are those whose waits are alike.
type band struct {
	ground
	level int
}

// average is an exponentially weighted moving average of waits, in microseconds.
type average struct {
	wait float64
	last protocol.Micros // when a wait was added
}

func levelOf(skill float64) int {
	return int(min(max(math.Floor(skill/bandPoints), 0), bands-1))
}

// learn takes in a wait that has ended with a match.
func (q *Queue) learn(w *waiting, wait protocol.Micros) {
	end := w.Since + wait
	for _, level := range [...]int{levelOf(w.skill), everyone} {
		b := band{ground{w.Playlist, w.Region}, level}
		a, ok := q.waits[b]
		if !ok || end-a.last > stale {
			a.wait = float64(wait)
		}
		a.wait += weight * (float64(wait) - a.wait)
		a.last = max(a.last, end)
		q.waits[b] = a
	}
}

// Estimate returns how much longer an entry will wait, or would if it was added now: what people of
// its skill waited lately, or else people of any skill, or else Rules.StartAfter. With bots it is
// never more than what is left until FillAfter. It returns 0 for a playlist without rules.
func (q *Queue) Estimate(now protocol.Micros, e Entry) protocol.Micros {
	rules, ok := q.rules[e.Playlist]
	if !ok || len(e.Players) == 0 {
		return 0
	}
	wait := rules.StartAfter
	for _, level := range [...]int{everyone, levelOf(skill(e.Players))} {
		if a, ok := q.waits[band{ground{e.Playlist, e.Region}, level}]; ok && now-a.last <= stale {
			wait = protocol.Micros(a.wait)
		}
	}
	if !rules.NoBots {
		wait = min(wait, rules.FillAfter)
	}
	if w := q.entries[e.ID]; w != nil {
		wait -= now - w.Since
	}
	return max(wait, 0)
}
