//go:build linux && (amd64 || arm64)

package poll

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a test waits for what must happen before it fails.
const patience = 5 * time.Second

// past is a deadline that is over.
var past = time.Unix(1, 0)

// await polls for a condition that another goroutine brings about.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// descriptors counts this process's open files.
func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// leakless fails a test that leaves a goroutine or a descriptor behind. It comes before all else.
func leakless(t *testing.T) {
	t.Helper()
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil { // Go's poller has its own descriptors from here on
		_ = l.Close()
	}
	before := descriptors(t)
	t.Cleanup(func() {
		goleak.VerifyNone(t)
		await(t, "every descriptor to be given back", func() bool { return descriptors(t) <= before })
	})
}

// pair returns the two ends of a TCP connection; both are closed when the test ends.
func pair(t *testing.T) (server, client *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(); _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return s.(*net.TCPConn), c.(*net.TCPConn)
}

// adopt gives a connection to a poller.
func adopt(t *testing.T, p *Poller, nc net.Conn) *Conn {
	t.Helper()
	c, err := p.Adopt(nc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// spy is an Owner that passes on what it is told.
type spy struct {
	drained chan struct{}
	broken  chan error
	visited chan struct{}
}

func newSpy() *spy {
	return &spy{make(chan struct{}, 1024), make(chan error, 2), make(chan struct{}, 1)}
}

func (s *spy) Drained()         { s.drained <- struct{}{} }
func (s *spy) Broken(err error) { s.broken <- err }
func (s *spy) Visit(time.Time) {
	select {
	case s.visited <- struct{}{}:
	default:
	}
}

// soon waits for a value.
func soon[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
	return v
}

// Whatever comes, in pieces of any size, is read in its order; and so is what is written.
func TestEcho(t *testing.T) {
	leakless(t)
	for name, piece := range map[string]int{"bytes": 1, "less than a buffer": 100, "buffers": 1024, "more": 20_000} {
		t.Run(name, func(t *testing.T) {
			server, client := pair(t)
			c := adopt(t, New(1), server)
			c.Run(newSpy(), func() {
				_, _ = io.CopyBuffer(struct{ io.Writer }{c}, struct{ io.Reader }{c}, make([]byte, 1024))
				_ = c.CloseWrite()
			})
			sent := make([]byte, 200*min(piece, 1000))
			for i := range sent {
				sent[i] = byte(rand.Uint32())
			}
			go func() {
				for rest := sent; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
					if _, err := client.Write(rest[:min(piece, len(rest))]); err != nil {
						return // and the reader says why
					}
				}
				_ = client.CloseWrite()
			}()
			got, err := io.ReadAll(client)
			if err != nil || !bytes.Equal(got, sent) {
				t.Fatalf("%d bytes came back of %d, equal %v, error %v", len(got), len(sent), bytes.Equal(got, sent), err)
			}
		})
	}
}

// A Write that the kernel has no room for returns at once. What it did not take follows as the peer
// reads, in order, and the owner hears when that is done.
func TestWriteDoesNotWait(t *testing.T) {
	leakless(t)
	server, client := pair(t)
	_ = server.SetWriteBuffer(8 << 10)
	c, o := adopt(t, New(1), server), newSpy()
	end := make(chan struct{})
	c.Run(o, func() { c.Aside(func() { <-end }); _ = c.CloseWrite() })
	var sent []byte
	for frame := byte(1); !c.Pending() || len(sent)%3 != 0; frame++ {
		b := bytes.Repeat([]byte{frame}, 5000)
		if n, err := c.Write(b); n != len(b) || err != nil {
			t.Fatalf("written %d of %d: %v", n, len(b), err)
		}
		sent = append(sent, b...)
	}
	close(end)
	got, err := io.ReadAll(client)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%d bytes came of %d, equal %v, error %v", len(got), len(sent), bytes.Equal(got, sent), err)
	}
	soon(t, "the owner to hear", o.drained)
}

