package session

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/goleak"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/metrics"
	"hindsight/server/room"
)

// patience is how long a test waits for what must happen before it fails.
const patience = 5 * time.Second

// rig is a real server on a loopback port with a fake room behind it, and a canary: a player who
// must not notice whatever a test does to the server.
type rig struct {
	t      *testing.T
	h      *Handler
	addr   string
	tls    *tls.Config // of its clients; nil for a server without TLS
	reg    *prometheus.Registry
	rooms  *fakeRooms
	canary *client
	log    *syncBuffer
}

// newRig starts a server. Its limits are cfg's; at the end of the test every connection must be
// gone, every goroutine over, and the canary unhurt.
func newRig(t *testing.T, via Transport, cfg Config) *rig {
	t.Helper()
	cfg.Transport = via
	return startRig(t, cfg, false)
}

// each runs a test over every transport: from outside they must be alike.
func each(t *testing.T, test func(t *testing.T, via Transport)) {
	t.Run("goroutines", func(t *testing.T) { test(t, Goroutine) })
	if Pollable() {
		t.Run("polled", func(t *testing.T) { test(t, Poll) })
	}
}

// eachRig runs a test over every transport, and over TLS.
func eachRig(t *testing.T, name string, cfg Config, test func(t *testing.T, r *rig)) {
	each(t, func(t *testing.T, via Transport) {
		t.Run(strings.TrimSpace(name+" over TCP"), func(t *testing.T) { test(t, newRig(t, via, cfg)) })
	})
	t.Run(strings.TrimSpace(name+" over TLS"), func(t *testing.T) { test(t, startRig(t, cfg, true)) })
}

func startRig(t *testing.T, cfg Config, secure bool) *rig {
	t.Helper()
	r := &rig{t: t, reg: prometheus.NewRegistry(), rooms: &fakeRooms{seats: make(chan *fakeSeat, 64)}, log: &syncBuffer{}}
	before := descriptors()
	t.Cleanup(func() {
		goleak.VerifyNone(t)
		await(t, "every descriptor to be given back", func() bool { return descriptors() <= before })
	})
	cfg.Rooms = r.rooms
	cfg.Metrics = metrics.New(r.reg)
	cfg.Log = slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.h = New(cfg)
	srv := httptest.NewUnstartedServer(r.h)
	srv.Config.ReadHeaderTimeout = 5 * time.Second
	if secure {
		srv.Config.ErrorLog = slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)
		srv.StartTLS() // without HTTP/2
		r.tls = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		r.tls.ServerName = "127.0.0.1"
	} else {
		srv.Start()
	}
	r.addr = srv.Listener.Addr().String()
	r.canary = r.join("canary")
	await(t, "the canary to count as joined", func() bool { return r.count("hindsight_joins_total") == "1" })
	polled := "0"
	if Pollable() && !secure && cfg.Transport != Goroutine {
		polled = "1"
	}
	if n := r.count("hindsight_polled_connections"); n != polled {
		t.Fatalf("%s connections are polled, want %s", n, polled)
	}
	t.Cleanup(func() {
		if r.canary != nil { // nil once a test has ended it on purpose
			r.canary.alive()
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.h.Shutdown(ctx); err != nil {
			t.Errorf("connections are left: %v", err)
		}
		srv.Close()
		if n := r.count("hindsight_polled_connections"); n != "0" {
			t.Errorf("%s connections are said to be polled at the end", n)
		}
	})
	return r
}

// descriptors counts this process's open files; 0 where that cannot be told.
func descriptors() int {
	d, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0
	}
	defer func() { _ = d.Close() }()
	names, _ := d.Readdirnames(-1)
	return len(names)
}

func TestMain(m *testing.M) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil { // Go's poller takes its descriptors with the first socket
		_ = l.Close()
	}
	os.Exit(m.Run())
}

// count returns the value of a metric's line, such as `hindsight_closes_total{code="4408"}`.
func (r *rig) count(line string) string {
	r.t.Helper()
	name, _, _ := strings.Cut(line, "{")
	text, err := testutil.CollectAndFormat(r.reg, expfmt.TypeTextPlain, name)
	if err != nil {
		r.t.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(l), line+" "); ok {
			return v
		}
	}
	return "none"
}

