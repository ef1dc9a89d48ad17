package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/term"

	"hindsight/protocol"
	"hindsight/server/lab"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(f.Fd()) }

// benchDocument is the report for machines.
type benchDocument struct {
	Version string      `json:"version"`
	Seed    uint64      `json:"seed"`
	Clients int         `json:"clients"`
	Minutes float64     `json:"minutes"`
	Cells   []benchCell `json:"cells"`
	Trials  []benchCell `json:"trials"`
	Clock   []benchFig  `json:"clock,omitempty"`
}

type benchFig = lab.Figure

// benchCell is a set of conditions and what they came to.
type benchCell struct {
	RTT     float64    `json:"rtt_ms"`
	Jitter  float64    `json:"jitter_ms"`
	Loss    float64    `json:"loss_percent"`
	Stall   float64    `json:"stall_ms,omitempty"`
	Rate    int        `json:"rate_kbits,omitempty"`
	FPS     int        `json:"fps"`
	Figures []benchFig `json:"figures"`
}

func cellOf(c *lab.Cell, f []lab.Figure) benchCell {
	ms := func(m protocol.Micros) float64 { return float64(m) / float64(protocol.Millisecond) }
	return benchCell{
		RTT: ms(c.RTT), Jitter: ms(c.Jitter), Loss: float64(c.Loss) / 10_000, Stall: ms(c.Stall), Rate: c.Rate / 1000,
		FPS: cmp.Or(c.FPS, 60), Figures: f,
	}
}

func (r *benchReport) document() benchDocument {
	d := benchDocument{Version: version, Seed: r.cmd.Seed, Clients: r.cmd.Clients, Minutes: r.cmd.Minutes}
	for _, c := range r.cells {
		d.Cells = append(d.Cells, cellOf(&c.Cell, c.Figures()))
	}
	for _, t := range r.trials {
		d.Trials = append(d.Trials, cellOf(&t.Cell, t.Figures()))
	}
	if r.clock != nil {
		d.Clock = r.clock.figures()
	}
	return d
}

// outside returns the figures that neither a cell nor a trial has.
func (r *benchReport) outside() []lab.Figure {
	f := lab.Elsewhere()
	if r.clock != nil {
		f = slices.DeleteFunc(f, func(f lab.Figure) bool { return f.Metric == 12 || f.Metric == 13 })
		f = append(f, r.clock.figures()...)
	}
	return f
}

// sorted returns figures in the order of the metrics.
func sorted(f ...[]lab.Figure) []lab.Figure {
	all := slices.Concat(f...)
	slices.SortStableFunc(all, func(a, b lab.Figure) int { return a.Metric - b.Metric })
	return all
}

// print writes the report for people.
func (r *benchReport) print(w io.Writer) {
	if len(r.cells) == 1 {
		c := &r.cells[0].Cell
		fmt.Fprintf(w, "%v: %d clients for %g minutes, seed %d\n\n", c, r.cmd.Clients, r.cmd.Minutes, r.cmd.Seed)
		printFigures(w, sorted(r.cells[0].Figures(), r.trials[0].Figures(), r.outside()))
		return
	}
	fmt.Fprintf(w, "%d cells: %d clients for %g minutes each, seed %d\n\n", len(r.cells), r.cmd.Clients, r.cmd.Minutes, r.cmd.Seed)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "\tmetric\tgoal met in\tworst of these\tin")
	for _, s := range r.summaries() {
		fmt.Fprintf(t, "%d\t%s\t%d of %d\t%s\t%s\n", s.metric, s.name, s.met, s.cells, s.worst, s.where)
	}
	_ = t.Flush()
	for _, tr := range r.trials {
		fmt.Fprintf(w, "\nTrials at RTT %d ms\n\n", tr.Cell.RTT/protocol.Millisecond)
		printFigures(w, sorted(tr.Figures()))
	}
	fmt.Fprintln(w)
	printFigures(w, sorted(r.outside()))
}

func printFigures(w io.Writer, figures []lab.Figure) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "\tmetric\tmeasured\tgoal\t")
	for i := range figures {
		f := &figures[i]
		measured := valuesText(f.Values)
		if f.Note != "" {
			measured = strings.TrimSpace(measured + "  (" + f.Note + ")")
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", f.Metric, f.Name, measured, f.Goal, f.Verdict())
	}
	_ = t.Flush()
}

// valuesText writes values in a line: "p50 15.5 ms, p99 21.8 ms".
func valuesText(values []lab.Value) string {
	var parts []string
	for _, v := range values {
		s := valueText(v.V)
		if v.Label != "" {
			s = v.Label + " " + s
		}
		if v.Unit != "" {
			s += " " + v.Unit
		}
		parts = append(parts, strings.ReplaceAll(s, " /", "/"))
	}
	return strings.Join(parts, ", ")
}

// valueText writes a number with as many digits as say something.
func valueText(v float64) string {
	switch {
	case v == float64(int64(v)):
		return fmt.Sprintf("%d", int64(v))
	case v >= 99 && v < 100: // shares: how far from all
		return fmt.Sprintf("%.3f", v)
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// summary is one metric over all cells that have a goal for it.
type summary struct {
	metric       int
	name         string
	cells, met   int
	worst, where string
	value        float64
}

// summaries sums up the matrix by metric.
func (r *benchReport) summaries() []summary {
	var all []summary
	for _, c := range r.cells {
		for _, f := range c.Figures() {
			if f.Goal == "" {
				continue
			}
			i := slices.IndexFunc(all, func(s summary) bool { return s.metric == f.Metric })
			if i < 0 {
				i = len(all)
				all = append(all, summary{metric: f.Metric, name: f.Name})
			}
			all[i].add(&f, &c.Cell)
		}
	}
	slices.SortFunc(all, func(a, b summary) int { return a.metric - b.metric })
	return all
}

// moreIsBetter are the metrics whose worst value is the smallest.
var moreIsBetter = []int{1, 15}

// add takes in a cell's figure. The worst is one that missed its goal, if any did, and among those the
// one with the worst first value.
func (s *summary) add(f *lab.Figure, c *lab.Cell) {
	s.cells++
	if f.Met {
		s.met++
	}
	v, shown := f.Values[0].V, f.Values[:min(2, len(f.Values))]
	switch {
	case f.Metric == 4: // what is unknown is the worst that there can be
		v, shown = v+1000*f.Values[3].V, f.Values
	case slices.Contains(moreIsBetter, f.Metric):
		v = -v
	}
	if !f.Met {
		v += missedCounts
	}
	if s.cells == 1 || v > s.value {
		s.value, s.worst, s.where = v, valuesText(shown)+", goal "+f.Goal, c.String()
	}
}

// missedCounts is more than any value.
const missedCounts = 1e12
