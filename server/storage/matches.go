package storage

import (
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"
	"time"

	"hindsight/game/rating"
	"hindsight/server/storage/db"
)

// RecordMatch remembers a match and rates its players, all or nothing, exactly once for each match id:
// for a match that is known it changes nothing and returns false. So after an error, which leaves open
// whether the match was recorded, it may be called again. See Outbox for who does so.
//
// Results of the same player that arrive at once are rated one after the other.
func (s *Store) RecordMatch(ctx context.Context, r Result) (recorded bool, err error) {
	r, err = r.clean()
	if err != nil {
		return false, fail("record match", err)
	}
	err = s.transact(ctx, "record match", func(q *db.Queries) error {
		rows, err := q.InsertMatch(ctx, db.InsertMatchParams{ID: r.ID, Game: r.Game, Mode: r.Mode, Map: r.Map, Room: r.Room,
			Started: millis(r.Started), Ended: millis(r.Ended), Void: flag(r.Void), Seats: int64(r.Seats)})
		recorded = rows == 1
		if err != nil || !recorded {
			return err
		}
		attempt := r
		attempt.Players = slices.Clone(r.Players)
		return record(ctx, q, &attempt)
	})
	return recorded && err == nil, err
}

// record writes all but the match's own row.
func record(ctx context.Context, q *db.Queries, r *Result) error {
	if err := lockPlayers(ctx, q, r); err != nil {
		return err
	}
	if err := rateAll(ctx, q, r); err != nil {
		return err
	}
	for seat := range r.Players {
		if err := q.InsertMatchPlayer(ctx, rowOf(r, seat)); err != nil {
			return err
		}
	}
	return nil
}

// lockPlayers holds the players of a result until the transaction ends, in the order of their ids, so
// that two results with the same players do not wait for each other. It sets each line's id to that of
// the player it stands for now, and empties it if there is none or another line has the same: who
// played in two windows is rated for the first.
func lockPlayers(ctx context.Context, q *db.Queries, r *Result) error {
	held := map[string]string{} // by the id they had before they were held
	for i := range r.Players {
		l := &r.Players[i]
		if l.Player == "" {
			continue
		}
		id, err := q.Resolve(ctx, l.Player)
		if err != nil {
			return err
		}
		l.Player, held[id] = id, ""
	}
	for _, id := range slices.Sorted(maps.Keys(held)) {
		player, err := lockPlayer(ctx, q, id, r.Ended)
		if err != nil {
			return err
		}
		held[id] = player
	}
	seated := map[string]bool{"": true}
	for i := range r.Players {
		l := &r.Players[i]
		if l.Player = held[l.Player]; seated[l.Player] {
			l.Player = ""
		}
		seated[l.Player] = true
	}
	return nil
}

// lockPlayer holds one player. It returns the id of who is held: another, if the player was merged
// while we waited, and "" if there is none.
func lockPlayer(ctx context.Context, q *db.Queries, id string, seen time.Time) (string, error) {
	for {
		rows, err := q.LockPlayer(ctx, millis(seen), id)
		if rows == 1 || err != nil {
			return id, err
		}
		into, err := q.Resolve(ctx, id)
		if into == id || err != nil {
			return "", err
		}
		id = into
	}
}

// rateAll updates the ratings of the players of a result, which are locked.
func rateAll(ctx context.Context, q *db.Queries, r *Result) error {
	skills, before := map[int]Skill{}, map[int]rating.Rating{}
	for i, l := range r.Players {
		if l.Player == "" {
			continue
		}
		k, err := skill(ctx, q, l.Player, r.Game, r.Mode)
		if err != nil {
			return err
		}
		skills[i], before[i] = k, k.Rating
	}
	for _, i := range r.rate(before) {
		k, l := skills[i], &r.Players[i]
		k.Rating, k.Matches = l.After, k.Matches+1
		if l.Place == 1 {
			k.Wins++
		}
		if k.Updated.Before(r.Ended) {
			k.Updated = r.Ended
		}
		if err := putSkill(ctx, q, k); err != nil {
			return err
		}
		if err := tally(ctx, q, r, l); err != nil {
			return err
		}
	}
	return nil
}

