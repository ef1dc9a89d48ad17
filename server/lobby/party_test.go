package lobby

import (
	"context"
	"errors"
	"testing"
	"time"

	"hindsight/server/moderation"
	"hindsight/server/node"
	"hindsight/server/party"
)

// duo makes a party of two who listen, the second ready.
func (h *hall) duo() (ann, bob Player, hers, his *Inbox) {
	h.t.Helper()
	ann, bob = player("Ann"), player("Bob")
	hers, his = h.Subscribe(ann.ID), h.Subscribe(bob.ID)
	p, err := h.MakeParty(ann)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.JoinParty(bob, p.Code); err != nil {
		h.t.Fatal(err)
	}
	if err := h.SetReady(bob.ID, true); err != nil {
		h.t.Fatal(err)
	}
	return ann, bob, hers, his
}

func (h *hall) state(p Player) party.State {
	h.t.Helper()
	in, err := h.PartyOf(p.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return in.State
}

// offered returns the offer among the events that wait, nil if there is none.
func offered(b *Inbox) *Offer {
	var o *Offer
	for len(b.C) > 0 {
		if e := <-b.C; e.Kind == EventMatch {
			offer := e.Data.(Offer)
			o = &offer
		}
	}
	return o
}

func TestAPartyPlaysTogetherUntilItsRoomEnds(t *testing.T) {
	h := newHall(t, "alpha")
	ann, bob, hers, his := h.duo()
	if _, err := h.Queue(context.Background(), "arena", "ffa", ann); err != nil {
		t.Fatal(err)
	}
	if s := h.state(bob); s != party.Searching {
		t.Errorf("while it waits the party is %s", s)
	}
	for range 11 {
		h.pass(time.Second)
		h.pair(context.Background())
	}
	a, b := offered(hers), offered(his)
	if a == nil || b == nil || a.Room != b.Room || h.state(ann) != party.Playing {
		t.Fatalf("offers %+v and %+v, the party is %s", a, b, h.state(ann))
	}
	h.pass(freshFor + time.Second)
	if s := h.state(ann); s != party.Playing {
		t.Errorf("in the match the party is %s", s)
	}
	h.nodes[0].mu.Lock()
	delete(h.nodes[0].room, a.Room)
	h.nodes[0].mu.Unlock()
	h.pass(time.Second)
	if s := h.state(ann); s != party.Idle {
		t.Errorf("after the match the party is %s", s)
	}
}

// What stops a search takes the whole party out of the queue, whoever does it and however.
func TestASearchEndsForAll(t *testing.T) {
	for name, end := range map[string]func(h *hall, ann, bob Player, his *Inbox){
		"the leader stops":      func(h *hall, ann, _ Player, _ *Inbox) { h.Dequeue(ann.ID) },
		"a member stops":        func(h *hall, _, bob Player, _ *Inbox) { h.Dequeue(bob.ID) },
		"a member is not ready": func(h *hall, _, bob Player, _ *Inbox) { _ = h.SetReady(bob.ID, false) },
		"a member leaves":       func(h *hall, _, bob Player, _ *Inbox) { h.LeaveParty(bob.ID) },
		"the leader leaves":     func(h *hall, ann, _ Player, _ *Inbox) { h.LeaveParty(ann.ID) },
		"a member is kicked":    func(h *hall, ann, bob Player, _ *Inbox) { _ = h.Kick(ann.ID, bob.ID) },
		"a member closes the page": func(h *hall, _, _ Player, his *Inbox) {
			his.Close()
			his.Close()
			h.pass(absentFor + time.Second)
		},
	} {
		h := newHall(t, "alpha")
		ann, bob, _, his := h.duo()
		if _, err := h.Queue(context.Background(), "arena", "ffa", ann); err != nil {
			t.Fatal(err)
		}
		end(h, ann, bob, his)
		for _, p := range []Player{ann, bob} {
			if _, err := h.Queued(p.ID); !errors.Is(err, ErrNotQueued) {
				t.Errorf("%s: %s waits still (%v)", name, p.Name, err)
			}
		}
		if waiting, _ := h.Counts(); waiting != 0 {
			t.Errorf("%s: %d wait", name, waiting)
		}
		h.pair(context.Background())
		if len(h.nodes[0].room) != 0 {
			t.Errorf("%s: a match was made", name)
		}
	}
}

// Who waits alone and joins a party waits with it from then on, or not at all.
func TestJoiningEndsAWaitAlone(t *testing.T) {
	h := newHall(t, "alpha")
	ann, _, _, _ := h.duo()
	in, _ := h.PartyOf(ann.ID)
	cid := player("Cid")
	if _, err := h.Queue(context.Background(), "arena", "ffa", cid); err != nil {
		t.Fatal(err)
	}
	if _, err := h.JoinParty(cid, in.Code); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Queued(cid.ID); !errors.Is(err, ErrNotQueued) {
		t.Errorf("in the party he still waits alone: %v", err)
	}
	if _, err := h.Queue(context.Background(), "arena", "ffa", cid); !errors.Is(err, party.ErrNotLeader) {
		t.Errorf("a member queues the party: %v", err)
	}
}

// Nobody is matched with a page that was closed.
func TestTheAbsentDoNotWait(t *testing.T) {
	h := newHall(t, "alpha")
	cid := player("Cid")
	b := h.Subscribe(cid.ID)
	if _, err := h.Enqueue(context.Background(), "arena", "ffa", cid); err != nil {
		t.Fatal(err)
	}
	b.Close()
	h.pass(absentFor / 2)
	b = h.Subscribe(cid.ID) // the page was loaded again
	h.pass(absentFor)
	if _, err := h.Queued(cid.ID); err != nil {
		t.Errorf("who came back does not wait: %v", err)
	}
	b.Close()
	h.pass(absentFor + time.Second)
	if _, err := h.Queued(cid.ID); !errors.Is(err, ErrNotQueued) {
		t.Errorf("who has gone waits: %v", err)
	}
}

// A list of rooms that was made before a room was opened and comes after does not hide it.
func TestAnOldListHidesNoNewRoom(t *testing.T) {
	h := newHall(t, "alpha")
	li, err := h.Open(context.Background(), player("Ann"), "", node.Spec{Game: "arena"})
	if err != nil {
		t.Fatal(err)
	}
	h.Announce(h.nodes[0], nil, false)
	if _, ok := h.Room(li.Spec.ID); !ok {
		t.Error("the room is gone")
	}
	h.mu.Lock()
	h.now = h.now.Add(freshFor + time.Millisecond)
	h.mu.Unlock()
	h.Announce(h.nodes[0], nil, false)
	if _, ok := h.Room(li.Spec.ID); ok {
		t.Error("a room that its node does not know is listed for ever")
	}
}

func TestLockingIsTheOwners(t *testing.T) {
	h := newHall(t, "alpha")
	ann, ctx := player("Ann"), context.Background()
	li, _ := h.Open(ctx, ann, "", node.Spec{Game: "arena", Owner: ann.ID.String()})
	if err := h.Lock(ctx, player("Bob"), li.Spec.ID, true); !errors.Is(err, ErrOwner) {
		t.Errorf("another player locks it: %v", err)
	}
	if err := h.Lock(ctx, ann, li.Spec.ID, true); err != nil || !h.nodes[0].room[li.Spec.ID].locked {
		t.Errorf("the owner cannot lock it: %v", err)
	}
}

func TestChatReachesWhomItIsFor(t *testing.T) {
	h := newHall(t, "alpha")
	ann, bob, _, his := h.duo()
	other := h.Subscribe(player("Cid").ID)
	heard := func(b *Inbox) (texts []string) {
		for len(b.C) > 0 {
			if e := <-b.C; e.Kind == EventChat {
				texts = append(texts, e.Data.(Line).Text)
			}
		}
		return texts
	}
	for _, line := range [][2]string{{ToParty, "among us"}, {ToLobby, "to all"}} {
		if _, err := h.Say(ann, line[0], line[1]); err != nil {
			t.Fatal(err)
		}
	}
	if got := heard(his); len(got) != 2 {
		t.Errorf("the party heard %q", got)
	}
	if got := heard(other); len(got) != 1 || got[0] != "to all" {
		t.Errorf("the others heard %q", got)
	}
	var hush Silenced
	if _, err := h.Say(ann, ToLobby, "to all"); !errors.As(err, &hush) || hush.Verdict != moderation.Repeated || hush.Wait <= 0 {
		t.Errorf("said again: %v", err)
	}
	if _, err := h.Say(bob, "nowhere", "hello"); !errors.Is(err, ErrChannel) {
		t.Errorf("to nowhere: %v", err)
	}
	if _, err := h.Say(player("Cid"), ToParty, "hello"); !errors.Is(err, party.ErrNotMember) {
		t.Errorf("to no party: %v", err)
	}
}
