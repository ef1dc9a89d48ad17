package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"hindsight/game/games/arena"
)

// StormConfig is a crowd that does nothing, and comes back when all of it is cut at once. Nobody in a room
// is quite at rest: a room with a person in it ticks, and sends everyone a frame each quarter of a second at
// least. So who is idle here is a player whose page is in the background: it has a seat, has said so, and
// sends nothing from then on but pongs.
type StormConfig struct {
	Program string
	// Idle is how many do nothing, Players how many play beside them, in rooms of RoomsOf.
	Idle, Players, RoomsOf int
	// Calm is how long is measured before the cut. Stay has nobody cut: only memory is measured.
	Calm time.Duration
	Stay bool
	// Mute is that idlers do not say Hello, and have no seat: what their connections alone take.
	Mute bool
	// ServerCore and ClientCore are the cores that processes run on; negative for any.
	ServerCore, ClientCore int
	Args                   []string // more flags for the server
}

// Validate reports what is wrong with c.
func (c *StormConfig) Validate() error {
	switch {
	case c.Idle < 1 || c.Idle > 20_000 || c.Players < 1 || c.Players > 2000:
		return fmt.Errorf("load: %d idlers and %d players, want 1 to 20,000 and 1 to 2,000", c.Idle, c.Players)
	case c.RoomsOf < 2 || c.RoomsOf > arena.MaxPlayers:
		return fmt.Errorf("load: rooms of %d, want 2 to %d", c.RoomsOf, arena.MaxPlayers)
	case c.Calm < 100*time.Millisecond || c.Calm > 10*time.Minute:
		return fmt.Errorf("load: %v are measured, want 100ms to 10m", c.Calm)
	}
	return nil
}

// Storm is what came of it. Times are in the unit of their names, memory is for each idler.
type Storm struct {
	Version string `json:"version"`
	Machine string `json:"machine"`
	Idle    int    `json:"idle"`
	Players int    `json:"players"`
	Rooms   int    `json:"rooms"`
	Mute    bool   `json:"mute,omitempty"` // idlers have no seats

	// Memory is after a collection, and some seconds for its pages to go back to the system. An idler's
	// share of the room is part of it.
	RSS        float64 `json:"rss_kb"`
	Heap       float64 `json:"heap_kb"`
	Stacks     float64 `json:"stack_kb"`
	Goroutines float64 `json:"goroutines"`

	Calm  *Weather   `json:"calm"`
	Storm *Weather   `json:"storm,omitempty"` // from the cut until everybody is back
	Back  *Comeback  `json:"back,omitempty"`
	Idler *IdleTally `json:"idlers"`
}

// Weather is how matches went for a while.
type Weather struct {
	Seconds  float64 `json:"seconds"`
	TickP99  float64 `json:"tick_p99_ms"` // how long a tick took
	LateP99  float64 `json:"late_p99_ms"` // how late it began
	GapP99   float64 `json:"gap_p99_ms"`  // between two frames of one who plays
	Overruns float64 `json:"overruns"`    // ticks given up
	Server   float64 `json:"server_cores"`
	Others   float64 `json:"other_cores"` // the clients among them
}

// Comeback is how long after the cut idlers had a snapshot again.
type Comeback struct {
	P50  float64 `json:"p50_ms"`
	P99  float64 `json:"p99_ms"`
	All  float64 `json:"all_ms"` // the last of them
	Lost int     `json:"lost"`   // who never had
}

const (
	idlersEach = 5000             // in one process
	stormMost  = 60 * time.Second // until everybody should be back
	scavenge   = 60 * time.Second // the same, until freed pages are the system's
)

// storm is one under way.
type storm struct {
	round  // the server and those who play
	want   *StormConfig
	idlers []*process
}

