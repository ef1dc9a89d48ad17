package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"hindsight/game/games"
	"hindsight/server/bots"
	"hindsight/server/mono"
)

// botsCmd plays with many clients over real sockets.
type botsCmd struct {
	URL      string        `help:"Server to play on, such as ws://localhost:8080." default:"ws://localhost:8080" env:"HINDSIGHT_URL"`
	Clients  int           `help:"Number of bots, each with a connection of its own." default:"8" short:"n"`
	Room     string        `help:"Room to join; empty for the best one."`
	Game     string        `help:"Game to play." default:"arena"`
	Skill    int           `help:"Skill of the bots, 1 (beginner) to 5 (expert); 0 for a mixture." default:"0"`
	Duration time.Duration `help:"How long to play, such as 30s; 0 until interrupted." default:"0s"`
	Seed     uint64        `help:"Seed of the bots' minds." default:"1"`
	JSON     bool          `help:"Print a JSON line a second even on a terminal."`
}

// Run plays, shows how it goes, and prints a summary. It fails if any bot could not play.
func (c *botsCmd) Run() error {
	def := games.Find(c.Game)
	if def == nil {
		return fmt.Errorf("there is no game %q; the games are: %s", c.Game, strings.Join(games.Names(), ", "))
	}
	swarm, err := bots.New(bots.Config{
		URL: c.URL, Game: def, Room: c.Room, Clients: c.Clients, Skill: c.Skill, Seed: c.Seed,
		Build: version, Now: mono.Now,
	})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Duration)
		defer cancel()
	}
	began := time.Now()
	done := make(chan struct{})
	go func() { defer close(done); swarm.Run(ctx) }()
	summary := func() bots.Summary { return bots.Summarize(swarm.Reports(), time.Since(began).Seconds()) }
	onTerminal := term.IsTerminal(os.Stdout.Fd()) && !c.JSON
	if onTerminal {
		if err := showTable(stop, done, swarm, summary); err != nil {
			return err
		}
	} else {
		printLines(done, summary)
	}
	<-done
	if s := summary(); onTerminal {
		fmt.Print(describe(s))
	} else if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"summary": s}); err != nil {
		return err
	}
	if err := swarm.Err(); err != nil {
		return fmt.Errorf("not every bot could play:\n%w", err)
	}
	return nil
}

// printLines prints a JSON line a second until done.
func printLines(done <-chan struct{}, summary func() bots.Summary) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	out := json.NewEncoder(os.Stdout)
	for {
		select {
		case <-tick.C:
			_ = out.Encode(summary()) // a closed pipe is no reason to stop playing
		case <-done:
			return
		}
	}
}

// describe writes a summary for people.
func describe(s bots.Summary) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-17s", name)
		fmt.Fprintf(&b, format+"\n", args...)
	}
	fmt.Fprintf(&b, "\n%d bots played for %.0f s", s.Bots, s.Seconds)
	if s.Failed > 0 {
		fmt.Fprintf(&b, ", %d failed", s.Failed)
	}
	b.WriteString("\n")
	line("round trip", "%.1f ms median, %.1f ms worst", s.RTT.P50, s.RTT.Max)
	line("input margin", "%.1f ms median", s.Margin.P50)
	line("view delay", "%.1f ms median, %d underruns", s.Delay.P50, s.Underruns)
	line("hit agreement", "%.2f %% of %d judged shots (%d excused)", 100*s.Shots.Agreement, s.Shots.Agreed+s.Shots.Denied, s.Shots.Excused)
	line("corrections", "%d by others, %d late input, %d view clamped, %d unknown", s.Corrections.Touch, s.Corrections.Late, s.Corrections.Clamp, s.Corrections.Unknown)
	line("bytes", "%.0f/s in, %.0f/s out for each bot", s.BytesIn, s.BytesOut)
	line("snapshots", "%d, %d left out", s.Snapshots, s.Skipped)
	line("server lateness", "%.1f ms worst tick of the median bot, %.1f ms of all", s.ServerLate.P50, s.ServerLate.Max)
	line("kills", "%d, deaths %d", s.Kills, s.Deaths)
	return b.String()
}
