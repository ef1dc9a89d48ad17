package deploy_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"hindsight/game/games/arena"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server"
	"hindsight/server/bots"
	"hindsight/server/mono"
	"hindsight/server/room"
	"hindsight/server/session"
)

// serve runs a server until the test ends and returns its address.
func serve(t *testing.T, c server.Config) string {
	t.Helper()
	c.Addr, c.AdminAddr, c.Log = "127.0.0.1:0", server.AdminOff, slog.New(slog.DiscardHandler)
	s, err := server.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s.Addr().String()
}

// swarm plays with bots until the test ends; when their work is done they leave.
func swarm(t *testing.T, url string, clients int) *bots.Swarm {
	t.Helper()
	s, err := bots.New(bots.Config{URL: url, Clients: clients, Skill: 5, Seed: 1, Game: arena.Game, Now: mono.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return s
}

// all reports whether every bot is as it should be.
func all(s *bots.Swarm, ok func(bots.Report) bool) bool {
	for _, r := range s.Reports() {
		if !ok(r) {
			return false
		}
	}
	return true
}

// The page is reached over https, plain http leads there, and a match plays through the proxy as it
// does without one: nothing arrives late enough to be predicted wrong for reasons unknown.
func TestPlay(t *testing.T) {
	eachProxy(t, func(t *testing.T, p proxy) {
		r := p.start(t, serve(t, server.Config{Bots: 4, Proxies: loopback}), "")
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		defer client.CloseIdleConnections()
		var resp *http.Response
		await(t, "the page", func() bool { // HAProxy looks first whether the server is well
			var err error
			if resp, err = client.Get("https://" + r.site.secure + "/readyz"); err != nil {
				return false
			}
			_ = resp.Body.Close()
			return resp.StatusCode == http.StatusOK
		})
		resp, err := client.Get("http://" + r.site.plain + "/?room=x")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		host, _, _ := net.SplitHostPort(r.site.plain)
		if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusPermanentRedirect || !strings.HasPrefix(to, "https://"+host) || !strings.HasSuffix(to, "/?room=x") {
			t.Errorf("http leads to %s %q", resp.Status, to)
		}

		s := swarm(t, "https://"+r.site.secure, 4)
		const twoSeconds = 120 // snapshots
		await(t, "the bots to play", func() bool {
			return all(s, func(r bots.Report) bool { return r.State == bots.Playing && r.Net.Snapshots > twoSeconds })
		})
		if sum := bots.Summarize(s.Reports(), 2); sum.Corrections.Unknown != 0 {
			t.Errorf("%d wrong predictions of unknown cause", sum.Corrections.Unknown)
		}
	})
}

// A proxy that is restarted takes the connections with it; the players come back to the same seats.
func TestProxyRestart(t *testing.T) {
	eachProxy(t, func(t *testing.T, p proxy) {
		addr := serve(t, server.Config{Proxies: loopback})
		r := p.start(t, addr, "")
		s := swarm(t, "https://"+r.site.secure, 3)
		playing := func(r bots.Report) bool { return r.State == bots.Playing && r.Net.Snapshots > 0 }
		await(t, "the bots to play", func() bool { return all(s, playing) })
		r.stop()
		await(t, "the bots to notice", func() bool {
			return all(s, func(r bots.Report) bool { return r.State != bots.Playing })
		})
		before := s.Reports()
		r.start()
		await(t, "the bots to come back", func() bool {
			for i, r := range s.Reports() {
				if r.State != bots.Playing || r.Net.Snapshots <= before[i].Net.Snapshots {
					return false
				}
			}
			return true
		})
		// A newcomer would have got a seat beside the one that is kept.
		await(t, "three players, and no more, to be listed", func() bool {
			resp, err := http.Get("http://" + addr + "/api/v1/rooms")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			return strings.Contains(string(body), `"people":3`)
		})
	})
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// listener is a client that only listens.
type listener struct {
	gws.BuiltinEventHandler
	pings  atomic.Int32
	closed chan error
}

func (l *listener) OnPing(c *gws.Conn, payload []byte) {
	l.pings.Add(1)
	_ = c.WritePong(payload)
}

func (l *listener) OnClose(_ *gws.Conn, err error) { l.closed <- err }

// dial opens a game socket from a loopback address of one's own, with what it says to forward. Without
// a hello the connection is not yet closed for a while.
func dial(t *testing.T, r *running, from, forwarded string) (*gws.Conn, *listener, *http.Response, error) {
	t.Helper()
	l := &listener{closed: make(chan error, 1)}
	head := http.Header{"Sec-Websocket-Protocol": {protocol.Subprotocol}, "Origin": {"https://" + r.site.secure}}
	if forwarded != "" {
		head.Set("X-Forwarded-For", forwarded)
	}
	c, resp, err := gws.NewClient(l, &gws.ClientOption{
		Addr: "wss://" + r.site.secure + "/ws", RequestHeader: head, HandshakeTimeout: patience,
		NewDialer: func() (gws.Dialer, error) {
			return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}, nil
		},
	})
	if err == nil {
		go c.ReadLoop()
		t.Cleanup(func() { _ = c.NetConn().Close(); <-l.closed })
	}
	return c, l, resp, err
}

// Players behind a proxy are told apart by what the proxy says, never by what they say themselves.
func TestForwardedFor(t *testing.T) {
	eachProxy(t, func(t *testing.T, p proxy) {
		// This machine has addresses enough: .1 is the proxy, .3 another one before it, which the
		// server trusts as well, and .2 is a stranger.
		addr := serve(t, server.Config{
			Proxies: append([]netip.Prefix{netip.MustParsePrefix("127.0.0.3/32")}, loopback...),
			Limits:  session.Limits{PerAddress: 2, Hello: patience},
		})
		r := p.start(t, addr, "")
		await(t, "the server to be ready", func() bool {
			resp, err := http.Get("https://" + r.site.secure + "/readyz")
			if err != nil {
				return false
			}
			_ = resp.Body.Close()
			return resp.StatusCode == http.StatusOK
		})
		defer http.DefaultClient.CloseIdleConnections()
		for _, tt := range []struct {
			from, forwarded string
			status          int
			why             string
		}{
			{"127.0.0.3", "203.0.113.7", 101, "the first from an address"},
			{"127.0.0.3", "198.51.100.1, 203.0.113.7", 101, "the second: what stands before is the client's own"},
			{"127.0.0.3", "203.0.113.7", 429, "the third is one too many"},
			{"127.0.0.3", "203.0.113.7, 203.0.113.7", 429, "and saying it twice changes nothing"},
			{"127.0.0.3", "203.0.113.7, 203.0.113.8", 101, "another address"},
			{"127.0.0.2", "203.0.113.7", 101, "a stranger cannot use up the address of somebody else"},
			{"127.0.0.2", "203.0.113.9", 101, "nor get one of his own"},
			{"127.0.0.2", "203.0.113.9", 101, "which is seen by this:"},
			{"127.0.0.2", "203.0.113.9", 101, "loopback has no limit, 203.0.113.9 would have"},
		} {
			_, _, resp, err := dial(t, r, tt.from, tt.forwarded)
			if resp == nil {
				t.Fatalf("%s for %s: %v", tt.from, tt.forwarded, err)
			}
			if resp.StatusCode != tt.status {
				t.Errorf("%s for %s: %s, want %d: %s", tt.from, tt.forwarded, resp.Status, tt.status, tt.why)
			}
		}
	})
}

// silent gives everybody a seat in which nothing ever happens.
type silent struct{}

func (silent) Join(context.Context, string, string, room.Entrant) (room.Seat, error) {
	return silent{}, nil
}
func (silent) Input(protocol.Micros, *frame.Input)   {}
func (silent) Chat(string)                           {}
func (silent) Report(protocol.Micros, *frame.Report) {}
func (silent) Lost()                                 {}
func (silent) Leave()                                {}

// A page in the background sends nothing, and at worst is sent nothing: only our pings keep its
// connection open in the proxy. Without them the proxy closes it, which shows that this test would see it.
func TestIdle(t *testing.T) {
	const idle = time.Second
	eachProxy(t, func(t *testing.T, p proxy) {
		for name, ping := range map[string]time.Duration{"pings": idle / 5, "no pings": time.Hour} {
			t.Run(name, func(t *testing.T) {
				t.Parallel() // most of it is waiting
				h := session.New(session.Config{
					Rooms: silent{}, Log: slog.New(slog.DiscardHandler), Proxies: loopback,
					Limits: session.Limits{Ping: ping, Silence: time.Hour},
				})
				mux := http.NewServeMux()
				mux.Handle("/ws", h)
				mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
				s := httptest.NewServer(mux)
				defer s.Close()
				defer func() { _ = h.Shutdown(t.Context()) }()
				r := p.start(t, s.Listener.Addr().String(), idle.String())
				c, l, _, err := dial(t, r, "127.0.0.1", "")
				if err != nil {
					t.Fatal(err)
				}
				var enc frame.Encoder
				hello := frame.Hello{Version: protocol.Version, Game: "arena", Name: "ann"}
				if err := c.WriteMessage(gws.OpcodeBinary, enc.Hello(nil, &hello)); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				cut := func() bool { return len(l.closed) > 0 }
				await(t, "three idle times to pass", func() bool { return cut() || time.Since(began) > 3*idle })
				if cut() != (ping > idle) {
					t.Errorf("closed after %v: %v, with %d pings", time.Since(began), cut(), l.pings.Load())
				}
			})
		}
	})
}

// What is shipped allows for more silence than the server itself does.
func TestShippedIdleTime(t *testing.T) {
	const silence = 12 * time.Second // session.Limits.Silence
	for _, p := range proxies {
		shipped, err := os.ReadFile(p.file)
		if err != nil {
			t.Fatal(err)
		}
		edit(t, string(shipped), p.idle+p.idleValue, "")
		if d, err := time.ParseDuration(p.idleValue); err != nil || d < 2*silence {
			t.Errorf("%s closes after %s of silence: %v", p.name, p.idleValue, err)
		}
	}
}
