package main

import (
	"fmt"

	"hindsight/protocol"
	"hindsight/server/lab"
	"hindsight/server/lab/plot"
)

// figure is a plot of the report.
type figure struct {
	file, alt string
	chart     plot.Chart
}

// The conditions of the standard matrix, for axes and legends.
var (
	matrixRTTs   = []protocol.Micros{0, 50_000, 100_000, 200_000}
	matrixLosses = []int{0, 1_000, 10_000, 30_000}
	lossNames    = []string{"0 %", "0.1 %", "1 %", "3 %"}
)

// plots draws what the matrix and the trials came to.
func (r *benchReport) plots() []figure {
	return []figure{
		{"hits.svg", "Hit agreement by loss and round trip", r.hits()},
		{"motion.svg", "Time from one player's hand to another's screen", r.distribution("From a hand to another's screen, less the ways", 250,
			func(p *lab.Probe) *lab.Histogram { return &p.Motion })},
		{"wait.svg", "Wait of inputs at the server", r.distribution("Wait of an input at the server", 80,
			func(p *lab.Probe) *lab.Histogram { return &p.Wait })},
		{"delay.svg", "Interpolation delay by loss and round trip", r.byLoss("Delay of what is drawn of others", "median in ms",
			func(c *lab.Result) float64 { return millis(c.Probe.Delay.Quantile(0.5)) })},
		{"underruns.svg", "Underruns by loss and round trip", r.byLoss("Screens that ran out of snapshots", "underruns of a player in a minute",
			func(c *lab.Result) float64 { return c.PerMinute(c.Underruns) })},
		{"corrections.svg", "Corrections by cause", r.corrections()},
		{"overload.svg", "Age of the newest snapshot under overload", r.overload()},
		{"recovery.svg", "Recovery by length of the outage", r.recovery()},
	}
}

func millis(micros int64) float64 { return float64(micros) / 1000 }

// find returns the cell of the matrix with these conditions and no trouble, nil if it was not played.
func (r *benchReport) find(rtt, jitter protocol.Micros, loss int) *lab.Result {
	for _, c := range r.cells {
		if c.Cell.RTT == rtt && c.Cell.Jitter == jitter && c.Cell.Loss == loss && !c.Cell.Troubled() {
			return c
		}
	}
	return nil
}

func rttName(rtt protocol.Micros) string { return fmt.Sprintf("RTT %d ms", rtt/protocol.Millisecond) }

