package api

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/storage"
)

// play records a match that the first won.
func (r *rig) play(players ...string) {
	r.Helper()
	m := storage.Result{ID: uuid.NewString(), Game: "walk", Mode: "duel", Map: "lawn", Room: "walk", Started: r.now().Add(-time.Minute), Ended: r.now()}
	for i, p := range players {
		m.Players = append(m.Players, storage.Line{Player: p, Name: fmt.Sprint("p", i), Place: i + 1, Score: 10 - i, Played: time.Minute})
	}
	if done, err := r.db.RecordMatch(r.Context(), m); !done || err != nil {
		r.Fatal(done, err)
	}
}

func TestRecords(t *testing.T) {
	r := newRig(t)
	ann, bob := r.guest("Ann"), r.guest("Bob")
	for range 5 {
		r.play(ann.Player.ID, bob.Player.ID)
		r.pass(time.Second)
	}
	var profile struct {
		Player playerJSON
		Totals []totalsJSON
	}
	r.ask("GET", "players/"+ann.Player.ID, "", nil).is(200, "").ok(&profile)
	if profile.Player.Name != "Ann" || len(profile.Totals) != 1 || profile.Totals[0].Wins != 5 || profile.Totals[0].Played != 300 {
		t.Errorf("the profile is %+v", profile)
	}
	var ratings struct{ Ratings []ratingJSON }
	r.ask("GET", "players/"+ann.Player.ID+"/ratings", "", nil).is(200, "").ok(&ratings)
	if len(ratings.Ratings) != 1 || ratings.Ratings[0].Rating <= 0 || ratings.Ratings[0].Matches != 5 {
		t.Errorf("the ratings are %+v", ratings)
	}
	seen := map[string]bool{}
	for page, after := 0, ""; ; page++ {
		var list struct {
			Matches []matchJSON
			Next    string
		}
		r.ask("GET", "players/"+ann.Player.ID+"/matches?limit=2&after="+after, "", nil).is(200, "").ok(&list)
		for _, m := range list.Matches {
			seen[m.ID] = true
			if m.Place != 1 || !m.Rated || m.After == nil || *m.After <= *m.Before || m.Seats != 2 || m.Map != "lawn" {
				t.Errorf("a match is %+v", m)
			}
		}
		if after = list.Next; after == "" {
			if page != 2 {
				t.Errorf("%d pages of 2 for 5 matches", page+1)
			}
			break
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d of 5 matches are listed", len(seen))
	}
	r.ask("GET", "players/"+uuid.NewString(), "", nil).is(404, "unknown_player")
	r.ask("GET", "players/nobody/ratings", "", nil).is(404, "unknown_player")
	r.ask("GET", "players/"+uuid.NewString()+"/matches", "", nil).is(404, "unknown_player")
	r.ask("GET", "players/"+ann.Player.ID+"/matches?after=yesterday", "", nil).is(400, "invalid")
	r.ask("GET", "players/"+ann.Player.ID+"/matches?limit=1000", "", nil).is(400, "invalid")
}

func TestLeaderboards(t *testing.T) {
	r := newRig(t)
	ann, bob := r.guest("Ann"), r.guest("Bob")
	r.play(ann.Player.ID, bob.Player.ID)
	for _, period := range []string{"", "all-time", "season", "week"} {
		var board struct {
			Mode   string
			Rows   []rowJSON
			Player *rowJSON
		}
		a := r.ask("GET", "leaderboards?game=walk&mode=duel&limit=1&player="+bob.Player.ID+"&period="+period, "", nil).is(200, "").ok(&board)
		r.doc.check(t, "board", "Board", a.body)
		if len(board.Rows) != 1 || board.Rows[0].Player != ann.Player.ID || board.Player == nil || board.Player.Place != 2 {
			t.Errorf("period %q: %s", period, a.body)
		}
		if timeless := period == "" || period == "all-time"; (board.Rows[0].Rating != nil) != timeless || (board.Rows[0].Points != nil) == timeless {
			t.Errorf("period %q: %s", period, a.body)
		}
	}
	r.ask("GET", "leaderboards?player="+uuid.NewString(), "", nil).is(200, "")
	r.ask("GET", "leaderboards?period=today", "", nil).is(400, "invalid")
	r.ask("GET", "leaderboards?game=chess", "", nil).is(400, "invalid")
	r.ask("GET", "leaderboards?colour=red", "", nil).is(400, "invalid")
	r.ask("GET", "leaderboards?mode=a&mode=b", "", nil).is(400, "invalid")
}

// away is a database that cannot be reached.
type away struct{ Store }

func (away) Player(context.Context, string) (storage.Player, error) {
	return storage.Player{}, fmt.Errorf("player: %w", storage.ErrUnavailable)
}

func (away) Banned(context.Context, string, netip.Addr, time.Time) (storage.Ban, bool, error) {
	return storage.Ban{}, false, fmt.Errorf("banned: %w", storage.ErrUnavailable)
}

// Without the database, what is known without it still works.
func TestDatabaseGone(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	r.API.cfg.Store = away{r.db}
	r.ask("GET", "rooms", "", nil).is(200, "")
	r.ask("POST", "seats", me.Session, `{"game":"walk"}`).is(201, "")
	r.ask("POST", "queue", me.Session, `{"game":"walk","mode":"duel"}`).is(201, "")
	if a := r.ask("GET", "me", me.Session, nil).is(503, "no_database"); a.head.Get("Retry-After") != "5" {
		t.Errorf("come back after %q", a.head.Get("Retry-After"))
	}
	r.ask("GET", "players/"+me.Player.ID, "", nil).is(503, "no_database")
}
