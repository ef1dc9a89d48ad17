package session

import (
	"crypto/tls"
	"net"
	"syscall"
	"testing"
	"time"
)

// The socket below TLS gets the options that a plain one gets.
func TestTune(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"TCP": func(nc net.Conn) net.Conn { return nc },
		"TLS": func(nc net.Conn) net.Conn { return tls.Server(nc, &tls.Config{}) },
	} {
		t.Run(name, func(t *testing.T) {
			nc, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			tune(wrap(nc))
			raw, err := nc.(*net.TCPConn).SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			var buffer, timeout, retry int
			var known error
			_ = raw.Control(func(fd uintptr) {
				buffer, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF)
				timeout, _ = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout)
				retry, known = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpRTOMax)
			})
			if known == nil && retry != retryMillis {
				t.Errorf("the kernel waits %d ms at most before it tries again, want %d", retry, retryMillis)
			}
			if buffer != 2*sendBuffer || timeout != unackedMillis { // the kernel counts its own overhead in
				t.Errorf("the send buffer is %d and the time-out %d ms, want %d and %d", buffer, timeout, 2*sendBuffer, unackedMillis)
			}
		})
	}
}

// A peer that does not read cannot keep the end of TLS waiting: crypto/tls alone would try for five
// seconds to say goodbye.
func TestStalledPeerOverTLSIsCut(t *testing.T) {
	r := startRig(t, Config{Limits: fast}, true)
	c := r.join("stalled")
	_ = transport(c.conn).(*net.TCPConn).SetReadBuffer(4096)
	await(t, "the queue to overflow", func() bool {
		c.seat.Sender.Post(make([]byte, 12<<10))
		return r.count(`hindsight_closes_total{code="4413"}`) == "1"
	})
	c.ended("lost")
	began := time.Now()
	await(t, "the connection to be given up", func() bool { return r.h.Open() == 1 })
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the connection was given up after %v", took)
	}
}
