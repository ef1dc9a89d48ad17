package node

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room"
	"hindsight/server/room/walk"
)

// guest is a connection that remembers its welcome.
type guest struct {
	dec     frame.Decoder
	welcome frame.Welcome
	closed  protocol.CloseCode
}

func (g *guest) Ready() bool                   { return true }
func (g *guest) Waited() protocol.Micros       { return 0 }
func (g *guest) Buffer() []byte                { return nil }
func (g *guest) Send([]byte)                   {}
func (g *guest) Close(code protocol.CloseCode) { g.closed = code }
func (g *guest) Post(b []byte) {
	if t, _ := g.dec.Type(b); t == frame.TypeWelcome {
		if err := g.dec.Welcome(b, &g.welcome); err != nil {
			panic(err)
		}
	}
}

// inside runs f with a running node in virtual time.
func inside(t *testing.T, cfg Config, f func(n *Node, join func(id, token string) (*guest, room.Seat, error))) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if cfg.Hosts == nil {
			cfg.Hosts = []game.Host{walk.Game}
		}
		cfg.Room.Now = func() protocol.Micros { return protocol.Micros(time.Since(began).Microseconds()) }
		n, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- n.Run(ctx) }()
		f(n, func(id, token string) (*guest, room.Seat, error) {
			g := &guest{}
			s, err := n.Join(ctx, id, "walk", room.Entrant{Name: "Ann", Token: token, Sender: g})
			return g, s, err
		})
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestPlayersMeetInTheFullestRoom(t *testing.T) {
	inside(t, Config{Room: room.Config{MaxPlayers: 2}}, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		for i := range 5 {
			g, _, err := join("", "")
			if err != nil {
				t.Fatal(err)
			}
			if first := g.welcome.Room == "walk"; first != (i < 2) {
				t.Errorf("player %d is in %q", i, g.welcome.Room)
			}
		}
		if got := len(n.List()); got != 3 {
			t.Errorf("%d rooms for 5 players in rooms of 2", got)
		}
	})
}

// slow is a connection to which a welcome takes a moment.
type slow struct{ guest }

func (s *slow) Post([]byte) { time.Sleep(time.Millisecond) }

// Who comes in a crowd is told "full" only if the server is: all see the same free seat, and all but one
// find it taken, again and again.
func TestACrowdIsSeated(t *testing.T) {
	const crowd = 60
	inside(t, Config{Room: room.Config{MaxPlayers: 2}}, func(n *Node, _ func(id, token string) (*guest, room.Seat, error)) {
		errs := make(chan error, crowd)
		for range crowd {
			go func() {
				_, err := n.Join(context.Background(), "", "walk", room.Entrant{Name: "Ann", Sender: &slow{}})
				errs <- err
			}()
		}
		for range crowd {
			if err := <-errs; err != nil {
				t.Errorf("%v, with %d rooms of 64 open", err, len(n.List()))
			}
		}
	})
}

// A seat that was kept for somebody who did not come keeps an empty room open no longer than itself.
func TestAnUnusedBookingLetsItsRoomClose(t *testing.T) {
	inside(t, Config{}, func(n *Node, _ func(id, token string) (*guest, room.Seat, error)) {
		<-n.ready
		if _, err := n.Create(context.Background(), Spec{ID: "later", Game: "walk"}); err != nil {
			t.Fatal(err)
		}
		if err := n.Book(context.Background(), "later", 10*time.Second, "nobody"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		if len(n.List()) != 2 {
			t.Error("the room closed although somebody is on the way")
		}
		time.Sleep(3*time.Second + closeEmptyAfter + time.Second)
		if got := n.List(); len(got) != 1 {
			t.Errorf("%d rooms are open, want the first alone", len(got))
		}
	})
}

func TestRoomsById(t *testing.T) {
	inside(t, Config{}, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		if g, _, err := join("walk", ""); err != nil || g.welcome.Room != "walk" {
			t.Errorf("joined %q: %v", g.welcome.Room, err)
		}
		if _, _, err := join("nowhere", ""); !errors.Is(err, room.Refusal(protocol.CloseRoomUnknown)) {
			t.Errorf("an unknown room gives %v", err)
		}
		if _, err := n.Join(context.Background(), "", "chess", room.Entrant{}); !errors.Is(err, room.Refusal(protocol.CloseVersion)) {
			t.Errorf("an unknown game gives %v", err)
		}
	})
}

