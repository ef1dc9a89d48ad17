package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lxzan/gws"

	"hindsight/game/games/arena"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// running is a running server and the way to stop it.
type running struct {
	*Server
	t     *testing.T
	url   string
	trust *tls.Config // of its clients; nil for a server without TLS
	stop  context.CancelFunc
	done  chan error
}

// start runs a server on ports of its own. At the end of the test it must stop without an error.
func start(t *testing.T, c Config) *running {
	t.Helper()
	c.Addr, c.AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	c.Log = slog.New(slog.DiscardHandler)
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if s.tls == nil {
		s.headers = 300 * time.Millisecond
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	n := &running{Server: s, t: t, url: "http://" + s.Addr().String(), stop: stop, done: make(chan error, 1)}
	if c.TLS.Cert != "" {
		n.url, n.trust = "https://"+s.Addr().String(), trusting(t, c.TLS.Cert)
	}
	go func() { n.done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-n.done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run does not end")
		}
	})
	n.await("/readyz", http.StatusOK)
	return n
}

// await polls a page until it has the status.
func (n *running) await(path string, status int) {
	n.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if resp, _ := n.get(path); resp.StatusCode == status {
			return
		}
		if time.Now().After(end) {
			n.t.Fatalf("%s never answered with %d", path, status)
		}
	}
}

func (n *running) get(path string, head ...string) (*http.Response, string) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodGet, n.url+path, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	resp, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: n.trust, DisableKeepAlives: true, DisableCompression: true}}).Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return resp, string(body)
}

// player is a client that hands over every frame it gets, and the close.
type player struct {
	gws.BuiltinEventHandler
	frames chan []byte
	closed chan *gws.CloseError
}

func (p *player) OnMessage(_ *gws.Conn, m *gws.Message) {
	select {
	case p.frames <- bytes.Clone(m.Bytes()):
	default: // a test that has seen enough
	}
	_ = m.Close()
}

func (p *player) OnClose(_ *gws.Conn, err error) {
	e, _ := err.(*gws.CloseError)
	p.closed <- e
}

// hello connects and says hello.
func (n *running) hello() *player {
	n.t.Helper()
	p := &player{frames: make(chan []byte, 64), closed: make(chan *gws.CloseError, 1)}
	c, _, err := gws.NewClient(p, &gws.ClientOption{
		Addr:          "ws" + strings.TrimPrefix(n.url, "http") + "/ws",
		RequestHeader: http.Header{"Sec-WebSocket-Protocol": {protocol.Subprotocol}},
		TlsConfig:     n.trust.Clone(), // gws writes to it
	})
	if err != nil {
		n.t.Fatal(err)
	}
	go c.ReadLoop()
	var enc frame.Encoder
	hello := frame.Hello{Version: protocol.Version, Game: arena.Game.Name, Name: "ann"}
	if err := c.WriteMessage(gws.OpcodeBinary, enc.Hello(nil, &hello)); err != nil {
		n.t.Fatal(err)
	}
	return p
}

// join plays: it says hello and waits until it has been welcomed, told of the match and sent a
// snapshot.
func (n *running) join() *player {
	n.t.Helper()
	p := n.hello()
	var dec frame.Decoder
	for _, want := range []frame.Type{frame.TypeWelcome, frame.TypeStart, frame.TypeSnapshot} {
		select {
		case b := <-p.frames:
			if got, err := dec.Type(b); got != want || err != nil {
				n.t.Fatalf("got a frame of type %d (%v), want %d", got, err, want)
			}
		case <-time.After(patience):
			n.t.Fatalf("no frame of type %d came", want)
		}
	}
	return p
}

// stopped waits for the close and checks its code.
func (p *player) stopped(t *testing.T, want protocol.CloseCode) {
	t.Helper()
	select {
	case e := <-p.closed:
		if e == nil || e.Code != uint16(want) || string(e.Reason) != want.Text() {
			t.Errorf("closed with %v, want %d %q", e, want, want.Text())
		}
	case <-time.After(patience):
		t.Error("the connection was not closed")
	}
}

func TestPages(t *testing.T) {
	n := start(t, Config{Bots: 2, Version: "v7"})
	for _, tt := range []struct {
		path string
		code int
		kind string
		want string
	}{
		{"/", 200, "text/html; charset=utf-8", "make run"},
		{"/healthz", 200, "text/plain; charset=utf-8", "ok"},
		{"/readyz", 200, "text/plain; charset=utf-8", "ready"},
		{"/version", 200, "application/json", `"version":"v7"`},
		{"/ws", 426, "text/plain; charset=utf-8", "WebSocket"},
		{"/metrics", 404, "", ""},
		{"/debug/pprof/", 404, "", ""},
		{"/api/v2/rooms", 404, "", ""},
		{"/nothing", 404, "", ""},
	} {
		resp, body := n.get(tt.path)
		if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %s %q, want %d and %q", tt.path, resp.Status, body, tt.code, tt.want)
		}
		if kind := resp.Header.Get("Content-Type"); tt.kind != "" && kind != tt.kind {
			t.Errorf("%s is %q, want %q", tt.path, kind, tt.kind)
		}
	}
}

