package session

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/server/session/poll"
)

// unplugged is a session whose socket takes nothing until drain. Without a poller the test is its write
// goroutine; with one, a kernel holds the first frame back.
func unplugged(t *testing.T, via Transport) *session {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = here.Close(); _ = there.Close() })
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if via != Poll {
		c := Config{}.withDefaults()
		return &session{out: newOutbox(c.Now), guard: newGuard(here, nil, &c), log: log}
	}
	h := New(Config{Rooms: &fakeRooms{}, Log: log})
	k := &kernel{Conn: here}
	s := &session{handler: h, limits: &h.cfg.Limits, out: newOutbox(h.cfg.Now), guard: newGuard(k, nil, &h.cfg), log: log}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewBufferString((&rig{}).handshake())))
	if err != nil {
		t.Fatal(err)
	}
	if s.ws, err = h.upgrader.UpgradeFromConn(s.guard, bufio.NewReader(s.guard), r); err != nil {
		t.Fatal(err)
	}
	s.polled = &polled{session: s, conn: k}
	k.full, k.got = true, nil
	return s
}

// kernel is a polled connection's other side. While it is full it takes no frame whole.
type kernel struct {
	net.Conn
	full, holds bool
	got         []string // the payloads that were written, those it holds included
}

func (k *kernel) Write(b []byte) (int, error) {
	payload := b[2:]
	if b[1] == 126 {
		payload = b[4:]
	}
	k.got = append(k.got, string(payload))
	k.holds = k.full
	return len(b), nil
}

func (k *kernel) Run(poll.Owner, func()) {}
func (k *kernel) Aside(f func())         { f() }

func (k *kernel) Pending() int {
	if k.holds {
		return 1
	}
	return 0
}

// drain has everything taken that waits, and returns it.
func (s *session) drain() []string {
	var got []string
	if s.polled != nil {
		k := s.polled.conn.(*kernel)
		k.full, k.holds = false, false
		s.polled.Drained()
		got, k.full, k.got = k.got, true, nil
		return got
	}
	for f := s.out.take(); f != nil; f = s.out.take() {
		got = append(got, string(f))
		s.out.taken()
	}
	return got
}

func (s *session) code() protocol.CloseCode { return protocol.CloseCode(s.guard.code.Load()) }

func TestOutboxKeepsOrder(t *testing.T) { each(t, testOutboxKeepsOrder) }

func testOutboxKeepsOrder(t *testing.T, via Transport) {
	s := unplugged(t, via)
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
	s := unplugged(t, Goroutine)
	s.Send(append(s.Buffer(), "one"...))
	inHand := s.out.take()
	if s.Ready() {
		t.Error("ready while a snapshot is being written")
	}
	_ = append(s.Buffer(), "two"...)
	if string(inHand) != "one" {
		t.Errorf("the snapshot being written became %q", inHand)
	}
	s.out.taken()
	if !s.Ready() {
		t.Error("not ready after the write")
	}
}

// The kernel's word counts, whichever comes first: that it has room again, or the pump's looking.
func TestPolledReadyOnlyWhenDrained(t *testing.T) {
	s := unplugged(t, Poll)
	s.Send(append(s.Buffer(), "one"...))
	if s.Ready() {
		t.Error("ready while the kernel holds a snapshot back")
	}
	s.Post([]byte("two"))
	if k := s.polled.conn.(*kernel); !slices.Equal(k.got, []string{"one"}) {
		t.Errorf("written %q to a kernel that is full", k.got)
	}
	s.drain()
	if !s.Ready() {
		t.Error("not ready when drained")
	}
	s.polled.Drained() // late: the rest had gone before the pump looked
	if !s.Ready() || len(s.drain()) > 0 {
		t.Error("a late word from the kernel did something")
	}
	s.Send(append(s.Buffer(), "three"...))
	s.polled.Broken(net.ErrClosed)
	if s.Ready() || !s.guard.broken.Load() {
		t.Error("ready after a write that failed")
	}
}

// Waited is from Send to the kernel's having taken it, of the last snapshot only.
func TestWaited(t *testing.T) { each(t, testWaited) }

func testWaited(t *testing.T, via Transport) {
	s := unplugged(t, via)
	now := protocol.Micros(1000)
	s.out.now = func() protocol.Micros { return now }
	if s.Waited() != 0 {
		t.Errorf("waited %d before the first snapshot", s.Waited())
	}
	s.Send(append(s.Buffer(), "one"...))
	now += 4300
	s.drain()
	s.Post([]byte("start"))
	now += 9000
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
	s := unplugged(t, via)
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
			s := unplugged(t, via)
			fit := tt.fit
			if via == Poll {
				fit++ // the first is with the kernel
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
	s := unplugged(t, via)
	s.Send(append(s.Buffer(), "first"...))
	s.Post([]byte("waiting"))
	s.out.close()
	s.Send(append(s.Buffer(), "late"...))
	s.Post([]byte("late"))
	if got := s.drain(); slices.Contains(got, "waiting") || slices.Contains(got, "late") || s.Ready() || s.out.postBytes != 0 {
		t.Errorf("written %q, ready %v, %d bytes kept", got, s.Ready(), s.out.postBytes)
	}
}

// The room calls these in its tick.
func TestSendAllocatesNothing(t *testing.T) {
	s := unplugged(t, Goroutine)
	payload := make([]byte, 900)
	if n := testing.AllocsPerRun(100, func() {
		if !s.Ready() {
			t.Fatal("not ready")
		}
		s.Send(append(s.Buffer(), payload...))
		s.out.take()
		s.out.taken()
	}); n != 0 {
		t.Errorf("%v allocations a snapshot, want none", n)
	}
}
