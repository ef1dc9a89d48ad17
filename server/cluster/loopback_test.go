package cluster

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/lobby"
	"hindsight/server/node"
	"hindsight/server/room"
)

type noLobby struct{}

func (noLobby) Announce(lobby.Node, []node.Listing, bool) {}
func (noLobby) Forget(string)                             {}

func testLog(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// await waits for something that happens soon, in real time.
func await(t *testing.T, what string, most time.Duration, ok func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(most); !ok(); <-look.C {
		if time.Now().After(end) {
			t.Fatalf("after %v still not: %s", most, what)
		}
	}
}

// The same as in virtual time, over real sockets: a lobby dies and another takes its port.
func TestOverLoopback(t *testing.T) {
	listen := func(addr string) net.Listener {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := listen("127.0.0.1:0")
	addr := l.Addr().String()
	ring, v, log := testRing(t), &vault{}, &journal{}
	first := openHall(t, l, ring, v, log)
	defer first.kill()
	n := openServer(t, "eu1", LinkConfig{Lobby: "http://" + addr})
	defer n.stop()
	in := func(h *hall) func() bool {
		return func() bool { _, ok := h.Room("walk"); return ok }
	}
	await(t, "the room is listed", 3*time.Second, in(first))
	take := func(h *hall) {
		t.Helper()
		o, err := h.Seat(t.Context(), player("Ann"), lobby.Wish{Room: "walk"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.sit(o.Room, o.Ticket); err != nil {
			t.Error(err)
		}
	}
	take(first)

	first.kill()
	await(t, "the game server notices", 3*time.Second, func() bool { return !n.link.Up() })
	before := n.ticks.n.Load()
	n.link.Result(uuid.New(), room.Result{Room: "walk"})
	await(t, "the rooms tick on", 3*time.Second, func() bool { return n.ticks.n.Load() > before+10 })

	second := openHall(t, listen(addr), ring, v, log)
	defer second.kill()
	await(t, "the list is back", 3*time.Second, in(second))
	await(t, "the result is stored", 3*time.Second, func() bool { return n.link.Pending() == 0 })
	if have, calls := v.count(); have != 1 || calls != 1 {
		t.Errorf("%d results in %d calls", have, calls)
	}
	take(second)
}

func TestHandshakesThatAreRefused(t *testing.T) {
	hub, err := NewHub(HubConfig{Lobby: noLobby{}, Keys: func() []byte { return nil }, Token: secret})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(hub)
	defer web.Close()
	good := http.Header{
		"Authorization": {"Bearer " + secret}, "Upgrade": {"websocket"}, "Connection": {"Upgrade"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AQIDBAUGBwgJCgsMDQ4PEA=="}, "Sec-Websocket-Protocol": {Subprotocol},
	}
	for name, c := range map[string]struct {
		change func(r *http.Request)
		status int
		text   string
	}{
		"no token":         {func(r *http.Request) { r.Header.Del("Authorization") }, 401, "another token"},
		"another token":    {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret+"x") }, 401, "another token"},
		"an empty token":   {func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") }, 401, "another token"},
		"another scheme":   {func(r *http.Request) { r.Header.Set("Authorization", "Basic "+secret) }, 401, "another token"},
		"a POST":           {func(r *http.Request) { r.Method = http.MethodPost }, 426, "WebSocket"},
		"no WebSocket":     {func(r *http.Request) { r.Header.Del("Upgrade") }, 426, "WebSocket"},
		"another protocol": {func(r *http.Request) { r.Header.Set("Sec-WebSocket-Protocol", "chat") }, 400, Subprotocol},
		"no key":           {func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") }, 400, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = good.Clone()
		c.change(r)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != c.status || !strings.Contains(string(text), c.text) {
			t.Errorf("%s: %d %q", name, resp.StatusCode, text)
		}
		if asks := resp.Header.Get("WWW-Authenticate") != ""; asks != (c.status == 401) {
			t.Errorf("%s: WWW-Authenticate: %v", name, asks)
		}
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

// A lobby behind HTTPS, and one whose certificate nobody knows.
func TestOverTLS(t *testing.T) {
	ring := testRing(t)
	hub, err := NewHub(HubConfig{Lobby: noLobby{}, Keys: ring.JWKS, Token: secret})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(Path, hub)
	web := httptest.NewUnstartedServer(mux)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	web.StartTLS()
	defer web.Close()
	defer func() { _ = hub.Shutdown(t.Context()) }()

	stranger := openServer(t, "stranger", LinkConfig{Lobby: web.URL})
	defer stranger.stop()
	await(t, "the certificate is refused", 3*time.Second, func() bool { return stranger.log.count("certificate") > 0 })

	at, err := parseAddress(web.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.tls.RootCAs = web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	n := openServer(t, "friend", LinkConfig{Lobby: web.URL, dial: at.dial})
	defer n.stop()
	await(t, "it is connected", 3*time.Second, n.link.Up)
	await(t, "the lobby knows", 3*time.Second, func() bool {
		r, ok := hub.Remote("friend")
		return ok && r.Book(t.Context(), "walk", time.Minute, "a") == nil
	})
}
