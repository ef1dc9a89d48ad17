package load

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"

	"hindsight/protocol"
)

// The WebSocket opcodes (RFC 6455, section 5.2).
const (
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
	opPong   = 0xa
)

// errFrame says that a server sent what no server may, or what ours never does: fragments.
var errFrame = errors.New("load: not a WebSocket frame of a server's")

// message reads one whole frame of a server's from the start of b. Size is what it takes up, 0 if b ends
// before it does.
func message(b []byte) (op byte, payload []byte, size int, err error) {
	if len(b) < 2 {
		return 0, nil, 0, nil
	}
	if b[0]&0xf0 != 0x80 || b[1]&0x80 != 0 {
		return 0, nil, 0, errFrame
	}
	head, n := 2, int(b[1])
	switch n {
	case 126:
		if len(b) < 4 {
			return 0, nil, 0, nil
		}
		head, n = 4, int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		return 0, nil, 0, errFrame // more than protocol.MaxFrame
	}
	if len(b) < head+n {
		return 0, nil, 0, nil
	}
	return b[0] & 0xf, b[head : head+n], head + n, nil
}

// appendMasked appends a client's frame. The payload is at most 64 KiB.
func appendMasked(dst []byte, op byte, payload []byte, key uint32) []byte {
	dst = append(dst, 0x80|op)
	if len(payload) < 126 {
		dst = append(dst, 0x80|byte(len(payload)))
	} else {
		dst = append(dst, 0x80|126, byte(len(payload)>>8), byte(len(payload)))
	}
	dst = binary.LittleEndian.AppendUint32(dst, key)
	for i, c := range payload {
		dst = append(dst, c^byte(key>>(8*(i&3))))
	}
	return dst
}

// request returns the handshake of a client for the game socket at host:port.
func request(addr, key string) []byte {
	return fmt.Appendf(nil, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %s\r\n\r\n", addr, key, protocol.Subprotocol)
}

// accept returns what a server answers to a handshake's key.
func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// upgraded reports what is wrong with the answer to a handshake, nil for nothing.
func upgraded(r *http.Response, key string) error {
	switch {
	case r.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Errorf("load: the server answered the handshake with %s", r.Status)
	case r.Header.Get("Sec-WebSocket-Accept") != accept(key), r.Header.Get("Sec-WebSocket-Protocol") != protocol.Subprotocol:
		return errors.New("load: the server answered the handshake with something else")
	}
	return nil
}
