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

	// tcpRTOMax is TCP_RTO_MAX_MS of linux/tcp.h, since Linux 6.15.
	tcpRTOMax = 44
	// retryMillis is the longest that the kernel waits before it sends again what was not acknowledged.
	// Left alone it doubles the wait, so that a line that was dead for five seconds stays silent for
	// four more. Less than a second is refused.
	retryMillis = 1000
)

// setTimeouts makes the kernel try again soon after an outage, and give up a peer that has vanished.
func setTimeouts(tcp *net.TCPConn) {
	if raw, err := tcp.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, unackedMillis)
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpRTOMax, retryMillis) // where it is known
		})
	}
}
