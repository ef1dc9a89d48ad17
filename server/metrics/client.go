package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"hindsight/protocol/frame"
)

// Client is what clients say of themselves, trimmed to what can be: all of it may be a lie. The
// server's own numbers are never mixed with it.
type Client struct {
	Reports prometheus.Counter
	// Confirmed are own rows that a client had predicted, Corrected those that it had not, by cause.
	Confirmed prometheus.Counter
	Corrected [frame.Corrections]prometheus.Counter
	// Verdicts counts what became of the shots whose outcome was seen before it was known.
	Verdicts [frame.Verdicts]prometheus.Counter
	// Hitches counts moments in which the player saw something wrong, by cause.
	Hitches [frame.Hitches]prometheus.Counter
	// Underruns is how often a view ran past the newest snapshot, ExtrapolatedSeconds for how long.
	Underruns, ExtrapolatedSeconds prometheus.Counter
	// FrameSeconds is the mean time between two drawn frames and FrameWorstSeconds the longest,
	// DelaySeconds how far the view is behind, RTTSeconds the smoothed round trip: of each report.
	FrameSeconds, FrameWorstSeconds, DelaySeconds, RTTSeconds prometheus.Histogram
}

func newClient(f factory) Client {
	c := Client{
		Reports:             f.counter("client_reports_total", "Reports of clients; the client_ families and hitches_total are made of them."),
		Underruns:           f.counter("client_underruns_total", "Times that a view ran past the newest snapshot, as clients say."),
		ExtrapolatedSeconds: f.counter("client_extrapolated_seconds_total", "Time drawn past the newest snapshot, as clients say."),
		FrameSeconds:        f.histogram("client_frame_seconds", "Mean time between two drawn frames in each report.", frameBuckets),
		FrameWorstSeconds:   f.histogram("client_frame_worst_seconds", "Longest time between two drawn frames in each report.", frameBuckets),
		DelaySeconds:        f.histogram("client_view_delay_seconds", "How far the view was behind what was being received in each report.", tripBuckets),
		RTTSeconds:          f.histogram("client_round_trip_seconds", "Smoothed round trip in each report.", tripBuckets),
	}
	rows := f.counters("client_predictions_total", "Own rows by whether clients had predicted them, and why not.", "outcome")
	c.Confirmed = rows("confirmed")
	for i := range c.Corrected {
		c.Corrected[i] = rows(frame.Correction(i).String())
	}
	verdicts := f.counters("client_verdicts_total", "Shots by how the verdict compared with what the player saw, as clients say.", "verdict")
	for i := range c.Verdicts {
		c.Verdicts[i] = verdicts(frame.Verdict(i).String())
	}
	hitches := f.counters("hitches_total", "Moments in which players saw something wrong by cause, as clients say.", "cause")
	for i := range c.Hitches {
		c.Hitches[i] = hitches(frame.Hitch(i).String())
	}
	return c
}

// quarters is a time of the wire in the unit of Prometheus.
func quarters[T uint16 | uint32](n T) float64 { return float64(n) / 4000 }

// Report counts what a client says.
func (c *Client) Report(r *frame.Report) {
	c.Reports.Inc()
	c.Confirmed.Add(float64(r.Confirmed))
	for i, n := range r.Corrected {
		c.Corrected[i].Add(float64(n))
	}
	for i, n := range r.Verdicts {
		c.Verdicts[i].Add(float64(n))
	}
	for i, n := range r.Hitches {
		c.Hitches[i].Add(float64(n))
	}
	c.Underruns.Add(float64(r.Underruns))
	c.ExtrapolatedSeconds.Add(quarters(r.Extrapolated))
	if r.Frames > 0 {
		c.FrameSeconds.Observe(quarters(r.FrameMean))
		c.FrameWorstSeconds.Observe(quarters(r.FrameWorst))
		c.DelaySeconds.Observe(quarters(r.Delay))
	}
	c.RTTSeconds.Observe(quarters(r.RTT))
}