func TestRoomsAndMetrics(t *testing.T) {
	n := start(t, Config{Bots: 3, MaxPlayers: 8})
	n.join()
	var list struct {
		Rooms []struct {
			ID, Game, Title          string
			People, Bots, MaxPlayers int
		}
	}
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		_, body := n.get("/api/v1/rooms")
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if len(list.Rooms) == 1 && list.Rooms[0].People == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the player is not in the list: %s", body)
		}
	}
	r := list.Rooms[0]
	if r.Game != "arena" || r.ID == "" || r.Title == "" || r.MaxPlayers != 8 || r.Bots != 2 {
		t.Errorf("the room is listed as %+v", r)
	}
	n.url = "http://" + n.AdminAddr().String()
	_, text := n.get("/metrics")
	for _, want := range []string{
		"hindsight_rooms 1", `hindsight_players{kind="human"} 1`, `hindsight_players{kind="bot"} 2`,
		"hindsight_joins_total 1", "hindsight_connections 1", "go_goroutines",
		"hindsight_lobby_rooms 1", "hindsight_queue_players 0", "hindsight_outbox_pending 0",
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	for end := time.Now().Add(patience); strings.Contains(text, "hindsight_tick_seconds_count 0\n"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) { // a room hands on what it has measured once a second
			t.Fatal("no tick was measured")
		}
		_, text = n.get("/metrics")
	}
}

func TestStopTellsPlayers(t *testing.T) {
	n := start(t, Config{Bots: 1})
	p := n.join()
	n.stop()
	p.stopped(t, protocol.CloseRestart)
}

// While players play on, the server still runs but asks not to be sent any more of them.
func TestDrain(t *testing.T) {
	n := start(t, Config{Drain: time.Hour})
	p := n.join()
	n.stop()
	n.await("/readyz", http.StatusServiceUnavailable)
	if resp, _ := n.get("/healthz"); resp.StatusCode != http.StatusOK {
		t.Errorf("while draining /healthz says %s", resp.Status)
	}
	select {
	case e := <-p.closed:
		t.Fatalf("the player was closed at once: %v", e)
	default:
	}
	n.Hurry()
	p.stopped(t, protocol.CloseRestart)
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for flag, c := range map[string]Config{
		"--addr":       {Addr: taken.Addr().String(), AdminAddr: AdminOff},
		"--admin-addr": {Addr: "127.0.0.1:0", AdminAddr: taken.Addr().String()},
	} {
		s, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), flag+" ") || !strings.Contains(err.Error(), "in use") {
			t.Errorf("%s: Run says %v", flag, err)
		}
	}
}

func TestBadSettings(t *testing.T) {
	if _, err := New(Config{Settings: map[string]string{"mode": "chess"}}); err == nil || !strings.Contains(err.Error(), "tdm") {
		t.Errorf("New says %v, want the modes there are", err)
	}
}

func TestClientFiles(t *testing.T) {
	const script = "export const answer = 42;\n"
	n := start(t, Config{Client: fstest.MapFS{
		"index.html":        {Data: []byte("<!doctype html><title>page</title>")},
		"assets/main-x1.js": {Data: []byte(script)},
		// The server sends copies as they are: what is in them is the build's affair.
		"assets/main-x1.js.br": {Data: []byte("small")},
		"assets/main-x1.js.gz": {Data: []byte("less small")},
		"assets/core-x2.txt":   {Data: []byte("x")},
		"hindsight.wasm":       {Data: []byte("\x00asm\x01\x00\x00\x00")},
	}})
	for path, want := range map[string]struct{ kind, cache string }{
		"/":                  {"text/html; charset=utf-8", "no-cache"},
		"/replay":            {"text/html; charset=utf-8", "no-cache"},
		"/replay/any-match":  {"text/html; charset=utf-8", "no-cache"},
		"/assets/main-x1.js": {"application/javascript", "public, max-age=31536000, immutable"},
		"/hindsight.wasm":    {"application/wasm", "no-cache"},
	} {
		resp, _ := n.get(path)
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != want.kind || resp.Header.Get("Cache-Control") != want.cache {
			t.Errorf("%s: %s %v, want %+v", path, resp.Status, resp.Header, want)
		}
	}
	if resp, _ := n.get("/assets/gone.js"); resp.StatusCode != 404 || strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("a missing file: %s %v", resp.Status, resp.Header)
	}
	resp, _ := n.get("/")
	if resp, _ := n.get("/", "If-None-Match", resp.Header.Get("Etag")); resp.StatusCode != http.StatusNotModified {
		t.Errorf("an unchanged page is sent again: %s", resp.Status)
	}
	for accept, want := range map[string]struct{ encoding, body string }{
		"gzip, br": {"br", "small"}, "gzip": {"gzip", "less small"}, "": {"", script},
	} {
		resp, body := n.get("/assets/main-x1.js", "Accept-Encoding", accept)
		if resp.Header.Get("Content-Encoding") != want.encoding || string(body) != want.body {
			t.Errorf("to who accepts %q: %d bytes in %v, want %q", accept, len(body), resp.Header, want.encoding)
		}
	}
}

// Neither a silent client nor one with endless headers gets anywhere.
func TestSlowAndLargeHeaders(t *testing.T) {
	n := start(t, Config{})
	for name, sent := range map[string]string{"silence": "", "half a header": "GET / HTTP/1.1\r\nHost: x\r\n"} {
		c, err := net.Dial("tcp", n.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, sent)
		_ = c.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.ReadAll(c); err != nil {
			t.Errorf("%s: the connection is not closed: %v", name, err)
		}
		_ = c.Close()
	}
	if resp, _ := n.get("/", "X-Large", strings.Repeat("x", 20<<10)); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("20 KiB of headers: %s", resp.Status)
	}
}
