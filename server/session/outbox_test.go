package session

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/server/room"
	"hindsight/server/session/poll"
)

// unplugged is a session whose socket takes nothing until drain, as its room sees it. Without a poller the
// test is its write goroutine; with one, a kernel holds the first frame back.
type unplugged struct {
	room.Sender
	session *session
}

func unplug(t *testing.T, via Transport) unplugged {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = here.Close(); _ = there.Close() })
	c := Config{Rooms: &fakeRooms{}, Log: slog.New(slog.DiscardHandler), Transport: Goroutine}
	c.Now = func() protocol.Micros { return protocol.Micros(clock.Load()) }
	h := New(c)
	if via != Poll {
		s := &session{handler: h, limits: &h.cfg.Limits, guard: newGuard(here, nil, &h.cfg)}
		return unplugged{newOutbox(s), s}
	}
	k := &kernel{Conn: here, full: true}
	s := newPolled(k)
	s.handler, s.limits, s.guard = h, &h.cfg.Limits, newGuard(k, nil, &h.cfg)
	s.guard.quit = &s.polled.shut
	return unplugged{s.polled, s}
}

// clock is what unplugged sessions read.
var clock atomic.Int64

// kernel is a polled connection's other side. While it is full it takes no frame whole.
type kernel struct {
	net.Conn
	full  bool
	holds int      // bytes
	since int64    // when it began to hold them
	got   []string // the payloads that were written, those it holds included
}

func (k *kernel) Write(b []byte) (int, error) {
	payload := b[2:]
	if b[1] == 126 {
		payload = b[4:]
	}
	k.got = append(k.got, string(payload))
	if k.full {
		if k.holds == 0 {
			k.since = clock.Load()
		}
		k.holds += len(b)
	}
	return len(b), nil
}

func (k *kernel) WriteLast(b []byte) (int, error) { return k.Write(b) }
func (k *kernel) Run(poll.Owner, func())          {}
func (k *kernel) Aside(f func())                  { f() }

func (k *kernel) Pending() int { return k.holds }

// drain has everything taken that waits, and returns it.
func (s unplugged) drain() []string {
	var got []string
	if p := s.session.polled; p != nil {
		k := p.conn.(*kernel)
		if k.full = false; k.holds > 0 {
			k.holds = 0
			p.Drained(time.Duration(clock.Load()-k.since) * time.Microsecond)
		}
		got, k.full, k.got = k.got, true, nil
		return got
	}
	o := s.out()
	for f := o.take(); f != nil; f = o.take() {
		got = append(got, string(f))
		o.taken()
	}
	return got
}

func (s unplugged) out() *outbox { return s.Sender.(*outbox) }

// shut is the end of the connection.
func (s unplugged) shut() {
	if p := s.session.polled; p != nil {
		p.direct.shut.Store(true)
	} else {
		s.out().shut()
	}
}

func (s unplugged) code() protocol.CloseCode { return protocol.CloseCode(s.session.guard.code.Load()) }

func TestOutboxKeepsOrder(t *testing.T) { each(t, testOutboxKeepsOrder) }

func testOutboxKeepsOrder(t *testing.T, via Transport) {
	s := unplug(t, via)
	s.Send(append(s.Buffer(), "snapshot 1"...))
	frame := []byte("start")
	s.Post(frame)
	copy(frame, "XXXXX") // the frame was copied
	s.Post([]byte("more"))
	if s.Ready() {
		t.Error("ready with three frames waiting")
	}
	if got, want := s.drain(), []string{"snapshot 1", "start", "more"}; !slices.Equal(got, want) {
		t.Errorf("written %q, want %q", got, want)
	}
	if !s.Ready() {
		t.Error("not ready with nothing waiting")
	}
	if s.code() != 0 {
		t.Errorf("closed with %d", s.code())
	}
}

// What the kernel has not taken is not out of the way yet, and the room may compose meanwhile.
func TestReadyOnlyWhenWritten(t *testing.T) {
	s := unplug(t, Goroutine)
	s.Send(append(s.Buffer(), "one"...))
	inHand := s.out().take()
	if s.Ready() {
		t.Error("ready while a snapshot is being written")
	}
	_ = append(s.Buffer(), "two"...)
	if string(inHand) != "one" {
		t.Errorf("the snapshot being written became %q", inHand)
	}
	s.out().taken()
	if !s.Ready() {
		t.Error("not ready after the write")
	}
}

// A connection is ready once the kernel has taken everything, whoever wrote it.
func TestPolledReadyOnlyWhenDrained(t *testing.T) {
	s := unplug(t, Poll)
	k := s.session.polled.conn.(*kernel)
	s.Send(append(s.Buffer(), "one"...))
	if s.Ready() {
		t.Error("ready while the kernel holds a snapshot back")
	}
	s.drain()
	if !s.Ready() {
		t.Error("not ready when drained")
	}
	_, _ = k.Write([]byte{pong, 0}) // between Ready and Send, from the poller
	s.Send(append(s.Buffer(), "two"...))
	if got := s.drain(); s.code() != 0 || !slices.Equal(got, []string{"", "two"}) {
		t.Errorf("written %q, closed with %d", got, s.code())
	}
	s.session.polled.Broken(net.ErrClosed)
	if s.Ready() || !s.session.guard.broken.Load() {
		t.Error("ready after a write that failed")
	}
}

