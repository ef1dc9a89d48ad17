package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"hindsight/game/games/arena"
	"hindsight/server/bots"
)

// Config is a load and how it is measured. Program, Clients, RoomsOf, Rate and Inputs are required.
type Config struct {
	// Program is this program: its subcommands are the processes.
	Program string
	// Clients is how many light clients play, RoomsOf how many to a room.
	Clients, RoomsOf int
	// Mode is the arena's mode, "" for its own choice. ModeCrowd has rooms of a thousand.
	Mode string
	// Bots is how many full clients play beside them, to see what players would get. They are not
	// part of any figure, but of the load.
	Bots int
	// Rate is the snapshots a second, a divisor of the simulation's rate; Inputs the messages a second
	// that each client sends.
	Rate, Inputs int
	// Warm is how long everyone plays before it counts, Measure for how long it does.
	Warm, Measure time.Duration
	// ServerCore and ClientCore are the cores that processes run on; negative for any.
	ServerCore, ClientCore int
	// Profile is a file for a CPU profile of the server while it is measured, "" for none.
	Profile string
	// Args are more flags for the server.
	Args []string
}

// Every returns the ticks between two snapshots.
func (c *Config) Every() int { return arena.TickRate / c.Rate }

// Period returns the time between two snapshots.
func (c *Config) Period() time.Duration { return time.Second / time.Duration(c.Rate) }

// Validate reports what is wrong with c.
func (c *Config) Validate() error {
	switch {
	case c.Clients < 1 || c.Clients > 20_000 || c.Bots < 0 || c.Bots > 64:
		return fmt.Errorf("load: %d clients and %d bots, want 1 to 20,000 and at most 64", c.Clients, c.Bots)
	case c.RoomsOf < 1 || c.RoomsOf > c.seats():
		return fmt.Errorf("load: rooms of %d, want 1 to %d", c.RoomsOf, c.seats())
	case c.Rate < 10 || c.Rate > arena.TickRate || arena.TickRate%c.Rate != 0:
		return fmt.Errorf("load: %d snapshots a second, want 10, 12, 15, 20, 30 or %d", c.Rate, arena.TickRate)
	case c.Inputs < 8 || c.Inputs > arena.TickRate:
		return fmt.Errorf("load: %d input messages a second, want 8 to %d", c.Inputs, arena.TickRate)
	case c.Warm < 0 || c.Measure < 100*time.Millisecond || c.Measure > 10*time.Minute:
		return fmt.Errorf("load: %v are measured, want 100ms to 10m", c.Measure)
	}
	return nil
}

// ModeCrowd is the mode that is one large room.
const ModeCrowd = "crowd"

// seats returns how many a room of the mode can have.
func (c *Config) seats() int {
	if c.Mode == ModeCrowd {
		return arena.MaxCrowd
	}
	return arena.MaxPlayers
}

// Sample is what one server came to under load. Times are in the unit of their names.
type Sample struct {
	Floor   bool `json:"floor,omitempty"` // plain gws with ready frames
	Clients int  `json:"clients"`
	// CPU is the server's user and system time for each frame that clients received; reading their
	// inputs is part of it.
	CPU     float64 `json:"cpu_us_per_frame"`
	Bytes   float64 `json:"bytes_per_frame"` // with the WebSocket header
	Allocs  float64 `json:"allocs_per_frame"`
	Garbage float64 `json:"alloc_bytes_per_frame"`
	// Simulate and Compose are parts of CPU, as the rooms' own clock has them (see usual): steps of worlds with
	// their inputs, and snapshots until they were handed over. The rest is sockets, scheduling and garbage.
	Simulate float64 `json:"simulate_us_per_frame,omitempty"`
	Compose  float64 `json:"compose_us_per_frame,omitempty"`

	Rate    float64 `json:"frames_per_second"` // of one client
	Inputs  float64 `json:"inputs_per_second"` // of one client
	GapP50  float64 `json:"gap_p50_ms"`        // between two frames of a client
	GapP99  float64 `json:"gap_p99_ms"`
	GapP999 float64 `json:"gap_p999_ms"`

	Tick *Ticks `json:"tick,omitempty"` // nil for the floor

	Memory     float64     `json:"rss_kb_per_connection"`
	ServerLoad float64     `json:"server_cores"`
	ClientLoad float64     `json:"client_cores"`
	OtherLoad  float64     `json:"other_cores"` // what the machine did besides
	Unsent     uint64      `json:"inputs_unsent"`
	Lost       map[int]int `json:"lost,omitempty"` // connections that ended, by close code

	Bots *bots.Summary `json:"bots,omitempty"`
}

// Ticks is what the rooms measured of themselves.
type Ticks struct {
	P50      float64 `json:"p50_us"`
	P99      float64 `json:"p99_us"`
	P999     float64 `json:"p999_us"`
	LateP50  float64 `json:"late_p50_us"`
	LateP99  float64 `json:"late_p99_us"`
	LateP999 float64 `json:"late_p999_us"`
	Overruns float64 `json:"overruns"`
	Skipped  float64 `json:"snapshots_skipped"`
	// Missing is the share of players' ticks that had no command in time.
	Missing float64 `json:"commands_missing"`
}