// Run measures.
func (c *StormConfig) Run(ctx context.Context, version string) (*Storm, error) {
	if err := mayOpen(c.Idle + c.Players + 4*c.rooms() + 500); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "hindsight-storm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s := &storm{want: c, round: round{cfg: &Config{Clients: c.Players}}}
	defer s.stop()
	if s.server, err = start(ctx, c.Program, c.ServerCore, c.serve(dir)...); err != nil {
		return nil, err
	}
	if s.addr, s.url, err = s.server.listening(ctx); err != nil {
		return nil, err
	}
	s.clients, err = start(ctx, c.Program, c.ClientCore, "bench", "light-clients", "--addr", s.addr,
		"--clients", strconv.Itoa(c.Players), "--inputs", "30", "--every", strconv.Itoa(stormEvery))
	if err != nil {
		return nil, err
	}
	if err := s.join(ctx); err != nil {
		return nil, err
	}
	r := &Storm{Version: version, Machine: machine(), Idle: c.Idle, Players: c.Players, Mute: c.Mute}
	if err := s.fill(ctx, r); err != nil {
		return nil, err
	}
	return r, s.measure(ctx, r)
}

// stop ends what was started.
func (s *storm) stop() {
	for _, p := range append(s.idlers, s.clients, s.server) {
		if p != nil {
			p.stop()
		}
	}
}

// stormEvery is the ticks between two snapshots: 20 a second.
const stormEvery = 3

func (c *StormConfig) rooms() int { return (c.Idle+c.Players)/c.RoomsOf + 8 }

// serve are the server's flags. Of its limits two are raised, since the crowd is more than a default
// server takes: connections and rooms. The limits by address do not count loopback. Those of handshakes
// in a second, of connections without a Hello, and of the time until one, stay as they are.
func (c *StormConfig) serve(dir string) []string {
	args := []string{
		"serve", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--data-dir", dir, "--log-level", "error",
		"--bots", "0", "--players", strconv.Itoa(c.RoomsOf), "--rooms", strconv.Itoa(c.rooms()),
		"--snapshot-every", strconv.Itoa(stormEvery), "--max-connections", strconv.Itoa(2*(c.Idle+c.Players) + 1000),
		"--set", "warmup=0;score=0;time=3600",
	}
	if c.Mute {
		args = append(args, "--limit", fmt.Sprintf("hello=1h;waiting=%d", c.Idle+c.Players+1))
	}
	return append(args, c.Args...)
}

// fill brings the idlers in and measures the memory that they take.
func (s *storm) fill(ctx context.Context, r *Storm) error {
	before, err := s.memory(ctx)
	if err != nil {
		return err
	}
	for left := s.want.Idle; left > 0; left -= idlersEach {
		args := []string{"bench", "idle-clients", "--addr", s.addr, "--clients", strconv.Itoa(min(left, idlersEach)), "--seed", strconv.Itoa(left)}
		if s.want.Mute {
			args = append(args, "--mute")
		}
		p, err := start(ctx, s.want.Program, s.want.ClientCore, args...)
		if err != nil {
			return err
		}
		s.idlers = append(s.idlers, p)
	}
	switch t, err := s.seated(ctx, joinTime+time.Duration(s.want.Idle)*5*time.Millisecond); {
	case err != nil:
		return err
	case t.Stopped > 0:
		return fmt.Errorf("load: idlers were turned away: %s; the server says: %s", t.FirstFail, &s.server.errs)
	case t.Seated < s.want.Idle:
		return fmt.Errorf("load: %d of %d idlers got a seat", t.Seated, s.want.Idle)
	}
	after, err := s.memory(ctx)
	if err != nil {
		return err
	}
	each := func(name string) float64 { return (after.value(name) - before.value(name)) / float64(s.want.Idle) }
	r.RSS, r.Heap = each("process_resident_memory_bytes")/1024, each("go_memstats_heap_inuse_bytes")/1024
	r.Stacks, r.Goroutines = each("go_memstats_stack_inuse_bytes")/1024, each("go_goroutines")
	r.Rooms = int(after.value("hindsight_rooms"))
	return nil
}

