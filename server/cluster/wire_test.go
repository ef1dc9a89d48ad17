package cluster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lxzan/gws"

	"hindsight/protocol"
	"hindsight/server/alloctest"
	"hindsight/server/node"
	"hindsight/server/room"
)

// caller is a game server that says what a test wants.
type caller struct {
	*scene
	conn   net.Conn
	ws     *gws.Conn
	got    chan string // messages
	closed chan error  // one error
}

func (c *caller) OnOpen(*gws.Conn)             {}
func (c *caller) OnPing(*gws.Conn, []byte)     {}
func (c *caller) OnPong(*gws.Conn, []byte)     {}
func (c *caller) OnClose(_ *gws.Conn, e error) { c.closed <- e }
func (c *caller) OnMessage(_ *gws.Conn, m *gws.Message) {
	select {
	case c.got <- m.Data.String():
	default:
	}
}

// call opens a connection to the lobby.
func (s *scene) call() *caller {
	s.Helper()
	nc, err := s.net.dial(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	c := &caller{scene: s, conn: nc, got: make(chan string, 1000), closed: make(chan error, 1)}
	c.ws, _, err = gws.NewClientFromConn(c, &gws.ClientOption{
		Addr:          "ws://lobby.example" + Path,
		RequestHeader: http.Header{"Authorization": {"Bearer " + secret}, "Sec-WebSocket-Protocol": {Subprotocol}},
	}, nc)
	if err != nil {
		s.Fatal(err)
	}
	go c.ws.ReadLoop()
	return c
}

const helloText = `{"hello":{"protocol":1,"build":"b","name":"raw","url":"wss://raw.example/ws","capacity":9,"leaving":false}}`

func (c *caller) say(text string) {
	c.Helper()
	if err := c.ws.WriteString(text); err != nil {
		c.Errorf("say %.60q: %v", text, err)
	}
}

// ended waits for the end and returns the close frame.
func (c *caller) ended(most time.Duration) *gws.CloseError {
	c.Helper()
	select {
	case err := <-c.closed:
		var frame *gws.CloseError
		if errors.As(err, &frame) {
			return frame
		}
		return &gws.CloseError{Reason: []byte(err.Error())}
	case <-time.After(most):
		c.Errorf("still connected after %v", most)
		_ = c.conn.Close()
		return &gws.CloseError{}
	}
}

// Whatever a connection says, it ends that connection and no other.
func TestBrokenMessages(t *testing.T) {
	big := strings.Repeat(" ", MaxMessage)
	rooms := strings.Repeat(`{},`, maxRooms) + "{}"
	for name, c := range map[string]struct {
		say  []string
		code protocol.CloseCode
		text string
	}{
		"not JSON":              {[]string{"hello"}, protocol.CloseBadMessage, "not a message"},
		"no hello":              {[]string{`{"renew":{}}`}, protocol.CloseBadMessage, "does not belong"},
		"null":                  {[]string{`null`}, protocol.CloseBadMessage, "does not belong"},
		"an older game server":  {[]string{`{"hello":{"protocol":0,"name":"raw","new":1}}`}, protocol.CloseVersion, "update this game server: it speaks version 0"},
		"a newer game server":   {[]string{`{"hello":{"protocol":2,"name":"raw","new":1},"more":1}`}, protocol.CloseVersion, "update the lobby: it speaks version 1"},
		"no name":               {[]string{strings.Replace(helloText, "raw", "", 1)}, protocol.CloseBadMessage, "name"},
		"a long name":           {[]string{strings.Replace(helloText, "raw", strings.Repeat("x", 65), 1)}, protocol.CloseBadMessage, "name"},
		"no url":                {[]string{strings.Replace(helloText, "wss://raw.example/ws", "", 1)}, protocol.CloseBadMessage, "url"},
		"another url":           {[]string{strings.Replace(helloText, "wss://", "javascript://", 1)}, protocol.CloseBadMessage, "url"},
		"hello twice":           {[]string{helloText, helloText}, protocol.CloseBadMessage, "does not belong"},
		"an unknown field":      {[]string{helloText, `{"renew":{"x":1}}`}, protocol.CloseBadMessage, "unknown field"},
		"an unknown message":    {[]string{helloText, `{"steal":{}}`}, protocol.CloseBadMessage, "unknown field"},
		"nothing":               {[]string{helloText, `{}`}, protocol.CloseBadMessage, "one thing"},
		"two things":            {[]string{helloText, `{"renew":{},"ping":{}}`}, protocol.CloseBadMessage, "one thing"},
		"two messages":          {[]string{helloText, `{"renew":{}}{"ping":{}}`}, protocol.CloseBadMessage, "something follows"},
		"a message of a lobby":  {[]string{helloText, `{"id":1,"close":{"room":"a"}}`}, protocol.CloseBadMessage, "does not belong"},
		"a room that is none":   {[]string{helloText, `{"list":{"rooms":[{"Spec":{"what":1}}]}}`}, protocol.CloseBadMessage, "unknown field"},
		"too many rooms":        {[]string{helloText, `{"list":{"rooms":[` + rooms + `]}}`}, protocol.CloseBadMessage, "more than 4096 rooms"},
		"a result without uuid": {[]string{helloText, `{"result":{"match":"x"}}`}, protocol.CloseBadMessage, "not a message"},
		"too large":             {[]string{helloText, big + " "}, protocol.CloseTooBig, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inside(t, func(s *scene) {
				n := s.server("good")
				defer n.stop()
				s.until("the other is connected", time.Second, s.has(1))
				r, _ := s.hub.Remote("good")
				raw := s.call()
				for _, text := range c.say {
					_ = raw.ws.WriteString(text) // which fails if it is hung up on in the middle
				}
				end := raw.ended(time.Second)
				if protocol.CloseCode(end.Code) != c.code && c.code != protocol.CloseTooBig || !strings.Contains(string(end.Reason), c.text) {
					s.Errorf("closed with %d %q", end.Code, end.Reason)
				}
				if err := r.Book(s.Context(), "walk", time.Minute, "a"); err != nil || s.rooms() != 1 {
					s.Errorf("the other: %v, %d rooms", err, s.rooms())
				}
			})
		})
	}
}

