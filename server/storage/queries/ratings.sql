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

-- name: BoardAllTime :many
SELECT rank() OVER (ORDER BY r.ordinal DESC) AS place, p.id, p.name, p.tag, r.mu, r.sigma, r.ordinal, r.matches
FROM ratings r JOIN players p ON p.id = r.player_id
WHERE r.game = sqlc.arg(game) AND r.mode = sqlc.arg(mode) AND r.matches >= sqlc.arg(min_matches)
ORDER BY r.ordinal DESC, p.id
LIMIT sqlc.arg(row_limit) OFFSET sqlc.arg(row_offset);

-- name: PlaceAllTime :one
SELECT (SELECT CAST(count(*) + 1 AS BIGINT) FROM ratings o
        WHERE o.game = r.game AND o.mode = r.mode AND o.matches >= sqlc.arg(min_matches) AND o.ordinal > r.ordinal) AS place,
    p.id, p.name, p.tag, r.mu, r.sigma, r.ordinal, r.matches
FROM ratings r JOIN players p ON p.id = r.player_id
WHERE r.player_id = sqlc.arg(player_id) AND r.game = sqlc.arg(game) AND r.mode = sqlc.arg(mode)
  AND r.matches >= sqlc.arg(min_matches);

-- name: BoardPeriod :many
SELECT t.place, p.id, p.name, p.tag, t.points, t.matches
FROM (
    SELECT m.player_id, rank() OVER (ORDER BY sum(m.points) DESC) AS place,
        CAST(sum(m.points) AS BIGINT) AS points, count(*) AS matches
    FROM match_players m
    WHERE m.game = sqlc.arg(game) AND m.mode = sqlc.arg(mode) AND m.ended >= sqlc.arg(since) AND m.ended < sqlc.arg(until)
      AND m.rated = 1 AND m.player_id IS NOT NULL
    GROUP BY m.player_id
) t JOIN players p ON p.id = t.player_id
ORDER BY t.place, p.id
LIMIT sqlc.arg(row_limit) OFFSET sqlc.arg(row_offset);

-- name: PlacePeriod :one
SELECT t.place, p.id, p.name, p.tag, t.points, t.matches
FROM (
    SELECT m.player_id, rank() OVER (ORDER BY sum(m.points) DESC) AS place,
        CAST(sum(m.points) AS BIGINT) AS points, count(*) AS matches
    FROM match_players m
    WHERE m.game = sqlc.arg(game) AND m.mode = sqlc.arg(mode) AND m.ended >= sqlc.arg(since) AND m.ended < sqlc.arg(until)
      AND m.rated = 1 AND m.player_id IS NOT NULL
    GROUP BY m.player_id
) t JOIN players p ON p.id = t.player_id
WHERE p.id = sqlc.arg(player_id);
