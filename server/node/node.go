// Package node is one game server's rooms: it opens and closes them, finds the one that an arriving
// player is meant for, and checks the ticket of those whom a lobby has sent.
//
// A Node owns the goroutines of its rooms: Run starts them and returns when all have ended. Its
// mutex guards the list of rooms and nothing that happens in a tick. It knows no connection, which
// package session brings, and no lobby: whoever makes tickets that its Verifier believes is one.
package node

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"math/bits"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/server/room"
	"hindsight/server/ticket"
)

// closeEmptyAfter is how long a room that is not permanent stays open without people.
const closeEmptyAfter = 30 * time.Second

// sweepEvery is how often the rooms are looked after.
const sweepEvery = 500 * time.Millisecond

// Config is a node's settings. Hosts and Room.Now are required.
type Config struct {
	// Hosts are the games that can be played. The first room of each has the game's name as its id
	// and stays open.
	Hosts []game.Host
	// Settings go to the games' rotations where a room has none of its own: "mode", "maps" and
	// whatever else a game knows.
	Settings map[string]string
	// Maps holds maps of the host's own, or is nil.
	Maps fs.FS
	// Bare opens no rooms but those that are asked for: under a lobby with other nodes a room of the
	// same id on each would be one too many.
	Bare bool
	// MaxRooms is the most rooms open at once. 0 means 64.
	MaxRooms int
	// Room is the pattern for every room; ID, Host, Rotation, Seed and Token are filled in.
	Room room.Config
	// Alarm makes what a room sleeps on; nil for the standard library's timers.
	Alarm func() room.Alarm
	// Name names this run of the node, for tickets; "" makes one up.
	Name string
	// Tickets checks the tickets that a lobby has signed for this run of the node; nil believes none.
	Tickets *ticket.Verifier
	// Wall is the wall clock, which tickets are dated by. Nil means time.Now.
	Wall func() time.Time
	// Result receives what rooms report, with the id of the match. It must not block.
	Result func(match uuid.UUID, r room.Result)
	// Record is asked for a tape as each match begins, in the room's goroutine; it may fill in the
	// header's Began, and must not block. A nil tape records nothing, and so does a nil Record.
	Record func(match uuid.UUID, s Spec, h *replay.Header) room.Tape
	// Failed is told of a room that has ended in a panic, in the room's goroutine, which does nothing
	// else any more; Stalled of one that does not go on, and since when, once until it does. Either
	// may be nil.
	Failed  func(Failure)
	Stalled func(roomID string, since time.Duration)
	// Log receives what goes wrong with rooms; nil for none.
	Log *slog.Logger
}

// Node is the list of open rooms.
type Node struct {
	cfg    Config
	name   string
	usual  map[string]game.Rotation // of the rooms without settings of their own, by game; immutable
	ledger *ticket.Ledger
	ready  chan struct{} // closed when Run has opened the first rooms
	wg     sync.WaitGroup

	mu       sync.Mutex
	ctx      context.Context // of Run; nil before and after
	rooms    map[string]*entry
	opened   uint32          // rooms opened so far
	fallen   []Spec          // permanent rooms that are to be opened anew
	watched  protocol.Micros // when watch last looked
	draining bool
}

// entry is an open room.
type entry struct {
	*room.Room
	spec       Spec
	opened     time.Time
	began      protocol.Micros // the same by Room.Now
	match      uuid.UUID       // the one that is played; owned by the room's goroutine
	tape       room.Tape       // of that match; owned by the room's goroutine
	stalled    bool            // and reported; guarded by the node's mu
	coming     int             // entrants that were sent there and have no answer yet; guarded by the node's mu
	emptySince time.Time       // zero while someone is there
	close      context.CancelFunc
}

// New checks the settings against every game. It opens nothing.
func New(cfg Config) (*Node, error) {
	if len(cfg.Hosts) == 0 {
		return nil, errors.New("node: no game to host")
	}
	if cfg.MaxRooms <= 0 {
		cfg.MaxRooms = 64
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Wall == nil {
		cfg.Wall = time.Now
	}
	usual := map[string]game.Rotation{}
	for _, h := range cfg.Hosts {
		r, err := h.NewRotation(cfg.Settings, cfg.Maps)
		if err != nil {
			return nil, err
		}
		usual[h.Name] = r
	}
	if cfg.Room.Sights == nil {
		cfg.Room.Sights = &room.Sights{}
	}
	if cfg.Name == "" {
		cfg.Name = uuid.NewString()
	}
	return &Node{cfg: cfg, name: cfg.Name, usual: usual, ledger: ticket.NewLedger(0), ready: make(chan struct{}), rooms: map[string]*entry{}}, nil
}

// Run opens each game's first room and keeps all rooms running until ctx ends. It returns when the
// last has ended, with the error that kept the first rooms from opening, if any.
func (n *Node) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer n.await()
	defer cancel()
	if err := n.openFirst(ctx); err != nil {
		return err
	}
	close(n.ready)
	n.wg.Go(n.survey)
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case now := <-sweep.C:
			n.closeEmpty(now)
			n.watch()
			n.reopen()
		case <-ctx.Done():
			n.mu.Lock()
			n.ctx = nil
			n.mu.Unlock()
			return nil
		}
	}
}

