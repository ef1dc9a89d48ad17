package lab

import (
	"fmt"

	"hindsight/protocol"
	"hindsight/server/replication"
)

// Figure is one of the 28 metrics as it came out, beside its goal.
type Figure struct {
	Metric int     `json:"metric"` // 1 to 28
	Name   string  `json:"name"`
	Values []Value `json:"values,omitempty"`
	// Goal says what it should be under these conditions, "" for no goal; Met whether it is.
	Goal string `json:"goal,omitempty"`
	Met  bool   `json:"met"`
	// Note says why there is no value, or what is to be known about it.
	Note string `json:"note,omitempty"`
}

// Value is a number with its unit.
type Value struct {
	Label string  `json:"label,omitempty"`
	V     float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
}

// Verdict says in a word how a figure stands.
func (f *Figure) Verdict() string {
	switch {
	case f.Goal == "":
		return ""
	case f.Met:
		return "met"
	}
	return "missed"
}

// goal sets the goal if it applies.
func (f Figure) goal(applies bool, met bool, format string, args ...any) Figure {
	if applies {
		f.Goal, f.Met = fmt.Sprintf(format, args...), met
	}
	return f
}

// micros is a number of Micros in milliseconds.
func micros(label string, m int64) Value { return Value{label, float64(m) / 1000, "ms"} }

// spread is the median and the 99th percentile of times.
func spread(h *Histogram) []Value {
	return []Value{micros("p50", h.Quantile(0.5)), micros("p99", h.Quantile(0.99))}
}

// tick is the time between two ticks of the arena and its snapshots.
const tick = protocol.Second / 60

// stall is how long one lost segment holds up a stream: see package simnet.
func (c *Cell) stall() protocol.Micros { return c.RTT + max(tick, c.RTT/4) }

// calm reports whether there is at most so much loss, at most 5 ms of jitter and no other trouble:
// where goals that name only a loss are to be reached.
func (c *Cell) calm(loss int) bool {
	return !c.Troubled() && c.Jitter <= 5*protocol.Millisecond && c.Loss <= loss
}

// Figures returns what a cell came to, in the order of the metrics.
func (r *Result) Figures() []Figure {
	return append(append(r.truth(), r.timing()...), r.cost()...)
}

// truth is about what is right or wrong: metrics 1 to 7.
func (r *Result) truth() []Figure {
	c, b, v := &r.Cell, r.Probe, &r.Verdicts
	agreed, late := 100*r.Agreement(), 100*r.LateShare()
	lateGoal := 0.1
	if c.Loss > 0 {
		lateGoal += 100 * float64(c.Loss) / 1e6 * 60 * float64(c.stall()) / float64(protocol.Second)
	}
	lateFix := r.PerMinute(r.Corrections.Late)
	corrections := Figure{Metric: 4, Name: "Corrections of a player", Values: []Value{
		{"late input", lateFix, "/min"}, {"by others", r.PerMinute(r.Corrections.Touch), "/min"},
		{"view clamped", r.PerMinute(r.Corrections.Clamp), "/min"}, {"unknown", float64(r.Corrections.Unknown), "in all"},
	}}
	if c.calm(10_000) && c.RTT <= 100*protocol.Millisecond {
		corrections = corrections.goal(true, r.Corrections.Unknown == 0 && lateFix <= 1, "unknown 0, late ≤ 1/min")
	} else {
		corrections = corrections.goal(true, r.Corrections.Unknown == 0, "unknown 0")
	}
	hits := Figure{Metric: 1, Name: "Hit agreement", Values: []Value{
		{"", agreed, "%"}, {"of", float64(r.Judged()), "shots"}, {"denied", float64(v.Denied), ""},
		{"never judged", float64(v.Lost + v.Overflow), ""}, {"excused", float64(v.Excused), ""},
	}}
	if c.Clean() {
		hits = hits.goal(true, agreed == 100, "100 %%")
	} else {
		hits = hits.goal(c.calm(10_000), agreed >= 99.9, "≥ 99.9 %%")
	}
	wait := Figure{Metric: 6, Name: "Wait of an input at the server", Values: spread(&b.Wait)}
	return []Figure{
		hits,
		Figure{Metric: 2, Name: "View reconstruction error", Values: []Value{
			{"", float64(b.ViewError) / 256, "units"}, {"of", float64(b.Rows), "rows"}, {"different", float64(b.Wrong), ""},
		}}.goal(true, b.Wrong == 0, "0"),
		corrections,
		Figure{Metric: 5, Name: "Late inputs", Values: []Value{{"", late, "%"}, {"ticks without", 100 * r.MissingShare(), "%"}}}.
			goal(!c.Troubled(), late < lateGoal, "< %.3g %%", lateGoal),
		wait.goal(c.calm(0), b.Wait.Quantile(.5) <= 8000 && b.Wait.Quantile(.99) <= 25_000, "≤ 8, ≤ 25 ms"),
		Figure{Metric: 7, Name: "Local input to own screen", Values: []Value{{"", float64(b.Lag), "ticks"}}}.goal(!c.Troubled(), b.Lag == 0, "0"),
	}
}

