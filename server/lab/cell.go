package lab

import (
	"fmt"

	"hindsight/game"
	"hindsight/game/games/arena/maps"
	"hindsight/protocol"
	"hindsight/protocol/simnet"
)

// Cell is one set of conditions, the same for every player of an experiment.
type Cell struct {
	RTT    protocol.Micros // the shortest round trip
	Jitter protocol.Micros // mean of the exponential delay on top, in each direction
	Loss   int             // lost segments in a million
	Stall  protocol.Micros // how long each player's network is down, once every StallEvery
	Rate   int             // capacity in each direction in bit/s, 0 for no limit
	FPS    int             // frames drawn in a second; 0 means 60

	Players int // 0 means 8
	Play    protocol.Micros
	Seed    uint64
}

const (
	// StallEvery is how often a cell with stalls has one for each player.
	StallEvery = 30 * protocol.Second
	// FrameOverhead is what each frame costs on the wire beyond its payload, in bytes: the headers of
	// WebSocket (4), TLS 1.3 (22), TCP with timestamps (32) and IPv4 (20).
	FrameOverhead = 78
)

// Arena is the flagship game with its own rotation of maps: what cells are played in.
func Arena() (game.Host, game.Rotation, error) {
	r, err := maps.NewRotation(nil, nil)
	return maps.Host, r, err
}

// Clean reports whether nothing but distance is between the players and the room.
func (c *Cell) Clean() bool { return c.Jitter == 0 && c.Loss == 0 && !c.Troubled() }

// Troubled reports whether there is more than distance, jitter and loss.
func (c *Cell) Troubled() bool { return c.Stall != 0 || c.Rate != 0 || c.FPS != 0 && c.FPS != 60 }

// Trouble names what there is more than distance, jitter and loss.
func (c *Cell) Trouble() string {
	s := ""
	add := func(format string, args ...any) {
		if s != "" {
			s += ", "
		}
		s += fmt.Sprintf(format, args...)
	}
	if c.Stall != 0 {
		add("%g s stalls", float64(c.Stall)/float64(protocol.Second))
	}
	if c.Rate != 0 {
		add("%d kbit/s", c.Rate/1000)
	}
	if c.FPS != 0 && c.FPS != 60 {
		add("%d fps", c.FPS)
	}
	if s == "" {
		return "none"
	}
	return s
}

// String describes the cell in a few words.
func (c *Cell) String() string {
	s := fmt.Sprintf("RTT %d ms, jitter %d ms, loss %g %%", c.RTT/protocol.Millisecond, c.Jitter/protocol.Millisecond, float64(c.Loss)/10_000)
	if c.Troubled() {
		s += ", " + c.Trouble()
	}
	return s
}

// Matrix returns the 240 cells of the standard matrix, each like c but for the conditions.
func Matrix(c Cell) (cells []Cell) {
	const ms = protocol.Millisecond
	troubles := []Cell{{}, {Stall: 500 * ms}, {Stall: 2000 * ms}, {Rate: 160_000}, {FPS: 10}}
	for _, trouble := range troubles {
		c.Stall, c.Rate, c.FPS = trouble.Stall, trouble.Rate, trouble.FPS
		for _, c.RTT = range []protocol.Micros{0, 50 * ms, 100 * ms, 200 * ms} {
			for _, c.Jitter = range []protocol.Micros{0, 5 * ms, 20 * ms} {
				for _, c.Loss = range []int{0, 1_000, 10_000, 30_000} {
					cells = append(cells, c)
				}
			}
		}
	}
	return cells
}

// config returns the experiment of the cell in the arena.
func (c *Cell) config() (Config, error) {
	host, rotation, err := Arena()
	if c.Players <= 0 {
		c.Players = 8
	}
	return Config{
		Host: host, Rotation: rotation, Players: c.Players, FPS: c.FPS, Seed: c.Seed,
		Link: simnet.Config{
			Latency: c.RTT / 2, Jitter: c.Jitter, Loss: c.Loss, Rate: c.Rate / 8, Overhead: FrameOverhead,
		},
		Stall: c.Stall, StallEvery: StallEvery,
	}, err
}

// Run plays the cell in the arena and returns what came of it.
func (c Cell) Run() (*Result, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	l, err := New(cfg)
	if err != nil {
		return nil, err
	}
	probe := l.Observe()
	if err := l.Run(c.Play); err != nil {
		return nil, fmt.Errorf("%v: %w", &c, err)
	}
	r := resultOf(c, probe)
	probe.lab, probe.gauges = nil, nil // many results are kept at once
	return r, nil
}