func (n *Node) openFirst(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ctx = ctx
	if n.cfg.Bare {
		return nil
	}
	for _, h := range n.cfg.Hosts {
		if _, err := n.open(Spec{ID: h.Name, Game: h.Name, Permanent: true}); err != nil {
			n.ctx = nil
			return err
		}
	}
	return nil
}

// surveyed is how many matches of a rotation are looked at: it has most of its maps by then.
const surveyed = 16

// survey works out the lines of sight of the maps that will be played, so that no match has to wait for
// them as it begins.
func (n *Node) survey() {
	for _, r := range n.usual {
		for i := range surveyed {
			if walls := r.Match(i, 0).Walls; walls != nil {
				n.cfg.Room.Sights.Of(walls)
			}
		}
	}
}

// open makes a room and starts it. The caller holds mu.
func (n *Node) open(s Spec) (*entry, error) {
	e := &entry{spec: s, opened: n.cfg.Wall(), began: n.cfg.Room.Now()}
	cfg, err := n.configure(e)
	if err != nil {
		return nil, err
	}
	if n.cfg.Alarm != nil {
		cfg.Alarm = n.cfg.Alarm()
	}
	n.opened++
	cfg.Phase = phase(n.opened, cfg.Host.TickRate, max(cfg.SnapshotEvery, 1))
	if e.Room, err = build(cfg); err != nil {
		if cfg.Alarm != nil {
			cfg.Alarm.Close()
		}
		return nil, err
	}
	ctx, cancel := context.WithCancel(n.ctx)
	e.close = cancel
	n.rooms[s.ID] = e
	n.wg.Go(func() {
		defer cancel()
		labels := pprof.Labels("room", s.ID) // by which a stack is found again
		pprof.Do(ctx, labels, func(ctx context.Context) {
			if err := e.Run(ctx); err != nil {
				n.failed(e, err)
			}
		})
		n.ended(e)
	})
	return e, nil
}

// slots is how many moments between two ticks rooms begin theirs at: few enough that rooms have some in
// common, and with them the wake-up of a Clock, and so many that one room's work, times the rooms of a
// slot, does not reach into the next.
const slots = 16

// phase spreads rooms over the slots of the ticks from one snapshot to the next: each of the first sixteen
// has a slot of its own, and however many there are, they are spread evenly, because the bits of the
// slots' numbers count backwards. Sending is more work than stepping, so the rooms of a slot send in turns.
func phase(nth uint32, rate, every int) protocol.Micros {
	slot := bits.Reverse32(nth) >> (32 - 4) // of 2^4
	tick := (nth + nth/slots) % uint32(every)
	return protocol.Micros(tick*slots+slot+1) * protocol.Second / protocol.Micros(slots*rate)
}

// configure turns an entry's spec into a room's settings.
func (n *Node) configure(e *entry) (room.Config, error) {
	cfg, s := n.cfg.Room, e.spec
	i := n.host(s.Game)
	if i < 0 {
		return cfg, room.Refusal(protocol.CloseVersion)
	}
	rotation, err := n.rotation(&n.cfg.Hosts[i], s.Settings)
	if err != nil {
		return cfg, SettingsError{err}
	}
	s.apply(&cfg)
	cfg.Host, cfg.Rotation = n.cfg.Hosts[i], rotation
	u := uuid.New()
	for _, b := range u[8:] {
		cfg.Seed = cfg.Seed<<8 | uint64(b)
	}
	cfg.Token = func() string { return s.ID + "." + strings.ReplaceAll(uuid.NewString(), "-", "") }
	cfg.Record = func(h *replay.Header) room.Tape {
		e.match, e.tape = uuid.New(), nil
		if n.cfg.Record != nil {
			e.tape = n.cfg.Record(e.match, s, h)
		}
		return e.tape
	}
	if report := n.cfg.Result; report != nil {
		cfg.Result = func(r room.Result) { report(e.match, r) }
	}
	return cfg, nil
}

// rotation returns that of a room with these settings beside the node's. Rooms that have none share one, and its maps.
func (n *Node) rotation(h *game.Host, own map[string]string) (game.Rotation, error) {
	if len(own) == 0 {
		return n.usual[h.Name], nil
	}
	settings := map[string]string{}
	maps.Copy(settings, n.cfg.Settings)
	maps.Copy(settings, own)
	return h.NewRotation(settings, n.cfg.Maps)
}

func (n *Node) host(gameName string) int {
	return slices.IndexFunc(n.cfg.Hosts, func(h game.Host) bool { return h.Name == gameName })
}

// closeEmpty ends rooms that nobody has been in for a while.
func (n *Node) closeEmpty(now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.rooms {
		switch i := e.Info(); {
		case e.spec.Permanent:
		case i.People > 0 || i.Booked > 0 || i.Watchers > 0 || e.coming > 0:
			e.emptySince = time.Time{}
		case e.emptySince.IsZero():
			e.emptySince = now
		case now.Sub(e.emptySince) > closeEmptyAfter:
			e.close()
		}
	}
}
