package storage

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hindsight/game/rating"
)

func TestMatchIsRemembered(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		want := Result{ID: "m1", Game: "arena", Mode: "tdm", Map: "canals", Room: "WXYZ", Started: now, Ended: now.Add(7*time.Minute + time.Millisecond),
			Players: []Line{
				{Player: "ann", Name: "Ann", Team: 1, Place: 1, Score: 21, Kills: 20, Deaths: 1, Assists: 4, Shots: 300, Hits: 150, Played: 7 * time.Minute},
				{Name: "Rusty", Bot: true, Team: 1, Place: 1, Score: -3, Deaths: 9, Played: 7 * time.Minute},
				{Player: "bob", Name: "Bob", Team: 2, Place: 2, Kills: 5, Deaths: 12, Played: 90 * time.Second},
				{Name: "passer-by", Team: 2, Place: 2},
			}}
		s.record(t, want)
		after := rating.Update([][]rating.Rating{{rating.Default}, {rating.Default}}, []int{1, 2})
		want.Seats = 4
		for i, team := range map[int]int{0: 0, 2: 1} {
			l := &want.Players[i]
			l.Rated, l.Before, l.After = true, rating.Default, after[team][0]
		}
		want.Players[0].Points = 2
		if got := must(s.Match(t.Context(), "m1"))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		own := want
		own.Players = want.Players[2:3]
		if got := s.history(t, "bob"); !reflect.DeepEqual(got, []Result{own}) {
			t.Errorf("history: got  %+v\nwant %+v", got, own)
		}
		if _, err := s.Match(t.Context(), "m2"); !errors.Is(err, ErrNotFound) {
			t.Errorf("an unknown match: %v", err)
		}
		if p := must(s.Player(t.Context(), "ann"))(t); !p.Seen.Equal(want.Ended) {
			t.Errorf("seen %v, want %v", p.Seen, want.Ended)
		}
		k := must(s.Ratings(t.Context(), []string{"nobody", "ann"}, "arena", "tdm"))(t)
		wantSkill := []Skill{{Player: "nobody", Game: "arena", Mode: "tdm", Rating: rating.Default},
			{Player: "ann", Game: "arena", Mode: "tdm", Rating: after[0][0], Matches: 1, Wins: 1, Updated: want.Ended}}
		if !reflect.DeepEqual(k, wantSkill) {
			t.Errorf("skills: got %+v, want %+v", k, wantSkill)
		}
		if all := must(s.PlayerRatings(t.Context(), "ann"))(t); !reflect.DeepEqual(all, wantSkill[1:]) {
			t.Errorf("all skills: %+v", all)
		}
	})
}

func TestMatchIsRecordedOnce(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		r := duel(1, "ann", "bob")
		s.record(t, r)
		before := must(s.Match(t.Context(), r.ID))(t)
		other := duel(2, "bob", "ann")
		other.ID = r.ID // another end of the same match changes nothing
		for _, again := range []Result{r, other} {
			if recorded, err := s.RecordMatch(t.Context(), again); recorded || err != nil {
				t.Errorf("again: %v, %v", recorded, err)
			}
		}
		if got := must(s.Match(t.Context(), r.ID))(t); !reflect.DeepEqual(got, before) {
			t.Errorf("changed to %+v", got)
		}
		if n := s.checkChain(t, "ann"); n != 1 {
			t.Errorf("%d rated matches", n)
		}
	})
}

func TestMatchIsRecordedOnceByMany(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		var wg sync.WaitGroup
		var recorded atomic.Int32
		for range 50 {
			wg.Go(func() {
				is, err := s.RecordMatch(t.Context(), duel(1, "ann", "bob"))
				if err != nil {
					t.Error(err)
				}
				if is {
					recorded.Add(1)
				}
			})
		}
		wg.Wait()
		if n := recorded.Load(); n != 1 {
			t.Errorf("recorded by %d of 50", n)
		}
		if n := s.checkChain(t, "ann"); n != 1 {
			t.Errorf("%d rated matches", n)
		}
	})
}

