-- name: Keys :many
SELECT * FROM signing_keys ORDER BY created DESC, kid;

-- name: InsertKey :exec
INSERT INTO signing_keys (kid, seed, created, retired) VALUES ($1, $2, $3, 0);

-- name: RetireKey :execrows
-- Retiring again keeps the first time.
UPDATE signing_keys SET retired = CASE WHEN retired = 0 THEN sqlc.arg(retired) ELSE retired END WHERE kid = sqlc.arg(kid);

-- name: InsertBan :exec
INSERT INTO bans (id, player_id, prefix, first, last, reason, created, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: Bans :many
SELECT * FROM bans WHERE until = 0 OR until > sqlc.arg(at) ORDER BY created DESC, id;

-- name: FindBan :one
-- The ban that lasts longest of those on a player or an address.
SELECT * FROM bans
WHERE (player_id = sqlc.narg(player_id) OR (prefix <> '' AND first <= sqlc.arg(addr) AND last >= sqlc.arg(addr)))
  AND (until = 0 OR until > sqlc.arg(at))
ORDER BY CASE WHEN until = 0 THEN 1 ELSE 0 END DESC, until DESC, id LIMIT 1;

-- name: MoveBans :exec
UPDATE bans SET player_id = sqlc.arg(into_id) WHERE player_id = sqlc.arg(from_id);

-- name: DeleteBan :execrows
DELETE FROM bans WHERE id = $1;
