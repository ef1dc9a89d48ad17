//go:build amd64 || arm64

package session

import (
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// A process that is out of descriptors serves a connection as it can: with goroutines.
func TestOutOfDescriptors(t *testing.T) {
	log := &syncBuffer{}
	h := New(Config{Rooms: &fakeRooms{}, Log: slog.New(slog.NewTextHandler(log, nil))})
	server, client := socketPair(t)
	defer func() { _ = server.Close(); _ = client.Close() }()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := syscall.Rlimit{Cur: 1, Max: limit.Max} // those that are open stay so
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	got := h.adopt(server)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if got != server {
		t.Fatalf("the connection became a %T", got)
	}
	if !strings.Contains(log.String(), "goroutines of its own") {
		t.Errorf("the log does not say so:\n%s", log)
	}
	if _, err := client.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := got.Read(make([]byte, 1)); n != 1 {
		t.Errorf("it cannot be read: %v", err)
	}
	if c, ok := h.adopt(server).(coroutine); !ok {
		t.Error("with descriptors to be had it is not polled")
	} else {
		_ = c.Close()
	}
}

// The same on a polled connection, which takes a socket.
func FuzzPolledBytes(f *testing.F) { fuzz(f, socketPair) }

func socketPair(t *testing.T) (server, client net.Conn) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "socketpair")
		if ends[i], err = net.FileConn(file); err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
	}
	return ends[0], ends[1]
}
