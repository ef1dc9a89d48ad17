-- name: InsertMatch :execrows
-- No row when the match is known; a second writer waits for the first to commit.
INSERT INTO matches (id, game, mode, map, room, started, ended, void, seats)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO NOTHING;

-- name: InsertMatchPlayer :exec
INSERT INTO match_players (match_id, seat, player_id, name, bot, team, place, score, kills, deaths, assists,
    shots, hits, played, rated, points, mu_before, sigma_before, mu_after, sigma_after, game, mode, ended)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23);

-- name: Match :one
SELECT * FROM matches WHERE id = $1;

-- name: MatchPlayers :many
SELECT * FROM match_players WHERE match_id = $1 ORDER BY seat;

-- name: History :many
SELECT sqlc.embed(m), sqlc.embed(p)
FROM match_players p JOIN matches m ON m.id = p.match_id
WHERE p.player_id = sqlc.arg(player_id)
  AND (p.ended < sqlc.arg(before_ended) OR (p.ended = sqlc.arg(before_ended) AND p.match_id < sqlc.arg(before_match)))
ORDER BY p.ended DESC, p.match_id DESC
LIMIT sqlc.arg(row_limit);

-- name: Totals :many
SELECT game, mode, count(*) AS matches,
    CAST(sum(CASE WHEN rated = 1 AND place = 1 THEN 1 ELSE 0 END) AS BIGINT) AS wins,
    CAST(sum(kills) AS BIGINT) AS kills, CAST(sum(deaths) AS BIGINT) AS deaths, CAST(sum(assists) AS BIGINT) AS assists,
    CAST(sum(shots) AS BIGINT) AS shots, CAST(sum(hits) AS BIGINT) AS hits, CAST(sum(played) AS BIGINT) AS played
FROM match_players WHERE player_id = sqlc.arg(player_id)
GROUP BY game, mode ORDER BY game, mode;

-- name: MoveMatches :exec
-- A match that both played keeps its rows apart: one row each, the guest's without a player.
UPDATE match_players SET player_id = sqlc.arg(into_id)
WHERE match_players.player_id = sqlc.arg(from_id)
  AND match_players.match_id NOT IN (SELECT b.match_id FROM match_players b WHERE b.player_id = sqlc.arg(into_id));
