package threat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hindsight/game"
	"hindsight/game/games/arena/maps"
	"hindsight/protocol"
	"hindsight/server"
	"hindsight/server/room/walk"
	"hindsight/server/session"
)

// patience is how long a test waits for what must happen before it fails.
const patience = 20 * time.Second

// Run's promise that all its goroutines have ended is checked for every test at once.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quick are limits short enough for tests and long enough for a busy machine.
var quick = session.Limits{
	Hello: patience, Write: 500 * time.Millisecond, Farewell: 200 * time.Millisecond, Overrun: 300 * time.Millisecond,
}

// fortress is a running server with a canary in it.
type fortress struct {
	t      *testing.T
	server *server.Server
	addr   string // of the public listener
	log    *logBook
	canary *canary
	stop   func()

	goroutines int    // with the canary, at rest
	heap       uint64 // the same
}

// each runs a test over every transport: from outside they must be alike.
func each(t *testing.T, test func(t *testing.T, via session.Transport)) {
	t.Run("goroutines", func(t *testing.T) { test(t, session.Goroutine) })
	if session.Pollable() {
		t.Run("polled", func(t *testing.T) { test(t, session.Poll) })
	}
}

// raise starts a server with a canary. At the end of the test the canary must be well and every
// goroutine of the server over.
func raise(t *testing.T, via session.Transport, edit func(c *server.Config)) *fortress {
	t.Helper()
	f := &fortress{t: t, log: &logBook{}}
	c := server.Config{
		Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		Hosts: []game.Host{maps.Host, lawn("walk")}, Bots: 3,
		Transport: via, Limits: quick, SeatHold: time.Second,
		// A proxy of ours: by its header a test comes from wherever it likes.
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Log:     slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if edit != nil {
		edit(&c)
	}
	var err error
	if f.server, err = server.New(c); err != nil {
		t.Fatal(err)
	}
	if err := f.server.Listen(); err != nil {
		t.Fatal(err)
	}
	f.addr = f.server.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.server.Run(ctx) }()
	f.stop = sync.OnceFunc(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run does not end")
		}
	})
	t.Cleanup(f.stop)
	await(t, "the server to be ready", func() bool { status, _ := f.get("/readyz"); return status == http.StatusOK })
	f.canary = hatch(t, f.addr)
	t.Cleanup(f.canary.end)
	f.canary.well(15)
	f.settle()
	t.Cleanup(f.stands)
	return f
}

// lawn is the walking game under a name, in matches that outlast a test.
func lawn(name string) game.Host {
	h := walk.Game
	d := *h.Definition
	d.Name = name
	h.Definition = &d
	h.NewRotation = func(map[string]string, fs.FS) (game.Rotation, error) { return walk.Rotation(600), nil }
	return h
}

// settle remembers how many goroutines there are at rest.
func (f *fortress) settle() {
	f.t.Helper()
	http.DefaultClient.CloseIdleConnections()
	last := 0
	await(f.t, "the server to come to rest", func() bool {
		n := runtime.NumGoroutine()
		calm := n == last
		last = n
		time.Sleep(20 * time.Millisecond)
		return calm
	})
	f.goroutines, f.heap = last, heapInUse()
}

// stands is the last look at a fortress: a quarter of a second more of play, and the memory.
func (f *fortress) stands() {
	f.t.Helper()
	if f.t.Failed() {
		return
	}
	f.unhurt()
	f.canary.well(15)
	if grown := int64(heapInUse()) - int64(f.heap); grown > 4<<20 {
		f.t.Errorf("%d bytes of heap are left behind", grown)
	}
}

// row runs one attack as a subtest. What it counts for must be in the metrics exactly so often, and
// afterwards all must be as it was.
func (f *fortress) row(name string, counts map[string]float64, attack func(t *testing.T)) {
	f.t.Run(name, func(t *testing.T) {
		outer := f.t
		f.t, f.canary.t = t, t
		defer func() { f.t, f.canary.t = outer, outer }()
		before := f.metrics()
		attack(t)
		for line, n := range counts {
			await(t, fmt.Sprintf("%s to grow by %v", line, n), func() bool { return f.metrics().of(line)-before.of(line) == n })
		}
		f.unhurt()
	})
}

// unhurt checks that the canary plays on and that nothing of an attack is left.
func (f *fortress) unhurt() {
	f.t.Helper()
	f.canary.well(3)
	const stray = 8 // the runtime's own come and go, and rooms were opened
	await(f.t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= f.goroutines+stray })
	await(f.t, "connections to be counted out", func() bool { return f.metrics().of("hindsight_connections") == players })
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// await polls for a condition that others bring about.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// counts are the numbers of a metrics page by line, such as `hindsight_closes_total{code="4408"}`.
type counts map[string]float64

var sample = regexp.MustCompile(`(?m)^(\w+(?:\{[^}]*\})?) (\S+)$`)

// of returns the value of a line that must exist.
func (c counts) of(line string) float64 {
	v, ok := c[line]
	if !ok {
		panic("no such metric: " + line)
	}
	return v
}

func (f *fortress) metrics() counts {
	f.t.Helper()
	_, text := f.fetch("http://"+f.server.AdminAddr().String()+"/metrics", nil)
	all := counts{}
	for _, m := range sample.FindAllStringSubmatch(text, -1) {
		if v, err := strconv.ParseFloat(m[2], 64); err == nil {
			all[m[1]] = v
		}
	}
	return all
}

// closed is the line that counts a close code.
func closed(c protocol.CloseCode) string {
	return fmt.Sprintf("hindsight_closes_total{code=%q}", fmt.Sprint(int(c)))
}

// denied is the line that counts a refused handshake.
func denied(why string) string {
	return fmt.Sprintf("hindsight_handshakes_denied_total{reason=%q}", why)
}

func (f *fortress) get(path string) (status int, body string) {
	resp, body := f.fetch("http://"+f.addr+path, nil)
	return resp.StatusCode, body
}

func (f *fortress) fetch(url string, head http.Header) (*http.Response, string) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header = head
	return f.do(req)
}

func (f *fortress) do(req *http.Request) (*http.Response, string) {
	f.t.Helper()
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}, Timeout: patience}).Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return resp, string(body)
}

// ask sends JSON to the lobby from an address and reads the answer.
func (f *fortress) ask(method, path, from, bearer string, body, out any) (status int, text string) {
	f.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		f.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+f.addr+"/api/v1/"+path, bytes.NewReader(b))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if from != "" {
		req.Header.Set("X-Forwarded-For", from)
	}
	resp, text := f.do(req)
	if out != nil {
		if err := json.Unmarshal([]byte(text), out); err != nil || resp.StatusCode >= 300 {
			f.t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, text, err)
		}
	}
	if (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) && resp.Header.Get("Retry-After") == "" {
		f.t.Errorf("%s %s: %s without Retry-After", method, path, resp.Status)
	}
	return resp.StatusCode, text
}

// guest signs somebody up and returns the session.
func (f *fortress) guest(name, from string) string {
	f.t.Helper()
	var g struct{ Session string }
	f.ask("POST", "guests", from, "", map[string]string{"name": name}, &g)
	return g.Session
}

// logBook is a log that a test may read while it is written.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lines returns the records that have that message.
func (l *logBook) lines(message string) (found []string) {
	for line := range strings.Lines(l.String()) {
		var r struct{ Msg string }
		if json.Unmarshal([]byte(line), &r) == nil && r.Msg == message {
			found = append(found, line)
		}
	}
	return found
}
