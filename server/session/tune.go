package session

import (
	"errors"
	"net"
	"time"
)

// sendBuffer is how much the kernel may hold for a client, in bytes. Left alone it takes megabytes,
// which is minutes of snapshots into a connection that stalled, before a write blocks and shows it.
const sendBuffer = 64 << 10

// tune sets a connection's socket options. They are improvements: where one fails the connection
// still works.
func tune(nc net.Conn) {
	if tcp, ok := transport(nc).(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer)
		setTimeouts(tcp)
	}
}

// transport is what carries a connection: what is below TLS, or the connection itself.
func transport(nc net.Conn) net.Conn {
	if secure, ok := nc.(interface{ NetConn() net.Conn }); ok {
		return secure.NetConn()
	}
	return nc
}

// halfClose ends the sending side. TLS has an end of its own, without which the peer would take what
// it has read for cut off; crypto/tls waits five seconds for the kernel to take it, this no longer
// than limit. It leaves TCP as it was, whose end follows here.
func halfClose(nc net.Conn, limit time.Duration) error {
	type half interface{ CloseWrite() error }
	below := transport(nc)
	tcp, ok := below.(half)
	if !ok {
		return errors.ErrUnsupported
	}
	if secure, ok := nc.(half); ok && nc != below {
		late := time.AfterFunc(limit, func() { _ = below.SetWriteDeadline(past) })
		defer late.Stop()
		if err := secure.CloseWrite(); err != nil {
			return err
		}
	}
	return tcp.CloseWrite()
}