// closes waits until n connections have been counted as ended with code.
func (r *rig) closes(code protocol.CloseCode, n int) {
	r.t.Helper()
	line := fmt.Sprintf("hindsight_closes_total{code=%q}", fmt.Sprint(int(code)))
	await(r.t, fmt.Sprintf("%s to be %d", line, n), func() bool { return r.count(line) == fmt.Sprint(n) })
}

// await polls for a condition that another goroutine brings about.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// fakeRooms is a Finder that gives everybody a seat, unless refuse says otherwise.
type fakeRooms struct {
	seats  chan *fakeSeat
	refuse func(roomID, game string, e room.Entrant) error
}

func (f *fakeRooms) Join(_ context.Context, roomID, game string, e room.Entrant) (room.Seat, error) {
	if f.refuse != nil {
		if err := f.refuse(roomID, game, e); err != nil {
			return nil, err
		}
	}
	s := &fakeSeat{Entrant: e, game: game, inputs: make(chan frame.Input, 4096), chats: make(chan string, 64), reports: make(chan frame.Report, 4096), ended: make(chan string, 2)}
	f.seats <- s
	return s, nil
}

// fakeSeat records what a session does with its seat.
type fakeSeat struct {
	room.Entrant
	game    string
	inputs  chan frame.Input
	chats   chan string
	reports chan frame.Report
	ended   chan string
	panics  atomic.Bool // when it hears something
	fails   atomic.Bool // when it is given back
}

func (s *fakeSeat) Input(_ protocol.Micros, in *frame.Input) {
	if s.panics.Load() {
		panic("a bug in a room's handle")
	}
	c := *in
	c.Commands = append([]protocol.Command(nil), in.Commands...)
	s.inputs <- c
}
func (s *fakeSeat) Report(_ protocol.Micros, r *frame.Report) {
	c := *r
	c.Row = append([]int32(nil), r.Row...)
	s.reports <- c
}
func (s *fakeSeat) Chat(text string) { s.chats <- text }
func (s *fakeSeat) Lost()            { s.end("lost") }
func (s *fakeSeat) Leave()           { s.end("left") }

func (s *fakeSeat) end(how string) {
	s.ended <- how
	if s.fails.Load() {
		panic("a bug in a room's seats")
	}
}

// client is a raw socket that speaks as much WebSocket as a test tells it to.
type client struct {
	t    *testing.T
	conn net.Conn
	br   *bufio.Reader
	seat *fakeSeat
	enc  frame.Encoder
}

// dial opens a TCP connection.
func (r *rig) dial() *client {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	if r.tls != nil {
		conn = tls.Client(conn, r.tls)
	}
	return &client{t: r.t, conn: conn, br: bufio.NewReader(conn)}
}

// handshake is a correct one; edits change lines of it.
func (r *rig) handshake(edits ...string) string {
	s := "GET /ws HTTP/1.1\r\nHost: " + r.addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Protocol: " + protocol.Subprotocol + "\r\n\r\n"
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(s, edits[i]) {
			panic("handshake: nothing to edit: " + edits[i])
		}
		s = strings.Replace(s, edits[i], edits[i+1], 1)
	}
	return s
}

// open connects and shakes hands.
func (r *rig) open() *client {
	r.t.Helper()
	c := r.dial()
	c.write([]byte(r.handshake()))
	c.upgraded()
	return c
}

// join connects and says hello.
func (r *rig) join(name string) *client {
	r.t.Helper()
	c := r.open()
	c.hello(frame.Hello{Version: protocol.Version, Game: "arena", Name: name})
	c.seat = r.seated()
	return c
}

// seated waits for the next seat to be given out.
func (r *rig) seated() *fakeSeat {
	r.t.Helper()
	select {
	case s := <-r.rooms.seats:
		return s
	case <-time.After(patience):
		r.t.Fatal("nobody was seated")
		return nil
	}
}

