package api

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/server/lobby"
	"hindsight/server/node"
	"hindsight/server/session"
	"hindsight/server/ticket"
)

// Bounds of what a room may be asked to be.
const (
	maxRoomName = 32 // characters
	maxPassword = 64 // bytes
	maxWatchers = 32
	maxMaps     = 32
	maxKey      = 64 // bytes of an Idempotency-Key
)

// gameJSON is a game that can be played here.
type gameJSON struct {
	Name       string        `json:"name"`
	TickRate   int           `json:"tickRate"`
	MaxPlayers int           `json:"maxPlayers"`
	Modes      []modeJSON    `json:"modes"`
	Maps       []string      `json:"maps"`
	Settings   []settingJSON `json:"settings"`
}

// modeJSON is a mode that can be queued for.
type modeJSON struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Teams   int    `json:"teams"`
	Players int    `json:"players"`
}

// settingJSON is a setting with its help.
type settingJSON struct {
	Key  string `json:"key"`
	Help string `json:"help"`
}

// describe says what can be played.
func describe(hosts []game.Host, own fs.FS) ([]gameJSON, error) {
	if len(hosts) == 0 {
		return nil, errors.New("api: no games")
	}
	games := make([]gameJSON, len(hosts))
	for i, h := range hosts {
		g := gameJSON{Name: h.Name, TickRate: h.TickRate, MaxPlayers: h.MaxPlayers, Modes: []modeJSON{}, Maps: []string{}, Settings: []settingJSON{}}
		if h.Seats > 0 {
			g.MaxPlayers = h.Seats
		}
		for _, m := range h.Modes {
			g.Modes = append(g.Modes, modeJSON(m))
		}
		for _, s := range h.Settings {
			g.Settings = append(g.Settings, settingJSON(s))
		}
		if h.Maps != nil {
			names, err := h.Maps(own)
			if err != nil {
				return nil, fmt.Errorf("api: %w", err)
			}
			g.Maps = append(g.Maps, names...)
		}
		games[i] = g
	}
	return games, nil
}

// getGames lists the games.
func (c *call) getGames() (any, error) {
	return struct {
		Games []gameJSON `json:"games"`
		OIDC  bool       `json:"oidc"` // players may sign in by way of another site
	}{c.games, c.cfg.Site != nil}, nil
}

// roomJSON is an open room. Whoever may see it joins it by its id.
type roomJSON struct {
	ID         string    `json:"id"`
	Game       string    `json:"game"`
	Name       string    `json:"name"`  // what its owner calls it
	Title      string    `json:"title"` // what is being played
	Mode       string    `json:"mode"`
	Map        string    `json:"map"`
	People     int       `json:"people"`
	Bots       int       `json:"bots"`
	Booked     int       `json:"booked"`
	MaxPlayers int       `json:"maxPlayers"`
	Watchers   int       `json:"watchers"`
	WatchSeats int       `json:"watchSeats"`
	Locked     bool      `json:"locked"`
	Private    bool      `json:"private"`
	Password   bool      `json:"password"` // has one
	Owner      string    `json:"owner"`    // a player's id, "" for nobody
	URL        string    `json:"url"`      // of the game socket of the server it is on, "" for this one's
	Opened     time.Time `json:"opened"`
}

func roomOf(l lobby.Room) roomJSON {
	i, s := &l.Info, &l.Spec
	return roomJSON{
		ID: s.ID, Game: s.Game, Name: s.Name, Title: i.Title, Mode: i.Mode, Map: i.Map,
		People: i.People, Bots: i.Bots, Booked: i.Booked, MaxPlayers: i.MaxPlayers,
		Watchers: i.Watchers, WatchSeats: i.MaxWatchers, Locked: i.Locked, Private: s.Private,
		Password: s.Password != "", Owner: s.Owner, URL: l.URL, Opened: l.Opened.UTC(),
	}
}

// getRooms lists the rooms that anyone may see.
func (c *call) getRooms() (any, error) {
	q := c.query("game", "mode", "map", "free", "q")
	free, words := q.flag("free"), strings.ToLower(q.text("q"))
	if q.err != nil {
		return nil, q.err
	}
	all, version := c.cfg.Lobby.Rooms()
	list := struct {
		Rooms   []roomJSON `json:"rooms"`
		Version uint64     `json:"version"`
	}{[]roomJSON{}, version}
	for _, l := range all {
		r := roomOf(l)
		like := func(key, is string) bool { return q.text(key) == "" || q.text(key) == is }
		switch {
		case !like("game", r.Game), !like("mode", r.Mode), !like("map", r.Map):
		case free && (r.Locked || r.People+r.Booked >= r.MaxPlayers):
		case !strings.Contains(strings.ToLower(r.Name+"\n"+r.Title+"\n"+r.ID), words):
		default:
			list.Rooms = append(list.Rooms, r)
		}
	}
	return list, nil
}

// getRoom shows a room to whoever knows its id.
func (c *call) getRoom() (any, error) {
	l, ok := c.cfg.Lobby.Room(c.r.PathValue("id"))
	if !ok {
		return nil, ticket.ErrRoomGone
	}
	return roomOf(l), nil
}

// openJSON is the room that somebody wants.
type openJSON struct {
	Game       string   `json:"game"`
	Name       string   `json:"name"`
	Mode       string   `json:"mode"`
	Maps       []string `json:"maps"`
	Time       *int     `json:"time"`
	Score      *int     `json:"score"`
	MaxPlayers int      `json:"maxPlayers"`
	Bots       *int     `json:"bots"`
	BotSkill   int      `json:"botSkill"`
	Private    bool     `json:"private"`
	Password   string   `json:"password"`
	Watchers   int      `json:"watchers"`
}

