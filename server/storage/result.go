package storage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hindsight/game/rating"
)

// MaxSeats is the most players in a result.
const MaxSeats = 256

// Result is how a match ended.
type Result struct {
	// ID is a UUID given when the match began. A result is recorded once for each ID.
	ID string
	// Game, Mode, Map and Room say what was played where.
	Game, Mode, Map, Room string
	// Started and Ended are kept to the millisecond.
	Started, Ended time.Time
	// Void is true for a match that was broken off. It is remembered, and counts for nothing.
	Void bool
	// Players are all who took part, bots included, also those who left early. A Result read by
	// Store.History holds the one player alone.
	Players []Line
	// Seats is how many took part. Set by the store.
	Seats int
}

// Line is one player's part in a match.
type Line struct {
	// Player is the player's id; empty for bots and for those who have none. The store empties it if
	// there is no such player, and replaces that of a merged guest.
	Player string
	// Name is what the player was called at the time.
	Name string
	Bot  bool
	// Team is 0 for a player who played for himself.
	Team int
	// Place is 1 for the first. Players of one team share the best of their places.
	Place                         int
	Score, Kills, Deaths, Assists int
	Shots, Hits                   int
	// Played is how long the player was there, kept to the millisecond.
	Played time.Duration

	// The rest is set by the store.

	// Rated is true if the match changed the player's rating: it was not void, and players with an id
	// met as at least two teams. Otherwise Before, After and Points are zero.
	Rated         bool
	Before, After rating.Rating
	// Points count for the leaderboards of a period; see Period.
	Points int
}

// clean returns a copy of the result as it can be stored. Texts are cut and repaired rather than
// refused: a match was played, and one odd name must not lose it.
func (r Result) clean() (Result, error) {
	err := bounded("match id", r.ID, 1, maxID)
	if len(r.Players) > MaxSeats {
		err = errors.Join(err, fmt.Errorf("%w: %d players, the most is %d", ErrInvalid, len(r.Players), MaxSeats))
	}
	if r.Ended.IsZero() || r.Ended.Before(r.Started) {
		err = errors.Join(err, fmt.Errorf("%w: from %v to %v", ErrInvalid, r.Started, r.Ended))
	}
	for _, text := range []*string{&r.Game, &r.Mode, &r.Map, &r.Room} {
		*text = repaired(*text)
	}
	r.Seats = len(r.Players)
	r.Players = slices.Clone(r.Players)
	for i := range r.Players {
		l := &r.Players[i]
		l.Name = repaired(l.Name)
		if l.Bot || bounded("id", l.Player, 1, maxID) != nil {
			l.Player = ""
		}
		l.Rated, l.Before, l.After, l.Points = false, rating.Rating{}, rating.Rating{}, 0
	}
	r.sharePlaces()
	return r, err
}

// sharePlaces gives all players of a team the best of their places.
func (r *Result) sharePlaces() {
	best := map[int]int{}
	for _, l := range r.Players {
		if p, ok := best[l.Team]; !ok || l.Place < p {
			best[l.Team] = l.Place
		}
	}
	for i := range r.Players {
		if l := &r.Players[i]; l.Team != 0 {
			l.Place = best[l.Team]
		}
	}
}

// repaired makes text that can be stored out of anything.
func repaired(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if len(s) > MaxName {
		s = strings.ToValidUTF8(s[:MaxName], "") // what the cut left of the last letter
	}
	return s
}

// sides groups the lines that count for ratings by team: indexes into r.Players, in the order of their
// first player.
func (r *Result) sides() [][]int {
	var sides [][]int
	at := map[int]int{} // team to index in sides
	for i, l := range r.Players {
		if l.Player == "" {
			continue
		}
		if side, ok := at[l.Team]; ok && l.Team != 0 {
			sides[side] = append(sides[side], i)
			continue
		}
		at[l.Team] = len(sides)
		sides = append(sides, []int{i})
	}
	return sides
}

// rate fills in what the match did to its players, whose ratings before it are given by index, and
// returns the indexes of those who were rated.
func (r *Result) rate(before map[int]rating.Rating) []int {
	sides := r.sides()
	if r.Void || len(sides) < 2 {
		return nil
	}
	teams, places := make([][]rating.Rating, len(sides)), make([]int, len(sides))
	for i, side := range sides {
		places[i] = r.Players[side[0]].Place
		for _, l := range side {
			teams[i] = append(teams[i], before[l])
		}
	}
	after := rating.Update(teams, places)
	var rated []int
	for i, side := range sides {
		points := 0
		for o, other := range sides {
			switch {
			case places[i] < places[o]:
				points += 2 * len(other)
			case places[i] == places[o] && i != o:
				points += len(other)
			}
		}
		for j, l := range side {
			line := &r.Players[l]
			line.Rated, line.Points, line.Before, line.After = true, points, before[l], after[i][j]
			rated = append(rated, l)
		}
	}
	return rated
}
