package threat

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/node"
	"hindsight/server/room"
	"hindsight/server/session"
)

// The world of the model test.
const (
	modelSeats = 3
	modelHold  = 10 * time.Second        // of a lost connection's seat
	modelMute  = 4600 * time.Millisecond // after which a silent connection is given up
	modelPause = 60 * time.Millisecond   // some ticks, in which what was sent takes effect
)

// deed is one thing that somebody does: what, and to which of those that it can be done to.
type deed struct{ what, whom int }

var deeds = []string{"join", "resume", "play", "play", "drop", "reload", "leave", "hello again", "nonsense", "pass"}

// Whatever people do, and in whatever order, each seat has one owner, a token is worth what it should
// be, and every connection ends with the one code that says why. The whole of a server's door takes
// part: handshake, session, node and room, in virtual time.
func TestSessionsFollowTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) deed {
			return deed{rapid.IntRange(0, len(deeds)-1).Draw(rt, "what"), rapid.IntRange(0, 11).Draw(rt, "whom")}
		}), 1, 40).Draw(rt, "plan")
		var story []string
		synctest.Test(t, func(*testing.T) { story = live(plan) })
		if n := len(story) - 1; story[n] != "" {
			for _, line := range story[:n] {
				rt.Log(line)
			}
			rt.Fatal(story[n])
		}
	})
}

// live runs a plan and returns what was done, and at last what was wrong, "" for nothing.
func live(plan []deed) (story []string) {
	m := newModel()
	defer m.end()
	for _, d := range plan {
		m.settle()
		did := m.do(deeds[d.what], d.whom)
		time.Sleep(modelPause)
		synctest.Wait()
		m.pass()
		story = append(story, fmt.Sprintf("%v: %s", time.Since(m.began), did))
		if wrong := m.wrong(); wrong != "" {
			return append(story, wrong)
		}
	}
	return append(story, "")
}

// model is the server and what should be true of it.
type model struct {
	began  time.Time
	node   *node.Node
	server *http.Server
	pipes  pipes
	stop   func()

	seats  []*seat
	wires  []*wire
	tokens []string // every one that was given out
}

// seat is a taken seat as it should be.
type seat struct {
	player        protocol.PlayerID
	token, former string
	wire          *wire // nil while it is kept for whoever comes back
	spoke, lost   time.Time
}

// newModel starts a node and a door in front of it, on connections that are only memory.
func newModel() *model {
	m := &model{began: time.Now(), pipes: make(pipes)}
	now := func() protocol.Micros { return protocol.Micros(time.Since(m.began).Microseconds()) + protocol.Second }
	n, err := node.New(node.Config{
		Hosts: []game.Host{lawn("walk")},
		Room:  room.Config{MaxPlayers: modelSeats, SeatHold: protocol.Micros(modelHold.Microseconds()), Now: now},
	})
	if err != nil {
		panic(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	h := session.New(session.Config{
		Rooms: n, Now: now, Log: quiet, Transport: session.Goroutine,
		Limits: session.Limits{PerAddress: 1000, HandshakesPerAddress: 1000, Silence: time.Hour, Ping: time.Hour},
	})
	m.node, m.server = n, &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = n.Run(ctx) })
	wg.Go(func() { _ = m.server.Serve(m.pipes) })
	m.stop = func() {
		cancel()
		_ = h.Shutdown(context.Background())
		_ = m.server.Close()
		wg.Wait()
	}
	return m
}

func (m *model) end() {
	m.stop()
	for _, w := range m.wires {
		w.cut()
	}
}

// deadline is when a seat changes by itself.
func (s *seat) deadline() time.Time {
	if s.wire != nil {
		return s.spoke.Add(modelMute)
	}
	return s.lost.Add(modelHold)
}

// settle waits while a deadline is too near to say on which side of it something happens.
func (m *model) settle() {
	for slices.ContainsFunc(m.seats, func(s *seat) bool { return time.Until(s.deadline()).Abs() < 3*modelPause }) {
		time.Sleep(modelPause)
		synctest.Wait()
		m.pass()
	}
}

// pass does what time has done: silent connections are given up, and kept seats freed.
func (m *model) pass() {
	now := time.Now()
	m.seats = slices.DeleteFunc(m.seats, func(s *seat) bool {
		if s.wire != nil && now.After(s.spoke.Add(modelMute)) {
			s.lose(protocol.CloseHeartbeat, s.spoke.Add(modelMute))
		}
		return s.wire == nil && now.After(s.lost.Add(modelHold))
	})
}

// lose is what a seat is to be when its connection has ended.
func (s *seat) lose(code protocol.CloseCode, at time.Time) {
	s.wire.want, s.wire, s.lost = code, nil, at
}

// do does one deed, if there is somebody to do it, and says what it was.
func (m *model) do(what string, whom int) (did string) {
	switch what {
	case "join":
		return m.enter("")
	case "resume":
		if len(m.tokens) > 0 {
			return m.enter(m.tokens[len(m.tokens)-1-whom%len(m.tokens)])
		}
	case "pass":
		time.Sleep(time.Duration(whom%6+1) * time.Second)
		synctest.Wait()
		return "time passes"
	}
	var there []*seat
	for _, s := range m.seats {
		if s.wire != nil {
			there = append(there, s)
		}
	}
	if len(there) == 0 {
		return "nobody is there for: " + what
	}
	s := there[whom%len(there)]
	m.act(s, what)
	return fmt.Sprintf("%d: %s", s.player, what)
}

