package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"hindsight/protocol"
	"hindsight/server/lab"
)

// benchNetcodeCmd plays real client cores against a real room over simulated TCP and measures the 28
// metrics of the netcode.
type benchNetcodeCmd struct {
	RTT     time.Duration `name:"rtt" help:"Shortest round trip." default:"50ms"`
	Jitter  time.Duration `help:"Mean of the exponential delay on top, in each direction." default:"0s"`
	Loss    float64       `help:"Lost segments in percent, each way." default:"1"`
	Stall   time.Duration `help:"How long each player's network is down, once every 30 s; 0 for never." default:"0s"`
	Rate    int           `help:"Capacity of each player's link in kbit/s, each way; 0 for no limit." default:"0"`
	FPS     int           `name:"fps" help:"Frames that each client draws in a second." default:"60"`
	Clients int           `help:"Number of clients, played by the arena's bots." default:"8"`
	Minutes float64       `help:"How long each cell is played, in virtual time." default:"10"`
	Seed    uint64        `help:"Seed of everything random; equal seeds give equal results." default:"1"`
	Matrix  bool          `help:"Play all 240 cells: RTT 0, 50, 100, 200 ms; jitter 0, 5, 20 ms; loss 0, 0.1, 1, 3 %; and each of these with nothing else, stalls of 0.5 s, of 2 s, a link of 160 kbit/s, and 10 frames a second."`
	Clock   time.Duration `help:"How long the room is run on the real clock, for tick lateness and duration; 0 not to." default:"5s"`
	JSON    bool          `name:"json" help:"Print JSON instead of a table."`
	Out     string        `help:"Folder to write the report to: RESULTS.md and its plots." type:"path" placeholder:"DIR"`
}

// benchReport is all that one run of the command measured.
type benchReport struct {
	cmd    *benchNetcodeCmd
	cells  []*lab.Result
	trials []*lab.Trials
	clock  *clockResult // nil for none
	solo   int          // ticks that a lone player plays
}

// Run measures and reports.
func (c *benchNetcodeCmd) Run() error {
	base, err := c.cell()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &benchReport{cmd: c, solo: 100_000}
	if c.Clock > 0 { // first: it wants the machine for itself
		if r.clock, err = runClock(ctx, c.Clock, c.Clients); err != nil {
			return err
		}
	}
	cells, trials := []lab.Cell{base}, []lab.Cell{base}
	if c.Matrix {
		cells, trials, r.solo = lab.Matrix(base), nil, 1_000_000
		for _, rtt := range []protocol.Micros{0, 50, 100, 200} {
			trials = append(trials, lab.Cell{RTT: rtt * protocol.Millisecond, Play: base.Play, Seed: base.Seed, Players: base.Players})
		}
	}
	if err := r.run(ctx, cells, trials); err != nil {
		return err
	}
	if c.Out != "" {
		if err := r.write(c.Out); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(r.document())
	}
	r.print(os.Stdout)
	return nil
}

// cell returns the conditions that the flags ask for.
func (c *benchNetcodeCmd) cell() (lab.Cell, error) {
	switch {
	case c.RTT < 0 || c.Jitter < 0 || c.Stall < 0 || c.Rate < 0 || c.Clock < 0:
		return lab.Cell{}, errors.New("times and rates must not be negative")
	case c.Stall >= time.Duration(lab.StallEvery)*time.Microsecond:
		return lab.Cell{}, fmt.Errorf("--stall is %v, but there is one every %v", c.Stall, time.Duration(lab.StallEvery)*time.Microsecond)
	case c.Loss < 0 || c.Loss > 50:
		return lab.Cell{}, fmt.Errorf("--loss is %g %%, want 0 to 50", c.Loss)
	case c.FPS < 1 || c.FPS > 500:
		return lab.Cell{}, fmt.Errorf("--fps is %d, want 1 to 500", c.FPS)
	case c.Clients < 1 || c.Clients > 32:
		return lab.Cell{}, fmt.Errorf("--clients is %d, want 1 to 32: as many as the arena seats", c.Clients)
	case c.Out != "" && !c.Matrix:
		return lab.Cell{}, errors.New("--out writes the report of the whole matrix: add --matrix")
	case c.Minutes < 0.25:
		return lab.Cell{}, fmt.Errorf("--minutes is %g, want at least 0.25: the first seconds are not counted", c.Minutes)
	}
	return lab.Cell{
		RTT: protocol.Micros(c.RTT.Microseconds()), Jitter: protocol.Micros(c.Jitter.Microseconds()),
		Loss: int(c.Loss*10_000 + 0.5), Stall: protocol.Micros(c.Stall.Microseconds()), Rate: c.Rate * 1000, FPS: c.FPS,
		Players: c.Clients, Play: protocol.Micros(c.Minutes * 60 * float64(protocol.Second)), Seed: c.Seed,
	}, nil
}

// run plays cells and trials on all cores. Each is an experiment of its own in one goroutine, so the
// results do not depend on how many there are.
func (r *benchReport) run(ctx context.Context, cells, trials []lab.Cell) error {
	r.cells, r.trials = make([]*lab.Result, len(cells)), make([]*lab.Trials, len(trials))
	errs := make([]error, len(cells)+len(trials))
	var next, done atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(errs)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(errs) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if i < len(trials) { // these take the longest
					var t lab.Trials
					t, errs[i] = lab.RunTrials(trials[i], r.solo)
					r.trials[i] = &t
				} else {
					r.cells[i-len(trials)], errs[i] = cells[i-len(trials)].Run()
				}
				progress(done.Add(1), len(errs))
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return errors.Join(errs...)
}

// progress tells somebody who waits at a terminal how far it is.
func progress(done int64, of int) {
	if of < 10 || !isTerminal(os.Stderr) {
		return
	}
	end := ""
	if int(done) == of {
		end = "\n"
	}
	fmt.Fprintf(os.Stderr, "\r%d of %d experiments%s", done, of, end)
}