// Server measures a server: this program's serve.
func (c *Config) Server(ctx context.Context) (*Sample, error) {
	dir, err := os.MkdirTemp("", "hindsight-load-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args := append([]string{
		"serve", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--data-dir", dir, "--log-level", "error",
		"--bots", "0", "--players", strconv.Itoa(c.RoomsOf), "--rooms", strconv.Itoa((c.Clients+c.Bots)/c.RoomsOf + 8),
		"--snapshot-every", strconv.Itoa(c.Every()), "--max-connections", strconv.Itoa(2*(c.Clients+c.Bots) + 1000),
		"--set", "warmup=0;score=0;time=3600",
	}, c.Args...)
	if c.Mode != "" {
		args = append(args, "--set", "mode="+c.Mode)
	}
	return c.measure(ctx, 0, args)
}

// Floor measures plain gws with ready frames of that size, see RunFloor.
func (c *Config) Floor(ctx context.Context, size int) (*Sample, error) {
	return c.measure(ctx, size, []string{"bench", "floor-server", "--size", strconv.Itoa(size), "--rate", strconv.Itoa(c.Rate)})
}

// measure starts a server with these arguments, a floor if it has a size, and clients, and ends both.
func (c *Config) measure(ctx context.Context, floor int, args []string) (*Sample, error) {
	server, err := start(ctx, c.Program, c.ServerCore, args...)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	r := &round{cfg: c, server: server, floor: floor}
	if r.addr, r.url, err = server.listening(ctx); err != nil {
		return nil, err
	}
	r.empty, err = resident(server.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	args = []string{
		"bench", "light-clients", "--addr", r.addr, "--clients", strconv.Itoa(c.Clients),
		"--inputs", strconv.Itoa(c.Inputs), "--every", strconv.Itoa(c.Every()),
	}
	if floor > 0 {
		args = append(args, "--plain")
	}
	if r.clients, err = start(ctx, c.Program, c.ClientCore, args...); err != nil {
		return nil, err
	}
	defer r.clients.stop()
	if err := r.join(ctx); err != nil {
		return nil, err
	}
	if c.Bots > 0 && floor == 0 {
		length := (c.Warm + c.Measure + time.Second).String()
		if r.bots, err = start(ctx, c.Program, c.ClientCore, "bots", "--url", "ws://"+r.addr, "--clients", strconv.Itoa(c.Bots), "--duration", length, "--json"); err != nil {
			return nil, err
		}
		defer r.bots.stop()
	}
	if err := wait(ctx, c.Warm); err != nil {
		return nil, err
	}
	return r.sample(ctx)
}

// round is one server under load.
type round struct {
	cfg           *Config
	server        *process
	clients, bots *process
	addr, url     string
	floor, empty  int
}

// joinTime is how long clients may take to come in, besides 2 ms for each.
const joinTime = 20 * time.Second

// join waits until every client plays.
func (r *round) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, joinTime+time.Duration(r.cfg.Clients)*2*time.Millisecond)
	defer cancel()
	for {
		t, err := r.tally(ctx)
		switch {
		case err != nil:
			return err
		case len(t.Closed) > 0:
			return fmt.Errorf("load: clients were turned away: %s; the server says: %s", t.FirstFail, &r.server.errs)
		case t.Playing == r.cfg.Clients:
			return nil
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("load: %d of %d clients got to play", t.Playing, r.cfg.Clients)
		}
	}
}

// tally asks the clients what they counted.
func (r *round) tally(ctx context.Context) (t Tally, err error) {
	line, err := r.clients.ask(ctx, wordReport)
	if err == nil {
		err = json.Unmarshal([]byte(line), &t)
	}
	return t, err
}

// clocks are the CPU times at one moment.
type clocks struct {
	at                       time.Time
	server, clients, machine time.Duration
}

func (r *round) clocks() (c clocks, err error) {
	var other error
	c.server, err = processTime(r.server.cmd.Process.Pid)
	c.clients, other = processTime(r.clients.cmd.Process.Pid)
	c.machine, c.at = machineTime(), time.Now()
	return c, errors.Join(err, other)
}