// A frame of negative length makes gws panic: the connection ends, the process goes on.
func TestANegativeLength(t *testing.T) {
	inside(t, func(s *scene) {
		raw := s.call()
		raw.say(helloText)
		_, _ = raw.conn.Write([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4})
		raw.ended(time.Second)
		s.until("it is gone", time.Second, func() bool { return len(s.hub.Remotes()) == 0 && s.log.count("panic") > 0 })
	})
}

func TestBinaryIsNotSpoken(t *testing.T) {
	inside(t, func(s *scene) {
		raw := s.call()
		_ = raw.ws.WriteMessage(gws.OpcodeBinary, []byte(helloText))
		if end := raw.ended(time.Second); protocol.CloseCode(end.Code) != protocol.CloseUnsupported {
			s.Errorf("closed with %d %q", end.Code, end.Reason)
		}
	})
}

func TestWhoSaysNothingIsHungUpOn(t *testing.T) {
	inside(t, func(s *scene) {
		began := time.Now()
		raw := s.call()
		raw.ended(5 * time.Second)
		if took := time.Since(began); took < helloTime || took > helloTime+time.Second {
			s.Errorf("no hello: after %v", took)
		}
		began = time.Now()
		raw = s.call()
		raw.say(helloText)
		raw.ended(5 * time.Second) // it sends no pings
		if took := time.Since(began); took != silence {
			s.Errorf("silent after hello: after %v", took)
		}
	})
}

func TestAListInParts(t *testing.T) {
	var rooms []node.Listing
	for i := range 300 {
		id := fmt.Sprint("room-", i)
		rooms = append(rooms, node.Listing{
			Spec: node.Spec{ID: id, Game: "walk", Name: strings.Repeat("n", 1000)}, Info: room.Info{ID: id},
			Opened: time.Unix(int64(i), 0).UTC(),
		})
	}
	messages, err := parcelled(rooms, true)
	if err != nil || len(messages) < 3 {
		t.Fatal(len(messages), err)
	}
	inside(t, func(s *scene) {
		raw := s.call()
		raw.say(helloText)
		for i, m := range messages {
			b, err := encode(m)
			if err != nil {
				s.Fatal(err)
			}
			if m.List.More != (i < len(messages)-1) {
				s.Errorf("part %d: more is %v", i, m.List.More)
			}
			synctest.Wait()
			if s.rooms() != 0 {
				s.Error("half a list is shown")
			}
			raw.say(string(b))
		}
		s.until("all are listed", time.Second, s.has(300))
		if _, err := s.Open(s.Context(), player("Ann"), "", node.Spec{Game: "walk"}); err == nil {
			s.Error("a room was opened on a game server that is full")
		}
		raw.say(`{"list":{"rooms":[]}}`)
		s.until("none is left", time.Second, s.has(0))
		_ = raw.conn.Close()
		raw.ended(time.Second)
	})
}

