package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/lobby"
	"hindsight/server/node"
	"hindsight/server/room"
	"hindsight/server/ticket"
)

func TestASeatInARoomElsewhere(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("the room is listed", time.Second, s.has(1))
		o, err := s.Seat(s.Context(), player("Ann"), lobby.Wish{Game: "walk"})
		if err != nil {
			s.Fatal(err)
		}
		if o.URL != "wss://eu1.example/ws" || o.Room != "walk" {
			s.Errorf("offered %+v", o)
		}
		if i := n.List()[0].Info; i.Booked != 1 {
			s.Errorf("booked: %+v", i)
		}
		g, err := n.sit(o.Room, o.Ticket)
		if err != nil {
			s.Fatal(err)
		}
		if _, err := n.sit(o.Room, o.Ticket); !errors.Is(err, ticket.ErrUsed) {
			s.Errorf("a second time: %v", err)
		}
		took := s.until("the lobby hears of her", time.Second, func() bool {
			li, ok := s.Room("walk")
			return ok && li.Info.People == 1 && li.Info.Booked == 0
		})
		if took > 200*time.Millisecond {
			s.Errorf("the lobby heard of it after %v", took)
		}
		s.until("she plays", time.Second, func() bool { return g.frames.Load() > 2 }) // her page is hidden
	})
}

func TestWhatALobbyAsks(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("it is connected", time.Second, s.has(1))
		r, ok := s.hub.Remote("eu1")
		if !ok || len(s.hub.Remotes()) != 1 || r.Build() != "server" || r.Capacity() != 8 {
			s.Fatalf("remote %+v", r)
		}
		spec := node.Spec{ID: "mine", Game: "walk", Name: "café", MaxPlayers: 2, Password: "x", Settings: map[string]string{"mode": "a"}}
		first, err := r.Create(s.Context(), spec)
		if err != nil || first.Spec.Name != "café" || first.Info.MaxPlayers != 2 || first.Spec.Settings["mode"] != "a" {
			s.Fatalf("created %+v, %v", first, err)
		}
		again, err := r.Create(s.Context(), spec)
		if err != nil || !again.Opened.Equal(first.Opened) {
			s.Errorf("created again %+v, %v", again, err)
		}
		ctx := s.Context()
		for _, c := range []struct {
			what string
			got  error
			want error
		}{
			{"book", r.Book(ctx, "mine", time.Minute, "a", "b"), nil},
			{"book too many", r.Book(ctx, "mine", time.Minute, "c"), room.Refusal(protocol.CloseRoomFull)},
			{"unbook", r.Unbook(ctx, "mine", "a"), nil},
			{"unbook nothing", r.Unbook(ctx, "mine"), nil},
			{"book what is free", r.Book(ctx, "mine", time.Minute, "c"), nil},
			{"lock", r.Lock(ctx, "mine", true), nil},
			{"book a locked room", r.Book(ctx, "mine", time.Minute, "b"), room.Refusal(protocol.CloseForbidden)},
			{"lock nothing", r.Lock(ctx, "none", true), room.Refusal(protocol.CloseRoomUnknown)},
			{"announce", r.Announce(ctx, "mine", "hello"), nil},
			{"announce nowhere", r.Announce(ctx, "none", "hello"), room.Refusal(protocol.CloseRoomUnknown)},
			{"kick nobody", r.Kick(ctx, "mine", 3, protocol.CloseForbidden), nil},
			{"close", r.Close(ctx, "mine"), nil},
			{"close nothing", r.Close(ctx, "none"), nil},
		} {
			if !errors.Is(c.got, c.want) {
				s.Errorf("%s: %v, want %v", c.what, c.got, c.want)
			}
		}
		if _, err := r.Create(ctx, node.Spec{ID: "a b", Game: "walk"}); !errors.Is(err, node.ErrID) {
			s.Errorf("a bad id: %v", err)
		}
		if _, err := r.Create(ctx, node.Spec{ID: "a", Game: "chess"}); !errors.Is(err, room.Refusal(protocol.CloseVersion)) {
			s.Errorf("an unknown game: %v", err)
		}
		if _, err := r.Create(ctx, node.Spec{ID: "a", Game: "walk", Name: strings.Repeat("x", maxSpec)}); !errors.Is(err, ErrTooBig) {
			s.Errorf("a huge spec: %v", err)
		}
		if err := r.Kick(ctx, "mine", 1, 77); err == nil {
			s.Error("kicked with a code that is none")
		}
		s.until("the closed room is gone", time.Second, s.has(1))
	})
}

