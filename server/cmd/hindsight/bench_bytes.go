package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"hindsight/server/load"
)

// benchBytesCmd measures the size of what clients are sent.
type benchBytesCmd struct {
	Trace   []string `help:"Movement traces to send through the encoder. Without one the arena is played by bots, in virtual time." type:"existingfile" placeholder:"FILE"`
	Rate    int      `help:"Snapshots a second." default:"20"`
	Radius  float64  `help:"How far a client of a trace sees, in units, 0 for everywhere." default:"0"`
	AimBits int      `help:"Bits of aim in a trace, 8 or 16." default:"8"`
	Seconds float64  `help:"How much of each trace is sent, in seconds; its first second is not counted. 0 for all. Of the arena what is measured, 0 for 60." default:"0"`
	Players int      `help:"Players in the arena." default:"16"`
	Seed    uint64   `help:"Seed of the arena and its bots." default:"1"`
	JSON    bool     `name:"json" help:"Print JSON." xor:"form"`
	Bench   bool     `help:"Print lines for benchstat." xor:"form"`
}

// bytesOf is what was measured, and of what.
type bytesOf struct {
	Source string `json:"source"`
	*load.Bytes
}

// Run measures and reports.
func (c *benchBytesCmd) Run() error {
	all, err := c.measure()
	switch {
	case err != nil:
		return err
	case c.JSON:
		return json.NewEncoder(os.Stdout).Encode(all)
	case c.Bench:
		for _, b := range all {
			fmt.Printf("BenchmarkBytes/players=%d/rate=%d\t%.0f\t%.1f B/s\t%.1f entity-B/s\t%.1f own-B/s\t%.1f rest-B/s\n",
				b.Players, b.Rate, max(b.Seconds, 1), b.Total, b.Entities, b.Own, b.Rest)
		}
		return nil
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 1, 2, ' ', 0)
	fmt.Fprintln(t, "players\tB/s to a client\tentities\town row\trest\tWebSocket\tin sight\tbits each\tB/s from a client\tsource")
	for _, b := range all {
		fmt.Fprintf(t, "%d\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.1f\t%.2f\t%.0f\t%s\n",
			b.Players, b.Total, b.Entities, b.Own, b.Rest, b.Socket, b.InSight, b.Bits, b.Up, b.Source)
	}
	return t.Flush()
}

func (c *benchBytesCmd) measure() (all []bytesOf, err error) {
	if len(c.Trace) == 0 {
		seconds := c.Seconds
		if seconds <= 0 {
			seconds = 60
		}
		b, err := load.OfArena(c.Players, c.Rate, seconds, c.Seed)
		return []bytesOf{{"the arena, played by bots", b}}, err
	}
	for _, name := range c.Trace {
		b, err := c.ofFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, bytesOf{name, b})
	}
	return all, nil
}

func (c *benchBytesCmd) ofFile(name string) (*load.Bytes, error) {
	t, err := readTrace(name)
	if err != nil {
		return nil, err
	}
	return load.OfTrace(t, load.TraceConfig{Rate: c.Rate, AimBits: c.AimBits, Seconds: c.Seconds, Radius: c.Radius})
}
