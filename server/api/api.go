package api

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/server/identity"
	"hindsight/server/identity/oidc"
	"hindsight/server/identity/signing"
	"hindsight/server/lobby"
	"hindsight/server/storage"
	"hindsight/server/throttle"
)

// Root is the path that everything here is under.
const Root = "/api/v1/"

// patience is how long an answer may take, the stream's aside.
const patience = 10 * time.Second

// Store is what is used of a storage.Store.
type Store interface {
	Player(ctx context.Context, id string) (storage.Player, error)
	SetSettings(ctx context.Context, id, settings string) error
	Banned(ctx context.Context, player string, addr netip.Addr, at time.Time) (storage.Ban, bool, error)
	Totals(ctx context.Context, player string) ([]storage.Totals, error)
	History(ctx context.Context, player string, limit int, behind storage.Cursor) ([]storage.Result, error)
	PlayerRatings(ctx context.Context, player string) ([]storage.Skill, error)
	Leaderboard(ctx context.Context, b storage.Board, limit, offset int) ([]storage.Row, error)
	Place(ctx context.Context, b storage.Board, player string) (storage.Row, error)
}

// Limits are how often one address may ask. A zero rate means that of DefaultLimits. Loopback is
// exempt: those are tests, tools, and proxies that nobody told us of.
type Limits struct {
	Reads  throttle.Rate // GET
	Writes throttle.Rate // everything else
	Rooms  throttle.Rate // opening rooms, besides Writes
	Codes  throttle.Rate // trying a party's code or a room's password, besides Writes
	// Streams is how many event streams there may be in all, StreamsEach of one player.
	Streams, StreamsEach int
}

// DefaultLimits suit a school class behind one address.
var DefaultLimits = Limits{
	Reads:   throttle.Rate{Every: 20 * time.Millisecond, Burst: 200},
	Writes:  throttle.Rate{Every: 100 * time.Millisecond, Burst: 60},
	Rooms:   throttle.Rate{Every: 10 * time.Second, Burst: 8},
	Codes:   throttle.Rate{Every: 2 * time.Second, Burst: 20},
	Streams: 10_000, StreamsEach: 8,
}

// Config is what an API needs. Lobby, Who, Ring, Store, Hosts and From are required.
type Config struct {
	Lobby *lobby.Lobby
	Who   *identity.Service
	Ring  *signing.Ring
	Store Store
	// Replays are those that can be fetched here; nil for none.
	Replays Replays
	// Hosts are the games that can be played here, and Maps the host's own maps, or nil.
	Hosts []game.Host
	Maps  fs.FS
	// From tells a client's address; session.ClientAddr does.
	From func(*http.Request) netip.Addr
	// Site is another site that players may sign in by way of; nil for none.
	Site *oidc.Site
	// Secure says that players reach this server by https.
	Secure bool
	// Decent reports whether a room may be called so; nil takes everything.
	Decent func(name string) bool
	Limits Limits
	// Refused is told of everyone who is to come back later, with the limit's name or the refusal's
	// code. It may be called from any goroutine; nil is for nobody.
	Refused func(reason string)
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	Log *slog.Logger // nil for none
}

// API answers requests. Its methods may be called from any goroutine.
type API struct {
	cfg   Config
	mux   *http.ServeMux
	games []gameJSON
	cross *http.CrossOriginProtection

	reads, writes, rooms, codes *throttle.Throttle[netip.Addr]

	done chan struct{} // closed by the first Shutdown
	end  sync.Once

	mu      sync.Mutex
	streams map[uuid.UUID]int // guarded by mu: event streams by player
	open    int               // guarded by mu: event streams in all
}

// New makes an API. The error says what is wrong with the games.
func New(cfg Config) (*API, error) {
	if cfg.Lobby == nil || cfg.Who == nil || cfg.Ring == nil || cfg.Store == nil || cfg.From == nil {
		return nil, errors.New("api: Lobby, Who, Ring, Store and From are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Decent == nil {
		cfg.Decent = func(string) bool { return true }
	}
	l := cfg.Limits.withDefaults()
	cfg.Limits = l
	games, err := describe(cfg.Hosts, cfg.Maps)
	if err != nil {
		return nil, err
	}
	a := &API{
		cfg: cfg, games: games, cross: http.NewCrossOriginProtection(),
		reads: throttle.New[netip.Addr](l.Reads, 0), writes: throttle.New[netip.Addr](l.Writes, 0),
		rooms: throttle.New[netip.Addr](l.Rooms, 0), codes: throttle.New[netip.Addr](l.Codes, 0),
		done: make(chan struct{}), streams: map[uuid.UUID]int{},
	}
	a.mux = a.build()
	return a, nil
}

func (l Limits) withDefaults() Limits {
	for _, r := range []struct {
		is  *throttle.Rate
		def throttle.Rate
	}{
		{&l.Reads, DefaultLimits.Reads}, {&l.Writes, DefaultLimits.Writes},
		{&l.Rooms, DefaultLimits.Rooms}, {&l.Codes, DefaultLimits.Codes},
	} {
		if *r.is == (throttle.Rate{}) {
			*r.is = r.def
		}
	}
	if l.Streams <= 0 {
		l.Streams = DefaultLimits.Streams
	}
	if l.StreamsEach <= 0 {
		l.StreamsEach = DefaultLimits.StreamsEach
	}
	return l
}

// Shutdown ends the event streams, which would else go on as long as their readers like, and refuses
// others.
func (a *API) Shutdown() { a.end.Do(func() { close(a.done) }) }

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	a.mux.ServeHTTP(w, r)
}

