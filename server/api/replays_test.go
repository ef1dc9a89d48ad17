package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/server/replays"
	"hindsight/server/room"
	"hindsight/server/room/walk"
	"hindsight/server/storage"
)

// film puts the replay of a short match on the shelf and returns its id.
func (r *rig) film(listed bool, match string, people ...string) string {
	r.Helper()
	m := must(game.NewMatch(walk.Game.Definition, walk.Rotation(2).Match(0, 1)))(r)
	h := replay.HeaderOf(m, "b1", uint64(r.now().Unix()))
	w := replay.NewWriter(&h)
	m.Join(1, game.Joiner{})
	w.Join(1, game.Joiner{}, people[0])
	for range 90 {
		w.Tick(m, m.Step([]game.Input{{Player: 1}}))
	}
	w.End(m)
	id := uuid.NewString()
	tape := r.shelf.Record(replays.Label{ID: id, Match: match, Room: "walk", Listed: listed}, &h)
	if !tape.Write(w.Take()) {
		r.Fatal("the tape was given up")
	}
	tape.Close(room.Credits{Ticks: 90, TickRate: 60, People: people, Bots: 2})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r.shelf.Run(ctx) // does what waits, and ends
	return id
}

func TestReplays(t *testing.T) {
	r := newRig(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, r.film(i != 2, "", "Ann", "Bob"))
		r.pass(time.Second)
	}
	secret := ids[2]
	ids = slices.Delete(ids, 2, 3)
	slices.Reverse(ids)
	var got []string
	for after := ""; ; {
		var list struct {
			Replays []replayJSON
			Next    string
		}
		r.ask("GET", "replays?limit=3&after="+after, "", nil).is(200, "").ok(&list)
		for _, e := range list.Replays {
			got = append(got, e.ID)
			if e.Game != "walk" || e.Title != "a walk" || e.Length != 1.5 || !slices.Equal(e.People, []string{"Ann", "Bob"}) || e.Bots != 2 || e.Bytes == 0 || e.Build != "b1" || e.Room != "walk" {
				t.Errorf("a replay is %+v", e)
			}
		}
		if after = list.Next; after == "" {
			break
		}
	}
	if !slices.Equal(got, ids) {
		t.Errorf("listed are %v, want %v", got, ids)
	}
	for _, id := range append(ids, secret) {
		a := r.ask("GET", "replays/"+id, "", nil).is(200, "")
		f, err := replay.Parse(a.body)
		if err != nil || f.Ticks != 90 || !f.Ended {
			t.Errorf("replay %s: %v", id, err)
		}
		if name := a.head.Get("Content-Disposition"); !strings.HasPrefix(name, `attachment; filename="walk-2`) || !strings.HasSuffix(name, id[:8]+`.replay"`) ||
			a.head.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("headers %v", a.head)
		}
	}
	a := r.ask("GET", "replays/"+secret, "", nil, "Range", "bytes=0-7")
	if a.status != http.StatusPartialContent || string(a.body) != "HSREPLAY" {
		t.Errorf("a part of it: %d %q", a.status, a.body)
	}
	r.ask("GET", "replays/"+uuid.NewString(), "", nil).is(404, "unknown_replay")
	r.ask("GET", "replays/..%2F..%2Fetc%2Fpasswd", "", nil).is(404, "unknown_replay")
	r.ask("GET", "replays?after=now", "", nil).is(400, "invalid")
	r.ask("GET", "replays?limit=1000", "", nil).is(400, "invalid")
	r.ask("DELETE", "replays/"+secret, "", nil).is(405, "method_not_allowed")
}

// A history leads to the replays of its matches; those of private rooms are told to the player alone.
func TestReplaysOfAHistory(t *testing.T) {
	r := newRig(t)
	ann, bob := r.guest("Ann"), r.guest("Bob")
	want := map[string]string{}
	var private string
	for i := range 3 {
		m := storage.Result{ID: uuid.NewString(), Game: "walk", Room: "walk", Started: r.now(), Ended: r.now()}
		for place, p := range []signedIn{ann, bob} {
			m.Players = append(m.Players, storage.Line{Player: p.Player.ID, Name: p.Player.Name, Place: place + 1})
		}
		if done, err := r.db.RecordMatch(t.Context(), m); !done || err != nil {
			t.Fatal(done, err)
		}
		if i < 2 {
			want[m.ID] = r.film(i == 0, m.ID, "Ann")
		}
		if i == 1 {
			private = m.ID
		}
	}
	for _, c := range []struct {
		name, session string
		theirs        bool
	}{{"nobody", "", false}, {"Bob", bob.Session, false}, {"Ann", ann.Session, true}, {"a liar", "x.y.z", false}} {
		var list struct{ Matches []matchJSON }
		a := r.ask("GET", "players/"+ann.Player.ID+"/matches", c.session, nil).is(200, "").ok(&list)
		r.doc.compare(t, "matches", r.doc.Paths["/players/{id}/matches"]["get"].Responses["200"].Content["application/json"].Schema, a.body)
		for _, m := range list.Matches {
			id := want[m.ID]
			if m.ID == private && !c.theirs {
				id = ""
			}
			if m.Replay != id {
				t.Errorf("%s is told replay %q of match %s, want %q", c.name, m.Replay, m.ID, id)
			}
		}
	}
}

// A server that keeps none says so.
func TestNoReplays(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Replays = nil })
	if a := r.ask("GET", "replays", "", nil).is(200, ""); !strings.Contains(string(a.body), `"replays":[]`) {
		t.Errorf("%s", a.body)
	}
	r.ask("GET", "replays/"+uuid.NewString(), "", nil).is(404, "unknown_replay")
}
