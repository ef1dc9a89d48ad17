package lab

import (
	"fmt"

	"hindsight/protocol"
)

// Trials are the experiments that need a script, run in one cell's conditions without its troubles.
type Trials struct {
	Cell       Cell
	Solo       Solo
	Desync     Desync
	Outages    []Outage // of 0.5 to 10 s
	Pulled     Outage   // a cable that stays out
	Reconnects Reconnects
	Overload   Overload
	Cheats     []Cheat
	Crowd      *Result // of crowd players, in a minute
}

// crowd is the number of players that the goals for bytes are about.
const crowd = 16

// OutageLengths are the outages that are tried.
var OutageLengths = []protocol.Micros{500_000, 1_000_000, 2_000_000, 3_000_000, 5_000_000, 10_000_000}

// RunTrials runs all of them, the lone player for so many ticks.
func RunTrials(c Cell, solo int) (t Trials, err error) {
	c.Stall, c.Rate, c.FPS = 0, 0, 0
	t.Cell = c
	steps := []func() error{
		func() (err error) { t.Solo, err = RunSolo(c, solo); return err },
		func() (err error) { t.Desync, err = RunDesync(c); return err },
		func() (err error) { t.Pulled, err = RunOutage(c, 3600*protocol.Second); return err },
		func() (err error) { t.Reconnects, err = RunReconnects(c); return err },
		func() (err error) { t.Overload, err = RunOverload(c); return err },
		func() (err error) { t.Cheats, err = RunCheats(c); return err },
		func() (err error) {
			many := c
			many.Players, many.Play = crowd, min(c.Play, 60*protocol.Second)
			t.Crowd, err = many.Run()
			return err
		},
	}
	for _, d := range OutageLengths {
		steps = append(steps, func() error {
			o, err := RunOutage(c, d)
			t.Outages = append(t.Outages, o)
			return err
		})
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return t, fmt.Errorf("%v: %w", &c, err)
		}
	}
	return t, nil
}

// RecoveryLimit is how long after an outage all should be well again.
func (c *Cell) RecoveryLimit() protocol.Micros { return protocol.Second/2 + 4*c.RTT }

// Figures returns what the trials came to.
func (t *Trials) Figures() []Figure {
	c, s, d, p, o := &t.Cell, &t.Solo, &t.Desync, &t.Pulled, &t.Overload
	recovery := Figure{Metric: 18, Name: "Recovery after an outage"}
	limit, well := c.RecoveryLimit(), true
	for i := range t.Outages {
		o := &t.Outages[i]
		recovery.Values = append(recovery.Values, micros(fmt.Sprintf("%g s", float64(o.Length)/float64(protocol.Second)), int64(o.After)))
		well = well && o.Recovered == o.Tries && o.After <= limit
	}
	cheats := Figure{Metric: 24, Name: "Speed gained by scheduling inputs"}
	fastest := 0.0
	for _, k := range t.Cheats {
		fastest = max(fastest, k.Gain)
	}
	cheats.Values = []Value{{fmt.Sprintf("best of %d schedules", len(t.Cheats)), fastest, "× honest"}}
	const ms = protocol.Millisecond
	again := 5*c.RTT + tick
	reconnect := Figure{Metric: 20, Name: "Reconnect", Values: []Value{micros("slowest", int64(t.Reconnects.Slowest)),
		{"same seat", 100 * share(int64(t.Reconnects.Back), int64(t.Reconnects.Drops)), "%"}}}
	if all := t.Reconnects.Back == t.Reconnects.Drops; c.Clean() {
		reconnect = reconnect.goal(true, all && t.Reconnects.Slowest <= again, "≤ %.0f ms, 100 %%", float64(again)/1000)
	} else {
		reconnect = reconnect.goal(true, all, "100 %%")
	}
	down, up := t.Crowd.bytes()
	return []Figure{
		Figure{Metric: 3, Name: "Solo mispredictions", Values: []Value{{"", float64(s.Mismatches), ""}, {"in", float64(s.Ticks), "ticks"}}}.goal(true, s.Mismatches == 0, "0"),
		Figure{Metric: 14, Name: fmt.Sprintf("Bytes of a player among %d", crowd), Values: t.Crowd.bytesValues()}.
			goal(true, down <= 8 && up <= 3, "≤ 8, ≤ 3 kB/s"),
		Figure{Metric: 15, Name: fmt.Sprintf("Encoded once for all %d", crowd), Values: []Value{{"", 100 * t.Crowd.Sharing(), "% of bytes"}}},
		Figure{Metric: 16, Name: "Age of snapshots under overload", Values: append(spread(&o.Age),
			Value{"of the possible", 100 * o.Possible, "%"}, Value{"most waiting", float64(o.Backlog), "bytes"}),
			Note: "link of 2/3 of the demand"}.
			goal(true, o.Age.Quantile(.99) <= 200_000 && o.Possible >= 0.9, "p99 ≤ 200 ms, ≥ 90 %%"),
		recovery.goal(true, well, "≤ %d ms", limit/ms),
		Figure{Metric: 19, Name: "Dead peer", Values: []Value{micros("lagging", int64(p.Lagging[1])), micros("detached", int64(p.Detached[1]))}}.
			goal(true, p.Lagging[0] > 0 && p.Lagging[1] <= 250*ms && p.Detached[0] >= 3000*ms && p.Detached[1] <= 5000*ms, "≤ 250 ms, 3 to 5 s"),
		reconnect,
		cheats.goal(true, fastest <= 1, "≤ 1.000"),
		Figure{Metric: 26, Name: "Desync found after", Values: []Value{micros("", int64(d.After)), {"false", float64(d.False), ""}}}.
			goal(true, d.Found && d.False == 0 && d.After <= protocol.Second, "≤ 1 s, 0"),
	}
}

// Elsewhere are the metrics that virtual time cannot know, and where they are measured.
func Elsewhere() []Figure {
	return []Figure{
		{Metric: 12, Name: "Tick lateness", Note: "n/a here: needs a real clock"},
		{Metric: 13, Name: "Tick duration of a player", Note: "n/a here: needs a real clock"},
		{Metric: 17, Name: "Isolation from a client that stops reading", Note: "n/a here: needs real sockets; a connection here has no thread to block"},
		{Metric: 25, Name: "Information leak", Note: "n/a here: TestWallsHideAndNobodyPopsUp has no enemy drawn whom walls hide, and none missing who is in sight, at RTT 0, 100 and 200 ms"},
		{Metric: 27, Name: "Native and WASM hashes", Note: "n/a here: make test-wasm compares digests of the same inputs in both"},
	}
}