// Results of the same players that come at once are rated one on top of the other.
func TestNoUpdateIsLost(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		ids := []string{"ann", "bob", "cid", "dan"}
		guests(t, s, ids...)
		var wg sync.WaitGroup
		const matches = 40
		for n := range matches {
			r := duel(n, ids[n%4], ids[(n+1)%4])
			r.Players = append(r.Players, Line{Player: ids[(n+2)%4], Name: "x", Place: 3}, Line{Player: ids[(n+3)%4], Name: "y", Place: 4})
			wg.Go(func() {
				if recorded, err := s.RecordMatch(t.Context(), r); !recorded || err != nil {
					t.Errorf("%s: %v, %v", r.ID, recorded, err)
				}
			})
		}
		wg.Wait()
		for _, id := range ids {
			if n := s.checkChain(t, id); n != matches {
				t.Errorf("%s has %d rated matches, want %d", id, n, matches)
			}
		}
	})
}

func TestWhoIsRated(t *testing.T) {
	line := func(player string, team, place int) Line {
		return Line{Player: player, Name: "n", Team: team, Place: place}
	}
	bot := Line{Player: "dan", Name: "bot", Bot: true, Place: 1}
	cases := []struct {
		name   string
		void   bool
		lines  []Line
		rated  []bool
		points []int
	}{
		{"free for all", false, []Line{line("ann", 0, 1), line("bob", 0, 2), line("cid", 0, 3)}, []bool{true, true, true}, []int{4, 2, 0}},
		{"a shared first place", false, []Line{line("ann", 0, 1), line("bob", 0, 1), line("cid", 0, 3)}, []bool{true, true, true}, []int{3, 3, 0}},
		{"teams", false, []Line{line("ann", 1, 2), line("bob", 2, 1), line("cid", 1, 2)}, []bool{true, true, true}, []int{0, 4, 0}},
		{"teams with places of their own", false, []Line{line("ann", 1, 3), line("bob", 2, 2), line("cid", 1, 1)}, []bool{true, true, true}, []int{2, 0, 2}},
		{"void", true, []Line{line("ann", 0, 1), line("bob", 0, 2)}, []bool{false, false}, []int{0, 0}},
		{"alone with bots", false, []Line{line("ann", 0, 1), bot, bot}, []bool{false, false, false}, []int{0, 0, 0}},
		{"two with a bot", false, []Line{line("ann", 0, 3), bot, line("bob", 0, 2)}, []bool{true, false, true}, []int{0, 0, 2}},
		{"one team", false, []Line{line("ann", 1, 1), line("bob", 1, 1)}, []bool{false, false}, []int{0, 0}},
		{"strangers", false, []Line{line("", 0, 1), line("nobody", 0, 2), line("ann", 0, 3)}, []bool{false, false, false}, []int{0, 0, 0}},
		{"twice the same", false, []Line{line("ann", 0, 1), line("ann", 0, 2), line("bob", 0, 3)}, []bool{true, false, true}, []int{2, 0, 0}},
		{"nobody", false, nil, nil, nil},
	}
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob", "cid", "dan")
		for n, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				r := duel(n, "", "")
				r.Void, r.Players = c.void, c.lines
				s.record(t, r)
				got := must(s.Match(t.Context(), r.ID))(t)
				if got.Void != c.void || len(got.Players) != len(c.lines) {
					t.Fatalf("got %+v", got)
				}
				for i, l := range got.Players {
					if l.Rated != c.rated[i] || l.Points != c.points[i] || l.Rated != (l.After != rating.Rating{}) {
						t.Errorf("line %d: rated %v with %d points, want %v with %d; %+v", i, l.Rated, l.Points, c.rated[i], c.points[i], l)
					}
					if l.Rated && s.skill(t, l.Player).Rating != l.After {
						t.Errorf("%s has %v, want %v", l.Player, s.skill(t, l.Player).Rating, l.After)
					}
				}
			})
		}
	})
}

