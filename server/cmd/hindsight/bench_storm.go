package main

import (
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"time"

	"hindsight/server/load"
)

// benchStormCmd measures a crowd that is idle, and then cut.
type benchStormCmd struct {
	Clients int      `help:"Players whose pages are in the background: seated, silent." default:"1000" short:"n"`
	Players int      `help:"Light clients that play beside them, at 20 snapshots a second." default:"64"`
	RoomsOf int      `help:"Players to a room." default:"32"`
	Seconds float64  `help:"How long matches are watched before the cut." default:"5"`
	Stay    bool     `help:"Cut nobody: measure what idle players take."`
	Mute    bool     `help:"The idle ones say no hello and get no seat: measure what their connections alone take."`
	Cores   []int    `help:"Core of the server and core of the clients; -1,-1 for any. Default 0,1, on a machine with one core any." placeholder:"N"`
	Serve   []string `help:"Another flag for hindsight serve. May be given several times." sep:"none" placeholder:"FLAG"`
	JSON    bool     `name:"json" help:"Print JSON."`
}

// config returns the storm that the flags ask for.
func (c *benchStormCmd) config() (s load.StormConfig, err error) {
	s = load.StormConfig{
		Idle: c.Clients, Players: c.Players, RoomsOf: c.RoomsOf, Calm: time.Duration(c.Seconds * float64(time.Second)), Stay: c.Stay, Mute: c.Mute,
		ServerCore: -1, ClientCore: -1, Args: c.Serve,
	}
	switch {
	case len(c.Cores) == 2:
		s.ServerCore, s.ClientCore = c.Cores[0], c.Cores[1]
	case len(c.Cores) != 0:
		return s, errors.New("--cores wants two: the server's and the clients', such as 0,1")
	case runtime.NumCPU() > 1:
		s.ServerCore, s.ClientCore = 0, 1
	}
	if err := s.Validate(); err != nil {
		return s, err
	}
	s.Program, err = load.Self()
	return s, err
}

// Run measures and reports.
func (c *benchStormCmd) Run() error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	r, err := cfg.Run(ctx, version)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	r.Print(os.Stdout)
	return nil
}

// benchIdleClientsCmd is a process of bench storm.
type benchIdleClientsCmd struct {
	Addr    string `help:"Game socket, host:port." required:""`
	Clients int    `help:"How many." required:""`
	Seed    uint64 `help:"Of their back-off." required:""`
	Mute    bool   `help:"Say no hello."`
}

// Run idles until standard input ends.
func (c *benchIdleClientsCmd) Run() error {
	return load.RunIdlers(load.IdlersConfig{Addr: c.Addr, Clients: c.Clients, Seed: c.Seed, Mute: c.Mute}, os.Stdin, os.Stdout)
}