// sample measures. What the server says of itself is asked for outside of the time that is measured, so
// that answering costs it nothing then; where it is set against frames, the longer time is allowed for.
func (r *round) sample(ctx context.Context) (*Sample, error) {
	first, err := scrapeFrom(ctx, r.url)
	if err != nil {
		return nil, err
	}
	asked := time.Now()
	before, err := scrapeFrom(ctx, r.url)
	if err != nil {
		return nil, err
	}
	if err := r.clients.say(wordMark); err != nil {
		return nil, err
	}
	began, err := r.clocks()
	if err != nil {
		return nil, err
	}
	if err := r.watch(ctx); err != nil {
		return nil, err
	}
	t, err := r.tally(ctx)
	if err != nil {
		return nil, err
	}
	ended, err := r.clocks()
	if err != nil {
		return nil, err
	}
	full, err := resident(r.server.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	share := ended.at.Sub(began.at).Seconds() / time.Since(asked).Seconds()
	after, err := scrapeFrom(ctx, r.url)
	if err != nil {
		return nil, err
	}
	if t.Frames == 0 {
		return nil, fmt.Errorf("load: no frame arrived; %s", t.FirstFail)
	}
	s := r.cfg.sampleOf(&t, began, ended)
	s.Floor = r.floor > 0
	s.Memory = float64(full-r.empty) / 1024 / float64(r.cfg.Clients+r.cfg.Bots)
	s.says(first, before, after, float64(t.Frames)/share)
	if s.Bots, err = r.summary(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// watch lets the time pass that is measured, with a profile if one is wanted.
func (r *round) watch(ctx context.Context) error {
	if r.cfg.Profile == "" || r.floor > 0 {
		return wait(ctx, r.cfg.Measure)
	}
	url := fmt.Sprintf("%s?seconds=%d", r.url[:len(r.url)-len("metrics")]+"debug/pprof/profile", max(1, int(r.cfg.Measure.Seconds())))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.Create(r.cfg.Profile)
	if err != nil {
		return err
	}
	_, err = f.ReadFrom(resp.Body)
	return errors.Join(err, f.Close())
}

// sampleOf is what clients and clocks say.
func (c *Config) sampleOf(t *Tally, began, ended clocks) *Sample {
	d, frames, clients := ended.at.Sub(began.at).Seconds(), float64(t.Frames), float64(c.Clients)
	cores := func(a, b time.Duration) float64 { return (b - a).Seconds() / d }
	ms := func(q float64) float64 { return float64(t.Gaps.Quantile(q)) / 1000 }
	s := &Sample{
		Clients: c.Clients,
		CPU:     (ended.server - began.server).Seconds() * 1e6 / frames,
		Bytes:   float64(t.Bytes) / frames,
		Rate:    frames / clients / d, Inputs: float64(t.Inputs) / clients / d,
		GapP50: ms(.5), GapP99: ms(.99), GapP999: ms(.999),
		ServerLoad: cores(began.server, ended.server), ClientLoad: cores(began.clients, ended.clients),
		Unsent: t.Unsent, Lost: t.Closed,
	}
	if ended.machine > 0 {
		s.OtherLoad = max(0, cores(began.machine, ended.machine)-s.ServerLoad-s.ClientLoad)
	}
	return s
}

// says adds what the server measured of itself while it sent so many frames. Being asked for it is work
// too: how much shows between two questions in a row, first and before.
func (s *Sample) says(first, before, after scrape, frames float64) {
	diff := func(name string) float64 { return after.value(name) - before.value(name) }
	per := func(name string) float64 {
		return max(0, diff(name)-before.value(name)+first.value(name)) / frames
	}
	s.Allocs, s.Garbage = per("go_memstats_mallocs_total"), per("go_memstats_alloc_bytes_total")
	if s.Floor {
		return
	}
	const us = 1e6
	took, late := after.between(before, "hindsight_tick_seconds"), after.between(before, "hindsight_tick_late_seconds")
	encode := after.between(before, "hindsight_tick_encode_seconds")
	s.Compose = encode.usual() * us / frames
	s.Simulate = max(0, took.usual()*us/frames-s.Compose)
	s.Tick = &Ticks{
		P50: took.quantile(.5) * us, P99: took.quantile(.99) * us, P999: took.quantile(.999) * us,
		LateP50: late.quantile(.5) * us, LateP99: late.quantile(.99) * us, LateP999: late.quantile(.999) * us,
		Overruns: diff("hindsight_tick_overruns_total"), Skipped: diff("hindsight_snapshots_skipped_total"),
	}
	used, missing := diff("hindsight_inputs_total/used"), diff("hindsight_inputs_total/missing")
	if used+missing > 0 {
		s.Tick.Missing = missing / (used + missing)
	}
}

// summary waits for the bots to end and returns what they got; nil if there are none.
func (r *round) summary(ctx context.Context) (*bots.Summary, error) {
	if r.bots == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Warm+r.cfg.Measure+startTime)
	defer cancel()
	for {
		line, err := r.bots.line(ctx)
		if err != nil {
			return nil, err
		}
		var last struct{ Summary *bots.Summary }
		if err := json.Unmarshal([]byte(line), &last); err == nil && last.Summary != nil {
			return last.Summary, nil
		}
	}
}

// wait lets d pass.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Self returns the path of this program.
func Self() (string, error) {
	p, err := os.Executable()
	if err != nil {
		return "", err
	}
	return exec.LookPath(p)
}
