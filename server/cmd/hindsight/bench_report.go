package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"hindsight/protocol"
	"hindsight/server/lab"
)

// byHand is the line below which RESULTS.md is written by people; a new report keeps it.
const byHand = "<!-- Below this line the report is written by hand and kept. -->"

// plotsDir is the folder of the plots beside RESULTS.md.
const plotsDir = "results"

// write puts RESULTS.md and its plots into a folder.
func (r *benchReport) write(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, plotsDir), 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, "RESULTS.md")
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, kept, _ := strings.Cut(string(before), byHand)
	if kept == "" {
		kept = "\n"
	}
	plots := r.plots()
	for i := range plots {
		if err := os.WriteFile(filepath.Join(dir, plotsDir, plots[i].file), []byte(plots[i].chart.SVG()), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(r.markdown(plots)+byHand+kept), 0o644)
}

// markdown writes the report but for what is written by hand.
func (r *benchReport) markdown(plots []figure) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The netcode, measured

Real client cores play the arena against a real room over simulated TCP, in virtual time; the players
are the arena's bots, who aim and shoot at what their own client draws. Everything below was measured
and drawn by one command, and equal seeds give equal numbers on every machine:

    hindsight bench netcode --matrix --clients %d --minutes %g --seed %d --out game/netcode

`, r.cmd.Clients, r.cmd.Minutes, r.cmd.Seed)
	r.markGoals(&b)
	r.markTrials(&b)
	b.WriteString("## Plots\n\n")
	for _, p := range plots {
		fmt.Fprintf(&b, "![%s](%s/%s)\n\n", p.alt, plotsDir, p.file)
	}
	r.markCells(&b)
	b.WriteString(definitions)
	return b.String()
}

func (r *benchReport) markGoals(b *strings.Builder) {
	b.WriteString("## Goals over the matrix\n\nA goal counts in the cells whose conditions it names. The worst of these is shown, met or not.\n\n")
	b.WriteString("| # | metric | met in | worst | in |\n|--:|---|--:|---|---|\n")
	for _, s := range r.summaries() {
		fmt.Fprintf(b, "| %d | %s | %d of %d | %s | %s |\n", s.metric, s.name, s.met, s.cells, s.worst, s.where)
	}
	b.WriteString("\n")
}

// markTrials writes the experiments with a script, a column for each round trip.
func (r *benchReport) markTrials(b *strings.Builder) {
	b.WriteString("## Trials\n\nExperiments with a script, on links without jitter or loss.\n\n| # | metric |")
	for _, t := range r.trials {
		fmt.Fprintf(b, " %s |", rttName(t.Cell.RTT))
	}
	b.WriteString("\n|--:|---|" + strings.Repeat("---|", len(r.trials)) + "\n")
	for i, f := range r.trials[0].Figures() {
		fmt.Fprintf(b, "| %d | %s |", f.Metric, f.Name)
		for _, t := range r.trials {
			g := t.Figures()[i]
			fmt.Fprintf(b, " %s |", valuesText(g.Values)+goalText(&g))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| # | metric | |\n|--:|---|---|\n")
	for _, f := range sorted(r.outside()) {
		text := valuesText(f.Values) + goalText(&f)
		if f.Note != "" {
			text = strings.TrimPrefix(text+"; "+f.Note, "; ")
		}
		fmt.Fprintf(b, "| %d | %s | %s |\n", f.Metric, f.Name, text)
	}
	b.WriteString("\n")
}

// mark makes a missed goal easy to find.
func mark(f *lab.Figure) string {
	if v := f.Verdict(); v != "missed" {
		return v
	}
	return "**missed**"
}

// markCells writes the whole matrix, a table for each trouble.
func (r *benchReport) markCells(b *strings.Builder) {
	b.WriteString("## Every cell\n\nTimes in ms. Corrections and underruns are those of one player in a minute.\n\n")
	trouble := ""
	for _, c := range r.cells {
		if t := c.Cell.Trouble(); t != trouble {
			if trouble != "" {
				b.WriteString("\n</details>\n\n")
			}
			trouble = t
			fmt.Fprintf(b, "<details><summary>Trouble: %s</summary>\n\n", t)
			b.WriteString("| RTT | jitter | loss % | hits agreed % | shots | late inputs % | corrections late | by others | unknown | input wait p50 / p99 | hand to screen p50 / p99 | delay p50 / p99 | underruns | guessed % | speed error p99 % | snapshots left out % | recovery p50 / worst | kB/s down / up |\n")
			b.WriteString("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
		}
		r.markCell(b, c)
	}
	b.WriteString("\n</details>\n\n")
}

func (r *benchReport) markCell(b *strings.Builder, c *lab.Result) {
	pair := func(h *lab.Histogram, q float64) string {
		if h.N == 0 {
			return "–"
		}
		return fmt.Sprintf("%.1f / %.1f", millis(h.Quantile(0.5)), millis(h.Quantile(q)))
	}
	p, k := c.Probe, &c.Cell
	fmt.Fprintf(b, "| %d | %d | %g | %s | %d | %s | %s | %s | %d | %s | %s | %s | %s | %s | %s | %s | %s | %.1f / %.1f |\n",
		k.RTT/protocol.Millisecond, k.Jitter/protocol.Millisecond, float64(k.Loss)/10_000,
		valueText(100*c.Agreement()), c.Judged(), valueText(100*c.LateShare()),
		valueText(c.PerMinute(c.Corrections.Late)), valueText(c.PerMinute(c.Corrections.Touch)), c.Corrections.Unknown,
		pair(&p.Wait, .99), pair(&p.Motion, .99), pair(&p.Delay, .99),
		valueText(c.PerMinute(c.Underruns)), valueText(100*c.GuessedShare()), valueText(float64(p.SpeedError.Quantile(.99))/1e4),
		valueText(100*float64(p.Skipped)/float64(max(p.Sent+p.Skipped, 1))), pair(&p.Recovery, 1),
		c.PerSecond(c.BytesIn)/1000, c.PerSecond(c.BytesOut)/1000)
}

// goalText says what the goal of a figure is and whether it is met, if it has one.
func goalText(f *lab.Figure) string {
	if f.Goal == "" {
		return ""
	}
	return fmt.Sprintf(" (goal %s: %s)", f.Goal, mark(f))
}
