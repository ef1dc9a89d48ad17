package session

import (
	"math/rand/v2"
	"sync"
	"time"

	"hindsight/protocol"
	"hindsight/server/room"
)

// Bounds of what may wait to be written, the snapshot not included.
const (
	maxPosts     = 64
	maxPostBytes = 64 << 10
)

// session is the room's Sender.
var _ room.Sender = (*session)(nil)

// outbox is what the room has given and the kernel has not taken yet: at most one snapshot and a
// bounded queue of frames that must arrive. The room's goroutine puts in, a writer takes out, and
// neither waits for the other. The writer is the write goroutine, or, on a polled connection, whoever
// runs session.pump.
type outbox struct {
	wake chan struct{} // holds one token while there may be something for the write goroutine to take
	now  func() protocol.Micros

	// Owned by the room's goroutine. Two buffers in turn: the room may compose while the snapshot
	// before is still being written.
	spare [2][]byte
	turn  int

	mu        sync.Mutex
	snapshot  []byte   // guarded by mu: given before every frame in posts
	posts     [][]byte // guarded by mu
	postBytes int      // guarded by mu: the sum of their lengths
	writing   bool     // guarded by mu: a writer has a frame in hand
	stuck     bool     // guarded by mu: and the kernel did not take all of it
	closed    bool     // guarded by mu: nothing is taken any more

	given  protocol.Micros // guarded by mu: when the last snapshot was
	inHand bool            // guarded by mu: what is being written is that snapshot
	waited protocol.Micros // guarded by mu: how long the last one written took since it was given
}

func newOutbox(now func() protocol.Micros) outbox {
	return outbox{wake: make(chan struct{}, 1), now: now}
}

// Ready implements room.Sender.
func (s *session) Ready() bool {
	o := &s.out
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.closed && !o.busy() && !s.guard.failing()
}

// busy reports that something given has not been taken by the kernel. Its caller holds mu.
func (o *outbox) busy() bool { return o.writing || o.snapshot != nil || len(o.posts) > 0 }

// Waited implements room.Sender.
func (s *session) Waited() protocol.Micros {
	o := &s.out
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waited
}

// Buffer implements room.Sender.
func (s *session) Buffer() []byte { return s.out.spare[s.out.turn][:0] }

// Send implements room.Sender. A snapshot given while another waits would leave the client with a
// difference to something it never got; rather than that, the connection ends.
func (s *session) Send(frame []byte) {
	o := &s.out
	o.spare[o.turn] = frame
	o.turn ^= 1
	o.mu.Lock()
	busy, closed := o.busy(), o.closed
	if !busy && !closed {
		o.snapshot, o.given = frame, o.now()
	}
	o.mu.Unlock()
	switch {
	case closed:
	case busy:
		s.log.Error("a room sent to a connection that was not ready")
		s.guard.fail(protocol.CloseInternal)
	default:
		s.given()
	}
}

// Post implements room.Sender.
func (s *session) Post(frame []byte) {
	o := &s.out
	o.mu.Lock()
	full := len(o.posts) >= maxPosts || o.postBytes+len(frame) > maxPostBytes
	if !full && !o.closed {
		o.posts = append(o.posts, append([]byte(nil), frame...))
		o.postBytes += len(frame)
	}
	o.mu.Unlock()
	if full {
		s.guard.fail(protocol.CloseTooSlow)
		return
	}
	s.given()
}

// Close implements room.Sender.
func (s *session) Close(c protocol.CloseCode) { s.guard.fail(c) }

// given has what was put into the outbox written.
func (s *session) given() {
	if s.polled != nil {
		s.pump()
	} else {
		s.out.signal()
	}
}

// signal wakes the write goroutine, or lets it find that there is more when it looks next.
func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take returns the next frame to write, in the order they were given, or nil if there is none or
// another writer is at work. The caller reports back with taken.
func (o *outbox) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writing {
		return nil
	}
	var frame []byte
	o.inHand = o.snapshot != nil
	switch {
	case o.closed:
	case o.snapshot != nil:
		frame, o.snapshot = o.snapshot, nil
	case len(o.posts) > 0:
		frame = o.posts[0]
		o.postBytes -= len(frame)
		n := copy(o.posts, o.posts[1:])
		o.posts[n] = nil
		o.posts = o.posts[:n]
	}
	o.writing = frame != nil
	return frame
}

// taken says that the kernel has the frame that take gave.
func (o *outbox) taken() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.through()
}

// through is taken, of a caller that holds mu.
func (o *outbox) through() {
	o.writing, o.stuck = false, false
	if o.inHand {
		o.waited = o.now() - o.given
	}
}

// close drops what waits and takes nothing from now on.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.snapshot, o.posts, o.postBytes = nil, nil, 0
}

// writeLoop is the write goroutine. It ends when a write fails, which guard.Write has made the end
// of the connection, or when stop is closed.
func (s *session) writeLoop(stop <-chan struct{}) {
	defer s.out.close()
	ping := time.NewTimer(jitter(s.limits.Ping))
	defer ping.Stop()
	for {
		if frame := s.out.take(); frame != nil {
			if s.write(frame) != nil {
				return
			}
			s.out.taken()
			continue
		}
		select {
		case <-s.out.wake:
		case <-ping.C:
			if s.ws.WritePing(nil) != nil {
				return
			}
			ping.Reset(jitter(s.limits.Ping))
		case <-stop:
			return
		}
	}
}

// jitter returns a length between 0.8 and 1.2 of d, so that a thousand connections made in the same
// second do not ping in the same second for ever.
func jitter(d time.Duration) time.Duration {
	return d*4/5 + rand.N(d*2/5+1)
}