// timing is about when others are seen: metrics 8 to 11 and 21 to 23.
func (r *Result) timing() []Figure {
	c, b := &r.Cell, r.Probe
	delayGoal := 2 * tick
	if c.Loss > 0 {
		delayGoal = tick + c.stall()
	}
	underruns := r.PerMinute(r.Underruns)
	under := Figure{Metric: 10, Name: "Underruns", Values: []Value{{"", underruns, "/min"}, {"time guessed", 100 * r.GuessedShare(), "%"}}}
	if c.Clean() {
		under = under.goal(true, r.Underruns == 0, "0")
	} else {
		under = under.goal(c.calm(10_000) && c.RTT <= 50*protocol.Millisecond, underruns <= 1, "≤ 1/min")
	}
	pace := float64(b.SpeedError.Quantile(.99)) / 1e4
	const halfTick = int64(tick / 2)
	return []Figure{
		Figure{Metric: 8, Name: "Hand to another's screen, less the ways", Values: spread(&b.Motion)}.
			goal(c.Clean(), b.Motion.Quantile(.5) <= 45_000, "p50 ≤ 45 ms"),
		Figure{Metric: 9, Name: "Delay of what is drawn of others", Values: spread(&b.Delay)}.
			goal(c.calm(10_000), b.Delay.Quantile(.5) <= int64(delayGoal), "p50 ≤ %.0f ms", float64(delayGoal)/1000),
		under,
		Figure{Metric: 11, Name: "Drawn speed error", Values: []Value{{"p99", pace, "%"}, {"backward steps", float64(b.Backward), ""}}}.
			goal(c.calm(10_000), pace <= 6 && b.Backward == 0, "≤ 6 %%, 0"),
		Figure{Metric: 21, Name: "Clock error", Values: append(spread(&b.ClockError), micros("settled after", b.Converged.Max))}.
			goal(c.calm(10_000), b.ClockError.Quantile(.99) <= halfTick && b.Converged.Max < int64(protocol.Second), "≤ 8.3 ms, < 1 s"),
		Figure{Metric: 22, Name: "Way of a victim since it was seen", Values: []Value{
			{"p50", float64(b.Displaced.Quantile(.5)) / 256, "units"}, {"p99", float64(b.Displaced.Quantile(.99)) / 256, "units"},
			{"oldest view", float64(b.RewindAge.Max) / 256 * float64(tick) / 1000, "ms"},
		}}.goal(true, b.RewindAge.Max <= replication.MaxRewind<<8, "view ≤ %.0f ms", replication.MaxRewind*float64(tick)/1000),
		Figure{Metric: 23, Name: "Peeker's advantage, less the ways", Values: spread(&b.Peek)}.
			goal(c.Clean(), b.Peek.Quantile(.5) <= 45_000, "p50 ≤ 45 ms"),
	}
}

// bytes returns the payload of a player in kB/s.
func (r *Result) bytes() (down, up float64) {
	return r.PerSecond(r.BytesIn) / 1000, r.PerSecond(r.BytesOut) / 1000
}

// bytesValues adds what the headers of each frame cost on the wire.
func (r *Result) bytesValues() []Value {
	down, up := r.bytes()
	wire := func(payload float64, frames int) float64 {
		return payload + r.PerSecond(int64(frames))*FrameOverhead/1000
	}
	return []Value{
		{"down", down, "kB/s"}, {"up", up, "kB/s"},
		{"on the wire", wire(down, r.FramesIn), "kB/s"}, {"and", wire(up, r.FramesOut), "kB/s"},
	}
}

// cost is about bytes and connections: metrics 14, 15, 16, 18, 19 and 28.
func (r *Result) cost() []Figure {
	c, b := &r.Cell, r.Probe
	figures := []Figure{
		{Metric: 14, Name: "Bytes of a player", Values: r.bytesValues()},
		{Metric: 15, Name: "Encoded once for all", Values: []Value{{"", 100 * r.Sharing(), "% of bytes"}}},
		{Metric: 16, Name: "Age of snapshots, less the way", Values: append(spread(&b.Age),
			Value{"left out", 100 * share(int64(b.Skipped), int64(b.Sent+b.Skipped)), "%"}), Note: "overload has a trial of its own"},
		Figure{Metric: 19, Name: "False alarms", Values: []Value{
			{"detached", float64(b.Detached), ""}, {"lagging", r.PerMinute(b.Lagging), "/min"},
		}}.goal(c.Stall <= 2*protocol.Second, b.Detached == 0, "0 detached"),
		Figure{Metric: 28, Name: "Joining", Values: []Value{{"", float64(r.JoinBytes), "bytes"}, micros("slowest", b.JoinTime.Max)}}.
			goal(true, r.JoinBytes <= protocol.MaxFrame, "≤ %d bytes", protocol.MaxFrame),
	}
	if c.Stall == 0 {
		return figures
	}
	limit := 500*protocol.Millisecond + 4*c.RTT
	return append(figures, Figure{Metric: 18, Name: "Recovery after stalls", Values: append(spread(&b.Recovery),
		micros("slowest", b.Recovery.Max), Value{"recovered", float64(b.Recovered), ""}, Value{"of", float64(b.Stalled), ""})}.
		goal(true, b.Recovery.Max <= int64(limit), "≤ %.0f ms", float64(limit)/1000))
}
