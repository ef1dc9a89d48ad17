// Package lobby finds a room for a player and keeps the rooms running.
//
// A Lobby owns the goroutines of its rooms: Run starts them and returns when all have ended. Its
// mutex guards the list of rooms and nothing that happens in a tick. It knows no wire and no
// connection; package session brings it entrants.
package lobby

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/server/room"
)

// closeEmptyAfter is how long a room that is not a game's first stays open without people.
const closeEmptyAfter = 30 * time.Second

// Config is a lobby's settings. Hosts and Now are required.
type Config struct {
	// Hosts are the games that can be played. The first room of each has the game's name as its id
	// and stays open.
	Hosts []game.Host
	// Settings go to the games' rotations: "mode", "maps" and whatever else a game knows.
	Settings map[string]string
	// Maps holds maps of the host's own, or is nil.
	Maps fs.FS
	// MaxRooms is the most rooms open at once. 0 means 64.
	MaxRooms int
	// Room is the pattern for every room; ID, Host, Rotation, Seed and Token are filled in.
	Room room.Config
	// Log receives what goes wrong with rooms; nil for none.
	Log *slog.Logger
}

// Lobby is the list of open rooms.
type Lobby struct {
	cfg       Config
	rotations []game.Rotation // of cfg.Hosts
	ready     chan struct{}   // closed when Run has opened the first rooms
	wg        sync.WaitGroup

	mu    sync.Mutex
	ctx   context.Context // of Run; nil before and after
	rooms map[string]*entry
}

// entry is an open room.
type entry struct {
	*room.Room
	game       string
	permanent  bool
	emptySince time.Time // zero while someone is there
	close      context.CancelFunc
}

// New checks the settings against every game. It opens nothing.
func New(cfg Config) (*Lobby, error) {
	if len(cfg.Hosts) == 0 {
		return nil, errors.New("lobby: no game to host")
	}
	if cfg.MaxRooms <= 0 {
		cfg.MaxRooms = 64
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l := &Lobby{cfg: cfg, ready: make(chan struct{}), rooms: map[string]*entry{}}
	for _, h := range cfg.Hosts {
		r, err := h.NewRotation(cfg.Settings, cfg.Maps)
		if err != nil {
			return nil, err
		}
		l.rotations = append(l.rotations, r)
	}
	return l, nil
}

// Run opens each game's first room and keeps all rooms running until ctx ends. It returns when the
// last has ended, with the error that kept the first rooms from opening, if any.
func (l *Lobby) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer l.wg.Wait()
	defer cancel()
	if err := l.openFirst(ctx); err != nil {
		return err
	}
	close(l.ready)
	sweep := time.NewTicker(time.Second)
	defer sweep.Stop()
	for {
		select {
		case now := <-sweep.C:
			l.closeEmpty(now)
		case <-ctx.Done():
			l.mu.Lock()
			l.ctx = nil
			l.mu.Unlock()
			return nil
		}
	}
}

func (l *Lobby) openFirst(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ctx = ctx
	for i := range l.cfg.Hosts {
		e, err := l.open(i, l.cfg.Hosts[i].Name)
		if err != nil {
			l.ctx = nil
			return err
		}
		e.permanent = true
	}
	return nil
}

// open makes a room and starts it. The caller holds mu.
func (l *Lobby) open(host int, id string) (*entry, error) {
	cfg := l.cfg.Room
	cfg.ID, cfg.Host, cfg.Rotation = id, l.cfg.Hosts[host], l.rotations[host]
	u := uuid.New()
	for _, b := range u[8:] {
		cfg.Seed = cfg.Seed<<8 | uint64(b)
	}
	cfg.Token = func() string { return id + "." + strings.ReplaceAll(uuid.NewString(), "-", "") }
	r, err := room.New(cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(l.ctx)
	e := &entry{Room: r, game: cfg.Host.Name, close: cancel}
	l.rooms[id] = e
	l.wg.Go(func() {
		defer cancel()
		if err := r.Run(ctx); err != nil {
			l.cfg.Log.Error("room failed", "room", id, "err", err)
		}
		l.ended(e, host)
	})
	return e, nil
}

// ended takes a room off the list. A game's first room that failed is opened anew.
func (l *Lobby) ended(e *entry, host int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.rooms, e.ID())
	if e.permanent && l.ctx != nil && l.ctx.Err() == nil {
		if n, err := l.open(host, e.ID()); err == nil {
			n.permanent = true
		}
	}
}

// closeEmpty ends rooms that nobody has been in for a while.
func (l *Lobby) closeEmpty(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.rooms {
		switch {
		case e.permanent:
		case e.Info().People > 0:
			e.emptySince = time.Time{}
		case e.emptySince.IsZero():
			e.emptySince = now
		case now.Sub(e.emptySince) > closeEmptyAfter:
			e.close()
		}
	}
}

// Join seats an entrant: in the room its resume token is from, in the room of that id, or in the
// best room of the game. The error is a room.Refusal, or the context's.
func (l *Lobby) Join(ctx context.Context, id, gameName string, en room.Entrant) (room.Seat, error) {
	select {
	case <-l.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if at, _, ok := strings.Cut(en.Token, "."); ok {
		id = at
	}
	for range 3 { // a room may fill up or end between being found and being joined
		r, err := l.find(id, gameName, en.Token != "")
		if err != nil {
			return nil, err
		}
		seat, err := r.Join(ctx, en)
		switch {
		case errors.Is(err, room.ErrClosed):
		case id == "" && errors.Is(err, room.Refusal(protocol.CloseRoomFull)):
		default:
			return seat, err
		}
	}
	return nil, room.Refusal(protocol.CloseRoomFull)
}

// find returns the room of that id, or for an empty id the one of the game with the most people
// that still has a seat; if there is none it opens one.
func (l *Lobby) find(id, gameName string, resuming bool) (*entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx == nil {
		return nil, room.Refusal(protocol.CloseRestart)
	}
	if id != "" {
		e, ok := l.rooms[id]
		switch {
		case !ok && resuming:
			return nil, room.Refusal(protocol.CloseSessionGone)
		case !ok:
			return nil, room.Refusal(protocol.CloseRoomUnknown)
		case e.game != gameName:
			return nil, room.Refusal(protocol.CloseVersion)
		}
		return e, nil
	}
	if e := l.best(gameName); e != nil {
		return e, nil
	}
	host := slices.IndexFunc(l.cfg.Hosts, func(h game.Host) bool { return h.Name == gameName })
	switch {
	case host < 0:
		return nil, room.Refusal(protocol.CloseVersion)
	case len(l.rooms) >= l.cfg.MaxRooms:
		return nil, room.Refusal(protocol.CloseRoomFull)
	}
	return l.open(host, gameName+"-"+uuid.NewString()[:8])
}

// best returns the fullest room of the game with a seat left, nil if there is none.
func (l *Lobby) best(gameName string) *entry {
	var best *entry
	most := -1
	for _, id := range slices.Sorted(maps.Keys(l.rooms)) {
		e := l.rooms[id]
		if i := e.Info(); e.game == gameName && i.People < i.MaxPlayers && i.People > most {
			best, most = e, i.People
		}
	}
	return best
}

// List returns the open rooms, in order of their ids.
func (l *Lobby) List() []room.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]room.Info, 0, len(l.rooms))
	for _, id := range slices.Sorted(maps.Keys(l.rooms)) {
		list = append(list, l.rooms[id].Info())
	}
	return list
}
