package node

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/server/room"
	"hindsight/server/room/walk"
)

// bomb is the walking game with a bug in its first tick.
func bomb() game.Host {
	h := walk.Game
	h.NewRotation = func(map[string]string, fs.FS) (game.Rotation, error) { return walk.Rotation(walk.Bomb), nil }
	return h
}

// A panic ends its room, is told of with all there is to know, and the permanent room is back at once
// for those who come anew.
func TestAFailureIsReported(t *testing.T) {
	var got []Failure
	cfg := Config{Hosts: []game.Host{bomb()}, Failed: func(f Failure) { got = append(got, f) }}
	inside(t, cfg, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		time.Sleep(time.Minute) // at rest: nobody is there
		g, _, err := join("walk", "")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if g.closed != protocol.CloseRoomError {
			t.Errorf("closed with %d", g.closed)
		}
		var c *room.Crash
		if len(got) != 1 || !errors.As(got[0].Err, &c) || got[0].Spec.ID != "walk" || c.Cause != "walk: a bug" || len(c.Inputs) != 1 {
			t.Fatalf("told of %+v", got)
		}
		if list := n.List(); len(list) != 1 || list[0].Info.People != 0 {
			t.Errorf("open rooms: %+v", list)
		}
		if _, _, err := join("", g.welcome.Token); !errors.Is(err, room.Refusal(protocol.CloseSessionGone)) {
			t.Errorf("the token of a room that failed gives %v", err)
		}
	})
}

// A permanent room that fails as soon as it is opened is not opened as fast as it can fail, and a game
// that panics before there is a match ends nothing but that attempt.
func TestAGameThatAlwaysPanics(t *testing.T) {
	var opened atomic.Int32
	var broken atomic.Bool
	h := walk.Game
	d := *h.Definition
	world := d.NewWorld
	d.NewWorld = func(b []byte) (game.World, error) {
		if opened.Add(1); broken.Load() {
			panic("a bug in a map")
		}
		return world(b)
	}
	h.Definition = &d
	h.NewRotation = bomb().NewRotation
	var log bytes.Buffer
	cfg := Config{Hosts: []game.Host{h}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	inside(t, cfg, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		time.Sleep(time.Minute)
		broken.Store(true)
		opened.Store(0)
		_, _, _ = join("walk", "")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := opened.Load(); n < 5 || n > 25 {
			t.Errorf("opened %d times in 10 s", n)
		}
		if _, err := n.Create(context.Background(), Spec{ID: "another", Game: "walk"}); err == nil || !strings.Contains(err.Error(), "panic before its first match") {
			t.Errorf("Create = %v", err)
		}
		broken.Store(false)
		time.Sleep(time.Second)
		synctest.Wait()
		if len(n.List()) != 1 {
			t.Error("not opened again once it can be")
		}
	})
	if !strings.Contains(log.String(), "room cannot be opened again") {
		t.Error("the log is silent")
	}
}

// A process that was stopped for a while says nothing of its rooms.
func TestAPauseIsNoStall(t *testing.T) {
	now, told := protocol.Micros(0), 0
	n, err := New(Config{
		Hosts: []game.Host{walk.Game}, Stalled: func(string, time.Duration) { told++ },
		Room: room.Config{Now: func() protocol.Micros { return now }},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := room.New(room.Config{ID: "hall", Host: walk.Game, Rotation: walk.Rotation(9), Now: n.cfg.Room.Now})
	if err != nil {
		t.Fatal(err)
	}
	n.rooms["hall"] = &entry{Room: r}
	pass := func(d protocol.Micros, want int) {
		t.Helper()
		now += d
		if n.watch(); told != want {
			t.Errorf("told %d times after another %v, want %d", told, d, want)
		}
	}
	pass(500*protocol.Millisecond, 0)
	pass(10*protocol.Second, 0)
	pass(500*protocol.Millisecond, 1) // everyone has had the time to say that he is well
	pass(500*protocol.Millisecond, 1)
}

// A room that hangs is told of once, newcomers are led elsewhere, and a node can be stopped all the same.
func TestAStallIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		told := 0
		var log bytes.Buffer
		n, err := New(Config{
			Hosts: []game.Host{walk.Game}, Log: slog.New(slog.NewTextHandler(&log, nil)),
			Stalled: func(id string, since time.Duration) {
				if told++; id != "walk" || since < time.Second || since > 3*time.Second {
					t.Errorf("told of %s after %v", id, since)
				}
			},
			Room: room.Config{Now: func() protocol.Micros { return protocol.Micros(time.Since(began).Microseconds()) }},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- n.Run(ctx) }()
		enter := func(id string, s room.Sender) (room.Seat, error) {
			return n.Join(t.Context(), id, "walk", room.Entrant{Name: "Ann", Sender: s})
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if told != 0 || n.Stalled() != 0 {
			t.Fatal("a room at rest is said to hang")
		}
		hang := make(chan struct{})
		go func() { _, _ = enter("walk", &hook{before: func() { <-hang }}) }()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if told != 1 || n.Stalled() != 1 {
			t.Errorf("told %d times, %d hang", told, n.Stalled())
		}
		elsewhere := &guest{}
		if _, err := enter("", elsewhere); err != nil || elsewhere.welcome.Room == "walk" {
			t.Errorf("a newcomer was led to %q: %v", elsewhere.welcome.Room, err)
		}
		close(hang)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if told != 1 || n.Stalled() != 0 {
			t.Errorf("told %d times, %d hang after it went on", told, n.Stalled())
		}
		again := make(chan struct{})
		go func() { _, _ = enter("walk", &hook{before: func() { <-again }}) }()
		synctest.Wait()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), "left behind") || !strings.Contains(log.String(), "goes on") {
			t.Errorf("the log says\n%s", &log)
		}
		close(again)
	})
}
