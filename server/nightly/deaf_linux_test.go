package nightly

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server"
	"hindsight/server/mono"
)

// TestAClientThatStopsReadingIsGivenUp has half of a full room stop reading while it plays on: how long is each
// kept, and how much does the server's kernel hold for one? (That the others are not delayed is
// TestAClientThatStopsReadingDelaysNobody, whose spans are too short for this.)
func TestAClientThatStopsReadingIsGivenUp(t *testing.T) {
	nightly(t)
	s := newServer(t, "127.0.0.1:0", func(s *server.Server) error { return s.Listen() })
	var readers, deaf []*probe
	for i := range seats {
		conn, err := net.Dial("tcp4", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).SetReadBuffer(4096) // the client's kernel takes little, so that the server's has it
		p := join(t, conn)
		if i < seats/2 {
			readers = append(readers, p)
		} else {
			deaf = append(deaf, p)
		}
	}
	time.Sleep(time.Second)
	stopped := mono.Now()
	for _, p := range deaf {
		p.deaf.Store(true)
	}
	held := 0
	for time.Duration(mono.Now()-stopped)*time.Microsecond < 6*time.Second {
		held = max(held, unsent(t, s.Addr().(*net.TCPAddr).Port))
		time.Sleep(50 * time.Millisecond)
	}
	for _, p := range readers {
		p.end()
	}
	last := protocol.Micros(0)
	for _, p := range deaf {
		at := protocol.Micros(0)
		for _, c := range readers[0].changes {
			if c.player == p.core.Welcome().Player && c.status == frame.Detached && c.at > stopped {
				at = c.at - stopped
			}
		}
		if at == 0 {
			t.Errorf("player %d was not given up", p.core.Welcome().Player)
		}
		last = max(last, at)
	}
	fmt.Printf("%d of %d stop reading: given up after %.2f s at most; the kernel held %d bytes for one at most\n", len(deaf), seats, inMS(last)/1000, held)
	if last > 5250*ms {
		t.Errorf("given up after %.2f s", inMS(last)/1000)
	}
	if held > 256<<10 {
		t.Errorf("%d bytes are held for one", held)
	}
}

// unsent returns the most bytes that the kernel has for one connection of a local port and that the peer has not taken.
func unsent(t *testing.T, port int) (most int) {
	t.Helper()
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) < 5 || !strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				continue
			}
			queue, _, _ := strings.Cut(f[4], ":")
			if n, err := strconv.ParseInt(queue, 16, 64); err == nil {
				most = max(most, int(n))
			}
		}
	}
	return most
}
