package storage

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestPeriodBounds(t *testing.T) {
	date := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		period       Period
		at           time.Time
		since, until time.Time
	}{
		{AllTime, now, time.Time{}, time.Time{}},
		{Week, now, date(2026, 3, 16), date(2026, 3, 23)},
		{Week, date(2026, 3, 16), date(2026, 3, 16), date(2026, 3, 23)},
		{Week, date(2026, 3, 22).Add(24*time.Hour - 1), date(2026, 3, 16), date(2026, 3, 23)},
		{Week, date(2026, 1, 1), date(2025, 12, 29), date(2026, 1, 5)},
		{Week, time.Date(2026, 3, 23, 1, 0, 0, 0, time.FixedZone("east", 2*3600)), date(2026, 3, 16), date(2026, 3, 23)},
		{Season, now, date(2026, 1, 1), date(2026, 4, 1)},
		{Season, date(2026, 4, 1), date(2026, 4, 1), date(2026, 7, 1)},
		{Season, date(2026, 12, 31), date(2026, 10, 1), date(2027, 1, 1)},
	} {
		since, until, err := c.period.Bounds(c.at)
		if !since.Equal(c.since) || !until.Equal(c.until) || err != nil {
			t.Errorf("%s of %v is %v to %v (%v), want %v to %v", c.period, c.at, since, until, err, c.since, c.until)
		}
	}
	if _, _, err := Period("month").Bounds(now); !errors.Is(err, ErrInvalid) {
		t.Errorf("a period that is none: %v", err)
	}
}

// shown writes rows as "1:ann 2:bob".
func shown(rows []Row) (s string) {
	for i, r := range rows {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%d:%s", r.Place, r.Player)
	}
	return s
}

func TestLeaderboardOfAllTime(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob", "cid", "dan", "eve")
		s.record(t, duel(1, "ann", "bob"), duel(2, "ann", "bob"), duel(3, "ann", "bob"),
			duel(4, "cid", "dan"), duel(5, "cid", "dan"))
		b := Board{Game: "arena", Mode: "duel", Period: AllTime}
		// Two who did the same share a place.
		tied := duel(6, "eve", "bob")
		tied.Mode = "other"
		s.record(t, tied)
		for _, c := range []struct {
			least, limit, offset int
			want                 string
		}{
			{0, 10, 0, "1:ann 2:cid 3:dan 4:bob"},
			{3, 10, 0, "1:ann 2:bob"},
			{0, 2, 1, "2:cid 3:dan"},
			{0, 2, 9, ""},
			{0, 0, 0, ""},
			{9, 10, 0, ""},
		} {
			b.MinMatches = c.least
			rows := must(s.Leaderboard(t.Context(), b, c.limit, c.offset))(t)
			if got := shown(rows); got != c.want {
				t.Errorf("at least %d matches, limit %d, offset %d: %s, want %s", c.least, c.limit, c.offset, got, c.want)
			}
			for _, r := range rows {
				if own := must(s.Place(t.Context(), b, r.Player))(t); own != r {
					t.Errorf("own row %+v, on the board %+v", own, r)
				}
				if k := s.skill(t, r.Player); r.Rating != k.Rating || r.Matches != k.Matches || r.Name != r.Player || r.Tag != 1 {
					t.Errorf("row %+v of skill %+v", r, k)
				}
			}
		}
		if _, err := s.Place(t.Context(), b, "ann"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a place with too few matches: %v", err)
		}
		if _, err := s.Leaderboard(t.Context(), Board{Period: "month"}, 10, 0); !errors.Is(err, ErrInvalid) {
			t.Errorf("a period that is none: %v", err)
		}
	})
}

func TestLeaderboardTies(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob", "cid", "dan", "eve")
		r := duel(1, "ann", "bob")
		r.Players = nil
		for i, id := range []string{"eve", "dan", "cid", "bob", "ann"} {
			r.Players = append(r.Players, Line{Player: id, Name: id, Place: []int{1, 1, 3, 3, 5}[i]})
		}
		s.record(t, r)
		for _, period := range []Period{AllTime, Season, Week} {
			b := Board{Game: "arena", Mode: "duel", Period: period, At: now}
			if got := shown(must(s.Leaderboard(t.Context(), b, 10, 0))(t)); got != "1:dan 1:eve 3:bob 3:cid 5:ann" {
				t.Errorf("%s: %s", period, got)
			}
			if got := shown(must(s.Leaderboard(t.Context(), b, 3, 1))(t)); got != "1:eve 3:bob 3:cid" {
				t.Errorf("%s, from the second on: %s", period, got)
			}
			if own := must(s.Place(t.Context(), b, "cid"))(t); own.Place != 3 {
				t.Errorf("%s: own row %+v", period, own)
			}
		}
	})
}

func TestLeaderboardOfAPeriod(t *testing.T) {
	withStore(t, func(t *testing.T, s *Store) {
		guests(t, s, "ann", "bob", "cid")
		at := func(n int, end time.Time, winner, loser string) Result {
			r := duel(n, winner, loser)
			r.Started, r.Ended = end.Add(-time.Minute), end
			return r
		}
		monday := time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)
		s.record(t,
			at(1, monday.Add(-time.Millisecond), "cid", "ann"), // last week
			at(2, monday.Add(-time.Millisecond), "cid", "ann"),
			at(3, monday, "ann", "bob"),
			at(4, monday.Add(time.Hour), "ann", "cid"),
			at(5, monday.Add(7*24*time.Hour-time.Millisecond), "bob", "cid"),
			at(6, monday.Add(7*24*time.Hour), "cid", "bob"), // next week
			at(7, monday.Add(7*24*time.Hour), "cid", "bob"),
			at(8, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), "bob", "ann"), // next season
		)
		void := at(9, monday, "bob", "ann")
		void.Void = true
		s.record(t, void)
		for _, c := range []struct {
			period Period
			at     time.Time
			want   string
			points []int
		}{
			{Week, now, "1:ann 2:bob 3:cid", []int{4, 2, 0}},
			{Week, monday.Add(-time.Hour), "1:cid 2:ann", []int{4, 0}},
			{Season, now, "1:cid 2:ann 3:bob", []int{8, 4, 2}},
			{Season, now.AddDate(1, 0, 0), "", nil},
		} {
			b := Board{Game: "arena", Mode: "duel", Period: c.period, At: c.at}
			rows := must(s.Leaderboard(t.Context(), b, 10, 0))(t)
			if got := shown(rows); got != c.want {
				t.Errorf("%s at %v: %s, want %s", c.period, c.at, got, c.want)
				continue
			}
			for i, r := range rows {
				if r.Points != c.points[i] {
					t.Errorf("%s: %+v, want %d points", c.period, r, c.points[i])
				}
				if own := must(s.Place(t.Context(), b, r.Player))(t); own != r {
					t.Errorf("own row %+v, on the board %+v", own, r)
				}
			}
		}
		if _, err := s.Place(t.Context(), Board{Game: "arena", Mode: "ffa", Period: Week, At: now}, "ann"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a place in a mode not played: %v", err)
		}
	})
}
