package nightly

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hindsight/protocol"
	"hindsight/server/alarm"
	"hindsight/server/mono"
)

// line is what a wire does to each packet of a direction.
type line struct {
	Latency, Jitter protocol.Micros // jitter is exponential; packets stay in order
	Loss            float64         // share of packets
	Rate            int             // bytes per second, 0 for no limit
	Queue           int             // bytes that wait for a limited rate before packets are dropped
}

// wire is two network namespaces joined by a line: TUN devices whose packets this process carries
// from one to the other. Everything between is the kernel's own TCP.
type wire struct {
	near, far *end
	down      atomic.Bool
	lost      atomic.Int64
}

// end is one namespace. Its goroutine keeps the thread that is inside.
type end struct {
	addr net.IP
	tun  *os.File
	jobs chan func()
}

const tcpPort = 7777

// newWire lays a wire for the length of the test, or skips it where that is not allowed.
func newWire(t testing.TB, up, down line) *wire {
	t.Helper()
	w := &wire{}
	var err error
	if w.near, err = newEnd(t, net.IPv4(10, 77, 0, 1)); err == nil {
		w.far, err = newEnd(t, net.IPv4(10, 77, 0, 2))
	}
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, os.ErrNotExist) {
		t.Skipf("SKIPPED: losing packets needs network namespaces and /dev/net/tun, which this user may not use: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.carry(t, w.near.tun, w.far.tun, up)
	w.carry(t, w.far.tun, w.near.tun, down)
	return w
}

// mayWire reports whether this user may lay wires.
func mayWire() bool {
	ok := make(chan bool)
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine
		tun, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
		if err == nil {
			_ = tun.Close()
			err = unix.Unshare(unix.CLONE_NEWNET)
		}
		ok <- err == nil
	}()
	return <-ok
}

// newEnd makes a namespace with a TUN device of that address in it.
func newEnd(t testing.TB, addr net.IP) (*end, error) {
	e := &end{addr: addr, jobs: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: the thread ends with the goroutine and is never anyone else's
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			e.tun, err = openTun(addr)
		}
		ready <- err
		for job := range e.jobs {
			job()
		}
	}()
	err := <-ready
	t.Cleanup(func() { close(e.jobs) })
	return e, err
}

// openTun makes the calling thread's namespace a TUN device that is up.
func openTun(addr net.IP) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err}
	}
	tun := func() error {
		s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer func() { _ = unix.Close(s) }()
		lo, err := unix.NewIfreq("lo")
		if err != nil {
			return err
		}
		lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo); err != nil {
			return err
		}
		req, err := unix.NewIfreq("wire0")
		if err != nil {
			return err
		}
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, req); err != nil {
			return err
		}
		_ = req.SetInet4Addr(addr.To4()) // fails only for what is no IPv4 address
		if err := unix.IoctlIfreq(s, unix.SIOCSIFADDR, req); err != nil {
			return err
		}
		_ = req.SetInet4Addr(net.IPv4(255, 255, 255, 0).To4())
		if err := unix.IoctlIfreq(s, unix.SIOCSIFNETMASK, req); err != nil {
			return err
		}
		req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, req)
	}
	if err := tun(); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("wire0: %w", err)
	}
	return os.NewFile(uintptr(fd), "wire0"), nil
}

// dial connects from inside.
func (e *end) dial(network, addr string) (c net.Conn, err error) {
	err = e.do(func() (err error) {
		c, err = net.DialTimeout(network, addr, 20*time.Second)
		return err
	})
	return c, err
}

// do runs f on the thread inside.
func (e *end) do(f func() error) error {
	done := make(chan error)
	e.jobs <- func() { done <- f() }
	return <-done
}

// packet is one under way.
type packet struct {
	data []byte
	at   protocol.Micros
}

// carry takes packets from one end to the other until the test ends.
func (w *wire) carry(t testing.TB, from, to *os.File, l line) {
	way := make(chan packet, 4096)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(way)
		var last, sent protocol.Micros
		for {
			b := make([]byte, 2048)
			n, err := from.Read(b)
			if err != nil {
				return
			}
			now := mono.Now()
			if w.down.Load() || rand.Float64() < l.Loss {
				w.lost.Add(1)
				continue
			}
			p := packet{b[:n], now}
			if l.Rate > 0 {
				if sent = max(sent, now); int(sent-now)*l.Rate/int(protocol.Second) > l.Queue {
					w.lost.Add(1)
					continue
				}
				sent += protocol.Micros(n * int(protocol.Second) / l.Rate)
				p.at = sent
			}
			p.at += l.Latency + protocol.Micros(rand.ExpFloat64()*float64(l.Jitter))
			p.at = max(p.at, last)
			last = p.at
			way <- p
		}
	})
	wg.Go(func() {
		a := alarm.NewClock(mono.Now).New()
		defer a.Close()
		for p := range way {
			for mono.Now() < p.at {
				a.Wait(p.at)
			}
			_, _ = to.Write(p.data) // fails only once the test is over
		}
	})
	t.Cleanup(func() {
		_ = from.Close() // ends both goroutines
		wg.Wait()
	})
}

// dial connects the near end with the far end.
func (w *wire) dial(t testing.TB) (near, far *net.TCPConn) {
	t.Helper()
	l := w.listen(t)
	defer func() { _ = l.Close() }()
	near, err := w.call()
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	far = c.(*net.TCPConn)
	t.Cleanup(func() {
		for _, c := range []*net.TCPConn{near, far} {
			_ = c.SetLinger(0)
			_ = c.Close()
		}
	})
	return near, far
}

// listen opens the far end's port.
func (w *wire) listen(t testing.TB) (l net.Listener) {
	t.Helper()
	err := w.far.do(func() (err error) {
		l, err = net.Listen("tcp4", fmt.Sprintf("%v:%d", w.far.addr, tcpPort))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// call connects to the far end's port.
func (w *wire) call() (*net.TCPConn, error) {
	c, err := w.near.dial("tcp4", fmt.Sprintf("%v:%d", w.far.addr, tcpPort))
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

// forward takes connections on loopback across the wire, and returns where.
func (w *wire) forward(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = c.Close() }()
				over, err := w.call()
				if err != nil {
					return
				}
				defer func() { _ = over.Close() }()
				wg.Go(func() { _, _ = io.Copy(over, c); _ = over.CloseWrite() })
				_, _ = io.Copy(c, over)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); w.down.Store(false); wg.Wait() })
	return l.Addr().String()
}