func TestAKickedPlayerHearsWhy(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("it is connected", time.Second, s.has(1))
		g := &guest{}
		if _, err := n.Join(s.Context(), "walk", "walk", room.Entrant{Name: "Bob", Sender: g}); err != nil {
			s.Fatal(err)
		}
		r, _ := s.hub.Remote("eu1")
		if err := r.Kick(s.Context(), "walk", 1, protocol.CloseForbidden); err != nil {
			s.Fatal(err)
		}
		if c := protocol.CloseCode(g.closed.Load()); c != protocol.CloseForbidden {
			s.Errorf("closed with %d", c)
		}
	})
}

func TestALobbyThatRestarts(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("the room is listed", time.Second, s.has(1))
		g, err := n.sit(seat(s, "Ann"))
		if err != nil {
			s.Fatal(err)
		}
		roomID, late := seat(s, "Bob")

		s.kill()
		s.until("the game server notices", time.Second, func() bool { return !n.link.Up() })
		before := n.ticks.n.Load()
		time.Sleep(10 * time.Second)
		if got := n.ticks.n.Load() - before; got < 598 || got > 602 {
			s.Errorf("%d ticks in 10 s without a lobby", got)
		}
		if _, err := n.sit(roomID, late); err != nil {
			s.Errorf("a ticket from before: %v", err)
		}
		if c := n.log.count("no lobby"); c > 4 {
			s.Errorf("%d lines about one outage: %q", c, n.log.lines)
		}

		s.open()
		s.until("the list is back", longestPause+time.Second, s.has(1))
		if li, _ := s.Room("walk"); li.Info.People != 2 {
			s.Errorf("the new lobby knows of %+v", li.Info)
		}
		if _, err := n.sit(seat(s, "Cid")); err != nil {
			s.Error(err)
		}
		if g.closed.Load() != 0 {
			s.Errorf("Ann was disconnected: %d", g.closed.Load())
		}
	})
}

// seat gets a seat in the room.
func seat(s *scene, name string) (roomID, ticket string) {
	s.Helper()
	o, err := s.Seat(s.Context(), player(name), lobby.Wish{Room: "walk"})
	if err != nil {
		s.Fatal(err)
	}
	return o.Room, o.Ticket
}

func TestAShortRestartIsOverInASecondOrTwo(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("the room is listed", time.Second, s.has(1))
		for range 20 {
			time.Sleep(2 * settled)
			s.kill()
			time.Sleep(200 * time.Millisecond)
			s.open()
			// The pause that runs when the lobby is back began before, so this holds however the dice fall.
			s.until("the list is back", longestPause+100*time.Millisecond, s.has(1))
		}
	})
}

func TestADeadGameServerVanishes(t *testing.T) {
	for how, die := range map[string]func(*scene){
		"killed": func(s *scene) {
			s.net.mu.Lock()
			defer s.net.mu.Unlock()
			s.net.at = nil // it does not come back
			r, _ := s.hub.Remote("eu1")
			_ = r.wire.Conn.Close()
		},
		"frozen": func(s *scene) {
			s.net.mu.Lock()
			s.net.at = nil
			s.net.mu.Unlock()
			s.net.freeze()
		},
	} {
		t.Run(how, func(t *testing.T) {
			inside(t, func(s *scene) {
				n := s.server("eu1")
				defer n.stop()
				s.until("the room is listed", time.Second, s.has(1))
				time.Sleep(time.Minute) // a lease that is renewed never ends
				synctest.Wait()
				if s.rooms() != 1 || s.log.count("disconnected") > 0 {
					s.Fatalf("lost in a quiet minute: %q", s.log.lines)
				}
				r, _ := s.hub.Remote("eu1")
				die(s)
				if _, err := r.Create(s.Context(), node.Spec{ID: "a", Game: "walk"}); !errors.Is(err, ErrAway) && !errors.Is(err, ErrSilent) {
					s.Errorf("asked meanwhile: %v", err)
				}
				s.until("the room is gone", 5*time.Second, s.has(0))
				if _, ok := s.hub.Remote("eu1"); ok {
					s.Error("the hub still has it")
				}
				if n.link.Up() {
					s.Error("the game server has not noticed")
				}
				if err := r.Book(s.Context(), "walk", time.Minute, "a"); !errors.Is(err, ErrAway) {
					s.Errorf("asked later: %v", err)
				}
			})
		})
	}
}

