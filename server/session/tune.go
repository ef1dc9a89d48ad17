package session

import "net"

// sendBuffer is how much the kernel may hold for a client, in bytes. Left alone it takes megabytes,
// which is minutes of snapshots into a connection that stalled, before a write blocks and shows it.
const sendBuffer = 64 << 10

// tune sets a connection's socket options. They are improvements: where one fails the connection
// still works.
func tune(nc net.Conn) {
	if wrapped, ok := nc.(interface{ NetConn() net.Conn }); ok {
		nc = wrapped.NetConn() // TLS
	}
	if tcp, ok := nc.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer)
		setUserTimeout(tcp)
	}
}