func TestTokenLeadsBackToItsRoom(t *testing.T) {
	inside(t, Config{Room: room.Config{MaxPlayers: 1}}, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		_, _, _ = join("", "")
		g, seat, err := join("", "")
		if err != nil || g.welcome.Room == "walk" {
			t.Fatal(g.welcome, err)
		}
		seat.Lost()
		again, _, err := join("", g.welcome.Token)
		if err != nil || again.welcome.Room != g.welcome.Room || again.welcome.Player != g.welcome.Player {
			t.Errorf("resumed in %+v (%v), want %+v", again.welcome, err, g.welcome)
		}
		if _, _, err := join("", "gone.123"); !errors.Is(err, room.Refusal(protocol.CloseSessionGone)) {
			t.Errorf("a token of a room that ended gives %v", err)
		}
	})
}

func TestEmptyRoomsCloseButTheFirst(t *testing.T) {
	inside(t, Config{Room: room.Config{MaxPlayers: 1}}, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		_, a, _ := join("", "")
		_, b, _ := join("", "")
		a.Leave()
		b.Leave()
		time.Sleep(closeEmptyAfter + 3*time.Second)
		synctest.Wait()
		if list := n.List(); len(list) != 1 || list[0].Spec.ID != "walk" {
			t.Errorf("open rooms: %+v", list)
		}
	})
}

func TestFullHouse(t *testing.T) {
	inside(t, Config{MaxRooms: 1, Room: room.Config{MaxPlayers: 1}}, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		_, _, _ = join("", "")
		if _, _, err := join("", ""); !errors.Is(err, room.Refusal(protocol.CloseRoomFull)) {
			t.Errorf("a full server gives %v", err)
		}
	})
}

func TestNobodyJoinsAStoppedNode(t *testing.T) {
	n, err := New(Config{Hosts: []game.Host{walk.Game}, Room: room.Config{Now: func() protocol.Micros { return 0 }}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Join(t.Context(), "", "walk", room.Entrant{}); !errors.Is(err, room.Refusal(protocol.CloseRestart)) {
		t.Errorf("Join = %v", err)
	}
}

// A room that hangs gives its place on the list up, and has it back when it goes on. One at rest
// keeps it.
func TestAListingIsALease(t *testing.T) {
	inside(t, Config{}, func(n *Node, join func(id, token string) (*guest, room.Seat, error)) {
		listed := func() bool { return len(n.List()) == 1 }
		time.Sleep(time.Minute)
		if !listed() {
			t.Error("a room at rest is not listed")
		}
		r, err := n.Room("walk")
		if err != nil {
			t.Fatal(err)
		}
		hang, hanging := make(chan struct{}), make(chan struct{})
		go func() {
			_, _ = r.Join(context.Background(), room.Entrant{Sender: &hook{before: func() { close(hanging); <-hang }}})
		}()
		<-hanging
		time.Sleep(3 * time.Second)
		if !listed() {
			t.Error("hidden after 3 s of silence")
		}
		time.Sleep(2 * time.Second)
		if listed() {
			t.Error("still listed after 5 s of silence")
		}
		close(hang)
		time.Sleep(time.Second)
		if !listed() {
			t.Error("not back on the list")
		}
	})
}

// hook is a connection whose first frame takes a while to be taken.
type hook struct {
	guest
	before func()
	posts  int
}

func (h *hook) Post([]byte) {
	if h.posts++; h.posts == 1 {
		h.before()
	}
}