func (c *client) write(b []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// response reads an HTTP response.
func (c *client) response() *http.Response {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	resp, err := http.ReadResponse(c.br, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp
}

func (c *client) upgraded() {
	c.t.Helper()
	resp := c.response()
	if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Protocol") != protocol.Subprotocol {
		c.t.Fatalf("the handshake was answered with %s %v", resp.Status, resp.Header)
	}
	if ext := resp.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
		c.t.Fatalf("the server negotiated %q", ext)
	}
}

// Opcodes with the FIN bit.
const (
	text = 0x81
	data = 0x82
	bye  = 0x88
	ping = 0x89
	pong = 0x8a
)

// masked builds a client's frame with a first byte of any kind.
func masked(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	key := [4]byte{1, 2, 3, 4}
	b = append(b, key[:]...)
	for i, c := range payload {
		b = append(b, c^key[i%4])
	}
	return b
}

func (c *client) send(first byte, payload []byte) { c.t.Helper(); c.write(masked(first, payload)) }

func (c *client) hello(h frame.Hello) { c.t.Helper(); c.send(data, c.enc.Hello(nil, &h)) }

func (c *client) inputFrame(tick protocol.Tick) []byte {
	in := frame.Input{Commands: []protocol.Command{{Tick: tick}}}
	return c.enc.Input(nil, &in)
}

// next reads one frame of the server's.
func (c *client) next() (first byte, payload []byte, err error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	var head [2]byte
	if _, err := io.ReadFull(c.br, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(head[1])
	if n == 126 {
		var ext [2]byte
		if _, err := io.ReadFull(c.br, ext[:]); err != nil {
			return 0, nil, err
		}
		n = int(binary.BigEndian.Uint16(ext[:]))
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(c.br, payload)
	return head[0], payload, err
}

// frame reads frames until one begins with that byte.
func (c *client) frame(first byte) []byte {
	c.t.Helper()
	for {
		f, payload, err := c.next()
		if err != nil {
			c.t.Fatalf("waiting for a frame 0x%x: %v", first, err)
		}
		if f == first {
			return payload
		}
	}
}

// closed reads up to the close frame, which must have this code and exactly the protocol's text,
// and then to the end of the connection.
func (c *client) closed(want protocol.CloseCode) {
	c.t.Helper()
	p := c.frame(bye)
	if len(p) < 2 {
		c.t.Fatalf("close frame without a code, want %d", want)
	}
	code := protocol.CloseCode(binary.BigEndian.Uint16(p))
	if code != want {
		c.t.Fatalf("closed with %d %q, want %d", code, p[2:], want)
	}
	if string(p[2:]) != want.Text() {
		c.t.Errorf("close text %q, want %q", p[2:], want.Text())
	}
	if _, _, err := c.next(); !errors.Is(err, io.EOF) {
		c.t.Errorf("after the close frame: %v, want EOF", err)
	}
	_ = c.conn.Close()
}

// ended waits for what the session did with its seat.
func (c *client) ended(want string) {
	c.t.Helper()
	select {
	case got := <-c.seat.ended:
		if got != want {
			c.t.Errorf("the seat was %s, want %s", got, want)
		}
	case <-time.After(patience):
		c.t.Errorf("the seat was not %s", want)
	}
	select {
	case again := <-c.seat.ended:
		c.t.Errorf("the seat was %s a second time", again)
	default:
	}
}

// alive checks that input gets through to the seat and a snapshot back.
func (c *client) alive() {
	c.t.Helper()
	for len(c.seat.inputs) > 0 {
		<-c.seat.inputs
	}
	c.send(data, c.inputFrame(77))
	select {
	case in := <-c.seat.inputs:
		if len(in.Commands) != 1 || in.Commands[0].Tick != 77 {
			c.t.Errorf("input arrived as %+v", in)
		}
	case <-time.After(patience):
		c.t.Error("input does not arrive any more")
		return
	}
	await(c.t, "the connection to be ready", c.seat.Sender.Ready)
	c.seat.Sender.Send(append(c.seat.Sender.Buffer(), "snapshot"...))
	if got := c.frame(data); !bytes.Equal(got, []byte("snapshot")) {
		c.t.Errorf("the snapshot arrived as %q", got)
	}
}

// syncBuffer is a log that a test may read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
