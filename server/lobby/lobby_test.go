package lobby

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/identity/signing"
	"hindsight/server/matchmaking"
	"hindsight/server/node"
	"hindsight/server/room"
	"hindsight/server/ticket"
)

// fakeNode is a game server that only counts seats.
type fakeNode struct {
	name string
	mu   sync.Mutex
	room map[string]*fakeRoom
	down bool
}

type fakeRoom struct {
	spec   node.Spec
	booked map[string]bool
	people int
	locked bool
}

func newFakeNode(name string) *fakeNode { return &fakeNode{name: name, room: map[string]*fakeRoom{}} }

func (n *fakeNode) Name() string { return n.name }
func (n *fakeNode) URL() string  { return "wss://" + n.name }

func (n *fakeNode) Create(_ context.Context, s node.Spec) (node.Listing, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down {
		return node.Listing{}, errors.New("no answer")
	}
	if n.room[s.ID] == nil {
		if s.MaxPlayers == 0 {
			s.MaxPlayers = 4
		}
		n.room[s.ID] = &fakeRoom{spec: s, booked: map[string]bool{}}
	}
	return n.listing(s.ID), nil
}

func (n *fakeNode) listing(id string) node.Listing {
	r := n.room[id]
	return node.Listing{Spec: r.spec, Info: room.Info{
		ID: id, Game: r.spec.Game, MaxPlayers: r.spec.MaxPlayers, People: r.people, Booked: len(r.booked), Locked: r.locked,
	}}
}

func (n *fakeNode) Book(_ context.Context, id string, _ time.Duration, ids ...string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.room[id]
	switch {
	case n.down:
		return errors.New("no answer")
	case r == nil:
		return room.Refusal(protocol.CloseRoomUnknown)
	case r.people+len(r.booked)+len(ids) > r.spec.MaxPlayers:
		return room.Refusal(protocol.CloseRoomFull)
	}
	for _, b := range ids {
		r.booked[b] = true
	}
	return nil
}

func (n *fakeNode) Lock(_ context.Context, id string, locked bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.room[id]
	if r == nil {
		return room.Refusal(protocol.CloseRoomUnknown)
	}
	r.locked = locked
	return nil
}

func (n *fakeNode) Unbook(_ context.Context, id string, ids ...string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r := n.room[id]; r != nil {
		for _, b := range ids {
			delete(r.booked, b)
		}
	}
	return nil
}

// hall is a lobby with a clock of its own and fake nodes that announce themselves.
type hall struct {
	*Lobby
	t     *testing.T
	mu    sync.Mutex
	now   time.Time
	nodes []*fakeNode
	check *ticket.Verifier
}

