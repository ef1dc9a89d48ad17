package server

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/metrics"
	"hindsight/server/replication"
	"hindsight/server/room"
)

// meter gathers what one room measures and adds it to the node's metrics in Flush, so that a command or
// a snapshot costs the room a few stores to memory that it has at hand. But for Report it belongs to
// the room's goroutine.
type meter struct {
	node *metrics.Metrics

	// Since the last Flush.
	fates                       [room.Fates]uint32
	views, clamps               [game.Clamps]uint32
	shots, hits, skipped, given uint32
	own, entities, rest         uint32 // bits

	late, took, encode, margin, wait, sent, trip, size samples
}

var _ room.Meter = (*meter)(nil)

func newMeter(m *metrics.Metrics) *meter {
	return &meter{
		node: m,
		late: samples{to: m.LateSeconds}, took: samples{to: m.TickSeconds}, encode: samples{to: m.EncodeSeconds},
		margin: samples{to: m.MarginSeconds}, wait: samples{to: m.InputWaitSeconds},
		sent: samples{to: m.SendWaitSeconds}, trip: samples{to: m.RTTSeconds}, size: samples{to: m.SnapshotBytes},
	}
}

// samples are numbers on their way into a histogram, a few dozen at a time.
type samples struct {
	to     *metrics.Histogram
	n      int
	values [30]int32
}

func (s *samples) add(v int) {
	if s.n == len(s.values) {
		s.flush()
	}
	s.values[s.n] = int32(max(min(v, math.MaxInt32), -math.MaxInt32))
	s.n++
}

func (s *samples) flush() {
	s.to.Add(s.values[:s.n])
	s.n = 0
}

// Flush implements room.Meter.
func (m *meter) Flush() {
	n := m.node
	for f, c := range [room.Fates]prometheus.Counter{
		room.FateUsed: n.InputsUsed, room.FateLate: n.InputsLate, room.FateStale: n.InputsStale, room.FateEarly: n.InputsEarly,
		room.FateRepeated: n.InputsRepeated, room.FateFlooded: n.InputsFlooded, room.FateMissing: n.InputsMissing,
	} {
		move(c, &m.fates[f])
	}
	for c := range game.Clamps {
		move(n.Views[c], &m.views[c])
		move(n.Clamps[c], &m.clamps[c])
	}
	move(n.Shots, &m.shots)
	move(n.Hits, &m.hits)
	move(n.SnapshotsSkipped, &m.skipped)
	move(n.Overruns, &m.given)
	moveBits(n.OwnBytes, &m.own)
	moveBits(n.EntityBytes, &m.entities)
	moveBits(n.RestBytes, &m.rest)
	for _, s := range [...]*samples{&m.late, &m.took, &m.encode, &m.margin, &m.wait, &m.sent, &m.trip, &m.size} {
		s.flush()
	}
}

// move adds a count to a counter and begins it anew.
func move(to prometheus.Counter, n *uint32) {
	if *n > 0 {
		to.Add(float64(*n))
		*n = 0
	}
}

// moveBits adds a number of bits to a counter of bytes.
func moveBits(to prometheus.Counter, n *uint32) {
	to.Add(float64(*n) / 8)
	*n = 0
}

// Tick implements room.Meter.
func (m *meter) Tick(late, took protocol.Micros) {
	m.late.add(int(late))
	m.took.add(int(took))
}

// Overrun implements room.Meter.
func (m *meter) Overrun(ticks int) { m.given += uint32(ticks) }

// Command implements room.Meter.
func (m *meter) Command(f room.Fate, n int) { m.fates[f] += uint32(n) }

// Encode implements room.Meter.
func (m *meter) Encode(took protocol.Micros) { m.encode.add(int(took)) }

// Arrival implements room.Meter.
func (m *meter) Arrival(margin protocol.Micros) { m.margin.add(int(margin)) }

// Used implements room.Meter.
func (m *meter) Used(waited protocol.Micros) { m.wait.add(int(waited)) }

// View implements room.Meter.
func (m *meter) View(c game.Clamp) { m.views[c]++ }

// Sent implements room.Meter.
func (m *meter) Sent(waited protocol.Micros) { m.sent.add(int(waited)) }

// RoundTrip implements room.Meter.
func (m *meter) RoundTrip(rtt protocol.Micros) { m.trip.add(int(rtt)) }

// Report implements room.Meter.
func (m *meter) Report(r *frame.Report) { m.node.Client.Report(r) }

// Snapshot implements room.Meter.
func (m *meter) Snapshot(bytes int, parts replication.Parts) {
	m.size.add(bytes)
	m.own += uint32(parts.OwnBits)
	m.entities += uint32(parts.EntityBits)
	m.rest += uint32(8*bytes - parts.OwnBits - parts.EntityBits)
}

// Skipped implements room.Meter.
func (m *meter) Skipped() { m.skipped++ }

// Shot implements room.Meter.
func (m *meter) Shot(s *game.Shot) {
	m.shots++
	if s.Target != 0 {
		m.hits++
	}
	if s.Clamp < game.Clamps {
		m.clamps[s.Clamp]++
	}
}
