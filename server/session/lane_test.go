package session

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/metrics"
	"hindsight/server/session/poll"
)

// pieces is a polled connection whose bytes come in pieces, one a poll. It is closed by its client at the
// end, and remembers what was written to it.
type pieces struct {
	net.Conn // nil
	come     [][]byte
	bare     bool   // gws sees everything: there is no lane
	next     func() // called before each piece; nil for nothing
	written  bytes.Buffer

	owner         poll.Owner
	yield         func(struct{}) bool
	in            []byte
	waiting, past bool
}

// Run implements coroutine. It returns when all is over.
func (p *pieces) Run(o poll.Owner, f func()) {
	p.owner = o
	if p.bare {
		o.(*polled).guard.lane = nil
	}
	resume, _ := iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		f()
	})
	for more := true; more; {
		if len(p.in) == 0 && len(p.come) > 0 && p.waiting {
			if p.next != nil {
				p.next()
			}
			p.in, p.come = bytes.Clone(p.come[0]), p.come[1:]
			if p.offer(); len(p.in) == 0 && len(p.come) > 0 && !p.past {
				continue
			}
		}
		_, more = resume()
	}
}

func (p *pieces) offer() (taken bool) {
	if p.bare {
		return false
	}
	n := p.owner.Take(p.in)
	p.in = p.in[n:]
	return n > 0
}

func (p *pieces) Read(b []byte) (int, error) {
	for {
		switch {
		case p.past:
			return 0, os.ErrDeadlineExceeded
		case len(p.in) > 0:
			if p.offer() {
				continue
			}
			n := copy(b, p.in)
			p.in = p.in[n:]
			return n, nil
		case len(p.come) == 0:
			return 0, io.EOF
		}
		p.waiting = true
		p.yield(struct{}{})
		p.waiting = false
	}
}

func (p *pieces) Write(b []byte) (int, error)       { return p.written.Write(b) }
func (p *pieces) WriteLast(b []byte) (int, error)   { return p.written.Write(b) }
func (p *pieces) Aside(f func())                    { f() }
func (p *pieces) Pending() int                      { return 0 }
func (p *pieces) CloseWrite() error                 { return nil }
func (p *pieces) Close() error                      { return nil }
func (p *pieces) SetDeadline(time.Time) error       { return nil }
func (p *pieces) SetWriteDeadline(time.Time) error  { return nil }
func (p *pieces) SetReadDeadline(t time.Time) error { p.past = t.Equal(past); return nil }

// seen is what a session did with a stream of bytes.
type seen struct {
	inputs, chats, reports string
	written                string // to the client: pongs and the close frame
	ended                  string // what became of the seat
	frames                 float64
	dropped                float64
}

// play has a session read a stream that comes in pieces.
func play(t *testing.T, come [][]byte, bare bool) seen {
	t.Helper()
	rooms := &fakeRooms{seats: make(chan *fakeSeat, 1)}
	nc := &pieces{come: come, bare: bare}
	frames, dropped := testutil.ToFloat64(tally.FramesIn), testutil.ToFloat64(tally.MessagesDropped)
	nc.play(t, rooms, func() protocol.Micros { return 1000 })
	v := seen{
		written: nc.written.String(), ended: "nobody sat",
		frames: testutil.ToFloat64(tally.FramesIn) - frames, dropped: testutil.ToFloat64(tally.MessagesDropped) - dropped,
	}
	select {
	case seat := <-rooms.seats:
		v.inputs, v.chats, v.reports = all(seat.inputs), all(seat.chats), all(seat.reports)
		v.ended = all(seat.ended)
	default:
	}
	return v
}

// tally is what sessions that come by the thousand are counted with: to make new metrics takes longer than
// most of them.
var tally = metrics.New(nil)