func newHall(t *testing.T, nodes ...string) *hall {
	h := &hall{t: t, now: time.Unix(1_700_000_000, 0)}
	ring := testRing(t, h.clock)
	l, err := New(Config{Signer: ticket.NewSigner(ring), Now: h.clock, Playlists: map[matchmaking.Playlist]matchmaking.Rules{
		{Game: "arena", Mode: "ffa"}: {MaxPlayers: 8, FillAfter: 10 * protocol.Second},
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.Lobby = l
	for _, n := range nodes {
		h.nodes = append(h.nodes, newFakeNode(n))
	}
	if len(nodes) > 0 {
		h.check = ticket.NewVerifier(ring, nodes[0])
	}
	h.announce()
	return h
}

func (h *hall) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// pass lets time go by, with the nodes that are up renewing their leases.
func (h *hall) pass(d time.Duration) {
	h.mu.Lock()
	h.now = h.now.Add(d)
	h.mu.Unlock()
	h.announce()
	h.sweep()
}

func (h *hall) announce() {
	for _, n := range h.nodes {
		n.mu.Lock()
		var list []node.Listing
		for id := range n.room {
			list = append(list, n.listing(id))
		}
		down := n.down
		n.mu.Unlock()
		if !down {
			h.Announce(n, list, false)
		}
	}
}

func player(name string) Player {
	return Player{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Name: name}
}

func (h *hall) seat(p Player, w Wish) Offer {
	h.t.Helper()
	o, err := h.Seat(context.Background(), p, w)
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

func TestQuickPlayFillsRoomsBeforeItOpensOthers(t *testing.T) {
	h := newHall(t, "alpha")
	rooms := map[string]int{}
	for i := range 10 {
		rooms[h.seat(player(fmt.Sprint("p", i)), Wish{Game: "arena"}).Room]++
		h.announce()
	}
	if len(rooms) != 3 {
		t.Errorf("10 players are spread over rooms of 4 as %v", rooms)
	}
}

func TestATicketIsForItsPlayerAndRoom(t *testing.T) {
	h := newHall(t, "alpha")
	p := player("Ann")
	p.Tag = 42
	o := h.seat(p, Wish{Game: "arena"})
	tk, err := h.check.Verify(o.Ticket, h.now)
	if err != nil {
		t.Fatal(err)
	}
	if tk.Player != p.ID || tk.Room != o.Room || tk.Name != "Ann" || tk.Tag != 42 || o.URL != "wss://alpha" {
		t.Errorf("ticket %+v, offer %+v", tk, o)
	}
	if _, err := h.check.Verify(o.Ticket, h.now.Add(SeatLife+time.Second)); !errors.Is(err, ticket.ErrExpired) {
		t.Errorf("after its time: %v", err)
	}
}

func TestAskingAgainCostsNoSecondSeat(t *testing.T) {
	h := newHall(t, "alpha")
	for range 20 {
		h.seat(player("Ann"), Wish{Game: "arena"})
	}
	n := 0
	for _, r := range h.nodes[0].room {
		n += len(r.booked)
	}
	if n != 1 {
		t.Errorf("%d seats are kept for one player", n)
	}
}

func TestDoubleClicksRace(t *testing.T) {
	for range 200 {
		h := newHall(t, "alpha")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _, _ = h.Seat(context.Background(), player("Ann"), Wish{Game: "arena"}) })
		}
		wg.Wait()
		n := 0
		for _, r := range h.nodes[0].room {
			n += len(r.booked)
		}
		if n != 1 {
			t.Fatalf("%d seats are kept for one player", n)
		}
	}
}

func TestSeatsPerAddressAreBounded(t *testing.T) {
	h := newHall(t, "alpha")
	for i := range DefaultSeats + 1 {
		p := player(fmt.Sprint("p", i))
		p.Address = "192.0.2.1"
		_, err := h.Seat(context.Background(), p, Wish{Game: "arena"})
		if want := i == DefaultSeats; errors.Is(err, ErrSeats) != want {
			t.Errorf("reservation %d: %v", i+1, err)
		}
	}
	h.pass(SeatLife + time.Second)
	p := player("late")
	p.Address = "192.0.2.1"
	if _, err := h.Seat(context.Background(), p, Wish{Game: "arena"}); err != nil {
		t.Errorf("after the others expired: %v", err)
	}
}

func TestARetriedRequestOpensOneRoom(t *testing.T) {
	h := newHall(t, "alpha", "beta")
	ids := map[string]bool{}
	for range 5 {
		li, err := h.Open(context.Background(), player("Ann"), "key-1", node.Spec{Game: "arena", Private: true})
		if err != nil {
			t.Fatal(err)
		}
		ids[li.Spec.ID] = true
		h.announce()
	}
	if n := len(h.nodes[0].room) + len(h.nodes[1].room); len(ids) != 1 || n != 1 {
		t.Errorf("%d ids, %d rooms", len(ids), n)
	}
	if list, _ := h.Rooms(); len(list) != 0 {
		t.Errorf("a private room is listed: %+v", list)
	}
	for id := range ids {
		if _, ok := h.Room(id); !ok {
			t.Error("a private room is not found by its id")
		}
	}
}

func TestARoomSaysWhereItIs(t *testing.T) {
	h := newHall(t, "alpha", "beta")
	for range 2 { // the second is opened where there are fewer
		opened, err := h.Open(context.Background(), player("Ann"), "", node.Spec{Game: "arena"})
		found, ok := h.Room(opened.Spec.ID)
		at := h.nodeOf(opened.Spec.ID)
		if err != nil || !ok || at == nil || opened.URL != at.URL() || found.URL != at.URL() {
			t.Errorf("opened at %q, found at %q, on %v: %v", opened.URL, found.URL, at, err)
		}
	}
	list, _ := h.Rooms()
	at := map[string]bool{}
	for _, r := range list {
		at[r.URL] = true
	}
	if len(list) != 2 || !at["wss://alpha"] || !at["wss://beta"] {
		t.Errorf("listed at %v", at)
	}
}

func TestFailuresHaveTheirOwnErrors(t *testing.T) {
	h := newHall(t, "alpha")
	ctx := context.Background()
	if _, err := h.Seat(ctx, player("Ann"), Wish{Room: "arena-nowhere"}); !errors.Is(err, ticket.ErrRoomGone) {
		t.Errorf("no such room: %v", err)
	}
	li, _ := h.Open(ctx, player("Ann"), "", node.Spec{Game: "arena", Password: "sesame", MaxPlayers: 1})
	if _, err := h.Seat(ctx, player("Bob"), Wish{Room: li.Spec.ID, Password: "open"}); !errors.Is(err, ErrPassword) {
		t.Errorf("wrong password: %v", err)
	}
	h.seat(player("Bob"), Wish{Room: li.Spec.ID, Password: "sesame"})
	if _, err := h.Seat(ctx, player("Cid"), Wish{Room: li.Spec.ID, Password: "sesame"}); !errors.Is(err, ticket.ErrRoomFull) {
		t.Errorf("full: %v", err)
	}
	empty := newHall(t)
	if _, err := empty.Seat(ctx, player("Ann"), Wish{Game: "arena"}); !errors.Is(err, ErrNoNode) {
		t.Errorf("no node: %v", err)
	}
}

func TestADeadNodeVanishesAndALiveOneStays(t *testing.T) {
	h := newHall(t, "alpha", "beta")
	for range 2 {
		if _, err := h.Open(context.Background(), player("Ann"), "", node.Spec{Game: "arena"}); err != nil {
			t.Fatal(err)
		}
		h.announce()
	}
	h.nodes[0].down = true
	for i := range 5 {
		list, _ := h.Rooms()
		if i == 0 && len(list) != 2 {
			t.Errorf("one missed announcement hides %d rooms", 2-len(list))
		}
		h.pass(time.Second)
	}
	if list, _ := h.Rooms(); len(list) != 1 {
		t.Errorf("after 5 s the list is %+v", list)
	}
}

func TestPagesAreToldOfChanges(t *testing.T) {
	h := newHall(t, "alpha")
	b := h.Subscribe(player("Ann").ID)
	defer b.Close()
	if _, err := h.Open(context.Background(), player("Bob"), "", node.Spec{Game: "arena"}); err != nil {
		t.Fatal(err)
	}
	if e := <-b.C; e.Kind != EventRooms {
		t.Errorf("told %+v", e)
	}
	for range inboxSize * 2 {
		h.mu.Lock()
		h.Lobby.mu.Lock()
		h.tell(player("Ann").ID, Event{Kind: EventChat})
		h.Lobby.mu.Unlock()
		h.mu.Unlock()
	}
	missed := false
	for len(b.C) > 0 {
		missed = (<-b.C).Kind == EventMissed || missed
	}
	if !missed {
		t.Error("a reader that was too slow is not told so")
	}
}

func testRing(t *testing.T, now func() time.Time) *signing.Ring {
	t.Helper()
	r, err := signing.Open(context.Background(), signing.Config{Store: &signing.Memory{}, TokenLife: ticket.MaxLife, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTwoThousandAtOnceAreAllSeatedOnce(t *testing.T) {
	h := newHall(t, "alpha", "beta")
	const people = 2000
	boxes := make([]*Inbox, people)
	for i := range boxes {
		p := player(fmt.Sprint("p", i))
		boxes[i] = h.Subscribe(p.ID)
		if _, err := h.Enqueue(context.Background(), "arena", "ffa", p); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Enqueue(context.Background(), "arena", "ffa", p); !errors.Is(err, matchmaking.ErrQueued) {
			t.Fatalf("queued twice: %v", err)
		}
	}
	for range 60 {
		h.pass(time.Second)
		h.pair(context.Background())
	}
	rooms := map[string]int{}
	for i, b := range boxes {
		offers := 0
		for len(b.C) > 0 {
			if e := <-b.C; e.Kind == EventMatch {
				offers++
				rooms[e.Data.(Offer).Room]++
			}
		}
		if offers != 1 {
			t.Fatalf("player %d got %d offers", i, offers)
		}
	}
	for id, n := range rooms {
		if n < 2 || n > 8 {
			t.Errorf("room %s has %d people", id, n)
		}
	}
	if len(rooms) != people/8 {
		t.Errorf("%d rooms of 8 for %d people", len(rooms), people)
	}
	if len(h.waits) != 0 {
		t.Errorf("%d still wait", len(h.waits))
	}
	h.pass(SeatLife + time.Second)
	if len(h.seats) != 0 {
		t.Errorf("%d reservations are left over", len(h.seats))
	}
}

func TestALonePlayerGetsBotsAfterAWhile(t *testing.T) {
	h := newHall(t, "alpha")
	p := player("Ann")
	b := h.Subscribe(p.ID)
	if s, err := h.Enqueue(context.Background(), "arena", "ffa", p); err != nil || s.Wait > 10*time.Second {
		t.Fatal(s, err)
	}
	for range 11 {
		h.pass(time.Second)
		h.pair(context.Background())
	}
	var offer *Offer
	for len(b.C) > 0 {
		if e := <-b.C; e.Kind == EventMatch {
			o := e.Data.(Offer)
			offer = &o
		}
	}
	if offer == nil {
		t.Fatal("no match after FillAfter")
	}
	if r := h.nodes[0].room[offer.Room]; r.spec.Bots != r.spec.MaxPlayers || r.spec.MaxPlayers != 8 {
		t.Errorf("the room is %+v", r.spec)
	}
}

func TestAMatchThatCannotBeSeatedWaitsOn(t *testing.T) {
	h := newHall(t, "alpha")
	for i := range 8 {
		if _, err := h.Enqueue(context.Background(), "arena", "ffa", player(fmt.Sprint("p", i))); err != nil {
			t.Fatal(err)
		}
	}
	h.nodes[0].down = true
	h.pair(context.Background())
	if _, err := h.Queued(player("p3").ID); err != nil {
		t.Errorf("a node that failed threw people out of the queue: %v", err)
	}
	h.nodes[0].down = false
	h.pair(context.Background())
	if _, err := h.Queued(player("p3").ID); !errors.Is(err, ErrNotQueued) {
		t.Errorf("after the node came back: %v", err)
	}
}

func TestCancelling(t *testing.T) {
	h := newHall(t, "alpha")
	p := player("Ann")
	if _, err := h.Enqueue(context.Background(), "arena", "ffa", p); err != nil {
		t.Fatal(err)
	}
	h.Dequeue(p.ID)
	h.Dequeue(p.ID)
	h.pass(20 * time.Second)
	h.pair(context.Background())
	if len(h.nodes[0].room) != 0 {
		t.Error("a match was made of nobody")
	}
	if _, err := h.Enqueue(context.Background(), "arena", "chess", p); !errors.Is(err, matchmaking.ErrPlaylist) {
		t.Errorf("an unknown playlist gives %v", err)
	}
}
