package session

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/alloctest"
	"hindsight/server/room"
)

func TestHandshake(t *testing.T) { each(t, testHandshake) }

func testHandshake(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast, Origins: []string{"https://good.example"}})
	const end = "\r\n\r\n"
	origin := func(o string) []string { return []string{end, "\r\nOrigin: " + o + end} }
	for _, tt := range []struct {
		name  string
		edits []string
		want  int
	}{
		{"correct", nil, 101},
		{"deflate offered", []string{end, "\r\nSec-WebSocket-Extensions: permessage-deflate" + end}, 101},
		{"protocol among others", []string{"Protocol: h", "Protocol: chat, h"}, 101},
		{"protocol on a second line", []string{"Sec-WebSocket-Protocol", "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol"}, 101},
		{"connection among others", []string{"Connection: Upgrade", "Connection: keep-alive, upgrade"}, 101},

		{"own origin", origin("http://" + r.addr), 101},
		{"listed origin", origin("https://good.example"), 101},
		{"evil origin", origin("https://evil.example"), 403},
		{"null origin", origin("null"), 403},
		{"empty origin", origin(""), 403},
		{"listed origin as a prefix", origin("https://good.example.evil"), 403},
		{"listed origin as a suffix", origin("https://notgood.example"), 403},
		{"listed origin as a user", origin("https://good.example@evil.example"), 403},
		{"listed origin, other scheme", origin("http://good.example"), 403},
		{"two origins", origin("https://good.example\r\nOrigin: https://evil.example"), 403},
		{"origin of a file", origin("file://" + r.addr), 403},

		{"POST", []string{"GET", "POST"}, 405},
		{"HTTP/1.0", []string{"HTTP/1.1", "HTTP/1.0"}, 505},
		{"a body", []string{end, "\r\nContent-Length: 1" + end + "x"}, 400},
		{"a chunked body", []string{end, "\r\nTransfer-Encoding: chunked" + end + "0\r\n\r\n"}, 400},
		{"short key", []string{"dGhlIHNhbXBsZSBub25jZQ==", "x"}, 400},
		{"key of 15 bytes", []string{"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"}, 400},
		{"no key", []string{"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""}, 400},
		{"two keys", []string{"Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key"}, 400},
		{"version 8", []string{"Version: 13", "Version: 8"}, 426},
		{"no upgrade", []string{"Upgrade: websocket\r\n", ""}, 426},
		{"connection of another name", []string{"Connection: Upgrade", "Connection: xupgradex"}, 426},
		{"other protocol", []string{protocol.Subprotocol, "hindsight.v0.json"}, 400},
		{"no protocol", []string{"Sec-WebSocket-Protocol: " + protocol.Subprotocol + "\r\n", ""}, 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.dial()
			c.t = t
			c.write([]byte(r.handshake(tt.edits...)))
			resp := c.response()
			if resp.StatusCode != tt.want {
				t.Errorf("answered with %s, want %d", resp.Status, tt.want)
			}
			if tt.want == 101 {
				if ext := resp.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
					t.Errorf("the server negotiated %q", ext)
				}
			} else if _, err := io.Copy(io.Discard, c.br); err != nil {
				t.Errorf("a refused connection did not end: %v", err)
			}
			_ = c.conn.Close()
		})
	}
}

// A client need not wait for the answer before it says hello.
func TestHelloInTheHandshakesPacket(t *testing.T) { each(t, testHelloInTheHandshakesPacket) }

func testHelloInTheHandshakesPacket(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	c := r.dial()
	h := frame.Hello{Version: protocol.Version, Game: "arena", Name: "eager"}
	c.write(append([]byte(r.handshake()), masked(data, c.enc.Hello(nil, &h))...))
	c.upgraded()
	if c.seat = r.seated(); c.seat.Name != "eager" {
		t.Errorf("seated %q", c.seat.Name)
	}
	c.alive()
}

func TestNoHello(t *testing.T) { each(t, testNoHello) }

func testNoHello(t *testing.T, via Transport) {
	limits := fast
	limits.Hello = 200 * time.Millisecond
	r := newRig(t, via, Config{Limits: limits})
	r.open().closed(protocol.CloseNoHello)

	c := r.open() // pings are not a hello
	c.send(ping, nil)
	c.send(pong, nil)
	c.closed(protocol.CloseNoHello)
	r.closes(protocol.CloseNoHello, 2)
}

func TestHelloAnswers(t *testing.T) { each(t, testHelloAnswers) }

