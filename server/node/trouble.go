package node

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/room"
)

const (
	// stalledAfter is how long a room may say nothing before it counts as hanging: at rest it says
	// that it is well every room.BeatEvery, at play in every tick.
	stalledAfter = room.BeatEvery * 3 / 2
	// shortLived is how long a permanent room has to have run to be opened anew at once. One that
	// fails as soon as it is opened waits for the next sweep, or it would fail as fast as it can.
	shortLived = protocol.Second
	// closingTime is how long rooms may take to end when they are told to. One that hangs in a tick
	// never does, and must not keep a server from stopping.
	closingTime = 5 * time.Second
)

// Failure is a room that has ended in a panic.
type Failure struct {
	Spec  Spec
	Match uuid.UUID // the one that was played; it has no result
	Tape  room.Tape // what it was recorded on, nil for none; it has been closed
	Err   error     // a *room.Crash
}

// failed reports a room's panic. Whoever is told of it may panic no more than the room.
func (n *Node) failed(e *entry, err error) {
	n.cfg.Log.Error("room failed", "room", e.spec.ID, "match", e.match, "err", err)
	if n.cfg.Failed != nil {
		n.cfg.Failed(Failure{Spec: e.spec, Match: e.match, Tape: e.tape, Err: err})
	}
}

// build makes a room. Its game has a say in that, and may panic as it may in a tick.
func build(cfg room.Config) (r *room.Room, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, fmt.Errorf("room %s: panic before its first match: %v", cfg.ID, p)
		}
	}()
	return room.New(cfg)
}

// ended takes a room off the list. A permanent room that failed is opened anew.
func (n *Node) ended(e *entry) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.rooms, e.ID())
	if !e.spec.Permanent || n.draining || n.ctx == nil || n.ctx.Err() != nil {
		return
	}
	n.fallen = append(n.fallen, e.spec)
	if n.cfg.Room.Now()-e.began >= shortLived {
		n.raise()
	}
}

// reopen opens permanent rooms that have fallen.
func (n *Node) reopen() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.raise()
}

// raise is reopen for a caller that holds mu.
func (n *Node) raise() {
	if n.draining {
		n.fallen = nil
	}
	n.fallen = slices.DeleteFunc(n.fallen, func(s Spec) bool {
		if n.rooms[s.ID] != nil {
			return true
		}
		_, err := n.open(s)
		if err != nil {
			n.cfg.Log.Error("room cannot be opened again", "room", s.ID, "err", err)
		}
		return err == nil
	})
}

// hangs reports that a room has not been well for too long.
func (e *entry) hangs(now protocol.Micros) bool { return now-e.Beat() > stalledAfter }

// watch notices rooms that hang, and that go on again. Nothing can be done about either: a goroutine
// cannot be ended from outside. But newcomers are led elsewhere, and the operator is told. When the
// last look was too long ago it was the whole process that stood still, and says nothing of a room.
func (n *Node) watch() {
	type stall struct {
		id    string
		since time.Duration
	}
	var fresh []stall
	n.mu.Lock()
	now := n.cfg.Room.Now()
	late := now-n.watched > protocol.Micros(2*sweepEvery/time.Microsecond)
	n.watched = now
	for id, e := range n.rooms {
		if late {
			break
		}
		since := time.Duration(now-e.Beat()) * time.Microsecond
		switch hangs := e.hangs(now); {
		case hangs && !e.stalled:
			fresh = append(fresh, stall{id, since})
			n.cfg.Log.Error("a room hangs", "room", id, "since", since.String())
		case !hangs && e.stalled:
			n.cfg.Log.Warn("a room that hung goes on", "room", id)
		}
		e.stalled = e.hangs(now)
	}
	n.mu.Unlock()
	if n.cfg.Stalled != nil {
		for _, s := range fresh {
			n.cfg.Stalled(s.id, s.since)
		}
	}
}

// Stalled returns how many rooms hang now.
func (n *Node) Stalled() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	count, now := 0, n.cfg.Room.Now()
	for _, e := range n.rooms {
		if e.hangs(now) {
			count++
		}
	}
	return count
}

// await waits for all rooms to end, but not for ever.
func (n *Node) await() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.wg.Wait()
	}()
	late := time.NewTimer(closingTime)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.cfg.Log.Error("rooms do not end and are left behind", slog.Int("rooms", len(n.rooms)))
	}
}
