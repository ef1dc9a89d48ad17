-- name: Rating :one
SELECT * FROM ratings WHERE player_id = $1 AND game = $2 AND mode = $3;

-- name: PlayerRatings :many
SELECT * FROM ratings WHERE player_id = $1 ORDER BY game, mode;

-- name: PutRating :exec
INSERT INTO ratings (player_id, game, mode, mu, sigma, ordinal, matches, wins, updated)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (player_id, game, mode) DO UPDATE
SET mu = excluded.mu, sigma = excluded.sigma, ordinal = excluded.ordinal,
    matches = excluded.matches, wins = excluded.wins, updated = excluded.updated;

-- name: AddTally :exec
INSERT INTO tallies (player_id, game, mode, period, since, points, matches)
VALUES (sqlc.arg(player_id), sqlc.arg(game), sqlc.arg(mode), sqlc.arg(period), sqlc.arg(since), sqlc.arg(points), 1)
ON CONFLICT (player_id, game, mode, period, since) DO UPDATE
SET points = tallies.points + excluded.points, matches = tallies.matches + 1;

-- name: AddTallies :exec
-- Adds all of one player's to another's.
INSERT INTO tallies (player_id, game, mode, period, since, points, matches)
SELECT CAST(sqlc.arg(into_id) AS TEXT), f.game, f.mode, f.period, f.since, f.points, f.matches
FROM tallies f WHERE f.player_id = sqlc.arg(from_id)
ON CONFLICT (player_id, game, mode, period, since) DO UPDATE
SET points = tallies.points + excluded.points, matches = tallies.matches + excluded.matches;

-- name: BoardAllTime :many
SELECT p.id, p.name, p.tag, r.mu, r.sigma, r.matches
FROM ratings r JOIN players p ON p.id = r.player_id
WHERE r.game = sqlc.arg(game) AND r.mode = sqlc.arg(mode) AND r.matches >= sqlc.arg(min_matches)
ORDER BY r.ordinal DESC, r.player_id
LIMIT sqlc.arg(row_limit) OFFSET sqlc.arg(row_offset);

-- name: PlaceAllTime :one
SELECT (SELECT CAST(count(*) + 1 AS BIGINT) FROM ratings o
        WHERE o.game = r.game AND o.mode = r.mode AND o.matches >= sqlc.arg(min_matches) AND o.ordinal > r.ordinal) AS place,
    p.id, p.name, p.tag, r.mu, r.sigma, r.matches
FROM ratings r JOIN players p ON p.id = r.player_id
WHERE r.player_id = sqlc.arg(player_id) AND r.game = sqlc.arg(game) AND r.mode = sqlc.arg(mode)
  AND r.matches >= sqlc.arg(min_matches);

-- name: BoardPeriod :many
SELECT p.id, p.name, p.tag, t.points, t.matches
FROM tallies t JOIN players p ON p.id = t.player_id
WHERE t.game = sqlc.arg(game) AND t.mode = sqlc.arg(mode) AND t.period = sqlc.arg(period) AND t.since = sqlc.arg(since)
ORDER BY t.points DESC, t.player_id
LIMIT sqlc.arg(row_limit) OFFSET sqlc.arg(row_offset);

-- name: PlacePeriod :one
SELECT (SELECT CAST(count(*) + 1 AS BIGINT) FROM tallies o
        WHERE o.game = t.game AND o.mode = t.mode AND o.period = t.period AND o.since = t.since AND o.points > t.points) AS place,
    p.id, p.name, p.tag, t.points, t.matches
FROM tallies t JOIN players p ON p.id = t.player_id
WHERE t.player_id = sqlc.arg(player_id) AND t.game = sqlc.arg(game) AND t.mode = sqlc.arg(mode)
  AND t.period = sqlc.arg(period) AND t.since = sqlc.arg(since);
