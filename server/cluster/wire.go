package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"

	"hindsight/protocol"
)

// Why a connection ends, besides what the network says.
var (
	errSilence = fmt.Errorf("cluster: nothing heard for %v", silence)
	errSlow    = errors.New("cluster: the other side does not read")
	errOrder   = errors.New("cluster: a message that does not belong here")
	errPanic   = errors.New("cluster: a message made its handler panic")
	errOver    = errors.New("cluster: the connection is over")
)

// hangup is a close frame: why one side ended a connection, in words for the log of the other.
type hangup struct {
	code protocol.CloseCode
	text string
}

func (h *hangup) Error() string { return fmt.Sprintf("cluster: hung up: %s (%d)", h.text, h.code) }

// wire is one end of a connection. It is the net.Conn that gws sees, so that no write can block for
// ever and a close frame can be read before the connection is gone.
type wire struct {
	net.Conn
	ws    *gws.Conn
	log   *slog.Logger
	began time.Time

	// take handles a message, in the reader's goroutine; an error ends the connection.
	take func([]byte) error
	// beat, if not nil, is called every beatEvery in the writer's goroutine.
	beat func()

	out   chan []byte
	heard atomic.Int64  // when something was, in nanoseconds since began
	done  chan struct{} // closed by end

	mu    sync.Mutex
	cause error // guarded by mu: why it ended
}

func newWire(c net.Conn, log *slog.Logger) *wire {
	return &wire{Conn: c, log: log, began: time.Now(), out: make(chan []byte, queueLen), done: make(chan struct{})}
}

// readBuffer is gws's read buffer in bytes.
const readBuffer = 4 << 10

// run serves the connection until it is over and returns why.
func (w *wire) run() error {
	w.hear()
	var writer sync.WaitGroup
	writer.Go(w.write)
	w.read()
	writer.Wait()
	_ = w.Conn.Close()
	return w.why()
}

// read runs gws's reader. A frame of negative length makes gws 1.8.9 panic, and gws does not recover.
func (w *wire) read() {
	defer func() {
		if e := recover(); e != nil {
			w.log.Error("a message made its handler panic", "panic", e, "stack", string(debug.Stack()))
			w.end(errPanic)
			_ = w.Conn.Close()
		}
	}()
	w.ws.ReadLoop()
}

// write sends what is queued, and pings, until the connection is over.
func (w *wire) write() {
	beat, quiet := time.NewTicker(beatEvery), time.NewTimer(silence)
	defer beat.Stop()
	defer quiet.Stop()
	for {
		select {
		case b := <-w.out:
			if err := w.ws.WriteMessage(gws.OpcodeText, b); err != nil {
				w.end(err)
			}
		case <-beat.C:
			_ = w.send(&message{Ping: &empty{}})
			if w.beat != nil {
				w.beat()
			}
		case <-quiet.C:
			left := silence - (time.Since(w.began) - time.Duration(w.heard.Load()))
			if left <= 0 {
				w.end(errSilence)
			}
			quiet.Reset(max(left, time.Millisecond))
		case <-w.done:
			w.part()
			return
		}
	}
}

// part is the writer's last act: it hangs up with a reason, if there is one to tell, else just so.
func (w *wire) part() {
	var h *hangup
	if !errors.As(w.why(), &h) {
		_ = w.Conn.Close()
		return
	}
	for len(w.out) > 0 { // what was said before is sent before
		if w.ws.WriteMessage(gws.OpcodeText, <-w.out) != nil {
			break
		}
	}
	if w.ws.WriteClose(uint16(h.code), []byte(h.text)) != nil {
		_ = w.Conn.Close() // or the other side closed first
	}
}

// send queues a message. It does not block: a queue that is full ends the connection.
func (w *wire) send(m *message) error {
	b, err := encode(m)
	if err != nil {
		return err
	}
	return w.post(b)
}

func (w *wire) post(b []byte) error {
	select {
	case <-w.done:
		return errOver
	default:
	}
	select {
	case w.out <- b:
		return nil
	default:
		w.end(errSlow)
		return errSlow
	}
}

// end ends the connection, the first time it is called. A hangup is told to the other side. It does
// not block.
func (w *wire) end(cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause == nil {
		w.cause = cause
		close(w.done)
	}
}

// why returns why the connection ended, nil while it has not.
func (w *wire) why() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cause
}

// over reports that the connection has ended.
func (w *wire) over() bool { return w.why() != nil }

func (w *wire) hear() { w.heard.Store(int64(time.Since(w.began))) }

// Write sends one whole frame within writeTime, or breaks the connection: nothing may follow half a
// frame.
func (w *wire) Write(b []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	n, err := w.Conn.Write(b)
	if err != nil {
		_ = w.Conn.Close()
	}
	return n, err
}

// Close is called by gws after a close frame, or instead of it. The reader goes on for a moment: a
// connection that is closed with bytes unread is reset, and a reset makes the other side's kernel
// forget the frame.
func (w *wire) Close() error {
	if half, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	return w.SetReadDeadline(time.Now().Add(linger))
}

// events are gws's callbacks. All run in the reader's goroutine.
type events struct{}

func wireOf(c *gws.Conn) *wire { return c.NetConn().(*wire) }

func (events) OnOpen(*gws.Conn) {}

func (events) OnClose(c *gws.Conn, err error) {
	w := wireOf(c)
	var theirs *gws.CloseError
	if errors.As(err, &theirs) {
		err = &hangup{protocol.CloseCode(theirs.Code), printable(theirs.Reason)}
	}
	w.end(err)
}

func (events) OnPing(c *gws.Conn, payload []byte) { _ = c.WritePong(payload) }

func (events) OnPong(*gws.Conn, []byte) {}

func (events) OnMessage(c *gws.Conn, m *gws.Message) {
	defer func() { _ = m.Close() }()
	w := wireOf(c)
	if w.over() {
		return // it was hung up on, and has not read it yet
	}
	w.hear()
	err := error(&hangup{protocol.CloseUnsupported, "messages are text"})
	if m.Opcode == gws.OpcodeText {
		err = w.take(m.Bytes())
	}
	if err == nil {
		return
	}
	var h *hangup
	if !errors.As(err, &h) {
		err = &hangup{protocol.CloseBadMessage, clip(err.Error())}
	}
	w.end(err)
}

// clip makes a text fit into a close frame.
func clip(s string) string { return printable([]byte(s)) }

// maxReason is the most bytes of text in a close frame (RFC 6455 section 5.5).
const maxReason = 123

// printable makes a text fit for a close frame, and one from there fit for a log.
func printable(b []byte) string {
	s := []byte(nil)
	for _, c := range b[:min(len(b), maxReason)] {
		if c >= ' ' && c < 0x7f {
			s = append(s, c)
		}
	}
	return string(s)
}

// gwsLog passes on what gws has to say.
type gwsLog struct{ log *slog.Logger }

func (l gwsLog) Error(v ...any) { l.log.Error("gws", "message", v) }
