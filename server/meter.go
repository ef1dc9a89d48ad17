package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/server/metrics"
	"hindsight/server/room"
)

// meter puts what rooms measure into the node's metrics.
type meter struct {
	*metrics.Metrics
	fates [room.Fates]prometheus.Counter
}

var _ room.Meter = (*meter)(nil)

func newMeter(m *metrics.Metrics) *meter {
	return &meter{Metrics: m, fates: [room.Fates]prometheus.Counter{
		room.FateUsed: m.InputsUsed, room.FateLate: m.InputsLate, room.FateStale: m.InputsStale, room.FateEarly: m.InputsEarly,
		room.FateRepeated: m.InputsRepeated, room.FateFlooded: m.InputsFlooded, room.FateMissing: m.InputsMissing,
	}}
}

// seconds is a Micros in the unit of Prometheus.
func seconds(d protocol.Micros) float64 { return float64(d) / float64(protocol.Second) }

// Tick implements room.Meter.
func (m *meter) Tick(late, took protocol.Micros) {
	m.LateSeconds.Observe(seconds(late))
	m.TickSeconds.Observe(seconds(took))
}

// Overrun implements room.Meter.
func (m *meter) Overrun(ticks int) { m.Overruns.Add(float64(ticks)) }

// Command implements room.Meter.
func (m *meter) Command(f room.Fate, n int) { m.fates[f].Add(float64(n)) }

// Snapshot implements room.Meter.
func (m *meter) Snapshot(bytes int) { m.SnapshotBytes.Observe(float64(bytes)) }

// Skipped implements room.Meter.
func (m *meter) Skipped() { m.SnapshotsSkipped.Inc() }

// Shot implements room.Meter.
func (m *meter) Shot(s *game.Shot) {
	m.Shots.Inc()
	if s.Target != 0 {
		m.Hits.Inc()
	}
	if s.Clamp < game.Clamps {
		m.Clamps[s.Clamp].Inc()
	}
}
