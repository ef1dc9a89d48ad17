package session

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/alloctest"
)

// Whatever bytes follow a handshake, the session ends, its seat is given back once, nothing large is
// allocated, and the process lives. The corpus is a session that plays and the frames that are known to hurt.
func FuzzBytes(f *testing.F) {
	fuzz(f, func(*testing.T) (server, client net.Conn) { return net.Pipe() })
}

// fuzz does it over connections that pair makes.
func fuzz(f *testing.F, pair func(t *testing.T) (server, client net.Conn)) {
	var enc frame.Encoder
	hello := masked(data, enc.Hello(nil, &frame.Hello{Version: protocol.Version, Game: "arena", Name: "ann"}))
	in := frame.Input{Commands: []protocol.Command{{Tick: 7}}}
	input := masked(data, enc.Input(nil, &in))
	report := masked(data, enc.Report(nil, &frame.Report{Span: 4000, Frames: 60, Mismatch: 5, Row: []int32{1, 2}}))
	chat := masked(data, enc.Chat(nil, &frame.Chat{Text: "hi"}))
	for _, seed := range [][]byte{
		nil,
		bytes.Join([][]byte{hello, input, chat, report, masked(ping, []byte("x")), masked(bye, []byte{3, 232})}, nil),
		append(bytes.Clone(hello), append(header(data, 1<<63), 1, 2, 3, 4)...),
		append(header(data, 1<<64-1), 1, 2, 3, 4),
		append(header(0x02, 1<<62), 1, 2, 3, 4),
		append(masked(0x02, []byte{0x96}), masked(0x00, nil)...),
		masked(bye, []byte{0x03, 0xed, 0xff}),
		masked(text, []byte{0xc3}),
		masked(data, []byte{0xdd, 0x7f, 0xff, 0xff, 0xff}),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		rooms := &fakeRooms{seats: make(chan *fakeSeat, 1)}
		h := New(Config{Rooms: rooms, Limits: fast, Metrics: tally, Log: slog.New(slog.DiscardHandler)})
		server, client := pair(t)
		go func() { _, _ = io.Copy(io.Discard, client) }() // until the server closes
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewBufferString((&rig{}).handshake())))
		if err != nil {
			t.Fatal(err)
		}
		p := newPlace(netip.MustParseAddr("203.0.113.1"))
		if err := h.gate.enter(&p, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		g := newGuard(h.adopt(server), nil, &h.cfg)
		s := h.enlist(g, p)
		ws, err := h.upgrader.UpgradeFromConn(g, g.reader(), r)
		if err != nil {
			t.Fatal(err)
		}
		// Most of it is the seat's: it remembers what it hears.
		alloctest.Check(t, 4<<20+8*len(sent), func() {
			h.start(s, ws)
			_ = client.SetWriteDeadline(time.Now().Add(patience))
			_, _ = client.Write(sent) // fails as soon as the session has had enough
			_ = client.Close()
			await(t, "the session to end", func() bool { return h.Open() == 0 })
		})
		if h.gate.all.open != 0 || h.gate.all.waiting != 0 {
			t.Errorf("the gate counts %d open, %d waiting", h.gate.all.open, h.gate.all.waiting)
		}
		select {
		case s := <-rooms.seats:
			if n := len(s.ended); n != 1 {
				t.Errorf("the seat was given back %d times", n)
			}
		default:
		}
	})
}
