-- name: InsertPlayer :exec
INSERT INTO players (id, name, skeleton, tag, guest, settings, created, seen)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7);

-- name: Player :one
-- By the player's id, or that of a guest who was merged into the player.
SELECT * FROM players
WHERE id = coalesce((SELECT a.player_id FROM aliases a WHERE a.id = sqlc.arg(id)), sqlc.arg(id));

-- name: Resolve :one
-- The player that an id stands for: itself, or the one it was merged into.
SELECT CAST(coalesce((SELECT a.player_id FROM aliases a WHERE a.id = sqlc.arg(id)), sqlc.arg(id)) AS TEXT);

-- name: RenamePlayer :execrows
UPDATE players SET name = sqlc.arg(name), skeleton = sqlc.arg(skeleton), tag = sqlc.arg(tag) WHERE id = sqlc.arg(id);

-- name: SetSettings :execrows
UPDATE players SET settings = $2 WHERE id = $1;

-- name: SetGuest :execrows
UPDATE players SET guest = $2 WHERE id = $1;

-- name: LockPlayer :execrows
-- Locks the row until the transaction ends, and notes that the player was here.
UPDATE players SET seen = CASE WHEN seen < sqlc.arg(seen) THEN sqlc.arg(seen) ELSE seen END
WHERE id = sqlc.arg(id);

-- name: DeletePlayer :execrows
DELETE FROM players WHERE id = $1;

-- name: InsertAlias :exec
INSERT INTO aliases (id, player_id) VALUES ($1, $2);

-- name: MoveAliases :exec
UPDATE aliases SET player_id = sqlc.arg(into_id) WHERE player_id = sqlc.arg(from_id);

-- name: InsertDevice :exec
INSERT INTO devices (token_hash, player_id, created) VALUES ($1, $2, $3);

-- name: PlayerByDevice :one
SELECT p.* FROM devices d JOIN players p ON p.id = d.player_id WHERE d.token_hash = $1;

-- name: DeleteDevice :execrows
DELETE FROM devices WHERE token_hash = $1;

-- name: DeleteOtherDevices :exec
DELETE FROM devices WHERE player_id = sqlc.arg(player_id) AND token_hash <> sqlc.arg(but);

-- name: MoveDevices :exec
UPDATE devices SET player_id = sqlc.arg(into_id) WHERE player_id = sqlc.arg(from_id);

-- name: InsertCredential :exec
INSERT INTO credentials (login, player_id, hash, changed) VALUES ($1, $2, $3, $4);

-- name: CredentialByLogin :one
SELECT * FROM credentials WHERE login = $1;

-- name: ChangeCredential :execrows
UPDATE credentials SET hash = $2, changed = $3 WHERE login = $1;

-- name: InsertIdentity :exec
INSERT INTO identities (issuer, subject, player_id, created) VALUES ($1, $2, $3, $4);

-- name: PlayerByIdentity :one
SELECT p.* FROM identities i JOIN players p ON p.id = i.player_id WHERE i.issuer = $1 AND i.subject = $2;
