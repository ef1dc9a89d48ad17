package api

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"hindsight/server/storage"
)

// Rows of one page.
const (
	defaultRows = 20
	// boardMatches is how many rated matches make a player appear among the best of all time.
	boardMatches = 1
)

// profileOf is a player as the database knows one.
func profileOf(p storage.Player) playerJSON {
	seen := p.Seen.UTC()
	return playerJSON{ID: p.ID, Name: p.Name, Tag: p.Tag, Guest: p.Guest, Created: p.Created.UTC(), Seen: &seen}
}

// totalsJSON is all that a player did in one mode.
type totalsJSON struct {
	Game    string  `json:"game"`
	Mode    string  `json:"mode"`
	Matches int     `json:"matches"`
	Wins    int     `json:"wins"`
	Kills   int     `json:"kills"`
	Deaths  int     `json:"deaths"`
	Assists int     `json:"assists"`
	Shots   int     `json:"shots"`
	Hits    int     `json:"hits"`
	Played  float64 `json:"playedSec"`
}

// getPlayer shows a player to everyone.
func (c *call) getPlayer() (any, error) {
	id, err := c.playerID()
	if err != nil {
		return nil, err
	}
	p, err := c.cfg.Store.Player(c.ctx(), id)
	if err != nil {
		return nil, err
	}
	all, err := c.cfg.Store.Totals(c.ctx(), p.ID)
	if err != nil {
		return nil, err
	}
	out := struct {
		Player playerJSON   `json:"player"`
		Totals []totalsJSON `json:"totals"`
	}{profileOf(p), []totalsJSON{}}
	for _, t := range all {
		out.Totals = append(out.Totals, totalsJSON{t.Game, t.Mode, t.Matches, t.Wins, t.Kills, t.Deaths, t.Assists, t.Shots, t.Hits, t.Played.Seconds()})
	}
	return out, nil
}

