package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Print writes what came of a storm as tables in Markdown.
func (r *Storm) Print(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s; %d idle players and %d who play, in %d rooms\n", r.Machine, r.Version, r.Idle, r.Players, r.Rooms)
	who, back := "player with a seat", "back in their seats"
	if r.Mute {
		who, back = "connection without a seat", "back"
	}
	t := newTable(w, "an idle "+who+" takes", "KB")
	t.row("RSS", fmt.Sprintf("%.1f", r.RSS))
	t.row("heap in use", fmt.Sprintf("%.1f", r.Heap))
	t.row("stacks in use", fmt.Sprintf("%.1f, with %.2f goroutines", r.Stacks, r.Goroutines))
	t.flush()
	t = newTable(w, "matches", "s", "tick p99 ms", "tick late p99 ms", "frame gap p99 ms", "ticks given up", "server cores", "others and clients")
	for _, w := range []struct {
		name string
		*Weather
	}{{"before", r.Calm}, {"in the storm", r.Storm}} {
		if w.Weather != nil {
			t.row(w.name, fmt.Sprintf("%.1f", w.Seconds), fmt.Sprintf("%.2f", w.TickP99), fmt.Sprintf("%.2f", w.LateP99), fmt.Sprintf("%.1f", w.GapP99),
				fmt.Sprintf("%.0f", w.Overruns), fmt.Sprintf("%.2f", w.Server), fmt.Sprintf("%.2f", w.Others))
		}
	}
	t.flush()
	if r.Back == nil {
		return
	}
	fmt.Fprintf(w, "\nCut at once, %s after: median %.2f s, p99 %.2f s, all %.2f s; %d never were.\n",
		back, r.Back.P50/1000, r.Back.P99/1000, r.Back.All/1000, r.Back.Lost)
	fmt.Fprintf(w, "%d dials, of them %d answered with 503 and %d given up", r.Idler.Dials, r.Idler.Refused, r.Idler.Late)
	for _, code := range slices.Sorted(maps.Keys(r.Idler.Closed)) {
		fmt.Fprintf(w, "; %d lines ended with %d", r.Idler.Closed[code], code)
	}
	fmt.Fprintln(w, ".")
	if r.Idler.Stopped > 0 {
		fmt.Fprintf(w, "%d were told not to come back, the first: %s\n", r.Idler.Stopped, r.Idler.FirstFail)
	}
}
