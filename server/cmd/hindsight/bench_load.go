package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"hindsight/game/games/arena"
	"hindsight/server/load"
)

// loadFlags say what a server is loaded with and how that is reported.
type loadFlags struct {
	Clients []int         `help:"Numbers of light clients, each measured by itself." default:"500" short:"n"`
	Mode    string        `help:"The arena's mode. In crowd all clients share rooms of up to 1000." enum:",ffa,tdm,mixed,crowd" default:""`
	RoomsOf int           `help:"Clients to a room; 0 for 16, and for 1000 in a crowd." default:"0"`
	Bots    int           `help:"Full clients that play beside them: what players get under the load." default:"0"`
	Rate    int           `help:"Snapshots a second." default:"20"`
	Inputs  int           `help:"Input messages a second of each client. The commands of all ticks are sent: as our clients send them, one in each; with 30 two." default:"60"`
	Warmup  time.Duration `help:"How long everyone plays before it counts." default:"5s"`
	Seconds float64       `help:"How long is measured in each round, in seconds." default:"5"`
	Rounds  int           `help:"How often each is measured. Medians are reported." default:"3"`
	Cores   []int         `help:"Core of the server and core of the clients; -1,-1 for any. Default 0,1, on a machine with one core any." placeholder:"N"`
	Serve   []string      `help:"Another flag for hindsight serve, such as --serve=--no-replays. May be given several times." sep:"none" placeholder:"FLAG"`
	JSON    bool          `name:"json" help:"Print JSON." xor:"form"`
	Bench   bool          `help:"Print lines for benchstat." xor:"form"`
}

// benchLoadCmd measures a server under load.
type benchLoadCmd struct {
	loadFlags

	Search  bool   `help:"Look for the most clients that one core holds, starting with --clients: p99 frame gap of one and a half periods at most."`
	Most    int    `help:"Where the search ends." default:"8000"`
	Profile string `help:"File for a CPU profile of the server while it is measured." type:"path" placeholder:"FILE"`
}

// benchFloorCmd measures it against the floor.
type benchFloorCmd struct{ loadFlags }

// config returns the load that the flags ask for.
func (f *loadFlags) config() (c load.Config, err error) {
	self, err := load.Self()
	if err != nil {
		return c, err
	}
	c = load.Config{
		Program: self, Mode: f.Mode, RoomsOf: f.RoomsOf, Bots: f.Bots, Rate: f.Rate, Inputs: f.Inputs,
		Warm: f.Warmup, Measure: time.Duration(f.Seconds * float64(time.Second)),
		ServerCore: -1, ClientCore: -1, Args: f.Serve,
	}
	if c.RoomsOf == 0 {
		if c.RoomsOf = 16; c.Mode == load.ModeCrowd {
			c.RoomsOf = arena.MaxCrowd
		}
	}
	switch {
	case len(f.Cores) == 2:
		c.ServerCore, c.ClientCore = f.Cores[0], f.Cores[1]
	case len(f.Cores) != 0:
		return c, errors.New("--cores wants two: the server's and the clients', such as 0,1")
	case runtime.NumCPU() > 1:
		c.ServerCore, c.ClientCore = 0, 1
	}
	if len(f.Clients) == 0 || f.Rounds < 1 || f.Rounds > 100 {
		return c, fmt.Errorf("%d numbers of --clients and %d --rounds, want at least one of each and at most 100 rounds", len(f.Clients), f.Rounds)
	}
	for _, c.Clients = range f.Clients {
		if err := c.Validate(); err != nil {
			return c, err
		}
	}
	c.Clients = f.Clients[0]
	return c, nil
}

// print writes a report in the form that was asked for.
func (f *loadFlags) print(r *load.Report) error {
	switch {
	case f.JSON:
		return json.NewEncoder(os.Stdout).Encode(r)
	case f.Bench:
		r.Bench(os.Stdout)
	default:
		r.Print(os.Stdout)
	}
	return nil
}

// tell says how far a run is, on the side: a run takes minutes.
func tell(s *load.Sample) {
	what := "server"
	if s.Floor {
		what = "floor"
	}
	fmt.Fprintf(os.Stderr, "%-6s %5d clients: %5.1f µs a frame, p99 gap %.1f ms, others %.2f cores\n", what, s.Clients, s.CPU, s.GapP99, s.OtherLoad)
}

// interruptible returns a context that ends with Ctrl+C or SIGTERM.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// Run measures and reports.
func (c *benchLoadCmd) Run() error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	cfg.Profile = c.Profile
	ctx, stop := interruptible()
	defer stop()
	r := load.NewReport(version, &cfg)
	if c.Search {
		err = r.Find(ctx, cfg, c.Most, tell)
	} else {
		err = r.Rounds(ctx, cfg, c.Clients, c.Rounds, false, tell)
	}
	if err != nil {
		return err
	}
	return c.print(r)
}

// Run measures and reports.
func (c *benchFloorCmd) Run() error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	r := load.NewReport(version, &cfg)
	if err := r.Rounds(ctx, cfg, c.Clients, c.Rounds, true, tell); err != nil {
		return err
	}
	return c.print(r)
}

// benchFloorServerCmd is a process of bench floor.
type benchFloorServerCmd struct {
	Size int `help:"Bytes in a frame." required:""`
	Rate int `help:"Frames a second." required:""`
}

// Run serves until standard input ends.
func (c *benchFloorServerCmd) Run() error {
	return load.RunFloor(load.FloorConfig{Size: c.Size, Rate: c.Rate}, os.Stdin, os.Stdout)
}

// benchLightClientsCmd is a process of bench load and bench floor.
type benchLightClientsCmd struct {
	Addr    string `help:"Game socket, host:port." required:""`
	Clients int    `help:"How many." required:""`
	Inputs  int    `help:"Input messages a second." required:""`
	Every   int    `help:"Ticks between two snapshots." required:""`
	Plain   bool   `help:"The server is the floor."`
}

// Run plays until standard input ends.
func (c *benchLightClientsCmd) Run() error {
	return load.RunSwarm(load.SwarmConfig{
		Addr: c.Addr, Clients: c.Clients, TickRate: arena.TickRate, Every: c.Every, Messages: c.Inputs, Plain: c.Plain,
	}, os.Stdin, os.Stdout)
}
