package bots_test

import (
	"net"
	"net/url"
	"sync"
	"testing"

	"hindsight/server/bots"
)

// street is a TCP proxy whose connections can be brought to a standstill: nothing passes and nothing is
// closed, as on a path that is gone.
type street struct {
	net.Listener
	target string

	mu    sync.Mutex
	still chan struct{} // closed: what was open by then stands still
	conns []net.Conn
}

// pave opens a street to a server and returns it with its address.
func pave(t *testing.T, server string) (*street, string) {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &street{Listener: l, target: to.Host, still: make(chan struct{})}
	go s.serve()
	t.Cleanup(s.close)
	return s, "http://" + l.Addr().String()
}

func (s *street) serve() {
	for {
		near, err := s.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", s.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		s.mu.Lock()
		still := s.still
		s.conns = append(s.conns, near, far)
		s.mu.Unlock()
		go pass(near, far, still)
		go pass(far, near, still)
	}
}

// pass copies until the end, or until all stands still.
func pass(from, to net.Conn, still <-chan struct{}) {
	b := make([]byte, 4096)
	for {
		n, err := from.Read(b)
		select {
		case <-still:
			return
		default:
		}
		if _, bad := to.Write(b[:n]); err != nil || bad != nil {
			_ = to.Close()
			return
		}
	}
}

// stall brings the connections that are open now to a standstill.
func (s *street) stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.still)
	s.still = make(chan struct{})
}

func (s *street) close() {
	_ = s.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
}

// A bot whose connection falls silent plays on over a second one, in the same room, and its totals go on.
func TestASecondConnectionRescuesABot(t *testing.T) {
	s, addr := pave(t, serve(t))
	swarm := swarm(t, bots.Config{URL: addr, Clients: 2, Seed: 1})
	stalled := [2]int{}
	until(t, swarm, func(rs []bots.Report) bool {
		for i, r := range rs {
			if r.Net.Snapshots < 60 {
				return false
			}
			if stalled[i] == 0 {
				stalled[i] = r.Net.Snapshots
			}
		}
		if s != nil {
			s.stall()
			s = nil
		}
		for i, r := range rs {
			if r.Rescued == 0 || r.Net.Snapshots < stalled[i]+60 {
				return false
			}
		}
		return true
	})
	if err := swarm.Err(); err != nil {
		t.Error(err)
	}
	for _, r := range swarm.Reports() {
		if r.Net.Connections != 1+r.Rescued || r.Net.Corrections.Unknown != 0 {
			t.Errorf("%+v", r)
		}
	}
}
