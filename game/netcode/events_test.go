package netcode

import (
	"slices"
	"testing"

	"hindsight/protocol"
)

func TestEventsWaitForTheirTick(t *testing.T) {
	const stale = 30
	at := func(tick protocol.Tick) *protocol.Event { return &protocol.Event{Kind: 5, Tick: tick} }
	var q events
	kept := at(50).Kept()
	q.later(at(100))
	q.later(at(103))
	q.later(at(51))
	q.later(&kept)
	q.now(at(110)) // one's own
	steps := []struct {
		view protocol.Tick
		want []protocol.Tick
	}{
		{99, []protocol.Tick{110, 50}},
		{100, []protocol.Tick{100}},
		{102, nil},
		{105, []protocol.Tick{103}},
		{200, nil},
	}
	for _, s := range steps {
		var got []protocol.Tick
		for _, e := range q.due(s.view, stale) {
			got = append(got, e.Tick)
		}
		if !slices.Equal(got, s.want) {
			t.Errorf("at %d: %v, want %v", s.view, got, s.want)
		}
	}
}

func TestEventsNobodyDrewInTimeAreDropped(t *testing.T) {
	const stale = 30
	var q events
	for tick := protocol.Tick(1); tick <= 100; tick++ {
		q.later(&protocol.Event{Tick: tick})
	}
	if got := q.due(90, stale); len(got) != stale || got[0].Tick != 61 {
		t.Errorf("%d events, the first of tick %d", len(got), got[0].Tick)
	}
	if q.dropped != 60 || len(q.waiting) != 10 {
		t.Errorf("%d dropped, %d waiting", q.dropped, len(q.waiting))
	}
	for range eventsMax + 20 {
		q.later(&protocol.Event{Tick: 1000})
		q.now(&protocol.Event{Tick: 1000})
	}
	if len(q.waiting) != eventsMax || len(q.soon) != eventsMax {
		t.Errorf("%d and %d events are kept for nobody", len(q.waiting), len(q.soon))
	}
}