func testHelloAnswers(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	r.rooms.refuse = func(id, game string, e room.Entrant) error {
		switch {
		case game != "arena":
			return fmt.Errorf("lobby: %w", room.Refusal(protocol.CloseVersion))
		case id == "gone":
			return room.Refusal(protocol.CloseRoomUnknown)
		case id == "full":
			return room.Refusal(protocol.CloseRoomFull)
		case e.Token == "old":
			return room.Refusal(protocol.CloseSessionGone)
		case id == "broken":
			return errors.New("dial tcp 10.0.0.1:5432: connection refused")
		case id == "busy":
			return fmt.Errorf("room: %w", context.DeadlineExceeded)
		}
		return nil
	}
	good := frame.Hello{Version: protocol.Version, Game: "arena", Name: "ann"}
	for _, tt := range []struct {
		name string
		edit func(h *frame.Hello)
		want protocol.CloseCode
	}{
		{"other version", func(h *frame.Hello) { h.Version++ }, protocol.CloseVersion},
		{"other game", func(h *frame.Hello) { h.Game = "chess" }, protocol.CloseVersion},
		{"unknown room", func(h *frame.Hello) { h.Room = "gone" }, protocol.CloseRoomUnknown},
		{"full room", func(h *frame.Hello) { h.Room = "full" }, protocol.CloseRoomFull},
		{"expired token", func(h *frame.Hello) { h.Token = "old" }, protocol.CloseSessionGone},
		{"no time", func(h *frame.Hello) { h.Room = "busy" }, protocol.CloseBusy},
		{"no time, the ticket used up", func(h *frame.Hello) { h.Room, h.Ticket = "busy", "t" }, protocol.CloseInternal},
		{"an error of ours", func(h *frame.Hello) { h.Room = "broken" }, protocol.CloseInternal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := good
			tt.edit(&h)
			c := r.open()
			c.t = t
			c.hello(h)
			c.closed(tt.want)
			line := fmt.Sprintf("hindsight_joins_refused_total{code=%q}", fmt.Sprint(int(tt.want)))
			if n := r.count(line); n == "0" {
				t.Errorf("%s is not counted", line)
			}
		})
	}
}

// A room that takes its time to answer a hello holds up nobody else, nor does one that panics.
func TestSlowJoin(t *testing.T) { each(t, testSlowJoin) }

func testSlowJoin(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	asked, answer := make(chan struct{}), make(chan struct{})
	r.rooms.refuse = func(id, _ string, _ room.Entrant) error {
		if id == "slow" {
			asked <- struct{}{}
			<-answer
			panic("a bug in a room's door")
		}
		return nil
	}
	const many = 20 // more than there are processors
	var slow []*client
	for range many {
		c := r.open()
		c.hello(frame.Hello{Version: protocol.Version, Game: "arena", Name: "ann", Room: "slow"})
		<-asked
		slow = append(slow, c)
	}
	r.canary.alive()
	r.join("bob").alive()
	close(answer)
	for _, c := range slow {
		c.closed(protocol.CloseInternal)
	}
	if log := r.log.String(); !strings.Contains(log, "a bug in a room's door") {
		t.Error("the panic is not in the log")
	}
}

func TestWrongState(t *testing.T) { each(t, testWrongState) }

func testWrongState(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	c := r.open()
	c.send(data, c.inputFrame(1))
	c.closed(protocol.CloseWrongState)

	c = r.open()
	c.send(data, c.enc.Chat(nil, &frame.Chat{Text: "hi"}))
	c.closed(protocol.CloseWrongState)

	c = r.join("twice")
	c.hello(frame.Hello{Version: protocol.Version, Game: "arena"})
	c.closed(protocol.CloseWrongState)
	c.ended("left")
	r.closes(protocol.CloseWrongState, 3)
}

// A frame cut off anywhere is a bad message, never a panic and never a wait.
func TestTruncatedFrames(t *testing.T) { each(t, testTruncatedFrames) }

func testTruncatedFrames(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	var enc frame.Encoder
	whole := enc.Hello(nil, &frame.Hello{Version: protocol.Version, Game: "arena", Build: "b", Name: "n", Room: "r", Token: "t"})
	for n := range whole {
		c := r.open()
		c.send(data, whole[:n])
		c.closed(protocol.CloseBadMessage)
	}
	c := r.open()
	c.send(data, append(whole, 0xc0))
	c.closed(protocol.CloseBadMessage)
	if n := r.count("hindsight_ws_panics_total"); n != "0" {
		t.Errorf("%s panics", n)
	}
}

// Addresses are counted as a proxy of ours reports them, and by whole networks in IPv6.
func TestAddressLimits(t *testing.T) { each(t, testAddressLimits) }

