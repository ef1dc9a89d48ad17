//go:build linux && (amd64 || arm64)

package poll

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"hindsight/protocol"
)

// Connections that come and go, many at a time, with somebody writing to them meanwhile, get their own
// bytes only and leave nothing behind.
func TestChurn(t *testing.T) {
	leakless(t)
	p := newPoller(2)
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
	p := newPoller(1)
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

// pipe returns the two ends of a connection that hands over at once what is written, which loopback may
// leave to another thread.
func pipe(t *testing.T) (server, client net.Conn) {
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
		t.Cleanup(func() { _ = ends[i].Close() })
	}
	return ends[0], ends[1]
}

// byHand is a connection in a shard that the test polls; end is called last.
func byHand(t *testing.T, server net.Conn) (c *Conn, end func()) {
	t.Helper()
	c = adopt(t, newPoller(1), server)
	s := c.shard
	s.running = true
	return c, func() {
		t.Helper()
		await(t, "the connection to end", func() bool { s.poll(time.Now()); return s.over() })
	}
}

// What came before a poll is read in it, however many messages it is: it is late by no more than the
// poll is. A flood waits for the next one.
func TestOnePollReadsEverything(t *testing.T) {
	leakless(t)
	server, client := pipe(t)
	c, end := byHand(t, server)
	read, buffer := 0, make([]byte, 32)
	c.Run(newSpy(), func() {
		for {
			n, err := c.Read(buffer)
			if read += n; err != nil {
				return
			}
		}
	})
	c.shard.poll(time.Now())
	for _, messages := range []int{1, 3, 20} {
		for range messages {
			_, _ = client.Write(make([]byte, 20))
		}
		read = 0
		if c.shard.poll(time.Now()); read != 20*messages {
			t.Errorf("%d bytes of %d messages of 20 were read", read, messages)
		}
	}
	_, _ = client.Write(make([]byte, 3*bufferSize))
	for i := range 3 {
		read = 0
		if c.shard.poll(time.Now()); read != bufferSize {
			t.Errorf("poll %d of a flood read %d bytes", i, read)
		}
	}
	_ = client.Close()
	end()
}

// Where a crowd goes in one moment, a poll sees to so many of their ends and leaves the others to the next ones,
// in which those who are still there are read as ever.
func TestEndsAreSpread(t *testing.T) {
	leakless(t)
	p := newPoller(1)
	s := p.shards[0]
	const crowd = 3*mostEnds - 10
	var clients []net.Conn
	ended, read := 0, 0
	come := func(f func(c *Conn)) net.Conn {
		server, client := pipe(t)
		c := adopt(t, p, server)
		s.running = true // so that no goroutine is begun
		c.Run(newSpy(), func() { f(c) })
		return client
	}
	for range crowd {
		clients = append(clients, come(func(c *Conn) {
			_, _ = c.Read(make([]byte, 8))
			ended++
		}))
	}
	stays := come(func(c *Conn) {
		for b := make([]byte, 8); ; read++ {
			if _, err := c.Read(b); err != nil {
				return
			}
		}
	})
	s.poll(time.Now())
	for _, c := range clients {
		_ = c.Close()
	}
	for i := 1; i <= 3; i++ {
		_, _ = stays.Write([]byte("ping"))
		s.poll(time.Now())
		if ended != min(i*mostEnds, crowd) || read != i {
			t.Errorf("after poll %d: %d of %d have ended, %d of %d messages were read", i, ended, crowd, read, i)
		}
	}
	_ = stays.Close()
	await(t, "the connection to end", func() bool { s.poll(time.Now()); return s.over() })
}

// A process that was held up past a deadline reads what came meanwhile, and only then sees who is silent.
func TestHeldUp(t *testing.T) {
	leakless(t)
	server, client := pipe(t)
	c, end := byHand(t, server)
	var read []error
	c.Run(newSpy(), func() {
		for err := error(nil); err == nil; read = append(read, err) {
			_, err = c.Read(make([]byte, 32))
		}
	})
	now := time.Now()
	_ = c.SetReadDeadline(now.Add(time.Second))
	c.shard.poll(now)
	_, _ = client.Write([]byte("pong"))
	for range Sweeps {
		c.shard.poll(now.Add(2 * time.Second))
	}
	if len(read) != 2 || read[0] != nil || !errors.Is(read[1], os.ErrDeadlineExceeded) {
		t.Errorf("calls of Read ended with %v, want the message and then the deadline", read)
	}
	end()
}

// Reading and writing a message allocates nothing.
func TestAllocatesNothing(t *testing.T) {
	leakless(t)
	server, client := pipe(t)
	c, end := byHand(t, server)
	s, read := c.shard, 0
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
	end()
}

// Polls have moments in common with ticks, and come first: never more than ten microseconds before.
func TestPollsAreOnTheTicksGrid(t *testing.T) {
	const rate = 60
	for now := protocol.Micros(0); now < 3*protocol.Second; now += 777 {
		at := after(now)
		if at < now-1 || at > now+protocol.Micros(Period.Microseconds())+1 {
			t.Fatalf("the poll after %d is at %d", now, at)
		}
		if later := after(at + 2); later-at < 4166 || later-at > 4167 {
			t.Fatalf("polls at %d and %d", at, later)
		}
	}
	for tick := protocol.Micros(1); tick < 1000; tick++ {
		due := tick * protocol.Second / rate
		for _, late := range []protocol.Micros{0, 1, 2} { // by rounding, of phase, origin and tick
			if at := after(due - late - 10); at > due-late || at < due-10 {
				t.Fatalf("tick %d is due at %d, the poll before it at %d", tick, due-late, at)
			}
		}
	}
}
