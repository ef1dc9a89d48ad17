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
)

// Whatever comes, in pieces of any size, is read in its order; and so is what is written.
func TestEcho(t *testing.T) {
	leakless(t)
	for name, piece := range map[string]int{"bytes": 1, "less than a buffer": 100, "buffers": 1024, "more": 20_000} {
		t.Run(name, func(t *testing.T) {
			server, client := pair(t)
			c := adopt(t, newPoller(1), server)
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
	c, o := adopt(t, newPoller(1), server), newSpy()
	end := make(chan struct{})
	c.Run(o, func() { c.Aside(func() { <-end }); _ = c.CloseWrite() })
	var sent []byte
	for frame := byte(1); c.Pending() == 0 || len(sent)%3 != 0; frame++ {
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
	c := adopt(t, newPoller(1), server)
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
			c, o := adopt(t, newPoller(1), server), newSpy()
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
			for ; err == nil && (!soonest || c.Pending() == 0); written += len(frame) {
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
			if c.Pending() > 0 {
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
	c := adopt(t, newPoller(1), server)
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
	p := newPoller(1)
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
			c, ended := adopt(t, newPoller(1), server), make(chan error, 1)
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

// The owner has the first look at what comes, in order, and the reader gets what it leaves; also when the
// reader was busy with something else, and when more comes than fits the buffer.
func TestTakeComesFirst(t *testing.T) {
	leakless(t)
	server, client := pair(t)
	c, o := adopt(t, newPoller(1), server), newSpy()
	var taken, read []byte
	o.take = func(b []byte) int { // digits are taken
		n := 0
		for n < len(b) && b[n] <= '9' {
			n++
		}
		taken = append(taken, b[:n]...)
		clear(b[:n])
		return n
	}
	started, ended := make(chan struct{}), make(chan struct{})
	c.Run(o, func() {
		defer close(ended)
		b := make([]byte, 1) // or it would get digits behind letters
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			if read = append(read, b[:n]...); len(read) == 1 {
				c.Aside(func() { <-started })
			}
		}
	})
	sent := append([]byte("w"), bytes.Repeat([]byte("12ab3c4444xyzw5"), 5000)...)
	go func() {
		_, _ = client.Write(sent[:7])
		close(started)
		_, _ = client.Write(sent[7:])
		_ = client.CloseWrite()
	}()
	soon(t, "the reader to end", ended)
	digit := func(want bool) (b []byte) {
		for _, c := range sent {
			if (c <= '9') == want {
				b = append(b, c)
			}
		}
		return b
	}
	if !bytes.Equal(taken, digit(true)) || !bytes.Equal(read, digit(false)) {
		t.Errorf("%d bytes were taken and %d read of %d", len(taken), len(read), len(sent))
	}
}
