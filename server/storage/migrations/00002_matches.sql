-- What was played, and how well.

-- +goose Up
CREATE TABLE ratings (
    player_id TEXT             NOT NULL REFERENCES players (id) ON DELETE CASCADE,
    game      TEXT             NOT NULL,
    mode      TEXT             NOT NULL,
    mu        DOUBLE PRECISION NOT NULL,
    sigma     DOUBLE PRECISION NOT NULL,
    ordinal   DOUBLE PRECISION NOT NULL, -- of mu and sigma, for the leaderboard
    matches   BIGINT           NOT NULL,
    wins      BIGINT           NOT NULL,
    updated   BIGINT           NOT NULL,
    PRIMARY KEY (player_id, game, mode)
);
CREATE INDEX ratings_board ON ratings (game, mode, ordinal DESC, player_id);

-- Points of a season or a week: the sum of those of its matches, so that a leaderboard reads its first
-- page and not a quarter of a year.
CREATE TABLE tallies (
    player_id TEXT   NOT NULL REFERENCES players (id) ON DELETE CASCADE,
    game      TEXT   NOT NULL,
    mode      TEXT   NOT NULL,
    period    TEXT   NOT NULL, -- season, week
    since     BIGINT NOT NULL, -- its beginning
    points    BIGINT NOT NULL,
    matches   BIGINT NOT NULL,
    PRIMARY KEY (player_id, game, mode, period, since)
);
CREATE INDEX tallies_board ON tallies (game, mode, period, since, points DESC, player_id);

CREATE TABLE matches (
    id      TEXT   NOT NULL PRIMARY KEY,
    game    TEXT   NOT NULL,
    mode    TEXT   NOT NULL,
    map     TEXT   NOT NULL,
    room    TEXT   NOT NULL,
    started BIGINT NOT NULL,
    ended   BIGINT NOT NULL,
    void    BIGINT NOT NULL,
    seats   BIGINT NOT NULL -- how many took part
);

-- One row for each who took part. Game, mode and ended are those of the match, repeated for
-- what is asked of one player. Rows that are not rated have no ratings (all 0) and no points.
CREATE TABLE match_players (
    match_id     TEXT             NOT NULL REFERENCES matches (id) ON DELETE CASCADE,
    seat         BIGINT           NOT NULL, -- order in the result
    player_id    TEXT                      REFERENCES players (id) ON DELETE SET NULL,
    name         TEXT             NOT NULL,
    bot          BIGINT           NOT NULL,
    team         BIGINT           NOT NULL, -- 0: for oneself
    place        BIGINT           NOT NULL, -- 1 is first
    score        BIGINT           NOT NULL,
    kills        BIGINT           NOT NULL,
    deaths       BIGINT           NOT NULL,
    assists      BIGINT           NOT NULL,
    shots        BIGINT           NOT NULL,
    hits         BIGINT           NOT NULL,
    played       BIGINT           NOT NULL, -- milliseconds
    rated        BIGINT           NOT NULL,
    points       BIGINT           NOT NULL,
    mu_before    DOUBLE PRECISION NOT NULL,
    sigma_before DOUBLE PRECISION NOT NULL,
    mu_after     DOUBLE PRECISION NOT NULL,
    sigma_after  DOUBLE PRECISION NOT NULL,
    game         TEXT             NOT NULL,
    mode         TEXT             NOT NULL,
    ended        BIGINT           NOT NULL,
    PRIMARY KEY (match_id, seat)
);
CREATE INDEX match_players_history ON match_players (player_id, ended, match_id);

-- +goose Down
DROP TABLE match_players;
DROP TABLE matches;
DROP TABLE tallies;
DROP TABLE ratings;
