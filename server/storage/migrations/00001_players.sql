-- Who plays here. Portable SQL: it runs unchanged on SQLite and PostgreSQL, so TEXT, BIGINT and DOUBLE
-- PRECISION only. Times are unix milliseconds, flags are 0 or 1.

-- +goose Up
CREATE TABLE players (
    id       TEXT   NOT NULL PRIMARY KEY,
    name     TEXT   NOT NULL, -- as shown
    skeleton TEXT   NOT NULL, -- the name without what only looks different
    tag      BIGINT NOT NULL, -- the 1234 of name#1234
    guest    BIGINT NOT NULL,
    settings TEXT   NOT NULL, -- JSON of the player's client
    created  BIGINT NOT NULL,
    seen     BIGINT NOT NULL, -- end of the last match, or created
    UNIQUE (skeleton, tag)
);

-- The ids of guests who became part of another player.
CREATE TABLE aliases (
    id        TEXT NOT NULL PRIMARY KEY,
    player_id TEXT NOT NULL REFERENCES players (id) ON DELETE CASCADE
);
CREATE INDEX aliases_of_player ON aliases (player_id);

CREATE TABLE devices (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    player_id  TEXT   NOT NULL REFERENCES players (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL
);
CREATE INDEX devices_of_player ON devices (player_id);

CREATE TABLE credentials (
    login     TEXT   NOT NULL PRIMARY KEY,
    player_id TEXT   NOT NULL UNIQUE REFERENCES players (id) ON DELETE CASCADE,
    hash      TEXT   NOT NULL,
    changed   BIGINT NOT NULL
);

CREATE TABLE identities (
    issuer    TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    player_id TEXT   NOT NULL REFERENCES players (id) ON DELETE CASCADE,
    created   BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_of_player ON identities (player_id);

CREATE TABLE signing_keys (
    kid     TEXT   NOT NULL PRIMARY KEY,
    seed    TEXT   NOT NULL, -- hexadecimal
    created BIGINT NOT NULL,
    retired BIGINT NOT NULL -- 0 while it signs
);

-- Bounds of an address ban are IPv6 addresses as 32 hexadecimal digits, so that text order is address
-- order; both are empty in the ban of a player.
CREATE TABLE bans (
    id        TEXT   NOT NULL PRIMARY KEY,
    player_id TEXT            REFERENCES players (id) ON DELETE CASCADE,
    prefix    TEXT   NOT NULL, -- as shown: 192.0.2.0/24
    first     TEXT   NOT NULL,
    last      TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    until     BIGINT NOT NULL -- 0 for ever
);
CREATE INDEX bans_of_player ON bans (player_id);
CREATE INDEX bans_of_address ON bans (first, last);

-- +goose Down
DROP TABLE bans;
DROP TABLE signing_keys;
DROP TABLE identities;
DROP TABLE credentials;
DROP TABLE devices;
DROP TABLE aliases;
DROP TABLE players;
