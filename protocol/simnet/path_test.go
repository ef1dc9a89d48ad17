package simnet

import (
	"testing"

	"hindsight/protocol"
)

func TestADialTakesTwoRoundTrips(t *testing.T) {
	p := NewPathOf(Config{Latency: 30 * protocol.Millisecond}, Config{Latency: 50 * protocol.Millisecond})
	if _, open := p.Dial(protocol.Second); open != protocol.Second+160*protocol.Millisecond {
		t.Errorf("open at %d", open)
	}
}

// What is sent into an outage is lost: the first packet of a dial is sent again after 1, 3 and 7 s.
func TestADialInAnOutageWaitsForTheKernel(t *testing.T) {
	const s, rtt = protocol.Second, 100 * protocol.Millisecond
	for _, tt := range []struct{ until, open protocol.Micros }{
		{10*s + 1, 11*s + 2*rtt},
		{11*s + 1, 13*s + 2*rtt},
		{13*s + 1, 17*s + 2*rtt},
		{1000 * s, never},
	} {
		p := NewPath(Config{Latency: rtt / 2})
		p.Stall(9*s, tt.until)
		if _, open := p.Dial(10 * s); min(open, never) != tt.open {
			t.Errorf("outage until %d: open at %d, want %d", tt.until, open, tt.open)
		}
	}
	p := NewPath(Config{Latency: rtt / 2})
	p.Stall(10*s+rtt/2, 10*s+rtt) // which the answer falls into
	if _, open := p.Dial(10 * s); open != 11*s+2*rtt {
		t.Errorf("without an answer open at %d", open)
	}
}

func TestAnOutageMeetsEveryConnection(t *testing.T) {
	p := NewPath(Config{Latency: 10 * protocol.Millisecond, Seed: 3})
	before, _ := p.Dial(0)
	p.Stall(protocol.Second, 3*protocol.Second)
	after, _ := p.Dial(0)
	for _, pair := range []*Pair{before, after} {
		pair.Up.Send(2*protocol.Second, []byte("x"))
		if at, ok := pair.Next(); !ok || at < 3*protocol.Second {
			t.Errorf("a message came through at %d", at)
		}
	}
}

func TestEqualPathsDialAlike(t *testing.T) {
	opens := func() (at [50]protocol.Micros) {
		p := NewPath(Config{Latency: 20 * protocol.Millisecond, Jitter: 5 * protocol.Millisecond, Loss: 100_000, Seed: 9})
		for i := range at {
			_, at[i] = p.Dial(protocol.Micros(i) * protocol.Second)
		}
		return at
	}
	a, b := opens(), opens()
	if a != b {
		t.Error("two paths of one seed differ")
	}
	late := 0
	for i, at := range a {
		if at-protocol.Micros(i)*protocol.Second > 200*protocol.Millisecond {
			late++
		}
	}
	if late == 0 || late == len(a) {
		t.Errorf("%d of %d dials lost a packet at 10 %% loss", late, len(a))
	}
}