// matchJSON is a match as one player had it.
type matchJSON struct {
	ID      string    `json:"id"`
	Game    string    `json:"game"`
	Mode    string    `json:"mode"`
	Map     string    `json:"map"`
	Room    string    `json:"room"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Void    bool      `json:"void"`
	Seats   int       `json:"seats"`
	Name    string    `json:"name"`
	Team    int       `json:"team"`
	Place   int       `json:"place"`
	Score   int       `json:"score"`
	Kills   int       `json:"kills"`
	Deaths  int       `json:"deaths"`
	Assists int       `json:"assists"`
	Shots   int       `json:"shots"`
	Hits    int       `json:"hits"`
	Played  float64   `json:"playedSec"`
	Rated   bool      `json:"rated"`
	// Replay is the id of the match's replay, as long as there is one that the asker may see.
	Replay string `json:"replay,omitempty"`
	// Before and After are the player's rating around a match that was rated.
	Before *float64 `json:"before,omitempty"`
	After  *float64 `json:"after,omitempty"`
}

func matchOf(r *storage.Result) matchJSON {
	l := &r.Players[0]
	m := matchJSON{
		ID: r.ID, Game: r.Game, Mode: r.Mode, Map: r.Map, Room: r.Room, Started: r.Started, Ended: r.Ended, Void: r.Void, Seats: r.Seats,
		Name: l.Name, Team: l.Team, Place: l.Place, Score: l.Score, Kills: l.Kills, Deaths: l.Deaths, Assists: l.Assists,
		Shots: l.Shots, Hits: l.Hits, Played: l.Played.Seconds(), Rated: l.Rated,
	}
	if l.Rated {
		before, after := l.Before.Ordinal(), l.After.Ordinal()
		m.Before, m.After = &before, &after
	}
	return m
}

// getMatches shows a player's matches, the newest first, a page at a time.
func (c *call) getMatches() (any, error) {
	id, err := c.playerID()
	if err != nil {
		return nil, err
	}
	q := c.query("limit", "after")
	limit := q.number("limit", defaultRows, 1, storage.MaxRows)
	behind, err := cursor(q.text("after"))
	if err = errors.Join(q.err, err); err != nil {
		return nil, err
	}
	p, err := c.cfg.Store.Player(c.ctx(), id)
	if err != nil {
		return nil, err
	}
	past, err := c.cfg.Store.History(c.ctx(), p.ID, limit, behind)
	if err != nil {
		return nil, err
	}
	out := struct {
		Matches []matchJSON `json:"matches"`
		Next    string      `json:"next,omitempty"` // the "after" of the next page
	}{Matches: []matchJSON{}}
	theirs := c.asks(p.ID)
	for i := range past {
		m := matchOf(&past[i])
		m.Replay = c.replayOf(m.ID, theirs)
		out.Matches = append(out.Matches, m)
	}
	if len(past) == limit {
		at := past[limit-1].Cursor()
		out.Next = strconv.FormatInt(at.Ended.UnixMilli(), 10) + "." + at.Match
	}
	return out, nil
}

// cursor reads a place in a history.
func cursor(s string) (storage.Cursor, error) {
	if s == "" {
		return storage.Cursor{}, nil
	}
	ms, match, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(ms, 10, 64)
	if !ok || err != nil || n <= 0 {
		return storage.Cursor{}, invalid("after is not the next of a page")
	}
	return storage.Cursor{Ended: time.UnixMilli(n).UTC(), Match: match}, nil
}

// ratingJSON is how well a player plays one mode. Rating is the number to show.
type ratingJSON struct {
	Game    string    `json:"game"`
	Mode    string    `json:"mode"`
	Rating  float64   `json:"rating"`
	Mu      float64   `json:"mu"`
	Sigma   float64   `json:"sigma"`
	Matches int       `json:"matches"`
	Wins    int       `json:"wins"`
	Updated time.Time `json:"updated"`
}

// getRatings shows a player's ratings.
func (c *call) getRatings() (any, error) {
	id, err := c.playerID()
	if err != nil {
		return nil, err
	}
	p, err := c.cfg.Store.Player(c.ctx(), id)
	if err != nil {
		return nil, err
	}
	all, err := c.cfg.Store.PlayerRatings(c.ctx(), p.ID)
	if err != nil {
		return nil, err
	}
	out := struct {
		Ratings []ratingJSON `json:"ratings"`
	}{[]ratingJSON{}}
	for _, k := range all {
		out.Ratings = append(out.Ratings, ratingJSON{k.Game, k.Mode, k.Rating.Ordinal(), k.Rating.Mu, k.Rating.Sigma, k.Matches, k.Wins, k.Updated})
	}
	return out, nil
}

// rowJSON is one player on a leaderboard. Rating is set for all time, Points otherwise.
type rowJSON struct {
	Place   int      `json:"place"`
	Player  string   `json:"player"`
	Name    string   `json:"name"`
	Tag     int      `json:"tag"`
	Rating  *float64 `json:"rating,omitempty"`
	Points  *int     `json:"points,omitempty"`
	Matches int      `json:"matches"`
}

// getLeaderboard shows the best players of a mode.
func (c *call) getLeaderboard() (any, error) {
	q := c.query("game", "mode", "period", "limit", "offset", "player")
	limit, offset := q.number("limit", defaultRows, 1, storage.MaxRows), q.number("offset", 0, 0, 1_000_000)
	g, err := c.game(q.text("game"))
	if err = errors.Join(q.err, err); err != nil {
		return nil, err
	}
	b := storage.Board{Game: g.Name, Mode: q.text("mode"), Period: storage.Period(q.text("period")), At: c.cfg.Now(), MinMatches: boardMatches}
	if b.Mode == "" && len(g.Modes) > 0 {
		b.Mode = g.Modes[0].Name
	}
	if b.Period == "" {
		b.Period = storage.AllTime
	}
	since, until, err := b.Period.Bounds(b.At)
	if err != nil {
		return nil, invalid("period is %q, want all-time, season or week", b.Period)
	}
	out := struct {
		Game   string     `json:"game"`
		Mode   string     `json:"mode"`
		Period string     `json:"period"`
		Since  *time.Time `json:"since,omitempty"`
		Until  *time.Time `json:"until,omitempty"`
		Rows   []rowJSON  `json:"rows"`
		Player *rowJSON   `json:"player,omitempty"` // the one that was asked about, wherever on the board
	}{Game: b.Game, Mode: b.Mode, Period: string(b.Period), Rows: []rowJSON{}}
	if !since.IsZero() {
		out.Since, out.Until = &since, &until
	}
	rows, err := c.cfg.Store.Leaderboard(c.ctx(), b, limit, offset)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, rowOf(r, b.Period))
	}
	out.Player, err = c.place(b, q.text("player"))
	return out, err
}

// place finds one player on a board, nil if there is none.
func (c *call) place(b storage.Board, player string) (*rowJSON, error) {
	if player == "" {
		return nil, nil
	}
	r, err := c.cfg.Store.Place(c.ctx(), b, player)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	row := rowOf(r, b.Period)
	return &row, nil
}

func rowOf(r storage.Row, p storage.Period) rowJSON {
	row := rowJSON{Place: r.Place, Player: r.Player, Name: r.Name, Tag: r.Tag, Matches: r.Matches}
	if p == storage.AllTime {
		n := r.Rating.Ordinal()
		row.Rating = &n
	} else {
		row.Points = &r.Points
	}
	return row
}