// Nothing in a result may lose it, short of having no id.
func TestOddResults(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann")
		r := duel(1, "ann", strings.Repeat("long", 100))
		r.Map, r.Players[0].Name = "a\x00b\xff", strings.Repeat("ü", 60)
		r.Players[0].Score = math.MinInt64
		s.record(t, r)
		got := must(s.Match(t.Context(), r.ID))(t)
		if got.Map != "ab\uFFFD" || got.Players[0].Name != strings.Repeat("ü", 32) || got.Players[0].Score != math.MinInt64 || got.Players[1].Player != "" {
			t.Errorf("got %+v", got)
		}
		for name, spoil := range map[string]func(r *Result){
			"no id":            func(r *Result) { r.ID = "" },
			"no end":           func(r *Result) { r.Ended = time.Time{} },
			"end before start": func(r *Result) { r.Started = r.Ended.Add(time.Second) },
			"a crowd":          func(r *Result) { r.Players = make([]Line, MaxSeats+1) },
		} {
			r := duel(2, "ann", "bob")
			spoil(&r)
			if recorded, err := s.RecordMatch(t.Context(), r); recorded || !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %v, %v", name, recorded, err)
			}
		}
	})
}

func TestHistory(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob", "cid")
		const matches = 23
		for n := range matches {
			r := duel(n, "ann", []string{"bob", "cid"}[n%2])
			r.Ended = now.Add(time.Duration(n/3) * time.Minute) // three at a time end together
			r.Started = r.Ended.Add(-time.Minute)
			s.record(t, r)
		}
		all := s.history(t, "ann")
		if len(all) != matches {
			t.Fatalf("%d matches, want %d", len(all), matches)
		}
		ids := map[string]bool{}
		for i, r := range all {
			ids[r.ID] = true
			if i > 0 && r.Ended.After(all[i-1].Ended) {
				t.Errorf("match %d ended after the one before it", i)
			}
			if len(r.Players) != 1 || r.Players[0].Player != "ann" {
				t.Errorf("match %d: %+v", i, r.Players)
			}
		}
		if len(ids) != matches {
			t.Errorf("%d different matches, want %d", len(ids), matches)
		}
		if got := len(s.history(t, "cid")); got != matches/2 {
			t.Errorf("%d matches of cid, want %d", got, matches/2)
		}
		if got := must(s.History(t.Context(), "ann", 5, Cursor{}))(t); len(got) != 5 || got[0].ID != all[0].ID {
			t.Errorf("the newest five: %v", got)
		}
		if got := must(s.History(t.Context(), "ann", -1, Cursor{}))(t); len(got) != 0 {
			t.Errorf("a negative limit: %v", got)
		}
		if got := must(s.History(t.Context(), "", 5, Cursor{}))(t); len(got) != 0 {
			t.Errorf("the history of bots: %v", got)
		}
	})
}

