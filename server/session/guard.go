package session

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"hindsight/protocol"
	"hindsight/server/metrics"
)

// drainBytes is how much of what a client still sends is read, and thrown away, while its
// connection lingers.
const drainBytes = 256 << 10

// errClosing ends gws's ReadLoop. No client sees it: closeFrame puts the real reason in its place.
var errClosing = errors.New("session: closing")

// past is a read deadline that wakes a reader at once.
var past = time.Unix(1, 0)

// guard is the TCP connection as gws sees it. It bounds what gws leaves unbounded: how long a write
// may block, how many bytes come in, and what a close frame says. Closing it only ends the reader;
// the connection itself ends in linger or cut, which the session calls last.
type guard struct {
	net.Conn
	polled  coroutine    // the same, or nil if it is not polled
	quit    *atomic.Bool // set when this side decides to close; nil if nobody wants to know
	limits  *Limits
	metrics *metrics.Metrics
	now     func() protocol.Micros

	// Owned by the read goroutine.
	session   *session
	early     []byte             // what the client sent together with its handshake
	lane      *lane              // what of it may go past gws; nil if nothing
	bytes     allowance          // bytes in
	onSilence protocol.CloseCode // what it means when the read deadline passes

	said   atomic.Uint32 // the code of the close frame that was written, 0 for none
	code   atomic.Uint32 // the close code this side decided on, 0 for none
	broken atomic.Bool   // a write failed, perhaps in mid-frame: nothing may follow it
	done   atomic.Bool   // nothing is to be read any more: this side has decided to close, or gws has

	hurried atomic.Int64 // when the write deadline was last moved, in Micros; 0 if there is none

	mu        sync.Mutex
	shut      bool // guarded by mu: gws is done with the connection
	lingering bool // guarded by mu: the read deadline is linger's
}

func newGuard(nc net.Conn, early []byte, c *Config) *guard {
	polled, _ := nc.(coroutine)
	return &guard{
		Conn: nc, polled: polled, limits: &c.Limits, metrics: c.Metrics, now: c.Now,
		early:     early,
		bytes:     newAllowance(float64(c.Limits.Bytes), c.Limits.BytesBurst),
		onSilence: protocol.CloseNoHello,
	}
}

// Read serves gws's reader. It fails as soon as this side has decided to close, and decides so
// itself when the client sends too much or, by the read deadline, nothing.
func (g *guard) Read(b []byte) (n int, err error) {
	defer g.session.survive()
	if g.done.Load() {
		return 0, errClosing
	}
	if g.lane != nil {
		b = b[:min(len(b), g.lane.need())]
	}
	n, err = g.read(b)
	if n > 0 {
		if g.lane != nil {
			g.lane.pass(b[:n])
		}
		g.metrics.BytesIn.Add(float64(n))
		if !g.afford(g.now(), n) {
			return 0, errClosing
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		g.fail(g.onSilence) // does nothing if the deadline was a wake-up
	}
	return n, err
}

// Read buffers of gws's, in bytes. The smaller one is for a polled connection, whose Read is no system
// call: it holds a frame's head, and payloads are read past it. The other holds what comes of a player while
// one is scheduled.
const (
	readBuffer   = 512
	polledBuffer = 16
)

// reader returns what gws reads through.
func (g *guard) reader() *bufio.Reader {
	if g.polled != nil {
		return bufio.NewReaderSize(g, polledBuffer)
	}
	return bufio.NewReaderSize(g, readBuffer)
}

// afford takes n bytes from what the client may send, or closes.
func (g *guard) afford(now protocol.Micros, n int) bool {
	if g.bytes.allow(now, n) {
		return true
	}
	g.fail(protocol.CloseTooManyBytes)
	return false
}

func (g *guard) read(b []byte) (int, error) {
	if len(g.early) == 0 {
		return g.Conn.Read(b)
	}
	n := copy(b, g.early)
	if g.early = g.early[n:]; len(g.early) == 0 {
		g.early = nil
	}
	return n, nil
}

// Write sends one whole frame, as gws gives it, or breaks the connection: a frame that was cut by
// the deadline can never be completed.
func (g *guard) Write(b []byte) (int, error) {
	if g.broken.Load() {
		return 0, errClosing
	}
	write, frame := g.Conn.Write, b
	switch {
	case len(b) > 0 && b[0] == finClose:
		frame = g.closeFrame(b)
		_ = g.SetWriteDeadline(time.Now().Add(g.limits.Farewell))
		if g.polled != nil {
			write = g.polled.WriteLast
		}
	case g.polled == nil: // a poller's patience is the same
		g.hurry()
	}
	n, err := write(frame)
	g.metrics.BytesOut.Add(float64(n))
	if err == nil {
		return len(b), nil
	}
	g.broke(err)
	return 0, err
}

// broke ends a connection that could not be written to.
func (g *guard) broke(err error) {
	g.broken.Store(true)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		g.fail(protocol.CloseTooSlow)
	}
	_ = g.Close()
}

