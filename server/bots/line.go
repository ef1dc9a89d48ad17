package bots

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/lxzan/gws"

	"hindsight/protocol"
)

const (
	dialTimeout  = 10 * time.Second // the lifeline gives up earlier
	closeTimeout = time.Second      // for the close frame, on a path that may be gone
	// cutLine stands for the end of a line that nobody closed.
	cutLine protocol.CloseCode = 1006
)

// line is one gws connection of a bot's, from the dial to its end. Its goroutine dials, reads and hands
// on what happens; the bot's goroutine writes, and ends it.
type line struct {
	gws.BuiltinEventHandler
	id   int
	ctx  context.Context // ends with the line, when nobody wants its news any more
	end  context.CancelFunc
	news chan<- news

	conn *gws.Conn // the bot's, nil until it has heard that the line is open
}

// news is what happened on a line: it opened, a frame came, or it ended.
type news struct {
	line  *line
	conn  *gws.Conn // it opened
	frame []byte
	err   error // it ended
}

func newLine(ctx context.Context, id int, n chan<- news) *line {
	l := &line{id: id, news: n}
	l.ctx, l.end = context.WithCancel(ctx)
	return l
}

// run dials and reads until the end.
func (l *line) run(addr string) {
	conn, _, err := gws.NewClient(l, &gws.ClientOption{
		Addr:               addr,
		RequestHeader:      http.Header{"Sec-Websocket-Protocol": {protocol.Subprotocol}},
		ReadMaxPayloadSize: 2 * protocol.MaxFrame,
		ReadBufferSize:     4096,
		HandshakeTimeout:   dialTimeout,
		NewDialer:          func() (gws.Dialer, error) { return l, nil },
	})
	if err != nil {
		l.tell(news{line: l, err: err})
		return
	}
	l.tell(news{line: l, conn: conn})
	conn.ReadLoop()
}

// Dial implements gws.Dialer: the connection does not outlive the line, at whatever stage it is.
func (l *line) Dial(network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(l.ctx, network, addr)
	if err == nil {
		context.AfterFunc(l.ctx, func() { _ = conn.Close() })
	}
	return conn, err
}

// tell hands news to the bot, unless it has ended the line.
func (l *line) tell(n news) {
	select {
	case l.news <- n:
	case <-l.ctx.Done():
	}
}

// OnMessage implements gws.Event.
func (l *line) OnMessage(_ *gws.Conn, m *gws.Message) {
	b := append([]byte(nil), m.Bytes()...)
	_ = m.Close()
	l.tell(news{line: l, frame: b})
}

// OnClose implements gws.Event.
func (l *line) OnClose(_ *gws.Conn, err error) { l.tell(news{line: l, err: err}) }

// send writes a frame. What goes wrong is told by the reader.
func (l *line) send(b []byte) {
	if l.conn != nil {
		_ = l.conn.WriteMessage(gws.OpcodeBinary, b)
	}
}

// drop ends the line. The bot hears no more of it, but for what is on its way already.
func (l *line) drop(code protocol.CloseCode) {
	if l.conn != nil {
		_ = l.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
		_ = l.conn.WriteClose(uint16(code), nil)
	}
	l.end()
}

// closeCode is the code that a line ended with.
func closeCode(err error) protocol.CloseCode {
	var closed *gws.CloseError
	if errors.As(err, &closed) {
		return protocol.CloseCode(closed.Code)
	}
	return cutLine
}
