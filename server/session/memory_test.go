//go:build linux && (amd64 || arm64)

package session

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/metrics"
	"testing"

	"golang.org/x/sys/unix"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room"
)

// BenchmarkMemory says what a connection weighs: its part of the heap, and its stacks. It ends in a room
// that keeps nothing of it.
//
//	go test ./server/session -run - -bench Memory -benchtime 2000x
func BenchmarkMemory(b *testing.B) {
	for _, kind := range []struct {
		name string
		via  Transport
		hail bool
	}{{"polled/idle", Poll, false}, {"polled/joined", Poll, true}, {"goroutines/idle", Goroutine, false}, {"goroutines/joined", Goroutine, true}} {
		b.Run(kind.name, func(b *testing.B) {
			w := weigh(b, kind.via, kind.hail, b.N)
			b.ReportMetric(float64(w.heap)/float64(b.N), "heap-B")
			b.ReportMetric(float64(w.stacks)/float64(b.N), "stack-B")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// What a connection keeps is counted, not felt: the heap's objects after a collection, and what stacks are
// made of, which come in powers of two.
func TestMemory(t *testing.T) {
	if raced {
		t.Skip("the race detector keeps memory of its own")
	}
	for _, hail := range []bool{false, true} {
		const n, most, stack = 250, 2800, 4096
		w := weigh(t, Poll, hail, n)
		if w.heap > n*most || w.stacks > n*(stack+512) {
			t.Errorf("said hello: %v: a connection takes %d bytes of heap and %d of stacks, want %d and %d at most",
				hail, w.heap/n, w.stacks/n, most, stack)
		}
	}
}

// weigh returns what n connections take.
func weigh(b testing.TB, via Transport, hail bool, n int) load {
	b.Helper()
	h := New(Config{
		Rooms: lightRooms{}, Log: slog.New(slog.DiscardHandler), Transport: via,
		Limits: Limits{Hello: 1 << 40, Waiting: 1 << 20, Handshakes: 1 << 20, Connections: 1 << 20},
	})
	srv := &http.Server{Handler: h}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	addr := netip.MustParseAddrPort(l.Addr().String())
	handshake := []byte((&rig{addr: addr.String()}).handshake())
	var enc frame.Encoder
	hello := masked(data, enc.Hello(nil, &frame.Hello{Version: protocol.Version, Game: "arena", Name: "ann"}))
	clients := make([]int, 0, n)
	before := weight()
	for range n {
		fd := connect(b, addr, handshake)
		clients = append(clients, fd)
		if hail {
			if _, err := unix.Write(fd, hello); err != nil {
				b.Fatal(err)
			}
			if n, err := unix.Read(fd, make([]byte, 64)); n == 0 || err != nil { // the room's word
				b.Fatal(err)
			}
		}
	}
	after := weight()
	for _, fd := range clients {
		_ = unix.Close(fd)
	}
	_ = h.Shutdown(context.Background())
	_ = srv.Close()
	return load{after.heap - before.heap, after.stacks - before.stacks}
}

// connect is a client that costs this process's heap nothing.
func connect(b testing.TB, addr netip.AddrPort, handshake []byte) int {
	b.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}); err != nil {
		b.Fatal(err)
	}
	if _, err := unix.Write(fd, handshake); err != nil {
		b.Fatal(err)
	}
	if n, err := unix.Read(fd, make([]byte, 1024)); n <= 0 || err != nil {
		b.Fatal(n, err)
	}
	return fd
}

// load is what a process keeps.
type load struct{ heap, stacks int64 }

func weight() load {
	runtime.GC()
	runtime.GC()
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(s)
	return load{int64(s[0].Value.Uint64()), int64(s[1].Value.Uint64())}
}

// lightRooms seats everybody nowhere, and says so.
type lightRooms struct{}

func (lightRooms) Join(_ context.Context, _, _ string, e room.Entrant) (room.Seat, error) {
	e.Sender.Post([]byte("welcome"))
	return deafSeat{}, nil
}

func (deafSeat) Leave() {}
func (deafSeat) Lost()  {}