// play is a session over the pieces, from its handshake to its end.
func (p *pieces) play(t *testing.T, rooms *fakeRooms, now func() protocol.Micros) *session {
	t.Helper()
	h := New(Config{Rooms: rooms, Now: now, Metrics: tally, Log: slog.New(slog.DiscardHandler), Transport: Goroutine})
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewBufferString((&rig{}).handshake())))
	if err != nil {
		t.Fatal(err)
	}
	place := newPlace(netip.MustParseAddr("203.0.113.1"))
	if err := h.gate.enter(&place, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	g := newGuard(p, nil, &h.cfg)
	s := h.enlist(g, place)
	ws, err := h.upgrader.UpgradeFromConn(g, g.reader(), r)
	if err != nil {
		t.Fatal(err)
	}
	p.written.Reset()
	h.start(s, ws)
	return s
}

// all empties a channel into a text.
func all[T any](c chan T) string {
	var b strings.Builder
	for len(c) > 0 {
		fmt.Fprintf(&b, "%+v ", <-c)
	}
	return b.String()
}

// cut cuts a stream into pieces of 1 to most bytes.
func cut(r *rand.Rand, stream []byte, most int) (come [][]byte) {
	for len(stream) > 0 {
		n := min(1+r.IntN(most), len(stream))
		come, stream = append(come, stream[:n]), stream[n:]
	}
	return come
}

// parts are what streams are made of, the sound ones first.
func parts() (sound, other [][]byte) {
	var enc frame.Encoder
	in := frame.Input{Commands: []protocol.Command{{Tick: 7}, {Tick: 8}}}
	input := enc.Input(nil, &in)
	chat := enc.Chat(nil, &frame.Chat{Text: strings.Repeat("a long line ", 12)})
	sound = [][]byte{
		masked(data, input),
		masked(data, enc.Report(nil, &frame.Report{Span: 4000, Frames: 60, Mismatch: 5, Row: []int32{1, 2}})),
		masked(data, chat),
		masked(ping, []byte("ping")), masked(pong, nil),
	}
	other = [][]byte{
		masked(text, []byte("text")), masked(text, []byte{0xc3}), masked(0x02, input[:3]), masked(0x00, input[3:]), masked(0x80, input[3:]),
		slices.Concat(masked(0x02, input[:3]), masked(ping, nil), masked(0x80, input[3:])), masked(0x80, nil),
		masked(0xc2, input), masked(0x83, input), masked(0x8b, nil), masked(0x09, nil), masked(data, nil),
		masked(data, []byte{0xdd, 0x7f, 0xff, 0xff, 0xff}), masked(data, make([]byte, protocol.MaxInboundFrame)),
		masked(data, make([]byte, protocol.MaxInboundFrame+1)), masked(ping, make([]byte, 126)),
		append([]byte{data, byte(len(input))}, input...), {data, 0x80 | length16, 0, 1, 1, 2, 3, 4, 5},
		slices.Concat([]byte{data, 0x80 | length64, 0, 0, 0, 0, 0, 0, 0, byte(len(input)), 0, 0, 0, 0}, input),
		slices.Concat(header(data, 1<<63), []byte{1, 2, 3, 4}), slices.Concat(header(data, 1<<64-1), []byte{1, 2, 3, 4}),
		masked(bye, []byte{3, 232}), masked(bye, nil), masked(bye, []byte{3}), masked(data, enc.Hello(nil, &frame.Hello{Version: protocol.Version, Game: "arena"})),
	}
	return sound, other
}

func helloFrame() []byte {
	var enc frame.Encoder
	return masked(data, enc.Hello(nil, &frame.Hello{Version: protocol.Version, Game: "arena", Name: "ann"}))
}

// However a stream is cut, and with the lane or without, a session sees, answers and ends the same.
func TestTheLaneChangesNothing(t *testing.T) {
	sound, other := parts()
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 400 {
		stream := helloFrame()
		if round%20 == 0 {
			stream = nil
		}
		for range r.IntN(30) {
			stream = append(stream, sound[r.IntN(len(sound))]...)
		}
		for range r.IntN(3) {
			stream = append(stream, other[(round+r.IntN(3))%len(other)]...)
			stream = append(stream, sound[r.IntN(len(sound))]...)
		}
		want := play(t, [][]byte{stream}, true)
		for _, most := range []int{1, 7, 60, 1400, len(stream) + 1} {
			come := cut(r, stream, most)
			if got := play(t, come, false); got != want {
				t.Fatalf("round %d in pieces of up to %d bytes:\n%+v\nand without the lane\n%+v\nof % x", round, most, got, want, stream)
			}
		}
	}
}