func TestTotals(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		void := duel(3, "ann", "bob")
		void.Void = true
		other := duel(4, "ann", "bob")
		other.Mode = "ffa"
		s.record(t, duel(1, "ann", "bob"), duel(2, "bob", "ann"), void, other)
		want := []Totals{
			{Game: "arena", Mode: "duel", Matches: 3, Wins: 1, Kills: 23, Deaths: 16, Shots: 290, Hits: 90, Played: 15 * time.Minute},
			{Game: "arena", Mode: "ffa", Matches: 1, Wins: 1, Kills: 10, Deaths: 3, Shots: 100, Hits: 40, Played: 5 * time.Minute},
		}
		if got := must(s.Totals(t.Context(), "ann"))(t); !slices.Equal(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestMergeGuest(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		guests(t, s, "ann", "guest", "early", "bob")
		if err := errors.Join(
			s.AddCredential(ctx, Credential{Login: "ann", Player: "ann", Hash: "h"}),
			s.AddDevice(ctx, "hash", "guest", now), s.AddBan(ctx, Ban{ID: "ban", Player: "guest", Created: now}),
		); err != nil {
			t.Fatal(err)
		}
		ffa := duel(5, "guest", "bob")
		ffa.Mode = "ffa"
		both := duel(6, "guest", "ann")
		s.record(t, duel(1, "early", "bob"), duel(2, "ann", "bob"), duel(3, "guest", "bob"), duel(4, "bob", "guest"), ffa, both)
		own, theirs := s.skill(t, "ann"), must(s.Ratings(ctx, []string{"guest"}, "arena", "ffa"))(t)[0]

		// A guest of a guest, then that guest: both ids end at the account.
		for _, m := range [][2]string{{"early", "guest"}, {"guest", "ann"}, {"guest", "ann"}, {"early", "ann"}} {
			if err := s.MergeGuest(ctx, m[0], m[1]); err != nil {
				t.Fatalf("%v: %v", m, err)
			}
		}
		for _, id := range []string{"ann", "guest", "early"} {
			if p := must(s.Player(ctx, id))(t); p.ID != "ann" {
				t.Errorf("%s is %s", id, p.ID)
			}
		}
		if got := s.history(t, "ann"); len(got) != 6 {
			t.Errorf("%d matches, want 6", len(got))
		}
		if got := s.skill(t, "ann"); got != own {
			t.Errorf("her rating became %+v, was %+v", got, own)
		}
		theirs.Player = "ann"
		if got := must(s.Ratings(ctx, []string{"ann"}, "arena", "ffa"))(t)[0]; got != theirs {
			t.Errorf("rating taken over: %+v, want %+v", got, theirs)
		}
		if r := must(s.Place(ctx, Board{Game: "arena", Mode: "duel", Period: Week, At: now}, "ann"))(t); r.Points != 8 || r.Matches != 6 || r.Place != 1 {
			t.Errorf("the points of both: %+v, want 8 of 6 matches", r)
		}
		if p := must(s.PlayerByDevice(ctx, "hash"))(t); p.ID != "ann" {
			t.Errorf("the device speaks for %s", p.ID)
		}
		if _, banned, err := s.Banned(ctx, "ann", noAddr, now); !banned || err != nil {
			t.Errorf("the ban is gone: %v", err)
		}
		if got := must(s.Match(ctx, both.ID))(t); got.Players[0].Player != "" || got.Players[1].Player != "ann" {
			t.Errorf("the match of both: %+v", got.Players)
		}
		// The guest's name is free again, and a match that ends now counts for the account.
		guests(t, s, "other")
		if err := s.Rename(ctx, "other", "guest", "guest", 1); err != nil {
			t.Errorf("the name: %v", err)
		}
		s.record(t, duel(7, "guest", "bob"))
		if k := s.skill(t, "ann"); k.Matches != own.Matches+1 {
			t.Errorf("%d matches, want %d", k.Matches, own.Matches+1)
		}
	})
}

func TestMergeGuestRefuses(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob")
		if err := s.AddCredential(t.Context(), Credential{Login: "ann", Player: "ann", Hash: "h"}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			guest, into string
			want        error
		}{
			{"ann", "bob", ErrInvalid}, {"bob", "bob", ErrInvalid}, {"bob", "nobody", ErrNotFound}, {"nobody", "ann", ErrNotFound},
		} {
			if err := s.MergeGuest(t.Context(), c.guest, c.into); !errors.Is(err, c.want) {
				t.Errorf("%s into %s: %v, want %v", c.guest, c.into, err, c.want)
			}
		}
		if p := must(s.Player(t.Context(), "bob"))(t); p.ID != "bob" {
			t.Errorf("bob became %s", p.ID)
		}
	})
}

// A guest signs in while results that name the guest arrive: none is lost.
func TestMergeWhileRecording(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		const rounds, matches = 4, 8
		guests(t, s, "bob", "cid")
		for round := range rounds {
			guest, account := fmt.Sprint("guest", round), fmt.Sprint("account", round)
			guests(t, s, guest, account)
			var wg sync.WaitGroup
			for n := range matches {
				wg.Go(func() {
					if recorded, err := s.RecordMatch(t.Context(), duel(round*matches+n, guest, []string{"bob", "cid"}[n%2])); !recorded || err != nil {
						t.Error(recorded, err)
					}
				})
			}
			wg.Go(func() {
				if err := s.MergeGuest(t.Context(), guest, account); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if n := s.checkChain(t, account); n != matches {
				t.Errorf("round %d: the account has %d matches, want %d", round, n, matches)
			}
		}
	})
}
