package server

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"hindsight/game"
	"hindsight/protocol/frame"
	"hindsight/server/metrics"
	"hindsight/server/replication"
	"hindsight/server/room"
)

// Every fate has a counter, and no two share one.
func TestMeterCountsEveryFate(t *testing.T) {
	m := newMeter(metrics.New(nil))
	for f := room.Fate(0); f < room.Fates; f++ {
		m.Command(f, int(f)+1)
	}
	for f := room.Fate(0); f < room.Fates; f++ {
		if got := testutil.ToFloat64(m.fates[f]); got != float64(f)+1 {
			t.Errorf("%v counts %v, want %d", f, got, f+1)
		}
	}
}

func TestMeterShots(t *testing.T) {
	m := newMeter(metrics.New(nil))
	m.Shot(&game.Shot{Target: 3})
	m.Shot(&game.Shot{Clamp: game.ClampAge})
	if shots, hits := testutil.ToFloat64(m.Shots), testutil.ToFloat64(m.Hits); shots != 2 || hits != 1 {
		t.Errorf("%v shots and %v hits, want 2 and 1", shots, hits)
	}
	if aged := testutil.ToFloat64(m.Clamps[game.ClampAge]); aged != 1 {
		t.Errorf("%v shots with an old view, want 1", aged)
	}
}

// A room calls these in its tick.
func TestMeterAllocatesNothing(t *testing.T) {
	m := newMeter(metrics.New(nil))
	shot := game.Shot{Target: 1}
	report := frame.Report{Frames: 60, FrameMean: 67}
	if n := testing.AllocsPerRun(100, func() {
		m.Tick(300, 2000)
		m.Command(room.FateUsed, 1)
		m.Snapshot(700, replication.Parts{Own: 20, Entities: 600})
		m.Encode(400)
		m.Arrival(-300)
		m.Used(4000)
		m.View(game.ClampAge)
		m.Sent(80)
		m.RoundTrip(52_000)
		m.Report(&report)
		m.Skipped()
		m.Shot(&shot)
	}); n > 0.1 { // a native bucket is made when it is first hit
		t.Errorf("%v allocations a tick, want none", n)
	}
}
