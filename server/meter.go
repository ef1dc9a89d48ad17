package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/metrics"
	"hindsight/server/replication"
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

// Encode implements room.Meter.
func (m *meter) Encode(took protocol.Micros) { m.EncodeSeconds.Observe(seconds(took)) }

// Arrival implements room.Meter.
func (m *meter) Arrival(margin protocol.Micros) { m.MarginSeconds.Observe(seconds(margin)) }

// Used implements room.Meter.
func (m *meter) Used(waited protocol.Micros) { m.InputWaitSeconds.Observe(seconds(waited)) }

// View implements room.Meter.
func (m *meter) View(c game.Clamp) { m.Views[c].Inc() }

// Sent implements room.Meter.
func (m *meter) Sent(waited protocol.Micros) { m.SendWaitSeconds.Observe(seconds(waited)) }

// RoundTrip implements room.Meter.
func (m *meter) RoundTrip(rtt protocol.Micros) { m.RTTSeconds.Observe(seconds(rtt)) }

// Report implements room.Meter.
func (m *meter) Report(r *frame.Report) { m.Client.Report(r) }

// Snapshot implements room.Meter.
func (m *meter) Snapshot(bytes int, parts replication.Parts) {
	m.SnapshotBytes.Observe(float64(bytes))
	m.OwnBytes.Add(float64(parts.Own))
	m.EntityBytes.Add(float64(parts.Entities))
	m.RestBytes.Add(float64(bytes - parts.Own - parts.Entities))
}

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
