package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"hindsight/protocol"
	"hindsight/server"
	"hindsight/server/room"
	"hindsight/server/session"
)

// minReplaySpace has room for one long match.
const minReplaySpace = 1 << 20

// serveCmd runs a server.
type serveCmd struct {
	hostFlags

	Bots     int `help:"Seats of a room that bots fill while fewer people are there." default:"6"`
	BotSkill int `help:"Skill of the bots, 1 (beginner) to 5 (expert); 0 for a mixture." default:"0"`

	Rooms         int           `help:"Most rooms open at once." default:"64"`
	Players       int           `help:"Seats of a room; 0 for as many as the game has." default:"0"`
	SnapshotEvery int           `help:"Ticks between two snapshots, 1 to 6: more saves bytes and costs delay; 0 for 1, and 2 in a crowd." default:"0"`
	SeatHold      time.Duration `help:"How long the seat of a lost connection is kept." default:"30s"`

	MaxConnections int           `help:"Most connections at once." default:"10000"`
	MaxPerAddress  int           `help:"Most connections from one IPv4 address or IPv6 /64 network; loopback is exempt." default:"64"`
	Transport      string        `help:"How game sockets are read and written: goroutine, two of them for each socket; poll, all of them 240 times a second, which costs half as much for each input and delays it by 2 ms, on Linux without TLS; auto, poll where it can be." enum:"auto,goroutine,poll" default:"auto"`
	Drain          time.Duration `help:"How long players may play on after SIGTERM or Ctrl+C, such as 2m. They are told, new ones are refused; a second signal hurries." default:"0s"`

	WalkIn     bool          `help:"Let people sit down who do not come from the lobby: bots, and links to a room. No history is kept of them." default:"true" negatable:"" group:"Lobby"`
	Watchers   int           `help:"How many may look on in a room." default:"8"`
	MaxRewind  time.Duration `help:"How long ago what a shooter saw may be for the shot to be judged by it: 767ms lets players with 200 ms of latency and 1 % of loss hit what they see, less is kinder to those who are shot at." default:"767ms"`
	WatchDelay time.Duration `help:"How long ago what onlookers see happened, such as 10s, so that nobody helps a friend by looking on; 0s for the present." default:"0s"`
	StandIn    bool          `help:"Let a bot play for a player whose connection was lost, until it is back." default:"true" negatable:""`

	Replays     bool `help:"Record every match, in replays in --data-dir. What was played in a private room, or one with a password, is on no list." default:"true" negatable:"" group:"Replays"`
	ReplaySpace size `help:"Space that replays may take; the oldest are deleted." default:"256MB" placeholder:"SIZE" group:"Replays"`

	Lobby string `help:"Address of a lobby elsewhere that this game server belongs to, such as https://play.example.org; needs --token. Then nothing is remembered here." placeholder:"URL" group:"Lobby"`
}

// Validate checks what kong cannot.
func (c *serveCmd) Validate() error {
	for _, r := range []struct {
		flag          string
		is, low, high int
	}{
		{"bots", c.Bots, 0, protocol.MaxPlayers}, {"bot-skill", c.BotSkill, 0, 5}, {"rooms", c.Rooms, 1, 10_000},
		{"players", c.Players, 0, protocol.MaxPlayers}, {"snapshot-every", c.SnapshotEvery, 0, 6}, {"watchers", c.Watchers, 0, 1000},
		{"max-connections", c.MaxConnections, 1, 1_000_000}, {"max-per-address", c.MaxPerAddress, 1, 1_000_000},
	} {
		if r.is < r.low || r.is > r.high {
			return fmt.Errorf("--%s is %d, want %d to %d", r.flag, r.is, r.low, r.high)
		}
	}
	if c.ReplaySpace < minReplaySpace {
		return fmt.Errorf("--replay-space is %d bytes, want 1MB at least; --no-replays records nothing", c.ReplaySpace)
	}
	if c.Drain < 0 || c.SeatHold < time.Second {
		return fmt.Errorf("--drain is %v and --seat-hold %v, want 0s and 1s at least", c.Drain, c.SeatHold)
	}
	if c.MaxRewind < 100*time.Millisecond || c.MaxRewind > 767*time.Millisecond {
		return fmt.Errorf("--max-rewind is %v, want 100ms to 767ms", c.MaxRewind)
	}
	if most := time.Duration(room.MaxWatchDelay) * time.Microsecond; c.WatchDelay < 0 || c.WatchDelay > most {
		return fmt.Errorf("--watch-delay is %v, want 0s to %v", c.WatchDelay, most)
	}
	if c.Lobby != "" && c.Token == "" {
		return fmt.Errorf("--lobby needs the secret that the lobby was started with; give it with --token or HINDSIGHT_TOKEN")
	}
	return c.hostFlags.Validate()
}

// gcPercent is GOGC unless the environment says otherwise. A server at play makes next to no garbage, so that
// collecting it at half the growth costs nothing that can be measured; see PERFORMANCE.md.
const gcPercent = 50

// Run serves until it is told to stop.
func (c *serveCmd) Run() error {
	part := server.Both
	if c.Lobby != "" {
		part = server.GameServer
	}
	cfg, err := c.config(part)
	if err != nil {
		return err
	}
	cfg.Lobby, cfg.TicketsOnly = c.Lobby, !c.WalkIn
	cfg.MaxRooms, cfg.MaxPlayers, cfg.Watchers = c.Rooms, c.Players, c.Watchers
	cfg.MaxRewind, cfg.WatchDelay = c.MaxRewind, c.WatchDelay
	cfg.Bots, cfg.BotSkill, cfg.SnapshotEvery = c.Bots, c.BotSkill, c.SnapshotEvery
	cfg.SeatHold, cfg.StandIn, cfg.Drain = c.SeatHold, c.StandIn, c.Drain
	cfg.Crashes = c.crashes()
	if err := c.keepReplays(&cfg); err != nil {
		return err
	}
	cfg.Limits.Connections, cfg.Limits.PerAddress = c.MaxConnections, c.MaxPerAddress
	cfg.Transport, _ = session.ParseTransport(c.Transport) // kong knows the names
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	return c.run(cfg)
}

// keepReplays says where matches are recorded, if they are.
func (c *serveCmd) keepReplays(cfg *server.Config) error {
	if !c.Replays {
		return nil
	}
	dir, err := c.dataFolder()
	cfg.Replays, cfg.ReplaySpace = filepath.Join(dir, "replays"), int64(c.ReplaySpace)
	return err
}
