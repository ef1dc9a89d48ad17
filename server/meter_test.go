package server

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

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
	m.Flush()
	m.Flush() // of nothing
	n := m.node
	for f, c := range []prometheus.Counter{n.InputsUsed, n.InputsLate, n.InputsStale, n.InputsEarly, n.InputsRepeated, n.InputsFlooded, n.InputsMissing} {
		if got := testutil.ToFloat64(c); got != float64(f)+1 {
			t.Errorf("%v counts %v, want %d", room.Fate(f), got, f+1)
		}
	}
}

func TestMeterShots(t *testing.T) {
	m := newMeter(metrics.New(nil))
	m.Shot(&game.Shot{Target: 3})
	m.Shot(&game.Shot{Clamp: game.ClampAge})
	m.Flush()
	if shots, hits := testutil.ToFloat64(m.node.Shots), testutil.ToFloat64(m.node.Hits); shots != 2 || hits != 1 {
		t.Errorf("%v shots and %v hits, want 2 and 1", shots, hits)
	}
	if aged := testutil.ToFloat64(m.node.Clamps[game.ClampAge]); aged != 1 {
		t.Errorf("%v shots with an old view, want 1", aged)
	}
}

// Every number of a room reaches its histogram, however many there are between two flushes.
func TestMeterLosesNothing(t *testing.T) {
	m := newMeter(metrics.New(nil))
	want := map[*metrics.Histogram]int{}
	for i := range 1000 {
		for _, call := range []struct {
			to *metrics.Histogram
			f  func()
		}{
			{m.node.TickSeconds, func() { m.Tick(300, 2000) }}, {m.node.EncodeSeconds, func() { m.Encode(400) }},
			{m.node.MarginSeconds, func() { m.Arrival(-300) }}, {m.node.InputWaitSeconds, func() { m.Used(1 << 40) }},
			{m.node.SendWaitSeconds, func() { m.Sent(80) }}, {m.node.RTTSeconds, func() { m.RoundTrip(52_000) }},
			{m.node.SnapshotBytes, func() { m.Snapshot(700, replication.Parts{OwnBits: 160, EntityBits: 4800}) }},
		} {
			if (i+want[call.to])%3 == 0 {
				call.f()
				want[call.to]++
			}
		}
		if i%300 == 299 {
			m.Flush()
		}
	}
	m.Flush()
	for h, n := range want {
		var got dto.Metric
		if err := h.Write(&got); err != nil || got.Histogram.GetSampleCount() != uint64(n) {
			t.Errorf("%v holds %d numbers, want %d; %v", h.Desc(), got.Histogram.GetSampleCount(), n, err)
		}
	}
	n := float64(want[m.node.SnapshotBytes])
	if own, ents, rest := testutil.ToFloat64(m.node.OwnBytes), testutil.ToFloat64(m.node.EntityBytes), testutil.ToFloat64(m.node.RestBytes); own != 20*n || ents != 600*n || rest != 80*n {
		t.Errorf("%v, %v and %v bytes of %v snapshots", own, ents, rest, n)
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
		m.Snapshot(700, replication.Parts{OwnBits: 160, EntityBits: 4800})
		m.Encode(400)
		m.Arrival(-300)
		m.Used(4000)
		m.View(game.ClampAge)
		m.Sent(80)
		m.RoundTrip(52_000)
		m.Report(&report)
		m.Skipped()
		m.Shot(&shot)
		m.Flush()
	}); n > 0.1 { // a native bucket of a report's is made when it is first hit
		t.Errorf("%v allocations a tick, want none", n)
	}
}
