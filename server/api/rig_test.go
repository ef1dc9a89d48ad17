package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"hindsight/game"
	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/password"
	"hindsight/server/identity/signing"
	"hindsight/server/identity/stored"
	"hindsight/server/lobby"
	"hindsight/server/matchmaking"
	"hindsight/server/moderation"
	"hindsight/server/mono"
	"hindsight/server/node"
	"hindsight/server/replays"
	"hindsight/server/room"
	"hindsight/server/room/walk"
	"hindsight/server/session"
	"hindsight/server/storage"
	"hindsight/server/ticket"
)

// patienceOfTests is how long a test waits for what must happen.
const patienceOfTests = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a whole server but for its front door: the API and the game socket over HTTP, a lobby, a node
// and an SQLite database. Its clock can be put forward.
type rig struct {
	*testing.T
	*API
	url   string
	db    *storage.Store
	lobby *lobby.Lobby
	node  *node.Node
	ring  *signing.Ring
	shelf *replays.Shelf
	ahead atomic.Int64 // of the clock
	full  atomic.Bool  // the node takes no more rooms
	doc   *document
}

// localNode is the rig's node to its lobby.
type localNode struct{ *node.Node }

func (localNode) URL() string { return "" }

func (r *rig) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

// must ends the test on an error.
func must[V any](v V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// walking is the smallest game with a mode to queue for.
func walking() game.Host {
	h := walk.Game
	h.Modes = []game.Mode{{Name: "duel", Title: "Duel", Players: 2}, {Name: "pairs", Title: "Pairs", Teams: 2, Players: 4}}
	h.Settings = []game.Setting{{Key: "mode", Help: "duel or pairs (duel)"}}
	choose := h.NewRotation
	h.NewRotation = func(settings map[string]string, own fs.FS) (game.Rotation, error) {
		if m := settings["mode"]; m != "" && m != "duel" && m != "pairs" {
			return nil, fmt.Errorf("walk: mode is %q, want duel or pairs", m)
		}
		return choose(settings, own)
	}
	return h
}

func newRig(t *testing.T, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{T: t, doc: readDocument(t)}
	r.db = must(storage.Open(t.Context(), filepath.Join(t.TempDir(), "test.db")))(t)
	t.Cleanup(func() { _ = r.db.Close() })
	keep := stored.New(r.db, r.now)
	r.ring = must(signing.Open(t.Context(), signing.Config{Store: keep, Now: r.now}))(t)
	filter := moderation.NewFilter()
	who := must(identity.New(identity.Config{
		Store: keep, Ring: r.ring, Now: r.now, Names: &names.Rules{Allowed: filter.Allowed},
		Passwords: password.New(password.Config{Cost: password.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}}),
	}))(t)
	hosts := []game.Host{walking()}
	const run = "run-1"
	r.node = must(node.New(node.Config{
		Hosts: hosts, Name: run, Tickets: ticket.NewVerifier(r.ring, run), Wall: r.now, MaxRooms: 200,
		Room: room.Config{Now: mono.Now},
	}))(t)
	r.lobby = must(lobby.New(lobby.Config{
		Signer: ticket.NewSigner(r.ring), Now: r.now, Chat: moderation.NewChat(moderation.ChatConfig{Filter: filter}),
		Playlists: map[matchmaking.Playlist]matchmaking.Rules{{Game: "walk", Mode: "duel"}: {MaxPlayers: 2}, {Game: "walk", Mode: "pairs"}: {Teams: 2, TeamSize: 2}},
	}))(t)
	r.shelf = must(replays.Open(replays.Config{Dir: t.TempDir(), Now: r.now}))(t)
	cfg := Config{
		Replays: r.shelf,
		Lobby:   r.lobby, Who: who, Ring: r.ring, Store: r.db, Hosts: hosts, Decent: filter.Allowed, Now: r.now,
		From: func(q *http.Request) netip.Addr {
			if a, err := netip.ParseAddr(q.Header.Get("X-From")); err == nil {
				return a
			}
			return session.ClientAddr(q, nil)
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	r.API = must(New(cfg))(t)
	r.serve()
	return r
}

// serve runs all of it until the test ends.
func (r *rig) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 3)
	go func() { done <- r.node.Run(ctx) }()
	go func() { done <- r.lobby.Run(ctx) }()
	go func() {
		for ctx.Err() == nil {
			r.lobby.Announce(localNode{r.node}, r.node.List(), r.full.Load())
			time.Sleep(10 * time.Millisecond)
		}
		done <- nil
	}()
	sessions := session.New(session.Config{Rooms: r.node, Log: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	mux.Handle("/ws", sessions)
	mux.Handle(Root, r.API)
	web := httptest.NewServer(mux)
	r.url = web.URL
	r.Cleanup(func() {
		r.API.Shutdown()
		cancel()
		for range 3 {
			if err := <-done; err != nil {
				r.Error(err)
			}
		}
		bye, stop := context.WithTimeout(context.Background(), patienceOfTests)
		defer stop()
		if err := sessions.Shutdown(bye); err != nil {
			r.Error(err)
		}
		web.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	r.await("the first room", func() bool { list, _ := r.lobby.Rooms(); return len(list) > 0 })
}

// await waits until something is so.
func (r *rig) await(what string, so func() bool) {
	r.Helper()
	for end := time.Now().Add(patienceOfTests); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			r.Fatalf("waited in vain for %s", what)
		}
	}
}

// pass puts the clock forward.
func (r *rig) pass(d time.Duration) { r.ahead.Add(int64(d)) }

// answer is what came back.
type answer struct {
	r      *rig
	what   string
	status int
	head   http.Header
	body   []byte
}

// ask sends a request: a body is a string of JSON, or whatever JSON can be made of, or nil.
func (r *rig) ask(method, path, session string, body any, head ...string) answer {
	r.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		content = bytes.NewReader(must(json.Marshal(b))(r))
	}
	q := must(http.NewRequestWithContext(r.Context(), method, r.url+Root+path, content))(r)
	if content != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if session != "" {
		q.Header.Set("Authorization", "Bearer "+session)
	}
	for i := 0; i < len(head); i += 2 {
		q.Header.Set(head[i], head[i+1])
	}
	resp, err := (&http.Client{
		Transport:     http.DefaultTransport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}).Do(q)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{r, method + " " + path, resp.StatusCode, resp.Header, must(io.ReadAll(resp.Body))(r)}
	if a.status >= 400 { // whatever is refused is refused in one form
		r.doc.check(r, a.what, "Refusal", a.body)
		if wait := resp.Header.Get("Retry-After"); a.status == 429 && wait == "" && a.code() != "muted" {
			r.Errorf("%s: %s does not say when to come back", a.what, a.body)
		}
	}
	if resp.Header.Get("Cache-Control") != "no-store" {
		r.Errorf("%s may be cached", a.what)
	}
	return a
}

// is checks the status and, of a refusal, the code.
func (a answer) is(status int, code string) answer {
	a.r.Helper()
	if a.status != status || a.code() != code {
		a.r.Fatalf("%s: %d %s, want %d %q", a.what, a.status, a.body, status, code)
	}
	return a
}

// ok checks that nothing was refused, and reads the answer into v unless that is nil.
func (a answer) ok(v any) answer {
	a.r.Helper()
	if a.status >= 300 {
		a.r.Fatalf("%s: %d %s", a.what, a.status, a.body)
	}
	if v != nil {
		if err := json.Unmarshal(a.body, v); err != nil {
			a.r.Fatalf("%s: %q: %v", a.what, a.body, err)
		}
	}
	return a
}

// code is a refusal's, "" for an answer that is none.
func (a answer) code() string {
	var b struct {
		Error errorJSON `json:"error"`
	}
	if a.status >= 400 {
		_ = json.Unmarshal(a.body, &b)
	}
	return b.Error.Code
}

// guest makes a player.
func (r *rig) guest(name string) signedIn {
	r.Helper()
	var in signedIn
	// Each from an address of its own, so that no limit is met by accident.
	from := netip.AddrFrom4([4]byte{10, 1, byte(addresses.Add(1) >> 8), byte(addresses.Load())})
	r.ask("POST", "guests", "", map[string]string{"name": name}, "X-From", from.String()).is(201, "").ok(&in)
	return in
}

var addresses atomic.Uint32

// listening opens a player's event stream and returns the events as they come, until the test ends or
// stop is called.
func (r *rig) listening(session string) (events <-chan heard, stop func()) {
	r.Helper()
	ctx, cancel := context.WithCancel(r.Context())
	q := must(http.NewRequestWithContext(ctx, "GET", r.url+Root+"events", nil))(r)
	q.Header.Set("Authorization", "Bearer "+session)
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		r.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || kind != "text/event-stream" || resp.Header.Get("X-Accel-Buffering") != "no" {
		r.Fatalf("events: %s %v", resp.Status, resp.Header)
	}
	out := make(chan heard, 256)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(out)
		defer resp.Body.Close()
		hear(resp.Body, out)
	}()
	stop = func() { cancel(); <-done }
	r.Cleanup(stop)
	return out, stop
}