// hurry sees to it that a write which the kernel refuses to take ends after Limits.Write, or up to a quarter
// later: moving the deadline takes a tenth as long as the write itself, so it is moved only when it is due.
func (g *guard) hurry() {
	now, limit := g.now(), protocol.Micros(g.limits.Write.Microseconds())
	if at := protocol.Micros(g.hurried.Load()); at != 0 && now-at < limit/4 {
		return
	}
	g.hurried.Store(int64(now))
	_ = g.SetWriteDeadline(time.Now().Add(g.limits.Write * 5 / 4))
}

// SetDeadline is gws's, around its handshake: it takes away the deadline that hurry relies on.
func (g *guard) SetDeadline(t time.Time) error {
	g.hurried.Store(0)
	return g.Conn.SetDeadline(t)
}

// finClose is the first byte of a close frame. No other write of gws's begins with it: data begins
// with 0x82, pings with 0x89, pongs with 0x8a, the handshake with 'H'.
const finClose = 0x88

// closeFrame puts our code, if we decided on one, and the protocol's text for it in place of what
// gws says, which may be an error with an address in it. A bare close stays bare.
func (g *guard) closeFrame(b []byte) []byte {
	code := protocol.CloseCode(g.code.Load())
	if code == 0 {
		if len(b) < 4 {
			return b
		}
		code = protocol.CloseCode(binary.BigEndian.Uint16(b[2:]))
	}
	g.said.Store(uint32(code))
	text := ""
	if code.Known() {
		text = code.Text()
	}
	frame := make([]byte, 0, 4+len(text))
	frame = append(frame, finClose, byte(2+len(text)))
	frame = binary.BigEndian.AppendUint16(frame, uint16(code))
	return append(frame, text...)
}

// fail decides that the connection ends with code c, unless that was decided before, and wakes the
// reader, which does the rest. It does not block and may be called from any goroutine.
func (g *guard) fail(c protocol.CloseCode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut || !g.code.CompareAndSwap(0, uint32(c)) {
		return
	}
	g.done.Store(true)
	if g.quit != nil {
		g.quit.Store(true)
	}
	g.wake()
}

// Close is called by gws after its close frame, or instead of it. It wakes the reader.
func (g *guard) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		g.shut = true
		g.done.Store(true)
		g.wake()
	}
	return nil
}

// wake ends a Read in progress. Its caller holds mu.
func (g *guard) wake() {
	if !g.lingering {
		_ = g.SetReadDeadline(past)
	}
}

// failing reports that this side has decided to close.
func (g *guard) failing() bool { return g.code.Load() != 0 }

// linger ends the connection so that the client can read the close frame first: it stops sending,
// then throws away what still comes, for a while. Closing at once would answer bytes still under
// way with a reset, and a reset makes the client's kernel forget the frame.
func (g *guard) linger() {
	g.mu.Lock()
	g.shut, g.lingering = true, true
	g.done.Store(true)
	g.mu.Unlock()
	if g.broken.Load() || halfClose(g.Conn, g.limits.Farewell) != nil {
		g.cut()
		return
	}
	_ = g.SetReadDeadline(time.Now().Add(g.limits.Linger))
	below := transport(g.Conn) // what is thrown away need not be decrypted
	_, _ = io.CopyN(io.Discard, below, drainBytes)
	_ = below.Close()
}

// cut ends the connection at once and frees what the kernel still wanted to send. TLS is not asked:
// it would say goodbye first, to a peer that may not be reading.
func (g *guard) cut() {
	below := transport(g.Conn)
	if tcp, ok := below.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = below.Close()
}
