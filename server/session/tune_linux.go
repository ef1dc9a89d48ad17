package session

import (
	"net"
	"syscall"
)

const (
	// tcpUserTimeout is TCP_USER_TIMEOUT of tcp(7), which package syscall does not name.
	tcpUserTimeout = 18
	// unackedMillis is how long sent bytes may stay unacknowledged, in milliseconds. The kernel's own
	// patience is a quarter of an hour.
	unackedMillis = 10_000
)

// setUserTimeout makes the kernel give up a peer that has vanished.
func setUserTimeout(tcp *net.TCPConn) {
	if raw, err := tcp.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, unackedMillis)
		})
	}
}