// memory has the server collect its garbage until the system has the freed pages back, and returns what it
// says of itself then.
func (s *storm) memory(ctx context.Context) (scrape, error) {
	least, still := math.Inf(1), 0
	for began := time.Now(); ; {
		if err := s.collect(ctx); err != nil {
			return nil, err
		}
		if err := wait(ctx, 2*time.Second); err != nil {
			return nil, err
		}
		now, err := scrapeFrom(ctx, s.url)
		if err != nil {
			return nil, err
		}
		rss := now.value("process_resident_memory_bytes")
		if still++; rss < .98*least {
			least, still = rss, 0
		}
		if still == 3 || time.Since(began) > scavenge {
			return now, nil
		}
	}
}

// collect has the server collect its garbage.
func (s *storm) collect(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.url, "metrics")+"debug/pprof/heap?gc=1", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// idle asks all idlers what they counted.
func (s *storm) idle(ctx context.Context) (*IdleTally, error) {
	t := &IdleTally{}
	for _, p := range s.idlers {
		line, err := p.ask(ctx, wordReport)
		if err != nil {
			return nil, err
		}
		var one IdleTally
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			return nil, err
		}
		t.add(&one)
	}
	return t, nil
}

// seated waits until every idler is in a seat or was told not to come back, and returns their tally.
func (s *storm) seated(ctx context.Context, patience time.Duration) (*IdleTally, error) {
	for began := time.Now(); ; {
		t, err := s.idle(ctx)
		if err != nil || t.Seated+t.Stopped >= s.want.Idle || time.Since(began) > patience {
			return t, err
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// measure watches matches while nothing happens, and then while everybody is cut and comes back.
func (s *storm) measure(ctx context.Context, r *Storm) (err error) {
	if r.Calm, err = s.weather(ctx, func() error { return wait(ctx, s.want.Calm) }); err != nil {
		return err
	}
	if r.Idler, err = s.idle(ctx); err != nil || s.want.Stay {
		return err
	}
	r.Storm, err = s.weather(ctx, func() error {
		for _, p := range s.idlers {
			if err := p.say(wordCut); err != nil {
				return err
			}
		}
		r.Idler, err = s.seated(ctx, stormMost)
		return err
	})
	if err != nil {
		return err
	}
	ms := func(q float64) float64 { return float64(r.Idler.Back.Quantile(q)) / 1000 }
	r.Back = &Comeback{P50: ms(.5), P99: ms(.99), All: ms(1), Lost: s.want.Idle - r.Idler.Seated}
	return nil
}

// weather measures how matches go until something is over.
func (s *storm) weather(ctx context.Context, something func() error) (*Weather, error) {
	before, err := scrapeFrom(ctx, s.url)
	if err != nil {
		return nil, err
	}
	if err := s.clients.say(wordMark); err != nil {
		return nil, err
	}
	began, err := s.clocks()
	if err != nil {
		return nil, err
	}
	if err := something(); err != nil {
		return nil, err
	}
	ended, err := s.clocks()
	if err != nil {
		return nil, err
	}
	t, err := s.tally(ctx)
	if err != nil {
		return nil, err
	}
	after, err := scrapeFrom(ctx, s.url)
	if err != nil {
		return nil, err
	}
	d := ended.at.Sub(began.at).Seconds()
	w := &Weather{
		Seconds: d, GapP99: float64(t.Gaps.Quantile(.99)) / 1000,
		TickP99:  after.between(before, "hindsight_tick_seconds").quantile(.99) * 1000,
		LateP99:  after.between(before, "hindsight_tick_late_seconds").quantile(.99) * 1000,
		Overruns: after.value("hindsight_tick_overruns_total") - before.value("hindsight_tick_overruns_total"),
		Server:   (ended.server - began.server).Seconds() / d,
	}
	w.Others = max(0, (ended.machine-began.machine).Seconds()/d-w.Server)
	return w, nil
}
