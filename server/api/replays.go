package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hindsight/server/identity"
	"hindsight/server/replays"
)

// Replays is what is used of a replays.Shelf.
type Replays interface {
	List(before time.Time, cursor string, limit int) []replays.Entry
	OfMatch(match string) (replays.Entry, error)
	Open(id string) (io.ReadSeekCloser, replays.Entry, error)
}

// replayJSON is a replay that can be fetched.
type replayJSON struct {
	ID     string    `json:"id"`
	Match  string    `json:"match"`
	Room   string    `json:"room"`
	Game   string    `json:"game"`
	Title  string    `json:"title"`
	Mode   string    `json:"mode"`
	Map    string    `json:"map"`
	Began  time.Time `json:"began"`
	Length float64   `json:"lengthSec"`
	People []string  `json:"people"`
	Bots   int       `json:"bots"`
	Bytes  int64     `json:"bytes"`
	Build  string    `json:"build"`
}

// getReplays lists what everyone may see, the newest first, a page at a time.
func (c *call) getReplays() (any, error) {
	q := c.query("limit", "after")
	limit := q.number("limit", defaultRows, 1, maxReplays)
	behind, err := cursor(q.text("after"))
	if err = errors.Join(q.err, err); err != nil {
		return nil, err
	}
	out := struct {
		Replays []replayJSON `json:"replays"`
		Next    string       `json:"next,omitempty"` // the "after" of the next page
	}{Replays: []replayJSON{}}
	if c.cfg.Replays == nil {
		return out, nil
	}
	list := c.cfg.Replays.List(behind.Ended, behind.Match, limit)
	for _, e := range list {
		out.Replays = append(out.Replays, replayJSON{
			e.ID, e.Match, e.Room, e.Game, e.Title, e.Mode, e.Map, e.Began, e.Length.Seconds(), append([]string{}, e.People...), e.Bots, e.Bytes, e.Build,
		})
	}
	if len(list) == limit {
		last := &list[limit-1]
		out.Next = strconv.FormatInt(last.Began.UnixMilli(), 10) + "." + last.ID
	}
	return out, nil
}

// maxReplays is the most in one answer.
const maxReplays = 100

// getReplay sends the file of a replay, on a list or not. Whoever has its id was given it.
func (c *call) getReplay() error {
	if c.cfg.Replays == nil {
		return errReplay
	}
	f, e, err := c.cfg.Replays.Open(c.r.PathValue("id"))
	if err != nil {
		return err
	}
	defer f.Close()
	head := c.w.Header()
	head.Set("Content-Type", "application/octet-stream")
	head.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-%.8s.replay"`, e.Game, e.Began.Format("20060102-150405"), e.ID))
	http.ServeContent(c.w, c.r, "", e.Began.Add(e.Length), f)
	return nil
}

// replayOf returns the id of a match's replay, "" for none. One that is not listed is told to those
// who were there alone: theirs says that the history is the asker's own.
func (c *call) replayOf(match string, theirs bool) string {
	if c.cfg.Replays == nil {
		return ""
	}
	if e, err := c.cfg.Replays.OfMatch(match); err == nil && (e.Listed || theirs) {
		return e.ID
	}
	return ""
}

// asks reports whether a request that needs no session has that of a player.
func (c *call) asks(player string) bool {
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	s, err := identity.Verify(c.cfg.Ring, strings.TrimSpace(token), c.cfg.Now())
	return err == nil && s.Player.String() == player
}