// A frame that was composed in the room that was left before it, and one that had to be moved, are whole,
// and have the head of their length.
func TestFramesHeads(t *testing.T) {
	s := unplug(t, Poll)
	k := &raw{kernel: s.session.polled.conn.(*kernel)}
	s.session.polled.conn = k
	for _, n := range []int{0, 1, 125, 126, 127, 400, sheetSize, 5000, protocol.MaxFrame, 3} {
		payload := bytes.Repeat([]byte{byte(n)}, n)
		size := 2
		if n > 125 {
			size = 4
		}
		want := masked(data, payload)[:size]
		want[1] &^= maskBit
		want = append(want[:size:size], payload...)
		if s.Send(append(s.Buffer(), payload...)); !bytes.Equal(k.last, want) {
			t.Errorf("a snapshot of %d bytes was written as % x...", n, k.last[:min(len(k.last), 8)])
		}
		if s.Post(payload); !bytes.Equal(k.last, want) {
			t.Errorf("a post of %d bytes was written as % x...", n, k.last[:min(len(k.last), 8)])
		}
	}
}

// A frame that no client would read is not sent.
func TestAFrameTooLong(t *testing.T) {
	s := unplug(t, Poll)
	s.Send(append(s.Buffer(), make([]byte, protocol.MaxFrame+1)...))
	if got := s.drain(); len(got) > 0 || s.code() != protocol.CloseInternal {
		t.Errorf("%d frames were written, closed with %d", len(got), s.code())
	}
}

// raw is a kernel that takes everything and keeps the last frame as it was.
type raw struct {
	*kernel
	last []byte
}

func (r *raw) Write(b []byte) (int, error) {
	r.last = bytes.Clone(b)
	return len(b), nil
}

// Waited is from Send to the kernel's having taken it, of the last snapshot only.
func TestWaited(t *testing.T) { each(t, testWaited) }

func testWaited(t *testing.T, via Transport) {
	s := unplug(t, via)
	if s.Waited() != 0 {
		t.Errorf("waited %d before the first snapshot", s.Waited())
	}
	s.Send(append(s.Buffer(), "one"...))
	clock.Add(4300)
	s.drain()
	s.Post([]byte("start"))
	clock.Add(9000)
	s.drain()
	if got := s.Waited(); got != 4300 {
		t.Errorf("the snapshot waited %d, want 4300", got)
	}
	s.Send(append(s.Buffer(), "two"...))
	s.drain()
	if got := s.Waited(); got != 0 {
		t.Errorf("the second waited %d, want 0", got)
	}
}

// A lost snapshot would leave every later one without its base.
func TestSendOverSnapshotCloses(t *testing.T) { each(t, testSendOverSnapshotCloses) }

func testSendOverSnapshotCloses(t *testing.T, via Transport) {
	s := unplug(t, via)
	s.Send(append(s.Buffer(), "one"...))
	s.Send(append(s.Buffer(), "two"...))
	if s.code() != protocol.CloseInternal {
		t.Errorf("closed with %d, want %d", s.code(), protocol.CloseInternal)
	}
	if got := s.drain(); !slices.Equal(got, []string{"one"}) {
		t.Errorf("written %q", got)
	}
}

func TestPostBounds(t *testing.T) { each(t, testPostBounds) }

func testPostBounds(t *testing.T, via Transport) {
	for _, tt := range []struct{ size, fit int }{{1, maxPosts}, {protocol.MaxFrame, maxPostBytes / protocol.MaxFrame}} {
		t.Run(fmt.Sprint(tt.size), func(t *testing.T) {
			s := unplug(t, via)
			fit := tt.fit
			if via == Poll && tt.size == 1 {
				fit = 1 + (maxPostBytes-1)/3 // only bytes count, and frames have heads
			}
			for i := range fit {
				if s.Post(make([]byte, tt.size)); s.code() != 0 {
					t.Fatalf("closed with %d after %d of %d frames", s.code(), i+1, fit)
				}
			}
			if s.Post(make([]byte, tt.size)); s.code() != protocol.CloseTooSlow {
				t.Errorf("closed with %d, want %d", s.code(), protocol.CloseTooSlow)
			}
			if n := len(s.drain()); n != fit {
				t.Errorf("%d frames were kept, want %d", n, fit)
			}
		})
	}
}

func TestClosedOutboxTakesNothing(t *testing.T) { each(t, testClosedOutboxTakesNothing) }

func testClosedOutboxTakesNothing(t *testing.T, via Transport) {
	s := unplug(t, via)
	s.Send(append(s.Buffer(), "first"...))
	s.Post([]byte("waiting"))
	s.shut()
	s.Send(append(s.Buffer(), "late"...))
	s.Post([]byte("late"))
	if via != Poll && s.out().postBytes != 0 {
		t.Errorf("%d bytes are kept", s.out().postBytes)
	}
	if got := s.drain(); slices.Contains(got, "waiting") && via != Poll || slices.Contains(got, "late") || s.Ready() {
		t.Errorf("written %q, ready %v", got, s.Ready())
	}
}

// The room calls these in its tick.
func TestSendAllocatesNothing(t *testing.T) { each(t, testSendAllocatesNothing) }

func testSendAllocatesNothing(t *testing.T, via Transport) {
	s := unplug(t, via)
	if p := s.session.polled; p != nil {
		p.conn = &sink{p.conn.(*kernel)}
	}
	payload := make([]byte, 900)
	if n := testing.AllocsPerRun(100, func() {
		if !s.Ready() {
			t.Fatal("not ready")
		}
		s.Send(append(s.Buffer(), payload...))
		if via != Poll {
			s.out().take()
			s.out().taken()
		}
	}); n != 0 && !raced {
		t.Errorf("%v allocations a snapshot, want none", n)
	}
}

// sink is a kernel that takes everything.
type sink struct{ *kernel }

func (sink) Write(b []byte) (int, error) { return len(b), nil }
