package lobby

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/matchmaking"
	"hindsight/server/mono"
	"hindsight/server/node"
	"hindsight/server/room"
	"hindsight/server/room/walk"
	"hindsight/server/ticket"
)

// realNode is a game server as it is, without sockets.
type realNode struct{ *node.Node }

func (realNode) URL() string { return "" }

// arrival is a player's connection, which only reads its Welcome.
type arrival struct {
	dec     frame.Decoder
	welcome frame.Welcome
}

func (a *arrival) Ready() bool              { return false }
func (a *arrival) Waited() protocol.Micros  { return 0 }
func (a *arrival) Buffer() []byte           { return nil }
func (a *arrival) Send([]byte)              {}
func (a *arrival) Close(protocol.CloseCode) {}
func (a *arrival) Post(b []byte) {
	if t, _ := a.dec.Type(b); t == frame.TypeWelcome {
		if err := a.dec.Welcome(b, &a.welcome); err != nil {
			panic(err)
		}
	}
}

// Two thousand queue at once for real rooms, and all come in by their tickets: every one has a seat
// of his own, no booking is left over and no room is too full.
func TestTwoThousandSitDownInRealRooms(t *testing.T) {
	const people, seats = 2000, 8
	ring := testRing(t, time.Now)
	n, err := node.New(node.Config{
		Hosts: []game.Host{walk.Game}, Bare: true, MaxRooms: people, Name: "one", Tickets: ticket.NewVerifier(ring, "one"),
		Room: room.Config{Now: mono.Now},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- n.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	list := matchmaking.Playlist{Game: "walk", Mode: "stroll"}
	l, err := New(Config{Signer: ticket.NewSigner(ring), Playlists: map[matchmaking.Playlist]matchmaking.Rules{
		list: {MaxPlayers: seats, FillAfter: protocol.Second},
	}})
	if err != nil {
		t.Fatal(err)
	}
	l.Announce(realNode{n}, n.List(), false)
	boxes := make([]*Inbox, people)
	for i := range boxes {
		p := player(fmt.Sprint("p", i))
		boxes[i] = l.Subscribe(p.ID)
		if _, err := l.Enqueue(ctx, list.Game, list.Mode, p); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(20 * time.Second); l.queue.Waiting(list) > 0 && time.Now().Before(end); {
		l.Announce(realNode{n}, n.List(), false)
		l.pair(ctx)
	}

	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := map[string]bool{}
	for i, b := range boxes {
		wg.Go(func() {
			var offer *Offer
			for len(b.C) > 0 {
				if e := <-b.C; e.Kind == EventMatch {
					o := e.Data.(Offer)
					offer = &o
				}
			}
			a := &arrival{}
			if offer == nil {
				t.Errorf("player %d got no offer", i)
				return
			}
			if _, err := n.Join(ctx, "", "walk", room.Entrant{Ticket: offer.Ticket, Sender: a}); err != nil {
				t.Errorf("player %d: %v", i, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seat := fmt.Sprint(a.welcome.Room, " ", a.welcome.Player)
			if taken[seat] {
				t.Errorf("seat %s was given twice", seat)
			}
			taken[seat] = true
		})
	}
	wg.Wait()
	total := 0
	for _, li := range n.List() {
		i := li.Info
		total += i.People
		if i.Booked != 0 || i.People > seats || i.People < 1 {
			t.Errorf("room %s: %d people, %d booked", i.ID, i.People, i.Booked)
		}
	}
	if total != people || len(taken) != people {
		t.Errorf("%d people in %d seats, want %d", total, len(taken), people)
	}
}