// Many goroutines write and one reads: nothing is torn or lost.
func TestWritersBeside(t *testing.T) {
	leakless(t)
	server, client := pair(t)
	_ = server.SetWriteBuffer(8 << 10)
	c := adopt(t, New(1), server)
	const writers, frames, size = 4, 10, 4096 // together less than MaxRest
	end := make(chan struct{})
	c.Run(newSpy(), func() { c.Aside(func() { <-end }); _ = c.CloseWrite() })
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for range frames {
				if _, err := c.Write(bytes.Repeat([]byte{byte(w)}, size)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { all.Wait(); close(end) }()
	got, err := io.ReadAll(client)
	if err != nil || len(got) != writers*frames*size {
		t.Fatalf("%d bytes came, want %d: %v", len(got), writers*frames*size, err)
	}
	for ; len(got) > 0; got = got[size:] {
		if !bytes.Equal(got[:size], bytes.Repeat(got[:1], size)) {
			t.Fatal("two writes were mixed")
		}
	}
}

// A peer that does not read is given up at the deadline of the oldest write, or when it is owed too
// much; its descriptor is still the coroutine's to close.
func TestStalledPeer(t *testing.T) {
	for name, soonest := range map[string]bool{"for too long": true, "with too much": false} {
		t.Run(name, func(t *testing.T) {
			leakless(t)
			server, client := pair(t)
			_, _ = server.SetWriteBuffer(8<<10), client.SetReadBuffer(4<<10)
			c, o := adopt(t, New(1), server), newSpy()
			ended := make(chan error, 1)
			c.Run(o, func() {
				_, err := c.Read(make([]byte, 1))
				ended <- err
			})
			frame := make([]byte, 8<<10)
			if soonest {
				_ = c.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
			}
			written := 0
			var err error
			for ; err == nil && (!soonest || !c.Pending()); written += len(frame) {
				_, err = c.Write(frame)
			}
			if soonest {
				_ = c.SetWriteDeadline(time.Now().Add(time.Hour)) // a later write does not help the older
				_, _ = c.Write(frame)
				err = soon(t, "the owner to hear", o.broken)
			}
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("ended with %v after %d bytes", err, written)
			}
			if _, err := c.Write(frame); err == nil {
				t.Error("another frame was taken")
			}
			if c.Pending() {
				t.Error("it keeps bytes that it will not send")
			}
			if len(ended) > 0 {
				t.Error("the reader ended by itself")
			}
			_ = c.SetReadDeadline(past)
			if err := soon(t, "the reader to end", ended); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the reader ended with %v", err)
			}
		})
	}
}

// A read ends when its deadline is over, at once if another goroutine puts it into the past, and can be
// taken up again.
func TestReadDeadline(t *testing.T) {
	leakless(t)
	server, client := pair(t)
	c := adopt(t, New(1), server)
	errs, again := make(chan error), make(chan string, 1)
	c.Run(newSpy(), func() {
		for range 2 {
			_, err := c.Read(make([]byte, 8))
			c.Aside(func() { errs <- err })
		}
		_ = c.SetReadDeadline(time.Time{})
		b := make([]byte, 8)
		n, _ := c.Read(b)
		again <- string(b[:n])
	})
	_ = c.SetReadDeadline(past)
	for _, how := range []string{"put into the past", "over"} {
		if err := soon(t, "a read to end", errs); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a read whose deadline is %s ended with %v", how, err)
		}
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	}
	if _, err := client.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if got := soon(t, "a read without a deadline", again); got != "hello" {
		t.Errorf("read %q", got)
	}
}

// While one connection waits for something, the others of its shard go on; what it waited for may panic.
func TestAside(t *testing.T) {
	leakless(t)
	p := New(1)
	server, _ := pair(t)
	waiting, free, recovered := adopt(t, p, server), make(chan struct{}), make(chan any, 1)
	waiting.Run(newSpy(), func() {
		defer func() { recovered <- recover() }()
		waiting.Aside(func() {
			<-free
			panic("a bug")
		})
	})
	server, client := pair(t)
	other := adopt(t, p, server)
	other.Run(newSpy(), func() {
		b := make([]byte, 8)
		n, _ := other.Read(b)
		_, _ = other.Write(b[:n])
	})
	_, _ = client.Write([]byte("ping"))
	if got, err := io.ReadAll(client); string(got) != "ping" {
		t.Errorf("the other connection answered %q, %v", got, err)
	}
	close(free)
	if e := soon(t, "the panic", recovered); e == nil {
		t.Error("the panic was lost")
	}
}

