package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hindsight/game/rating"
	"hindsight/server/storage/db"
)

// MaxRows is the most rows that one call returns, of a leaderboard or a history.
const MaxRows = 100

// Period is what a leaderboard looks back on.
type Period string

// The periods. All time goes by rating (its Ordinal): who is best. Season and week go by points: who
// did most with the time. In each rated match a player gets 2 points for each rated player of
// another team who was placed behind, and 1 for each placed alike; bots give none. Points never fall,
// so playing on is never a risk, and they begin anew with each period, so a beginner can lead one.
const (
	AllTime Period = "all-time"
	Season  Period = "season" // a quarter of the calendar year, UTC
	Week    Period = "week"   // Monday to Sunday, UTC
)

// Bounds returns the beginning and the end (not included) of the period that holds t. Both are zero
// for AllTime.
func (p Period) Bounds(t time.Time) (since, until time.Time, err error) {
	t = t.UTC()
	year, month, day := t.Date()
	switch p {
	case AllTime:
		return time.Time{}, time.Time{}, nil
	case Season:
		since = time.Date(year, month-(month-1)%3, 1, 0, 0, 0, 0, time.UTC)
		return since, since.AddDate(0, 3, 0), nil
	case Week:
		sinceMonday := (int(t.Weekday()) + 6) % 7
		since = time.Date(year, month, day-sinceMonday, 0, 0, 0, 0, time.UTC)
		return since, since.AddDate(0, 0, 7), nil
	}
	err = fmt.Errorf("%w: period %q is none of %s, %s, %s", ErrInvalid, p, AllTime, Season, Week)
	return time.Time{}, time.Time{}, err
}

// Board names a leaderboard.
type Board struct {
	Game, Mode string
	Period     Period
	// At is any moment of the season or week; AllTime ignores it.
	At time.Time
	// MinMatches is how many rated matches a player needs to appear in AllTime.
	MinMatches int
}

// Row is one player on a leaderboard.
type Row struct {
	// Place counts from 1; equal players share one, and the next is left out.
	Place  int
	Player string // id
	Name   string
	Tag    int
	// Rating is set in AllTime.
	Rating rating.Rating
	// Points is set in the other periods.
	Points int
	// Matches counts rated matches, in a season or week those of that period.
	Matches int
}

// Leaderboard returns up to limit rows (at most MaxRows) from an offset on, the best first.
func (s *Store) Leaderboard(ctx context.Context, b Board, limit, offset int) ([]Row, error) {
	since, _, err := b.Period.Bounds(b.At)
	if err != nil {
		return nil, fail("leaderboard", err)
	}
	offset = max(0, min(offset, 1<<30))
	var rows []Row
	if b.Period == AllTime {
		var found []db.BoardAllTimeRow
		found, err = s.from.BoardAllTime(ctx, db.BoardAllTimeParams{Game: b.Game, Mode: b.Mode,
			MinMatches: int64(b.MinMatches), RowLimit: page(limit), RowOffset: int32(offset)})
		for _, r := range found {
			rows = append(rows, Row{Player: r.ID, Name: r.Name, Tag: int(r.Tag), Matches: int(r.Matches),
				Rating: rating.Rating{Mu: r.Mu, Sigma: r.Sigma}})
		}
	} else {
		var found []db.BoardPeriodRow
		found, err = s.from.BoardPeriod(ctx, db.BoardPeriodParams{Game: b.Game, Mode: b.Mode, Period: string(b.Period),
			Since: millis(since), RowLimit: page(limit), RowOffset: int32(offset)})
		for _, r := range found {
			rows = append(rows, Row{Player: r.ID, Name: r.Name, Tag: int(r.Tag), Matches: int(r.Matches), Points: int(r.Points)})
		}
	}
	if err == nil {
		err = s.number(ctx, b, rows, offset)
	}
	return rows, fail("leaderboard", err)
}

// number sets the places of rows that follow one another from an offset on. The engines' rank() would
// look at every player of the board for one page of it; this asks for the first place alone, which
// may be shared with players of the page before.
func (s *Store) number(ctx context.Context, b Board, rows []Row, offset int) error {
	for i := range rows {
		switch {
		case i > 0 && rows[i].level(rows[i-1]):
			rows[i].Place = rows[i-1].Place
		case i == 0 && offset > 0:
			first, err := s.Place(ctx, b, rows[0].Player)
			if errors.Is(err, ErrNotFound) { // merged since
				first.Place = offset + 1
			} else if err != nil {
				return err
			}
			rows[0].Place = first.Place
		default:
			rows[i].Place = offset + i + 1
		}
	}
	return nil
}

// level reports that two rows of one board share a place.
func (r Row) level(o Row) bool {
	return r.Points == o.Points && r.Rating.Ordinal() == o.Rating.Ordinal()
}

// Place returns one player's row of a leaderboard, ErrNotFound if the player is not on it.
func (s *Store) Place(ctx context.Context, b Board, player string) (Row, error) {
	since, _, err := b.Period.Bounds(b.At)
	if err != nil {
		return Row{}, fail("place", err)
	}
	if b.Period == AllTime {
		r, err := s.from.PlaceAllTime(ctx, db.PlaceAllTimeParams{Game: b.Game, Mode: b.Mode,
			MinMatches: int64(b.MinMatches), PlayerID: player})
		return Row{Place: int(r.Place), Player: r.ID, Name: r.Name, Tag: int(r.Tag), Matches: int(r.Matches),
			Rating: rating.Rating{Mu: r.Mu, Sigma: r.Sigma}}, fail("place", err)
	}
	r, err := s.from.PlacePeriod(ctx, db.PlacePeriodParams{Game: b.Game, Mode: b.Mode, Period: string(b.Period),
		Since: millis(since), PlayerID: player})
	return Row{Place: int(r.Place), Player: r.ID, Name: r.Name, Tag: int(r.Tag), Matches: int(r.Matches),
		Points: int(r.Points)}, fail("place", err)
}

// tally adds a rated line to the season and the week in which its match ended.
func tally(ctx context.Context, q *db.Queries, r *Result, l *Line) error {
	for _, p := range []Period{Season, Week} {
		since, _, err := p.Bounds(r.Ended)
		if err != nil {
			return err
		}
		if err := q.AddTally(ctx, db.AddTallyParams{PlayerID: l.Player, Game: r.Game, Mode: r.Mode, Period: string(p),
			Since: millis(since), Points: int64(l.Points)}); err != nil {
			return err
		}
	}
	return nil
}

// page bounds a limit to what one call may return.
func page(limit int) int32 { return int32(max(0, min(limit, MaxRows))) }
