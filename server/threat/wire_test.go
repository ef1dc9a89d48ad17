package threat

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// The first bytes of whole frames.
const (
	text = 0x81
	data = 0x82
	bye  = 0x88
	ping = 0x89
	pong = 0x8a
)

// handshake is a correct one; edits replace parts of it.
func handshake(addr string, edits ...string) string {
	s := "GET /ws HTTP/1.1\r\nHost: " + addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Protocol: " + protocol.Subprotocol + "\r\n\r\n"
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(s, edits[i]) {
			panic("handshake: nothing to edit: " + edits[i])
		}
		s = strings.Replace(s, edits[i], edits[i+1], 1)
	}
	return s
}

// from is an edit that has a handshake come from an address, by a proxy of ours.
func from(addr string) []string {
	return []string{"\r\n\r\n", "\r\nX-Forwarded-For: " + addr + "\r\n\r\n"}
}

// shaken reads the answer to a handshake, which must be yes.
func shaken(br *bufio.Reader) error {
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Extensions") != "" {
		return fmt.Errorf("the handshake was answered with %s %v", resp.Status, resp.Header)
	}
	return nil
}

// header is a client's frame header that announces a length, and a mask.
func header(first byte, length uint64) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, length), 1, 2, 3, 4)
}

// masked builds a client's frame with a first byte of any kind.
func masked(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	key := [4]byte{1, 2, 3, 4}
	b = append(b, key[:]...)
	for i, c := range payload {
		b = append(b, c^key[i%4])
	}
	return b
}

// readFrame reads one frame of the server's.
func readFrame(br *bufio.Reader) (first byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(head[1])
	if n == 126 {
		var ext [2]byte
		if _, err := io.ReadFull(br, ext[:]); err != nil {
			return 0, nil, err
		}
		n = int(binary.BigEndian.Uint16(ext[:]))
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(br, payload)
	return head[0], payload, err
}

// codeOf is the code of a close frame, 0 for none.
func codeOf(payload []byte) protocol.CloseCode {
	if len(payload) < 2 {
		return 0
	}
	return protocol.CloseCode(binary.BigEndian.Uint16(payload))
}

// attacker is a raw socket that speaks as much WebSocket as a test tells it to.
type attacker struct {
	t       *testing.T
	conn    net.Conn
	br      *bufio.Reader
	enc     frame.Encoder
	dec     frame.Decoder
	welcome frame.Welcome
	newest  protocol.Tick
}

// dial opens a TCP connection.
func (f *fortress) dial() *attacker {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close() })
	return &attacker{t: f.t, conn: conn, br: bufio.NewReader(conn)}
}

// open connects and shakes hands.
func (f *fortress) open() *attacker {
	f.t.Helper()
	a := f.dial()
	a.write([]byte(handshake(f.addr)))
	_ = a.conn.SetReadDeadline(time.Now().Add(patience))
	if err := shaken(a.br); err != nil {
		f.t.Fatal(err)
	}
	return a
}

// status connects, sends a handshake and returns how it was answered.
func (f *fortress) status(edits ...string) (status int, head http.Header, a *attacker) {
	f.t.Helper()
	a = f.dial()
	a.write([]byte(handshake(f.addr, edits...)))
	resp := a.response()
	return resp.StatusCode, resp.Header, a
}

// hello is a correct one for the walkers' room.
func hello(name string) frame.Hello {
	return frame.Hello{Version: protocol.Version, Game: "walk", Room: "walk", Name: name}
}

// join connects and takes a seat among the walkers.
func (f *fortress) join(name string) *attacker {
	f.t.Helper()
	a := f.open()
	h := hello(name)
	a.hello(h)
	a.seated()
	return a
}

func (a *attacker) write(b []byte) {
	a.t.Helper()
	if _, err := a.conn.Write(b); err != nil {
		a.t.Fatal(err)
	}
}

func (a *attacker) send(first byte, payload []byte) { a.t.Helper(); a.write(masked(first, payload)) }

func (a *attacker) hello(h frame.Hello) { a.t.Helper(); a.send(data, a.enc.Hello(nil, &h)) }

// response reads an HTTP response.
func (a *attacker) response() *http.Response {
	a.t.Helper()
	_ = a.conn.SetReadDeadline(time.Now().Add(patience))
	resp, err := http.ReadResponse(a.br, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return resp
}

// input is a frame of commands for the ticks after the newest that was seen.
func (a *attacker) input(commands int) []byte {
	in := frame.Input{Echo: a.newest}
	for i := range commands {
		in.Commands = append(in.Commands, protocol.Command{Tick: a.newest.Add(4 + i), MoveX: 1, View: protocol.View{A: a.newest, B: a.newest}})
	}
	return a.enc.Input(nil, &in)
}

// next reads one frame.
func (a *attacker) next() (first byte, payload []byte, err error) {
	_ = a.conn.SetReadDeadline(time.Now().Add(patience))
	return readFrame(a.br)
}

// frame reads frames until one begins with that byte.
func (a *attacker) frame(first byte) []byte {
	a.t.Helper()
	for {
		got, payload, err := a.next()
		if err != nil {
			a.t.Fatalf("waiting for a frame 0x%x: %v", first, err)
		}
		if got == first {
			return payload
		}
		if got == bye {
			a.t.Fatalf("waiting for a frame 0x%x: closed with %d", first, codeOf(payload))
		}
	}
}

// seated reads up to the first snapshot.
func (a *attacker) seated() {
	a.t.Helper()
	for {
		b := a.frame(data)
		switch kind, _ := a.dec.Type(b); kind {
		case frame.TypeWelcome:
			if err := a.dec.Welcome(b, &a.welcome); err != nil {
				a.t.Fatal(err)
			}
		case frame.TypeSnapshot:
			a.look(b)
			return
		}
	}
}

// look takes the tick of a snapshot.
func (a *attacker) look(b []byte) {
	if h, err := a.dec.Header(b); err == nil {
		a.newest = h.Tick
	}
}

// closed reads up to the close frame, which must have this code and exactly the protocol's text for
// it, and then to the end of the connection. That the texts hold no address, token or path is checked
// where they stand.
func (a *attacker) closed(want protocol.CloseCode) {
	a.t.Helper()
	for {
		first, p, err := a.next()
		if err != nil {
			a.t.Fatalf("waiting for the close %d: %v", want, err)
		}
		if first != bye {
			continue
		}
		if code := codeOf(p); code != want {
			a.t.Fatalf("closed with %d %q, want %d", code, p[min(len(p), 2):], want)
		}
		if !bytes.Equal(p[2:], []byte(want.Text())) {
			a.t.Errorf("close text %q, want %q", p[2:], want.Text())
		}
		break
	}
	if _, _, err := a.next(); !errors.Is(err, io.EOF) {
		a.t.Errorf("after the close frame: %v, want EOF", err)
	}
	_ = a.conn.Close()
}

// gone waits until the connection ends, however it does.
func (a *attacker) gone() {
	a.t.Helper()
	_ = a.conn.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, a.br)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		a.t.Errorf("the connection does not end")
	}
	_ = a.conn.Close()
}

// flood sends b again and again, from a goroutine of its own, until the server does not take it. It
// returns a count of how often it did.
func (a *attacker) flood(b []byte) *atomic.Int64 {
	var n atomic.Int64
	go func() {
		for {
			if _, err := a.conn.Write(b); err != nil {
				return
			}
			n.Add(1)
		}
	}()
	return &n
}