// heard is an event as a page gets it.
type heard struct {
	kind string
	data json.RawMessage
}

// hear reads a stream to its end.
func hear(body io.Reader, out chan<- heard) {
	all, block := make([]byte, 4096), []byte{}
	for {
		n, err := body.Read(all)
		block = append(block, all[:n]...)
		for {
			event, rest, ok := bytes.Cut(block, []byte("\n\n"))
			if !ok {
				break
			}
			block = rest
			var h heard
			for line := range strings.Lines(string(event) + "\n") {
				if v, ok := strings.CutPrefix(line, "event: "); ok {
					h.kind = strings.TrimSpace(v)
				}
				if v, ok := strings.CutPrefix(line, "data: "); ok {
					h.data = json.RawMessage(strings.TrimSpace(v))
				}
			}
			if h.kind != "" {
				out <- h
			}
		}
		if err != nil {
			return
		}
	}
}

// next waits for an event of a kind, passing over others, and reads its data into v.
func (r *rig) next(events <-chan heard, kind lobby.EventKind, v any) {
	r.Helper()
	late := time.After(patienceOfTests)
	for {
		select {
		case e, ok := <-events:
			switch {
			case !ok:
				r.Fatalf("the stream ended before %q came", kind)
			case e.kind != string(kind):
				continue
			}
			if schema := map[lobby.EventKind]string{lobby.EventMatch: "Offer", lobby.EventChat: "Line", lobby.EventParty: "PartyNews"}[kind]; schema != "" {
				r.doc.check(r, "event "+e.kind, schema, e.data)
			}
			if err := json.Unmarshal(e.data, v); err != nil {
				r.Fatalf("%s: %s: %v", kind, e.data, err)
			}
			return
		case <-late:
			r.Fatalf("no %q came", kind)
		}
	}
}

// ban keeps a player or an address away.
func (r *rig) ban(b storage.Ban) {
	r.Helper()
	b.ID, b.Created = uuid.NewString(), r.now()
	if err := r.db.AddBan(r.Context(), b); err != nil {
		r.Fatal(err)
	}
}

// listen opens a listener on loopback.
func listen(t *testing.T) net.Listener {
	t.Helper()
	return must(net.Listen("tcp", "127.0.0.1:0"))(t)
}