// act is a deed of somebody who has a seat and a connection.
func (m *model) act(s *seat, what string) {
	w := s.wire
	switch what {
	case "play":
		w.send(data, w.input())
		s.spoke, s.former = time.Now(), ""
	case "drop":
		w.cut()
		s.lose(cutLine, time.Now())
	case "reload":
		w.send(bye, []byte{0x03, 0xe9})
		s.lose(protocol.CloseNormal, time.Now()) // which answers every goodbye
	case "leave":
		w.send(bye, []byte{0x03, 0xe8})
		m.free(s, protocol.CloseNormal)
	case "hello again":
		h := hello("Again")
		w.send(data, w.enc.Hello(nil, &h))
		m.free(s, protocol.CloseWrongState)
	case "nonsense":
		w.send(data, []byte{0x92, 0x63, 0x00})
		m.free(s, protocol.CloseBadMessage)
	}
}

func (m *model) free(s *seat, code protocol.CloseCode) {
	s.wire.want = code
	m.seats = slices.DeleteFunc(m.seats, func(o *seat) bool { return o == s })
}

// enter opens a connection, with a token or without, and says hello.
func (m *model) enter(token string) (did string) {
	w := m.pipes.dial(token)
	m.wires = append(m.wires, w)
	synctest.Wait()
	now := time.Now()
	if token == "" {
		if len(m.seats) == modelSeats {
			w.want = protocol.CloseRoomFull
			return "somebody joins and finds the room full"
		}
		s := &seat{player: 1}
		for slices.ContainsFunc(m.seats, func(o *seat) bool { return o.player == s.player }) {
			s.player++
		}
		m.seats = append(m.seats, s)
		m.hold(s, w, "", now)
		return fmt.Sprintf("%d: join", s.player)
	}
	i := slices.IndexFunc(m.seats, func(s *seat) bool { return s.token == token || s.former == token })
	if i < 0 {
		w.want = protocol.CloseSessionGone
		return "somebody resumes with a dead token"
	}
	s := m.seats[i]
	if s.wire != nil {
		s.wire.want = protocol.CloseReplaced
	}
	m.hold(s, w, token, now)
	return fmt.Sprintf("%d: resume", s.player)
}

// hold gives a seat to a connection.
func (m *model) hold(s *seat, w *wire, token string, now time.Time) {
	welcome := w.welcomed()
	s.wire, s.spoke, s.former, s.token = w, now, token, welcome.Token
	w.player = s.player
	m.tokens = append(m.tokens, welcome.Token)
}

// wrong says in what the server and the model differ.
func (m *model) wrong() string {
	for i, w := range m.wires {
		welcome, code := w.state()
		switch {
		case code != w.want:
			return fmt.Sprintf("connection %d ended with %d, want %d", i, code, w.want)
		case w.player != welcome.Player:
			return fmt.Sprintf("connection %d has seat %d, want %d", i, welcome.Player, w.player)
		}
	}
	for i, a := range m.tokens {
		if a == "" || slices.Contains(m.tokens[:i], a) {
			return fmt.Sprintf("token %q was given out before", a)
		}
	}
	if n := m.node.List()[0].Info.People; n != len(m.seats) {
		return fmt.Sprintf("%d seats are taken, want %d", n, len(m.seats))
	}
	return ""
}

// cutLine stands for the end of a connection that the client cut.
const cutLine protocol.CloseCode = 1006

// wire is a client's connection. Its reader reads whatever comes.
type wire struct {
	conn   net.Conn
	enc    frame.Encoder
	player protocol.PlayerID  // whose seat it should have, 0 for none
	want   protocol.CloseCode // that it should have ended with, 0 while it should not have

	mu      sync.Mutex
	welcome frame.Welcome      // guarded by mu
	newest  protocol.Tick      // guarded by mu
	code    protocol.CloseCode // guarded by mu
}

// pipes is a listener whose connections are made in memory.
type pipes chan net.Conn

// Accept implements net.Listener.
func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// Close implements net.Listener. It is called once, by the server.
func (p pipes) Close() error { close(p); return nil }

// Addr implements net.Listener.
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects, and says hello in the same breath.
func (p pipes) dial(token string) *wire {
	near, far := net.Pipe()
	p <- far
	w := &wire{conn: near}
	h := hello("Model")
	h.Token = token
	first := append([]byte(handshake("model")), masked(data, w.enc.Hello(nil, &h))...)
	go func() {
		if _, err := near.Write(first); err != nil {
			panic(err)
		}
	}()
	go w.read()
	return w
}

func (w *wire) read() {
	br := bufio.NewReader(w.conn)
	if err := shaken(br); err != nil {
		panic(err)
	}
	var dec frame.Decoder
	for {
		first, b, err := readFrame(br)
		if err != nil {
			return
		}
		w.mu.Lock()
		switch kind, _ := dec.Type(b); {
		case first == bye:
			w.code = codeOf(b)
			_ = w.conn.Close()
		case kind == frame.TypeWelcome:
			_ = dec.Welcome(bytes.Clone(b), &w.welcome)
		case kind == frame.TypeSnapshot:
			if head, err := dec.Header(b); err == nil {
				w.newest = head.Tick
			}
		}
		w.mu.Unlock()
	}
}

// input is a frame of one command, from somebody who has seen everything up to now.
func (w *wire) input() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := frame.Input{Echo: w.newest, Commands: []protocol.Command{{Tick: w.newest.Add(4), View: protocol.View{A: w.newest, B: w.newest}}}}
	return w.enc.Input(nil, &in)
}

// send writes a frame. The server may have ended the connection: then there is nobody to tell.
func (w *wire) send(first byte, payload []byte) { _, _ = w.conn.Write(masked(first, payload)) }

// cut ends the connection without a word.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.code == 0 {
		w.code = cutLine
	}
	_ = w.conn.Close()
}

func (w *wire) welcomed() frame.Welcome { welcome, _ := w.state(); return welcome }

func (w *wire) state() (frame.Welcome, protocol.CloseCode) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.welcome, w.code
}
