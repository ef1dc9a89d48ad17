package session

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lxzan/gws"

	"hindsight/protocol"
	"hindsight/server/room"
)

// Bounds of what may wait to be written, the snapshot not included.
const (
	maxPosts     = 64
	maxPostBytes = 64 << 10
)

// outbox is the room's Sender on a connection with goroutines: what the room has given and the kernel has
// not taken yet, which is at most one snapshot and a bounded queue of frames that must arrive. The room's
// goroutine puts in, the write goroutine takes out, and neither waits for the other.
type outbox struct {
	*session
	wake chan struct{} // holds one token while there may be something for the write goroutine to take

	// Owned by the room's goroutine. Two buffers in turn: the room may compose while the snapshot
	// before is still being written.
	spare [2][]byte
	turn  int

	mu        sync.Mutex
	snapshot  []byte   // guarded by mu: given before every frame in posts
	posts     [][]byte // guarded by mu
	postBytes int      // guarded by mu: the sum of their lengths
	writing   bool     // guarded by mu: a writer has a frame in hand
	closed    bool     // guarded by mu: nothing is taken any more

	given  protocol.Micros // guarded by mu: when the last snapshot was
	inHand bool            // guarded by mu: what is being written is that snapshot
	waited protocol.Micros // guarded by mu: how long the last one written took since it was given
}

var _ room.Sender = (*outbox)(nil)

func newOutbox(s *session) *outbox { return &outbox{session: s, wake: make(chan struct{}, 1)} }

// Ready implements room.Sender.
func (o *outbox) Ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.closed && !o.busy() && !o.guard.failing()
}

// busy reports that something given has not been taken by the kernel. Its caller holds mu.
func (o *outbox) busy() bool { return o.writing || o.snapshot != nil || len(o.posts) > 0 }

// Waited implements room.Sender.
func (o *outbox) Waited() protocol.Micros {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waited
}

// Buffer implements room.Sender.
func (o *outbox) Buffer() []byte { return o.spare[o.turn][:0] }

// Send implements room.Sender. A snapshot given while another waits would leave the client with a
// difference to something it never got; rather than that, the connection ends.
func (o *outbox) Send(frame []byte) {
	o.spare[o.turn] = frame
	o.turn ^= 1
	o.mu.Lock()
	busy, closed := o.busy(), o.closed
	if !busy && !closed {
		o.snapshot, o.given = frame, o.handler.cfg.Now()
	}
	o.mu.Unlock()
	switch {
	case closed:
	case busy:
		o.unready()
	default:
		o.signal()
	}
}

// unready ends a connection that a room sent a snapshot to which could not follow the one before.
func (s *session) unready() {
	s.log().Error("a room sent to a connection that was not ready")
	s.guard.fail(protocol.CloseInternal)
}

// Post implements room.Sender.
func (o *outbox) Post(frame []byte) {
	o.mu.Lock()
	full := len(o.posts) >= maxPosts || o.postBytes+len(frame) > maxPostBytes
	if !full && !o.closed {
		o.posts = append(o.posts, append([]byte(nil), frame...))
		o.postBytes += len(frame)
	}
	o.mu.Unlock()
	if full {
		o.guard.fail(protocol.CloseTooSlow)
		return
	}
	o.signal()
}

// Close implements room.Sender, on either transport.
func (s *session) Close(c protocol.CloseCode) { s.guard.fail(c) }

// signal wakes the write goroutine, or lets it find that there is more when it looks next.
func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take returns the next frame to write, in the order they were given, or nil if there is none. The
// caller reports back with taken.
func (o *outbox) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
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
	o.writing = false
	if o.inHand {
		o.waited = o.handler.cfg.Now() - o.given
	}
}

// shut drops what waits and takes nothing from now on.
func (o *outbox) shut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.snapshot, o.posts, o.postBytes = nil, nil, 0
}

// writeLoop is the write goroutine. It ends when a write fails, which guard.Write has made the end
// of the connection, or when stop is closed.
func (o *outbox) writeLoop(stop <-chan struct{}) {
	defer o.shut()
	ping := time.NewTimer(jitter(o.limits.Ping))
	defer ping.Stop()
	for {
		if frame := o.take(); frame != nil {
			if o.ws.WriteMessage(gws.OpcodeBinary, frame) != nil {
				return
			}
			o.handler.cfg.Metrics.FramesOut.Inc()
			o.taken()
			continue
		}
		select {
		case <-o.wake:
		case <-ping.C:
			if o.ws.WritePing(nil) != nil {
				return
			}
			ping.Reset(jitter(o.limits.Ping))
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