func TestGoodbye(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("the room is listed", time.Second, s.has(1))
		n.Drain()
		n.link.Goodbye()
		n.link.Goodbye()
		if took := s.until("it is off the list", time.Second, s.has(0)); took > 50*time.Millisecond {
			s.Errorf("after %v", took)
		}
		time.Sleep(5 * time.Second)
		if s.rooms() != 0 || !n.link.Up() {
			s.Errorf("%d rooms, connected %v", s.rooms(), n.link.Up())
		}
		// It stays away from a lobby that is restarted, which still takes its results.
		s.kill()
		s.open()
		n.link.Result(uuid.New(), room.Result{Room: "walk"})
		if err := n.link.Flush(s.Context()); err != nil {
			s.Fatal(err)
		}
		if have, _ := s.count(); have != 1 || s.rooms() != 0 {
			s.Errorf("%d results, %d rooms", have, s.rooms())
		}
	})
}

func TestAStoppedLinkSaysGoodbye(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("the room is listed", time.Second, s.has(1))
		n.hangUp()
		if took := s.until("it is off the list", time.Second, s.has(0)); took > 50*time.Millisecond {
			s.Errorf("after %v", took)
		}
		s.until("the connection ends", time.Second, func() bool { return len(s.hub.Remotes()) == 0 })
	})
}

func TestSeatsAreSpread(t *testing.T) {
	inside(t, func(s *scene) {
		a, b := s.server("a"), s.server("b")
		defer a.stop()
		defer b.stop()
		s.until("both are listed", time.Second, s.has(2))
		for i := range 6 {
			li, err := s.Open(s.Context(), player("Ann"), "", node.Spec{Game: "walk"})
			if err != nil {
				s.Fatal(err)
			}
			o, err := s.Seat(s.Context(), player(fmt.Sprint("p", i)), lobby.Wish{Room: li.Spec.ID})
			if err != nil {
				s.Fatal(err)
			}
			at := map[string]*server{a.link.cfg.URL: a, b.link.cfg.URL: b}[o.URL]
			if at == nil {
				s.Fatalf("offered %+v", o)
			}
			if _, err := at.sit(o.Room, o.Ticket); err != nil {
				s.Error(err)
			}
		}
		if len(a.List()) != 4 || len(b.List()) != 4 {
			s.Errorf("%d and %d rooms", len(a.List()), len(b.List()))
		}
		s.until("the lobby knows all", time.Second, s.has(8))
		b.stop()
		s.until("those of one are gone", time.Second, s.has(4))
	})
}

func TestAFullGameServerGetsNoMoreRooms(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("the room is listed", time.Second, s.has(1))
		r, _ := s.hub.Remote("eu1")
		for i := range 7 {
			if _, err := r.Create(s.Context(), node.Spec{ID: fmt.Sprint("r", i), Game: "walk"}); err != nil {
				s.Fatal(err)
			}
		}
		if _, err := r.Create(s.Context(), node.Spec{ID: "one-more", Game: "walk"}); !errors.Is(err, node.ErrTooMany) {
			s.Errorf("one room too many: %v", err)
		}
		s.until("all are listed", time.Second, s.has(8))
		if _, err := s.Open(s.Context(), player("Ann"), "", node.Spec{Game: "walk"}); !errors.Is(err, lobby.ErrNoNode) {
			s.Errorf("Open = %v", err)
		}
	})
}

func TestNewestConnectionWins(t *testing.T) {
	inside(t, func(s *scene) {
		a := s.server("twin")
		defer a.stop()
		s.until("it is connected", time.Second, s.has(1))
		first, _ := s.hub.Remote("twin")
		b := s.server("twin")
		defer b.stop()
		s.until("the second is connected", time.Second, func() bool { return b.link.Up() && !a.link.Up() && s.rooms() == 1 })
		second, ok := s.hub.Remote("twin")
		if !ok || first == second {
			s.Fatal("the first connection is still in use")
		}
		if err := first.Book(s.Context(), "walk", time.Minute, "a"); !errors.Is(err, ErrAway) {
			s.Errorf("the first connection: %v", err)
		}
		if err := second.Book(s.Context(), "walk", time.Minute, "a"); err != nil {
			s.Error(err)
		}
		if a.log.count("another connection has this game server's name") != 1 {
			s.Errorf("%q", a.log.lines)
		}
		// Two that cannot both be right do not fight for it.
		time.Sleep(10 * time.Second)
		if again, _ := s.hub.Remote("twin"); again != second {
			s.Error("they take turns")
		}
	})
}