// A peer that is gone ends the reader, whichever way it went.
func TestPeerGone(t *testing.T) {
	leakless(t)
	for name, tt := range map[string]struct {
		end  func(client *net.TCPConn)
		want error
	}{
		"FIN": {func(c *net.TCPConn) { _ = c.Close() }, io.EOF},
		"RST": {func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			server, client := pair(t)
			c, ended := adopt(t, New(1), server), make(chan error, 1)
			c.Run(newSpy(), func() {
				_, err := c.Read(make([]byte, 8))
				ended <- err
			})
			tt.end(client)
			if err := soon(t, "the read to end", ended); !errors.Is(err, tt.want) {
				t.Errorf("ended with %v, want %v", err, tt.want)
			}
			await(t, "the connection to be closed", func() bool { _, err := c.Write([]byte("x")); return errors.Is(err, net.ErrClosed) })
		})
	}
}

// What cannot be polled is left as it was: no socket, and no descriptor to be had.
func TestAdoptRefuses(t *testing.T) {
	leakless(t)
	here, there := net.Pipe()
	defer func() { _ = here.Close(); _ = there.Close() }()
	if _, err := New(1).Adopt(here); !errors.Is(err, errors.ErrUnsupported) {
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
		_, err := New(1).Adopt(server)
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

// Connections that come and go, many at a time, with somebody writing to them meanwhile, get their own
// bytes only and leave nothing behind.
func TestChurn(t *testing.T) {
	leakless(t)
	p := New(2)
	var mu sync.Mutex
	open := map[*Conn]byte{}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			mu.Lock()
			for c, mark := range open {
				_, _ = c.Write([]byte{mark}) // may be closed by now, which is the point
			}
			mu.Unlock()
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			c, err := p.Adopt(nc)
			if err != nil {
				t.Error(err)
				return
			}
			c.Run(newSpy(), func() {
				b := make([]byte, 1)
				if _, err := c.Read(b); err != nil {
					return
				}
				mu.Lock()
				open[c] = b[0]
				mu.Unlock()
				_, _ = c.Read(b) // until the client goes
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			})
		}
	}()
	var clients sync.WaitGroup
	for g := range 8 {
		clients.Go(func() {
			for i := range 40 {
				c, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				_ = c.SetDeadline(time.Now().Add(patience))
				mark := byte(g*40 + i)
				_, _ = c.Write([]byte{mark})
				b := make([]byte, 3)
				if _, err := io.ReadFull(c, b); err != nil || !bytes.Equal(b, []byte{mark, mark, mark}) {
					t.Errorf("client %d read %v, %v", mark, b, err)
				}
				if i%2 == 0 {
					_ = c.(*net.TCPConn).SetLinger(0)
				}
				_ = c.Close()
			}
		})
	}
	clients.Wait()
	await(t, "all connections to end", func() bool { mu.Lock(); defer mu.Unlock(); return len(open) == 0 })
	close(stop)
	<-stopped
	_ = l.Close()
	<-accepted
}

// The owner is visited, and a shard that was empty begins again.
func TestVisitAndBeginAgain(t *testing.T) {
	leakless(t)
	p := New(1)
	for range 3 {
		server, client := pair(t)
		c, o := adopt(t, p, server), newSpy()
		c.Run(o, func() { _, _ = c.Read(make([]byte, 1)) })
		soon(t, "a visit", o.visited)
		_ = client.Close()
		await(t, "the shard to be empty", func() bool {
			s := p.shards[0]
			s.mu.Lock()
			defer s.mu.Unlock()
			return !s.running && s.users == 0
		})
	}
}

// Reading and writing a message allocates nothing.
func TestAllocatesNothing(t *testing.T) {
	server, client := pair(t)
	s := newShard()
	if err := s.enter(); err != nil {
		t.Fatal(err)
	}
	s.running = true // the test polls
	fd, err := duplicate(server)
	if err != nil {
		t.Fatal(err)
	}
	c := &Conn{shard: s, fd: fd}
	read := 0
	c.Run(newSpy(), func() {
		for b := make([]byte, 64); ; read++ {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			_, _ = c.Write(b[:n])
		}
	})
	s.poll(time.Now())
	b := make([]byte, 20)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = client.Write(b)
		s.poll(time.Now())
	}); n != 0 || read == 0 {
		t.Errorf("%v allocations a message, %d messages read", n, read)
	}
	_ = client.Close()
	await(t, "the connection to end", func() bool { s.poll(time.Now()); return s.over() })
}
