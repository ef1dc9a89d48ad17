package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hindsight/game/rating"
	"hindsight/server/storage/db"
)

// Skill is how well a player plays one mode of one game.
type Skill struct {
	Player, Game, Mode string
	// Rating is rating.Default before the first rated match.
	Rating rating.Rating
	// Matches and Wins count rated matches; a win is a first place, shared or not.
	Matches, Wins int
	// Updated is the end of the last rated match; zero before the first.
	Updated time.Time
}

func skillOf(r db.Rating) Skill {
	return Skill{Player: r.PlayerID, Game: r.Game, Mode: r.Mode, Rating: rating.Rating{Mu: r.Mu, Sigma: r.Sigma},
		Matches: int(r.Matches), Wins: int(r.Wins), Updated: instant(r.Updated)}
}

// skill returns a player's skill, that of a beginner if nothing is known.
func skill(ctx context.Context, q *db.Queries, player, game, mode string) (Skill, error) {
	r, err := q.Rating(ctx, player, game, mode)
	if errors.Is(err, sql.ErrNoRows) {
		return Skill{Player: player, Game: game, Mode: mode, Rating: rating.Default}, nil
	}
	return skillOf(r), err
}

// putSkill stores a player's skill.
func putSkill(ctx context.Context, q *db.Queries, k Skill) error {
	return q.PutRating(ctx, db.PutRatingParams{PlayerID: k.Player, Game: k.Game, Mode: k.Mode,
		Mu: k.Rating.Mu, Sigma: k.Rating.Sigma, Ordinal: k.Rating.Ordinal(),
		Matches: int64(k.Matches), Wins: int64(k.Wins), Updated: millis(k.Updated)})
}

// Ratings returns the skills of some players at one mode, in the order of their ids; a player without
// matches, known or not, has those of a beginner.
func (s *Store) Ratings(ctx context.Context, players []string, game, mode string) ([]Skill, error) {
	skills := make([]Skill, len(players))
	for i, id := range players {
		var err error
		if skills[i], err = skill(ctx, s.from, id, game, mode); err != nil {
			return nil, fail("ratings", err)
		}
	}
	return skills, nil
}

// PlayerRatings returns all of a player's skills, by game and mode.
func (s *Store) PlayerRatings(ctx context.Context, player string) ([]Skill, error) {
	rows, err := s.from.PlayerRatings(ctx, player)
	if err != nil {
		return nil, fail("ratings", err)
	}
	skills := make([]Skill, len(rows))
	for i, r := range rows {
		skills[i] = skillOf(r)
	}
	return skills, nil
}