// byLoss draws a value of the cells without jitter, a line for each round trip.
func (r *benchReport) byLoss(title, label string, value func(*lab.Result) float64) plot.Chart {
	c := plot.Chart{Title: title, X: plot.Axis{Label: "lost segments", Names: lossNames}, Y: plot.Axis{Label: label}}
	for _, rtt := range matrixRTTs {
		s := plot.Series{Name: rttName(rtt), Marks: true}
		for i, loss := range matrixLosses {
			if cell := r.find(rtt, 0, loss); cell != nil {
				s.Points = append(s.Points, plot.Point{X: float64(i), Y: value(cell)})
			}
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// hits draws the agreement on a scale that shows how far from all it is.
func (r *benchReport) hits() plot.Chart {
	c := r.byLoss("Shots judged as their shooter saw them", "share in %", func(c *lab.Result) float64 { return 100 * c.Agreement() })
	c.Y.Min, c.Y.Max = 99.5, 100
	for _, s := range c.Series {
		for _, p := range s.Points {
			for _, floor := range []float64{99, 98, 95, 90, 80, 50, 0} {
				if p.Y < c.Y.Min {
					c.Y.Min = floor
				}
			}
		}
	}
	c.Rules = []plot.Rule{{Y: 99.9, Text: "goal at 1 %: 99.9"}}
	return c
}

// distribution draws the cumulative distribution of a time, up to some milliseconds, at RTT 50.
func (r *benchReport) distribution(title string, most float64, of func(*lab.Probe) *lab.Histogram) plot.Chart {
	c := plot.Chart{Title: title, X: plot.Axis{Label: "ms, at RTT 50 ms", Max: most}, Y: plot.Axis{Label: "share in %", Max: 100}}
	for _, k := range []struct {
		name   string
		jitter protocol.Micros
		loss   int
	}{
		{"clean", 0, 0}, {"jitter 5 ms", 5_000, 0}, {"jitter 20 ms", 20_000, 0}, {"loss 0.1 %", 0, 1_000}, {"loss 1 %", 0, 10_000}, {"loss 3 %", 0, 30_000},
	} {
		cell := r.find(50_000, k.jitter, k.loss)
		if cell == nil {
			continue
		}
		s := plot.Series{Name: k.name, Steps: true, Points: []plot.Point{{}}}
		of(cell.Probe).Each(func(v int64, share float64) {
			if millis(v) <= most {
				s.Points = append(s.Points, plot.Point{X: millis(v), Y: 100 * share})
			}
		})
		c.Series = append(c.Series, s)
	}
	return c
}

// corrections stacks the causes of corrections in some cells.
func (r *benchReport) corrections() plot.Chart {
	c := plot.Chart{Title: "Corrections of a player by cause", Bars: true, Y: plot.Axis{Label: "in a minute"},
		Series: []plot.Series{{Name: "by others (hit, pushed)"}, {Name: "late input"}, {Name: "view clamped"}, {Name: "unknown"}}}
	for _, loss := range []int{0, 10_000} {
		for _, rtt := range matrixRTTs {
			cell := r.find(rtt, 0, loss)
			if cell == nil {
				continue
			}
			x, n := float64(len(c.X.Names)), &cell.Corrections
			c.X.Names = append(c.X.Names, fmt.Sprintf("%d ms\n%g %%", rtt/protocol.Millisecond, float64(loss)/10_000))
			for i, v := range []int{n.Touch, n.Late, n.Clamp, n.Unknown} {
				c.Series[i].Points = append(c.Series[i].Points, plot.Point{X: x, Y: cell.PerMinute(v)})
			}
		}
	}
	c.X.Label = "round trip and loss"
	return c
}

// overload draws the age of the newest snapshot over some seconds, from the moment of joining, at the
// round trips that differ most.
func (r *benchReport) overload() plot.Chart {
	c := plot.Chart{Title: "Age of the newest snapshot on a link of 2/3 of the demand",
		X: plot.Axis{Label: "s since the room began", Max: 12}, Y: plot.Axis{Label: "ms, the way included"}}
	for i, t := range r.trials {
		if i > 0 && i < len(r.trials)-1 {
			continue
		}
		s := plot.Series{Name: rttName(t.Cell.RTT)}
		for i, age := range t.Overload.Course {
			if at := float64(i+1) / 10; at <= c.X.Max && at >= 2 {
				s.Points = append(s.Points, plot.Point{X: at, Y: millis(int64(age))})
			}
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// recovery draws the worst recovery by the length of the outage.
func (r *benchReport) recovery() plot.Chart {
	c := plot.Chart{Title: "Recovery from the moment the network is back", X: plot.Axis{Label: "length of the outage"}, Y: plot.Axis{Label: "slowest, in s"}}
	for _, d := range lab.OutageLengths {
		c.X.Names = append(c.X.Names, fmt.Sprintf("%g s", float64(d)/float64(protocol.Second)))
	}
	for _, t := range r.trials {
		s := plot.Series{Name: rttName(t.Cell.RTT), Marks: true}
		for i := range t.Outages {
			if o := &t.Outages[i]; o.Recovered == o.Tries {
				s.Points = append(s.Points, plot.Point{X: float64(i), Y: float64(o.After) / float64(protocol.Second)})
			}
		}
		c.Series = append(c.Series, s)
	}
	c.Rules = []plot.Rule{{Y: 0.7, Text: "goal at RTT 50 ms: 0.7 s"}}
	return c
}