func rowOf(r *Result, seat int) db.InsertMatchPlayerParams {
	l := &r.Players[seat]
	return db.InsertMatchPlayerParams{
		MatchID: r.ID, Seat: int64(seat), PlayerID: optional(l.Player), Name: l.Name, Bot: flag(l.Bot),
		Team: int64(l.Team), Place: int64(l.Place), Score: int64(l.Score),
		Kills: int64(l.Kills), Deaths: int64(l.Deaths), Assists: int64(l.Assists),
		Shots: int64(l.Shots), Hits: int64(l.Hits), Played: l.Played.Milliseconds(),
		Rated: flag(l.Rated), Points: int64(l.Points),
		MuBefore: l.Before.Mu, SigmaBefore: l.Before.Sigma, MuAfter: l.After.Mu, SigmaAfter: l.After.Sigma,
		Game: r.Game, Mode: r.Mode, Ended: millis(r.Ended),
	}
}

func resultOf(m db.Match, lines ...db.MatchPlayer) Result {
	r := Result{ID: m.ID, Game: m.Game, Mode: m.Mode, Map: m.Map, Room: m.Room,
		Started: instant(m.Started), Ended: instant(m.Ended), Void: m.Void == 1, Seats: int(m.Seats)}
	for _, l := range lines {
		r.Players = append(r.Players, Line{
			Player: l.PlayerID.String, Name: l.Name, Bot: l.Bot == 1,
			Team: int(l.Team), Place: int(l.Place), Score: int(l.Score),
			Kills: int(l.Kills), Deaths: int(l.Deaths), Assists: int(l.Assists),
			Shots: int(l.Shots), Hits: int(l.Hits), Played: time.Duration(l.Played) * time.Millisecond,
			Rated: l.Rated == 1, Points: int(l.Points),
			Before: rating.Rating{Mu: l.MuBefore, Sigma: l.SigmaBefore}, After: rating.Rating{Mu: l.MuAfter, Sigma: l.SigmaAfter},
		})
	}
	return r
}

// Match returns a match with all who took part, in the order of its result.
func (s *Store) Match(ctx context.Context, id string) (Result, error) {
	m, err := s.from.Match(ctx, id)
	if err != nil {
		return Result{}, fail("match", err)
	}
	lines, err := s.from.MatchPlayers(ctx, id)
	return resultOf(m, lines...), fail("match", err)
}

// Cursor is a place in a history. The zero Cursor is before its newest match.
type Cursor struct {
	Ended time.Time
	Match string
}

// Cursor returns the place behind a match, where the next page begins.
func (r *Result) Cursor() Cursor { return Cursor{Ended: r.Ended, Match: r.ID} }

// History returns up to limit (at most MaxRows) of a player's matches behind a cursor, the newest
// first. Each holds the player's own line alone.
func (s *Store) History(ctx context.Context, player string, limit int, behind Cursor) ([]Result, error) {
	at := millis(behind.Ended)
	if at == 0 {
		at = math.MaxInt64
	}
	rows, err := s.from.History(ctx, db.HistoryParams{PlayerID: sql.NullString{String: player, Valid: true},
		BeforeEnded: at, BeforeMatch: behind.Match, RowLimit: page(limit)})
	past := make([]Result, len(rows))
	for i, r := range rows {
		past[i] = resultOf(r.Match, r.MatchPlayer)
	}
	return past, fail("history", err)
}

// Totals is all that a player did in one mode of one game, void matches included, except in Wins.
type Totals struct {
	Game, Mode             string
	Matches, Wins          int
	Kills, Deaths, Assists int
	Shots, Hits            int
	Played                 time.Duration
}

// Totals returns a player's totals, by game and mode.
func (s *Store) Totals(ctx context.Context, player string) ([]Totals, error) {
	rows, err := s.from.Totals(ctx, sql.NullString{String: player, Valid: true})
	totals := make([]Totals, len(rows))
	for i, r := range rows {
		totals[i] = Totals{Game: r.Game, Mode: r.Mode, Matches: int(r.Matches), Wins: int(r.Wins),
			Kills: int(r.Kills), Deaths: int(r.Deaths), Assists: int(r.Assists),
			Shots: int(r.Shots), Hits: int(r.Hits), Played: time.Duration(r.Played) * time.Millisecond}
	}
	return totals, fail("totals", err)
}