func TestASlowAnswer(t *testing.T) {
	inside(t, func(s *scene) {
		raw := s.call()
		raw.say(helloText)
		s.until("it is connected", time.Second, func() bool { _, ok := s.hub.Remote("raw"); return ok })
		r, _ := s.hub.Remote("raw")
		began := time.Now()
		if err := r.Book(s.Context(), "a", time.Minute, "x"); !errors.Is(err, ErrSilent) || time.Since(began) != askTime {
			s.Errorf("no answer: %v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		if err := r.Book(ctx, "a", time.Minute, "x"); !errors.Is(err, context.Canceled) {
			s.Errorf("cancelled: %v", err)
		}
		// Answers to what nobody waits for change nothing; an answer without a room is none.
		raw.say(`{"id":1,"answer":{}}`)
		raw.say(`{"id":99,"answer":{}}`)
		go func() {
			for text := range raw.got {
				var m message
				if json.Unmarshal([]byte(text), &m) == nil && m.Create != nil {
					raw.say(fmt.Sprintf(`{"id":%d,"answer":{}}`, m.ID))
					return
				}
			}
		}()
		if _, err := r.Create(s.Context(), node.Spec{ID: "a"}); !errors.Is(err, ErrSilent) {
			s.Errorf("an answer without a room: %v", err)
		}
		results := make(chan error, maxAsks+1)
		for range maxAsks + 1 {
			go func() { results <- r.Lock(s.Context(), "a", true) }()
		}
		if err := <-results; !errors.Is(err, ErrBusy) {
			s.Errorf("one request too many: %v", err)
		}
		for range maxAsks {
			if err := <-results; !errors.Is(err, ErrSilent) {
				s.Error(err)
			}
		}
		_ = raw.conn.Close()
		raw.ended(time.Second)
	})
}

// A reader that stops costs the queue and a write's time, not a goroutine for ever.
func TestWhoDoesNotReadIsHungUpOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer there.Close()
		w := newWire(here, testLog(t))
		w.take = func([]byte) error { return nil }
		w.ws = stuckSocket(t, w, there)
		ended := make(chan error)
		go func() { ended <- w.run() }()
		for w.send(&message{Ping: &empty{}}) == nil {
		}
		began := time.Now()
		if err := <-ended; !errors.Is(err, errSlow) || time.Since(began) > writeTime {
			t.Errorf("ended with %v after %v", err, time.Since(began))
		}
	})
}

// stuckSocket shakes hands over a pipe, with a lobby that reads nothing after.
func stuckSocket(t *testing.T, w *wire, there net.Conn) *gws.Conn {
	up := gws.NewUpgrader(&gws.BuiltinEventHandler{}, &gws.ServerOption{})
	shaken := make(chan error)
	go func() {
		in := bufio.NewReader(there)
		r, err := http.ReadRequest(in)
		if err == nil {
			_, err = up.UpgradeFromConn(there, in, r)
		}
		shaken <- err
	}()
	ws, _, err := gws.NewClientFromConn(events{}, &gws.ClientOption{Addr: "ws://lobby.example/"}, w)
	if err := errors.Join(err, <-shaken); err != nil {
		t.Fatal(err)
	}
	return ws
}

func TestFailuresKeepTheirIdentity(t *testing.T) {
	for _, err := range []error{
		node.ErrID, node.ErrTooMany, node.ErrDraining, room.ErrClosed, ErrBusy, ErrSilent,
		room.Refusal(protocol.CloseRoomFull), node.SettingsError{Err: errors.New("maps: no map of that name")},
	} {
		f := failed(fmt.Errorf("node: room a: %w", err))
		b, _ := json.Marshal(f)
		var back failure
		if e := strict(b, &back); e != nil {
			t.Fatal(e)
		}
		var s, s2 node.SettingsError
		if errors.As(err, &s) && errors.As(back.err(), &s2) && s.Error() == s2.Error() {
			continue
		}
		if !errors.Is(back.err(), err) {
			t.Errorf("%v became %v", err, back.err())
		}
	}
	if failed(nil) != nil || (*failure)(nil).err() != nil {
		t.Error("no error is one")
	}
	if err := failed(errors.New("some text")).err(); err == nil || err.Error() != "some text" {
		t.Errorf("other: %v", err)
	}
	if err := failed(context.DeadlineExceeded).err(); !errors.Is(err, ErrSilent) {
		t.Errorf("late: %v", err)
	}
}

