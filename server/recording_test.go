package server

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/server/room/walk"
)

// listed is what the lobby says of a replay.
type listed struct {
	ID, Match, Room, Title string
	LengthSec              float64
	People                 []string
	Bytes                  int
}

// A match in an open room is on the list of replays, one in a private room is not; the history of who
// was there leads to both, and what is fetched runs again.
func TestMatchesAreRecorded(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{
		Hosts: []game.Host{sprint()}, Database: filepath.Join(dir, "hindsight.db"), Replays: filepath.Join(dir, "replays"), SeatHold: time.Second,
	}
	n := start(t, cfg)
	var ann account
	n.send("POST", "guests", "", map[string]string{"name": "Ann"}, &ann)
	var secret struct{ ID string }
	n.send("POST", "rooms", ann.Session, map[string]any{"game": "walk", "private": true}, &secret)
	n.until("the server's own room is listed", func() bool { return n.send("GET", "rooms/walk", "", nil, nil) == 200 })
	for _, room := range []string{"walk", secret.ID} {
		var offer struct{ Ticket string }
		n.send("POST", "seats", ann.Session, map[string]string{"room": room}, &offer)
		if err := n.walkTo(offer.Ticket, 100); err != nil {
			t.Fatalf("in room %s: %v", room, err)
		}
	}
	type history struct {
		Matches []struct{ ID, Room, Replay string }
	}
	of := func(n *running, session string) (replays map[string]string) {
		var h history
		n.send("GET", "players/"+ann.Player.ID+"/matches", session, nil, &h)
		replays = map[string]string{}
		for _, m := range h.Matches {
			replays[m.Room] = m.Replay
		}
		return replays
	}
	n.until("both replays", func() bool {
		r := of(n, ann.Session)
		return r["walk"] != "" && r[secret.ID] != ""
	})
	hers, others := of(n, ann.Session), of(n, "")
	if others["walk"] != hers["walk"] || others[secret.ID] != "" {
		t.Errorf("of her replays %v others are told %v", hers, others)
	}
	var list struct{ Replays []listed }
	n.send("GET", "replays", "", nil, &list)
	if len(list.Replays) != 1 {
		t.Fatalf("listed are %+v", list)
	}
	if e := list.Replays[0]; e.ID != hers["walk"] || e.Room != "walk" || e.LengthSec != 2 || len(e.People) != 1 || !strings.HasPrefix(e.People[0], "Ann#") || e.Title != "a sprint" {
		t.Errorf("listed is %+v", e)
	}
	n.stop()
	if err := <-n.done; err != nil {
		t.Fatal(err)
	}
	n.done <- nil // for the end of the test

	again := start(t, cfg)
	for room, id := range hers {
		resp, body := again.get("/api/v1/replays/" + id)
		f, err := replay.Parse([]byte(body))
		if resp.StatusCode != http.StatusOK || err != nil {
			t.Fatalf("the replay of %s: %s %v", room, resp.Status, err)
		}
		rep, err := f.Verify(walk.Game.Definition)
		if err != nil || !rep.OK() || !rep.Over || rep.Ticks != 120 || f.Header.Began == 0 {
			t.Errorf("the replay of %s: %v %+v", room, err, rep)
		}
	}
}

// A folder that cannot be one is said with the flags that change it; without any nothing is recorded.
func TestReplayFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Replays: file}); err == nil || !strings.Contains(err.Error(), "--data-dir") || !strings.Contains(err.Error(), "--no-replays") {
		t.Errorf("New says %v", err)
	}
	n := start(t, Config{})
	var list struct{ Replays []listed }
	if n.send("GET", "replays", "", nil, &list); len(list.Replays) != 0 || n.shelf != nil {
		t.Errorf("listed are %+v", list)
	}
}
