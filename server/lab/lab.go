// Package lab plays real client cores against a real room over simulated TCP links in virtual time:
// the whole of the netcode in one goroutine, without sockets or clocks. Equal configurations give
// equal results to the last bit, and ten minutes of play take seconds, so what it measures can be
// asserted exactly in a test.
//
//	lab.go, player.go, conn.go      the experiment: a room, its players, their connections
//	probe*.go, histogram.go         what is observed while it runs
//	cell.go, result.go, figures.go  one cell of the matrix of conditions, what it came to, its goals
//	trials.go, trial_*.go           experiments of their own: outages, overload, cheats, a planted bug
//
// A Lab belongs to one goroutine; different ones may run at once. It leaves out what only a real
// server has: gws, the guard and the kernel.
package lab

import (
	"fmt"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/simnet"
	"hindsight/server/room"
)

// Config is an experiment. Host and Rotation are required.
type Config struct {
	Host     game.Host
	Rotation game.Rotation
	// Players is how many clients join, one each quarter second.
	Players int
	// Bots is how many seats the room fills with its own bots; see room.Config.
	Bots int
	// Skill is that of every brain, 1 to 5; 0 means 3.
	Skill int
	// Link is each direction of each player's connection; seeds are derived from Seed.
	Link simnet.Config
	// DownRate is the capacity towards the player in bytes per second, if it is not Link.Rate.
	DownRate int
	// Stall takes each player's links down for so long, once every StallEvery, no two players at
	// the same time. 0 means never.
	Stall, StallEvery protocol.Micros
	// FPS is how often a player's screen is drawn. 0 means 60.
	FPS int
	// SnapshotEvery is the ticks between snapshots. 0 means 1.
	SnapshotEvery int
	// WatchDelay is how far behind those are kept who look on.
	WatchDelay protocol.Micros
	Seed       uint64
}

// sights is for all experiments: most are on the same maps.
var sights room.Sights

// Lab is a running experiment.
type Lab struct {
	cfg     Config
	now     protocol.Micros
	Room    *room.Room
	Players []*Player
	// OnFrame, if set, is called whenever a player's screen was drawn.
	OnFrame func(p *Player, pic *netcode.Picture)
	probe   *Probe // nil for none
	tokens  int
}

// New returns an experiment at time 0.
func New(cfg Config) (*Lab, error) {
	if cfg.FPS <= 0 {
		cfg.FPS = 60
	}
	if cfg.Skill <= 0 {
		cfg.Skill = 3
	}
	if cfg.DownRate <= 0 {
		cfg.DownRate = cfg.Link.Rate
	}
	l := &Lab{cfg: cfg}
	r, err := room.New(room.Config{
		Sights: &sights,
		ID:     "lab", Host: cfg.Host, Rotation: cfg.Rotation, Seed: cfg.Seed,
		Bots: cfg.Bots, BotSkill: cfg.Skill, SnapshotEvery: cfg.SnapshotEvery, Watchers: 4, WatchDelay: cfg.WatchDelay,
		Now:   func() protocol.Micros { return l.now },
		Token: func() string { l.tokens++; return fmt.Sprint("lab.", l.tokens) },
		Meter: func() room.Meter { return &meter{lab: l} },
	})
	if err != nil {
		return nil, err
	}
	l.Room = r
	for i := range cfg.Players {
		l.Players = append(l.Players, newPlayer(l, i, false))
	}
	return l, nil
}

// Now returns the virtual time.
func (l *Lab) Now() protocol.Micros { return l.now }

// interval is the time between two ticks, rounded down.
func (l *Lab) interval() protocol.Micros {
	return protocol.Second / protocol.Micros(l.cfg.Host.TickRate)
}

// Run lets d of virtual time pass. The error is a breach of the protocol by either side, which is a
// bug.
func (l *Lab) Run(d protocol.Micros) error {
	for end := l.now + d; ; {
		at := end
		if next, awake := l.Room.Next(); awake {
			at = min(at, next)
		}
		for _, p := range l.Players {
			at = min(at, p.next())
		}
		if at >= end {
			l.now = end
			return nil
		}
		l.now = max(l.now, at)
		for _, p := range l.Players {
			if err := p.pass(l.now); err != nil {
				return fmt.Errorf("lab: %v: player %d: %w", l.now, p.Index, err)
			}
		}
		if next, awake := l.Room.Next(); awake && next <= l.now {
			l.Room.Tick(l.now)
			l.probe.ticked()
		}
	}
}
