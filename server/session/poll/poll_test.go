//go:build linux && (amd64 || arm64)

package poll

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

// What cannot be polled is left as it was: no socket, and no descriptor to be had.
func TestAdoptRefuses(t *testing.T) {
	leakless(t)
	here, there := net.Pipe()
	defer func() { _ = here.Close(); _ = there.Close() }()
	if _, err := newPoller(1).Adopt(here); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a pipe: %v", err)
	}

	server, client := pair(t)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for spare := range uint64(2) { // none, and one for the epoll set but none for the connection
		none := syscall.Rlimit{Cur: lowestFree(t) + spare, Max: limit.Max}
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
			t.Fatal(err)
		}
		_, err := newPoller(1).Adopt(server)
		if e := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); e != nil {
			t.Fatal(e)
		}
		if !errors.Is(err, syscall.EMFILE) {
			t.Errorf("with %d descriptors left: %v", spare, err)
		}
	}
	_, _ = client.Write([]byte("x"))
	if n, err := server.Read(make([]byte, 1)); n != 1 {
		t.Errorf("a connection that was refused cannot be read: %v", err)
	}
}

// lowestFree is the number that the next descriptor will get.
func lowestFree(t *testing.T) uint64 {
	t.Helper()
	fd, err := syscall.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Close(fd)
	return uint64(fd)
}