// The same for bytes of any kind.
func FuzzLane(f *testing.F) {
	sound, other := parts()
	for i, p := range slices.Concat(sound, other) {
		f.Add(slices.Concat(sound[0], p, sound[1]), uint64(i))
	}
	f.Fuzz(func(t *testing.T, sent []byte, seed uint64) {
		if len(sent) > 32<<10 {
			t.Skip("more than a client may send at once")
		}
		r := rand.New(rand.NewPCG(seed, 0))
		stream := slices.Concat(helloFrame(), sent)
		want := play(t, [][]byte{stream}, true)
		if got := play(t, cut(r, stream, 1+int(seed%100)), false); got != want {
			t.Fatalf("%+v\nand without the lane\n%+v", got, want)
		}
	})
}

// What gws need not see costs it nothing: it sees the Hello and what is cut in two, and the lane the rest.
func TestTheLaneIsTaken(t *testing.T) {
	sound, _ := parts()
	h := New(Config{Rooms: &fakeRooms{}, Log: slog.New(slog.DiscardHandler), Transport: Goroutine})
	p := newPolled(&pieces{}).polled
	p.state, p.handler, p.limits, p.budget = joined, h, &h.cfg.Limits, newBudget(&h.cfg.Limits)
	p.guard = newGuard(&pieces{}, nil, &h.cfg)
	seat := &fakeSeat{inputs: make(chan frame.Input, 64), reports: make(chan frame.Report, 4), chats: make(chan string, 4)}
	p.seat = seat
	b := slices.Concat(sound[0], sound[0], sound[1], sound[2])
	if n := p.Take(slices.Concat(b, sound[0][:9])); n != len(b) || len(seat.inputs) != 2 || len(seat.reports) != 1 || len(seat.chats) != 1 {
		t.Errorf("took %d of %d bytes: %d inputs, %d reports, %d chats", n, len(b), len(seat.inputs), len(seat.reports), len(seat.chats))
	}
	if n := p.Take(sound[3]); n != 0 {
		t.Error("took a ping")
	}
	p.lane.pass([]byte{0x82})
	if n := p.Take(sound[0]); n != 0 {
		t.Error("took the middle of a frame")
	}
	p.guard.fail(protocol.CloseRestart)
	p.lane = lane{}
	if n := p.Take(sound[0]); n != 0 {
		t.Error("took a message after the end")
	}
}

// A message in the lane allocates nothing.
func TestTheLaneAllocatesNothing(t *testing.T) {
	sound, _ := parts()
	now := protocol.Micros(0)
	h := New(Config{Rooms: &fakeRooms{}, Now: func() protocol.Micros { now += protocol.Second; return now }, Log: slog.New(slog.DiscardHandler), Transport: Goroutine})
	p := newPolled(&pieces{}).polled
	p.state, p.handler, p.limits, p.budget, p.seat = joined, h, &h.cfg.Limits, newBudget(&h.cfg.Limits), deafSeat{}
	p.guard = newGuard(&pieces{}, nil, &h.cfg)
	b := make([]byte, len(sound[0]))
	if n := testing.AllocsPerRun(100, func() {
		copy(b, sound[0])
		if p.Take(b) != len(b) {
			t.Fatal("not taken")
		}
	}); n != 0 && !raced {
		t.Errorf("%v allocations a message, want none", n)
	}
}

// deafSeat takes inputs and does nothing.
type deafSeat struct{ *fakeSeat }

func (deafSeat) Input(protocol.Micros, *frame.Input) {}
