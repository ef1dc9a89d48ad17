package session

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"testing"

	"hindsight/protocol"
)

// unplugged is a session whose write goroutine is the test.
func unplugged(t *testing.T) *session {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = here.Close(); _ = there.Close() })
	c := Config{}.withDefaults()
	return &session{out: newOutbox(c.Now), guard: newGuard(here, nil, &c), log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// drain takes everything that waits.
func (s *session) drain() []string {
	var got []string
	for f := s.out.take(); f != nil; f = s.out.take() {
		got = append(got, string(f))
		s.out.taken()
	}
	return got
}

func (s *session) code() protocol.CloseCode { return protocol.CloseCode(s.guard.code.Load()) }

func TestOutboxKeepsOrder(t *testing.T) {
	s := unplugged(t)
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
	s := unplugged(t)
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

// Waited is from Send to the kernel's having taken it, of the last snapshot only.
func TestWaited(t *testing.T) {
	s := unplugged(t)
	now := protocol.Micros(1000)
	s.out.now = func() protocol.Micros { return now }
	if s.Waited() != 0 {
		t.Errorf("waited %d before the first snapshot", s.Waited())
	}
	s.Send(append(s.Buffer(), "one"...))
	now += 300
	s.out.take()
	now += 4000
	s.out.taken()
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
func TestSendOverSnapshotCloses(t *testing.T) {
	s := unplugged(t)
	s.Send(append(s.Buffer(), "one"...))
	s.Send(append(s.Buffer(), "two"...))
	if s.code() != protocol.CloseInternal {
		t.Errorf("closed with %d, want %d", s.code(), protocol.CloseInternal)
	}
	if got := s.drain(); !slices.Equal(got, []string{"one"}) {
		t.Errorf("written %q", got)
	}
}

func TestPostBounds(t *testing.T) {
	for _, tt := range []struct{ size, fit int }{{1, maxPosts}, {maxPostBytes, 1}, {maxPostBytes / 3, 3}} {
		t.Run(fmt.Sprint(tt.size), func(t *testing.T) {
			s := unplugged(t)
			for i := range tt.fit {
				if s.Post(make([]byte, tt.size)); s.code() != 0 {
					t.Fatalf("closed with %d after %d of %d frames", s.code(), i+1, tt.fit)
				}
			}
			if s.Post(make([]byte, tt.size)); s.code() != protocol.CloseTooSlow {
				t.Errorf("closed with %d, want %d", s.code(), protocol.CloseTooSlow)
			}
			if n := len(s.drain()); n != tt.fit {
				t.Errorf("%d frames were kept, want %d", n, tt.fit)
			}
		})
	}
}

func TestClosedOutboxTakesNothing(t *testing.T) {
	s := unplugged(t)
	s.Post([]byte("waiting"))
	s.out.close()
	s.Send(append(s.Buffer(), "late"...))
	s.Post([]byte("late"))
	if got := s.drain(); got != nil || s.Ready() || s.out.postBytes != 0 {
		t.Errorf("written %q, ready %v, %d bytes kept", got, s.Ready(), s.out.postBytes)
	}
}

// The room calls these in its tick.
func TestSendAllocatesNothing(t *testing.T) {
	s := unplugged(t)
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