func testAddressLimits(t *testing.T, via Transport) {
	limits := fast
	limits.PerAddress, limits.HandshakesPerAddress = 3, 1000
	limits.Hello = patience
	r := newRig(t, via, Config{Limits: limits, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	from := func(forwarded string) int {
		c := r.dial()
		c.write([]byte(r.handshake("\r\n\r\n", "\r\nX-Forwarded-For: "+forwarded+"\r\n\r\n")))
		resp := c.response()
		if resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After with a 429")
		}
		return resp.StatusCode
	}
	for range 3 {
		if got := from("203.0.113.9"); got != 101 {
			t.Fatalf("answered with %d within the limit", got)
		}
	}
	for forwarded, want := range map[string]int{
		"203.0.113.9":            429,
		"8.8.8.8, 203.0.113.9":   429, // what the client wrote before its own address is no address
		"203.0.113.9, 127.0.0.1": 429, // two proxies of ours
		"203.0.113.10":           101,
	} {
		if got := from(forwarded); got != want {
			t.Errorf("from %s: answered with %d, want %d", forwarded, got, want)
		}
	}
	for i, want := range []int{101, 101, 101, 429} {
		if got := from(fmt.Sprintf("2001:db8::%d", i+1)); got != want {
			t.Errorf("connection %d of a /64: %d, want %d", i+1, got, want)
		}
	}
	if got := from("2001:db8:0:1::1"); got != 101 {
		t.Errorf("another /64: %d, want 101", got)
	}
}

func TestRateAndTotalLimits(t *testing.T) { each(t, testRateAndTotalLimits) }

func testRateAndTotalLimits(t *testing.T, via Transport) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	frozen := func() protocol.Micros { return protocol.Second }
	status := func(r *rig, forwarded string) int {
		c := r.dial()
		c.write([]byte(r.handshake("\r\n\r\n", "\r\nX-Forwarded-For: "+forwarded+"\r\n\r\n")))
		return c.response().StatusCode
	}
	t.Run("of an address", func(t *testing.T) {
		limits := fast
		limits.HandshakesPerAddress = 2 // 4 at once
		r := newRig(t, via, Config{Limits: limits, Proxies: proxies, Now: frozen})
		for i := range 4 {
			if got := status(r, "203.0.113.1"); got != 101 {
				t.Errorf("handshake %d: %d", i, got)
			}
		}
		if got := status(r, "203.0.113.1"); got != 429 {
			t.Errorf("beyond the burst: %d, want 429", got)
		}
		if got := status(r, "203.0.113.2"); got != 101 {
			t.Errorf("from elsewhere: %d, want 101", got)
		}
	})
	t.Run("of all", func(t *testing.T) {
		limits := fast
		limits.Handshakes = 3 // the canary is one
		r := newRig(t, via, Config{Limits: limits, Now: frozen})
		for i, want := range []int{101, 101, 503} {
			if got := status(r, "203.0.113.1"); got != want {
				t.Errorf("handshake %d: %d, want %d", i, got, want)
			}
		}
	})
	t.Run("open", func(t *testing.T) {
		limits := fast
		limits.Connections = 2
		r := newRig(t, via, Config{Limits: limits})
		c := r.open()
		if got := status(r, "203.0.113.1"); got != 503 {
			t.Errorf("beyond the limit: %d, want 503", got)
		}
		_ = c.conn.Close()
		await(t, "the place to be free again", func() bool { return status(r, "203.0.113.1") == 101 })
	})
	t.Run("without a hello", func(t *testing.T) {
		limits := fast
		limits.Waiting = 1
		r := newRig(t, via, Config{Limits: limits})
		r.open()
		if got := status(r, "203.0.113.1"); got != 503 {
			t.Errorf("beyond the limit: %d, want 503", got)
		}
	})
}

func TestShutdown(t *testing.T) { each(t, testShutdown) }

func testShutdown(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	c, silent := r.join("player"), r.open()
	done := make(chan error, 1)
	go func() { done <- r.h.Shutdown(t.Context()) }()
	r.canary.closed(protocol.CloseRestart)
	c.closed(protocol.CloseRestart)
	c.ended("lost")
	silent.closed(protocol.CloseRestart)
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	late := r.dial()
	late.write([]byte(r.handshake()))
	if resp := late.response(); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("a latecomer got %s %v", resp.Status, resp.Header)
	}
	r.canary = nil
}

// Whatever the seat is told has passed the cleaner, and logs hold no raw control characters.
func TestNamesAndChat(t *testing.T) { each(t, testNamesAndChat) }