func TestSettings(t *testing.T) {
	good := LinkConfig{Lobby: "https://lobby.example", Token: secret, URL: "wss://a.example/ws"}
	for want, change := range map[string]func(*LinkConfig){
		"lobby's address": func(c *LinkConfig) { c.Lobby = "lobby.example:80" },
		"\"\" does not":   func(c *LinkConfig) { c.Lobby = "" },
		"ftp":             func(c *LinkConfig) { c.Lobby = "ftp://lobby.example" },
		"22 characters":   func(c *LinkConfig) { c.Token = "short" },
		"players reach":   func(c *LinkConfig) { c.URL = "" },
		"https://a":       func(c *LinkConfig) { c.URL = "https://a" },
	} {
		c := good
		change(&c)
		if _, err := NewLink(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	for in, want := range map[string][2]string{
		"https://lobby.example":     {"wss://lobby.example/api/v1/nodes", "lobby.example:443"},
		"wss://lobby.example:1234/": {"wss://lobby.example:1234/api/v1/nodes", "lobby.example:1234"},
		"http://10.0.0.1":           {"ws://10.0.0.1/api/v1/nodes", "10.0.0.1:80"},
		"ws://[::1]:8080/game":      {"ws://[::1]:8080/game/api/v1/nodes", "[::1]:8080"},
	} {
		a, err := parseAddress(in)
		if err != nil || a.ws != want[0] || a.host != want[1] || (a.tls != nil) != strings.HasPrefix(want[0], "wss") {
			t.Errorf("%s: %+v, %v", in, a, err)
		}
	}
	if _, err := NewHub(HubConfig{}); err == nil {
		t.Error("a hub without anything")
	}
	if _, err := NewHub(HubConfig{Lobby: noLobby{}, Keys: func() []byte { return nil }, Token: "short"}); !errors.Is(err, errToken) {
		t.Errorf("a short token: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	for failures := range 40 {
		most := firstPause
		for range failures {
			most = min(2*most, longestPause)
		}
		for range 100 {
			if d := backoff(failures); d < 0 || d >= most {
				t.Fatalf("after %d failures: %v", failures, d)
			}
		}
	}
}

// What a decoder takes, it writes the same way again.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		helloText, `{"ping":{}}`, `{"id":7,"book":{"room":"a","seats":["x"],"life":15000}}`,
		`{"id":7,"answer":{"error":{"code":"refused","close":4503,"text":"x"}}}`,
		`{"list":{"rooms":[{"Spec":{"id":"a","game":"b"}}],"more":true}}`, `{"keys":{"keys":[]}}`,
		`{"hello":{"` + strings.Repeat("\xd7", 4000) + `":1}}`,
	} {
		f.Add([]byte(text))
	}
	warm(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var m *message
		var err error
		alloctest.Check(t, alloctest.JSON(len(b)), func() { m, err = decode(b) })
		if err != nil {
			return
		}
		once, err := encode(m)
		if err != nil {
			return
		}
		again, err := decode(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, err := encode(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s became %s: %v", once, twice, err)
		}
	})
}

// FuzzHello reads the first message of a game server, of whatever version, as a lobby does.
func FuzzHello(f *testing.F) {
	for _, text := range []string{helloText, `{"hello":null}`, `{"hello":{"capacity":1e9}}`, `{"hello":{"rooms":[{}]},"else":1}`} {
		f.Add([]byte(text))
	}
	warm(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		alloctest.Check(t, alloctest.JSON(len(b)), func() {
			if h, err := decodeHello(b); (h == nil) != (err != nil) {
				t.Errorf("%+v, %v", h, err)
			}
		})
	})
}

// warm has package encoding/json learn the types: that takes memory once, for which no message is to
// blame.
func warm(f *testing.F) {
	m, err := decode([]byte(helloText))
	if err == nil {
		_, err = decodeHello([]byte(helloText))
	}
	if err != nil || m.Hello == nil {
		f.Fatal(err)
	}
}