// route is one operation.
type route struct {
	method, path string // the path without Root
	auth         bool   // needs a session
	status       int    // of success; 204 has no body
	// Either of the two: do returns what is written as JSON, serve writes for itself what it likes
	// unless it returns an error.
	do    func(*call) (any, error)
	serve func(*call) error
}

// routes are all operations there are; openapi.json describes the same.
var routes = []route{
	{method: "POST", path: "guests", status: 201, do: (*call).postGuests},
	{method: "POST", path: "sessions", status: 200, do: (*call).postSessions},
	{method: "POST", path: "accounts", status: 201, do: (*call).postAccounts},
	{method: "POST", path: "login", status: 200, do: (*call).postLogin},
	{method: "POST", path: "password", status: 204, do: (*call).postPassword},
	{method: "DELETE", path: "devices", status: 204, do: (*call).deleteDevices},
	{method: "GET", path: "me", auth: true, status: 200, do: (*call).getMe},
	{method: "PATCH", path: "me", auth: true, status: 200, do: (*call).patchMe},
	{method: "GET", path: "oidc/start", status: 303, serve: (*call).startOIDC},
	{method: "GET", path: "oidc/callback", status: 303, serve: (*call).backFromOIDC},
	{method: "POST", path: "oidc", status: 200, do: (*call).postOIDC},

	{method: "GET", path: "games", status: 200, do: (*call).getGames},
	{method: "GET", path: "rooms", status: 200, do: (*call).getRooms},
	{method: "POST", path: "rooms", auth: true, status: 201, do: (*call).postRooms},
	{method: "GET", path: "rooms/{id}", status: 200, do: (*call).getRoom},
	{method: "POST", path: "rooms/{id}/lock", auth: true, status: 204, do: (*call).postLock},
	{method: "POST", path: "seats", auth: true, status: 201, do: (*call).postSeats},

	{method: "POST", path: "queue", auth: true, status: 201, do: (*call).postQueue},
	{method: "GET", path: "queue", auth: true, status: 200, do: (*call).getQueue},
	{method: "DELETE", path: "queue", auth: true, status: 204, do: (*call).deleteQueue},

	{method: "POST", path: "parties", auth: true, status: 201, do: (*call).postParties},
	{method: "POST", path: "parties/join", auth: true, status: 200, do: (*call).postJoin},
	{method: "GET", path: "parties/mine", auth: true, status: 200, do: (*call).getParty},
	{method: "DELETE", path: "parties/mine", auth: true, status: 204, do: (*call).deleteParty},
	{method: "POST", path: "parties/mine/ready", auth: true, status: 204, do: (*call).postReady},
	{method: "POST", path: "parties/mine/kick", auth: true, status: 204, do: (*call).postKick},
	{method: "POST", path: "parties/mine/promote", auth: true, status: 204, do: (*call).postPromote},
	{method: "POST", path: "chat", auth: true, status: 201, do: (*call).postChat},

	{method: "GET", path: "players/{id}", status: 200, do: (*call).getPlayer},
	{method: "GET", path: "players/{id}/matches", status: 200, do: (*call).getMatches},
	{method: "GET", path: "players/{id}/ratings", status: 200, do: (*call).getRatings},
	{method: "GET", path: "leaderboards", status: 200, do: (*call).getLeaderboard},

	{method: "GET", path: "replays", status: 200, do: (*call).getReplays},
	{method: "GET", path: "replays/{id}", status: 200, serve: (*call).getReplay},

	{method: "GET", path: "events", auth: true, status: 200, serve: (*call).getEvents},
	{method: "GET", path: "openapi.json", status: 200, serve: (*call).getOpenAPI},
}

// build makes the mux. A path that is known but not by that method is told apart from an unknown one.
func (a *API) build() *http.ServeMux {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range routes {
		mux.HandleFunc(r.method+" "+Root+r.path, func(w http.ResponseWriter, req *http.Request) { a.answer(w, req, &r) })
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, known := range methods {
		slices.Sort(known)
		mux.HandleFunc(Root+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Join(known, ", "))
			a.refuse(w, errMethod)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { a.refuse(w, errPath) })
	return mux
}

// answer runs an operation.
func (a *API) answer(w http.ResponseWriter, req *http.Request, r *route) {
	c := &call{API: a, w: w, r: req, from: a.cfg.From(req)}
	if err := c.admit(r); err != nil {
		a.refuse(w, err)
		return
	}
	if r.serve != nil {
		if err := r.serve(c); err != nil {
			a.refuse(w, err)
		}
		return
	}
	ctx, cancel := context.WithTimeout(req.Context(), patience)
	defer cancel()
	c.r = req.WithContext(ctx)
	v, err := r.do(c)
	switch {
	case err != nil:
		a.refuse(w, err)
	case v == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		reply(w, r.status, v)
	}
}