func testNamesAndChat(t *testing.T, via Transport) {
	limits := fast
	limits.Chats, limits.ChatWindow = 2, time.Hour
	r := newRig(t, via, Config{Limits: limits})
	c := r.join("\x1b[31m\u202eann\n")
	if c.seat.Name != "[31mann" {
		t.Errorf("seated as %q", c.seat.Name)
	}
	for _, line := range []string{"hello\u200b", "\u200b", "again", "too much"} {
		c.send(data, c.enc.Chat(nil, &frame.Chat{Text: line}))
	}
	c.alive()
	for _, want := range []string{"hello", "again"} {
		if got := <-c.seat.chats; got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	if n := r.count("hindsight_chats_dropped_total"); n != "1" || len(c.seat.chats) > 0 {
		t.Errorf("%s lines dropped and %d more said, want one and none", n, len(c.seat.chats))
	}
	if strings.ContainsAny(r.log.String(), "\x1b\u202e") {
		t.Error("control characters reached the log")
	}
}

// blunt allows everything but one word.
type blunt struct{}

func (blunt) Clean(line string) (string, bool) {
	clean := strings.ReplaceAll(line, "drat", "****")
	return clean, clean != line
}
func (blunt) Allowed(name string) bool { return !strings.Contains(name, "drat") }

func TestWordsThatMayNotBeSaid(t *testing.T) { each(t, testWordsThatMayNotBeSaid) }

func testWordsThatMayNotBeSaid(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast, Words: blunt{}})
	c := r.join("drat")
	if c.seat.Name != nameless {
		t.Errorf("seated as %q", c.seat.Name)
	}
	c.send(data, c.enc.Chat(nil, &frame.Chat{Text: "oh drat"}))
	if got := <-c.seat.chats; got != "oh ****" {
		t.Errorf("said %q", got)
	}
}

// hijacked is a request's connection that panics when it is written to.
type hijacked struct {
	http.ResponseWriter
	net.Conn
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h, bufio.NewReadWriter(bufio.NewReader(h.Conn), bufio.NewWriter(h.Conn)), nil
}
func (*hijacked) Write([]byte) (int, error) { panic("a bug in a connection") }

// A panic in a handshake is the HTTP server's to report, and leaves no connection and no place behind.
func TestPanicInHandshake(t *testing.T) {
	h := New(Config{Rooms: &fakeRooms{}, Log: slog.New(slog.DiscardHandler), Transport: Goroutine})
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader((&rig{}).handshake())))
	if err != nil {
		t.Fatal(err)
	}
	req.RemoteAddr = "203.0.113.1:1"
	server, client := net.Pipe()
	defer func() {
		if e := recover(); e != "a bug in a connection" {
			t.Errorf("panic %v", e)
		}
		if h.Open() != 0 || h.gate.all.open != 0 || h.gate.all.waiting != 0 {
			t.Errorf("%d sessions; the gate counts %d open and %d waiting", h.Open(), h.gate.all.open, h.gate.all.waiting)
		}
		if _, err := client.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the connection is open: %v", err)
		}
	}()
	h.ServeHTTP(&hijacked{httptest.NewRecorder(), server}, req)
}

// FuzzHandshake reads requests of any kind: what passes is a handshake that a page of ours, or no page, may
// make, and what does not is told so with a status of its own fault.
func FuzzHandshake(f *testing.F) {
	good := (&rig{addr: "play.example:8080"}).handshake()
	for _, s := range []string{
		good, strings.Replace(good, "GET", "POST", 1), strings.Replace(good, "13", "8", 1), strings.Replace(good, "==", "", 1),
		strings.Replace(good, "\r\n\r\n", "\r\nOrigin: http://play.example:8080\r\n\r\n", 1),
		strings.Replace(good, "\r\n\r\n", "\r\nOrigin: http://play.example:8080@evil.example\r\n\r\n", 1),
		strings.Replace(good, "\r\n\r\n", "\r\nOrigin: null\r\nOrigin: https://play.example\r\n\r\n", 1),
		strings.Replace(good, "\r\n\r\n", "\r\nContent-Length: 1\r\n\r\nx", 1), "GET http://evil.example/ws HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		f.Add(s)
	}
	h := New(Config{Rooms: &fakeRooms{}, Origins: []string{"https://play.example"}, Metrics: tally, Log: slog.New(slog.DiscardHandler), Transport: Goroutine})
	f.Fuzz(func(t *testing.T, text string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil || len(text) > 8<<10 {
			t.Skip("nothing that the HTTP server would pass on")
		}
		alloctest.Check(t, 64<<10+40*len(text), func() { err = h.check(r) }) // a header that is split at commas takes 16 bytes for each
		ours := r.Header.Values("Origin") == nil
		if u, err := url.Parse(r.Header.Get("Origin")); err == nil && u.User == nil {
			name := u.Hostname()
			ours = ours || strings.EqualFold(name, (&url.URL{Host: r.Host}).Hostname()) || strings.EqualFold(name, "play.example")
		}
		var d *denied
		switch {
		case err == nil && (r.Method != http.MethodGet || r.ContentLength != 0 || len(r.Header.Values("Sec-WebSocket-Key")) != 1):
			t.Errorf("%q passes", text)
		case err == nil && !ours:
			t.Errorf("a page of %q may connect to %q", r.Header.Get("Origin"), r.Host)
		case err != nil && (!errors.As(err, &d) || d.status < 400 || d.status > 505):
			t.Errorf("%q: %v", text, err)
		}
	})
}