func TestKeysFollowTheLobby(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("it is connected", time.Second, s.has(1))
		before := string(s.ring.JWKS())
		if err := s.ring.Rotate(s.Context()); err != nil {
			s.Fatal(err)
		}
		if string(s.ring.JWKS()) == before {
			s.Fatal("the ring has not turned")
		}
		time.Sleep(6 * time.Minute) // the new key signs
		for range 2 {
			if _, err := n.sit(seat(s, "Ann")); err != nil {
				s.Error(err)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestResultsCountOnce(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		want := 0
		report := func(count int) {
			for range count {
				n.link.Result(uuid.New(), room.Result{Room: "walk", Game: "walk", Players: []room.PlayerResult{{ID: "p", Name: "Ann"}}})
				want++
			}
		}
		all := func() bool { have, _ := s.count(); return have == want && n.link.Pending() == 0 }
		report(3) // before it was ever connected
		s.until("the first are stored", 3*time.Second, all)

		s.kill()
		report(100)
		time.Sleep(20 * time.Second)
		if n.link.Pending() != 100 {
			s.Errorf("%d wait", n.link.Pending())
		}
		s.open()
		s.until("they are stored in the new lobby", 10*time.Second, all)
		if have, calls := s.count(); have != calls {
			s.Errorf("%d matches were sent %d times", have, calls)
		}

		// What was stored by a lobby that died before it said so comes a second time.
		s.breaks(errors.New("disk full"))
		report(5)
		s.until("they were tried", time.Second, func() bool { return s.log.count("disk full") >= 5 })
		s.breaks(nil)
		s.kill()
		s.open()
		s.until("they are stored", 10*time.Second, all)
		s.breaks(errors.New("disk full"))
		report(5)
		time.Sleep(time.Second)
		s.breaks(nil)
		s.until("they are tried again over the same connection", resendAfter+time.Second, all)

		s.breaks(fmt.Errorf("%w: 300 players", ErrRefused))
		n.link.Result(uuid.New(), room.Result{})
		s.until("a hopeless one is dropped", time.Second, func() bool { return n.link.Pending() == 0 })
		if n.log.count("refused and is lost") != 1 {
			s.Errorf("log: %q", n.log.lines)
		}
	})
}

func TestFlushGivesUp(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.kill()
		n.link.Result(uuid.New(), room.Result{})
		ctx, cancel := context.WithTimeout(s.Context(), time.Second)
		defer cancel()
		if err := n.link.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 match results") {
			s.Errorf("Flush = %v", err)
		}
	})
}

func TestAWrongTokenIsToldOnce(t *testing.T) {
	inside(t, func(s *scene) {
		n := openServer(s.T, "eu1", LinkConfig{Lobby: "http://lobby.example", Token: "not the token of this lobby", dial: s.net.dial})
		defer n.stop()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n.link.Up() || s.rooms() != 0 {
			s.Error("it is connected")
		}
		if got := n.log.count("refuses the token (401)"); got != 1 {
			s.Errorf("logged %d times: %q", got, n.log.lines)
		}
		if tries := s.log.count("wrong token"); tries < 4 || tries > 9 {
			s.Errorf("%d attempts in 2 minutes", tries)
		}
	})
}

func TestShutdownSendsGameServersAway(t *testing.T) {
	inside(t, func(s *scene) {
		n := s.server("eu1")
		defer n.stop()
		s.until("it is connected", time.Second, s.has(1))
		if err := s.hub.Shutdown(s.Context()); err != nil {
			s.Fatal(err)
		}
		s.until("it has heard why", time.Second, func() bool { return n.log.count("the lobby is stopping") == 1 })
		if n.log.count("no more game servers") == 0 {
			s.until("it is refused", time.Second, func() bool { return n.log.count("no more game servers") == 1 })
		}
		s.kill()
		s.open()
		s.until("it is with the next", longestPause+time.Second, s.has(1))
	})
}