// postRooms opens a room.
func (c *call) postRooms() (any, error) {
	var in openJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	spec, err := c.spec(&in)
	if err != nil {
		return nil, err
	}
	key := c.r.Header.Get("Idempotency-Key")
	if len(key) > maxKey {
		return nil, invalid("Idempotency-Key has more than %d bytes", maxKey)
	}
	if err := c.slow(c.rooms, "rooms"); err != nil {
		return nil, err
	}
	if err := c.banned(); err != nil {
		return nil, err
	}
	l, err := c.cfg.Lobby.Open(c.ctx(), c.player(), key, spec)
	if err != nil {
		return nil, err
	}
	c.w.Header().Set("Location", Root+"rooms/"+l.Spec.ID)
	return roomOf(l), nil
}

// spec checks what is asked for and turns it into what a node is told.
func (c *call) spec(in *openJSON) (node.Spec, error) {
	g, err := c.game(in.Game)
	if err != nil {
		return node.Spec{}, err
	}
	s := node.Spec{
		Game: g.Name, Owner: c.me.Player.String(), Name: session.Clean(in.Name, maxRoomName, protocol.MaxNameBytes), MaxPlayers: in.MaxPlayers,
		BotSkill: in.BotSkill, Private: in.Private, Password: in.Password, Watchers: in.Watchers, Settings: settings(in),
	}
	for _, n := range []struct {
		name     string
		is, most int
	}{{"maxPlayers", in.MaxPlayers, g.MaxPlayers}, {"botSkill", in.BotSkill, 5}, {"watchers", in.Watchers, maxWatchers}} {
		if n.is < 0 || n.is > n.most {
			return s, invalid("%s is %d, want 0 to %d", n.name, n.is, n.most)
		}
	}
	if in.Bots != nil {
		if *in.Bots < 0 || *in.Bots > g.MaxPlayers {
			return s, invalid("bots is %d, want 0 to %d", *in.Bots, g.MaxPlayers)
		}
		s.Bots, s.NoBots = *in.Bots, *in.Bots == 0
	}
	switch {
	case len(in.Password) > maxPassword:
		return s, invalid("password has more than %d bytes", maxPassword)
	case len(in.Maps) > maxMaps:
		return s, invalid("maps has more than %d names", maxMaps)
	case !c.cfg.Decent(s.Name):
		return s, &failure{400, "invalid_name", "This name is not allowed here.", 0}
	}
	return s, nil
}

// settings are the game's own.
func settings(in *openJSON) map[string]string {
	s := map[string]string{}
	if in.Mode != "" {
		s["mode"] = in.Mode
	}
	if len(in.Maps) > 0 {
		s["maps"] = strings.Join(in.Maps, ",")
	}
	for key, n := range maps.All(map[string]*int{"time": in.Time, "score": in.Score}) {
		if n != nil {
			s[key] = strconv.Itoa(*n)
		}
	}
	return s
}

// game finds a game that is played here; "" is the first.
func (c *call) game(name string) (gameJSON, error) {
	if name == "" {
		return c.games[0], nil
	}
	i := slices.IndexFunc(c.games, func(g gameJSON) bool { return g.Name == name })
	if i < 0 {
		return gameJSON{}, invalid("there is no game %q here", name)
	}
	return c.games[i], nil
}

// postLock closes a room to newcomers, or opens it again.
func (c *call) postLock() (any, error) {
	in := struct {
		Locked bool `json:"locked"`
	}{Locked: true}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return nil, c.cfg.Lobby.Lock(c.ctx(), c.player(), c.r.PathValue("id"), in.Locked)
}

// postSeats keeps a seat and gives out the ticket for it.
func (c *call) postSeats() (any, error) {
	var in struct {
		Room     string `json:"room"`
		Game     string `json:"game"`
		Mode     string `json:"mode"`
		Password string `json:"password"`
		Watch    bool   `json:"watch"`
		Protocol int    `json:"protocol"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if in.Protocol != 0 && in.Protocol != protocol.Version {
		return nil, ticket.ErrVersion
	}
	if in.Password != "" {
		if err := c.slow(c.codes, "codes"); err != nil {
			return nil, err
		}
	}
	if err := c.banned(); err != nil {
		return nil, err
	}
	w := lobby.Wish{Room: in.Room, Mode: in.Mode, Password: in.Password, Watch: in.Watch}
	if in.Room == "" {
		g, err := c.game(in.Game)
		if err != nil {
			return nil, err
		}
		w.Game = g.Name
	}
	return c.cfg.Lobby.Seat(c.ctx(), c.player(), w)
}

// banned refuses those who may not play here. A database that is away bans nobody: the game goes on.
func (c *call) banned() error {
	b, yes, err := c.cfg.Store.Banned(c.ctx(), c.me.Player.String(), c.from, c.cfg.Now())
	switch {
	case err != nil:
		c.cfg.Log.Warn("bans cannot be looked up", "error", err)
		return nil
	case !yes:
		return nil
	}
	f := &failure{ticket.ErrBanned.Status(), ticket.ErrBanned.Code(), "You may not play here.", 0}
	if b.Reason != "" {
		f.text += " " + b.Reason
	}
	if !b.Until.IsZero() {
		f.text += " Until " + b.Until.UTC().Format("2 January 2006, 15:04 MST") + "."
	}
	return f
}

// playerID reads the id of a player out of a path.
func (c *call) playerID() (string, error) {
	id, err := uuid.Parse(c.r.PathValue("id"))
	if err != nil {
		return "", &failure{404, "unknown_player", "There is no such player.", 0}
	}
	return id.String(), nil
}
