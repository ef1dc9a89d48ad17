package simnet

import (
	"encoding/binary"
	"testing"

	"hindsight/protocol"
)

const ms = protocol.Millisecond

// arrival is a message as the receiver sees it.
type arrival struct {
	n  int
	at protocol.Micros
}

// run sends count numbered messages every gap and polls for arrivals until all are there.
func run(l *Link, count int, gap protocol.Micros) (got []arrival) {
	var b [4]byte
	sent := 0
	for now := protocol.Micros(0); len(got) < count; now += 100 {
		if sent < count && now >= protocol.Micros(sent)*gap {
			binary.LittleEndian.PutUint32(b[:], uint32(sent))
			l.Send(now, b[:])
			sent++
		}
		for {
			at, _ := l.Next()
			msg, ok := l.Deliver(now)
			if !ok {
				break
			}
			got = append(got, arrival{int(binary.LittleEndian.Uint32(msg)), at})
		}
		if now > 1000*protocol.Second { // the callers count what came
			break
		}
	}
	return got
}

func TestPerfectWireDeliversAtOnce(t *testing.T) {
	for i, a := range run(New(Config{}), 100, 16*ms) {
		if a.n != i || a.at != protocol.Micros(i)*16*ms {
			t.Fatalf("arrival %d is %+v", i, a)
		}
	}
}

func TestEveryMessageArrivesOnceAndInOrder(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		l := New(Config{Latency: 40 * ms, Jitter: 8 * ms, Loss: 50_000, Rate: 20_000, Overhead: 78, Seed: seed})
		l.Stall(3000*ms, 3700*ms)
		const count = 600
		got := run(l, count, 16*ms)
		if len(got) != count {
			t.Fatalf("seed %d: %d of %d messages arrived", seed, len(got), count)
		}
		for i, a := range got {
			if a.n != i {
				t.Fatalf("seed %d: message %d arrived as number %d", seed, a.n, i)
			}
			if i > 0 && a.at < got[i-1].at {
				t.Fatalf("seed %d: message %d overtook the one before", seed, i)
			}
			if a.at < protocol.Micros(i)*16*ms+40*ms {
				t.Fatalf("seed %d: message %d arrived before light could carry it", seed, i)
			}
		}
		if c := l.Count(); c.Messages != count || c.Bytes != 4*count || c.Lost == 0 || c.Broken == 0 {
			t.Errorf("seed %d: count %+v", seed, c)
		}
	}
}

func TestEqualSeedsGiveEqualDeliveries(t *testing.T) {
	cfg := Config{Latency: 30 * ms, Jitter: 5 * ms, Loss: 20_000, Seed: 7}
	a, b := run(New(cfg), 2000, 16*ms), run(New(cfg), 2000, 16*ms)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("message %d: %+v and %+v", i, a[i], b[i])
		}
	}
	cfg.Seed = 8
	if c := run(New(cfg), 2000, 16*ms); a[1999].at == c[1999].at && a[1000].at == c[1000].at {
		t.Error("another seed gave the same deliveries")
	}
}

func TestLossCostsARoundTripAndTheGapToTheNextSegment(t *testing.T) {
	tests := []struct{ rtt, gap protocol.Micros }{
		{20 * ms, 16 * ms}, {50 * ms, 16 * ms}, {50 * ms, 33 * ms}, {100 * ms, 16 * ms}, {200 * ms, 16 * ms}, {200 * ms, 33 * ms},
	}
	for _, tt := range tests {
		l := New(Config{Latency: tt.rtt / 2, Loss: 2_000, Seed: 3})
		want := tt.rtt + max(tt.gap, tt.rtt/4)
		seen := 0
		var prev protocol.Micros
		for i, a := range run(l, 20_000, tt.gap) {
			late := a.at - protocol.Micros(i)*tt.gap - tt.rtt/2
			if late > 0 && prev == 0 { // the first of a stall
				seen++
				if late != want && late <= want+tt.gap { // two in a row lost cost a gap more
					t.Errorf("RTT %d gap %d: message %d was %d late, want %d", tt.rtt, tt.gap, i, late, want)
				}
			}
			prev = late
		}
		if seen < 20 {
			t.Errorf("RTT %d gap %d: only %d stalls in 20,000 messages at 0.2 %% loss", tt.rtt, tt.gap, seen)
		}
	}
}

// lossOf returns a link of that round trip on which message number n and no other of the first
// twenty is lost, and its retransmission is not.
func lossOf(t *testing.T, n int, rtt protocol.Micros) *Link {
	cfg := Config{Latency: rtt / 2, Loss: 50_000}
	for ; cfg.Seed < 100_000; cfg.Seed++ {
		l := New(cfg)
		lost := -1
		for i := range 20 {
			if l.Send(0, nil); l.Count().Lost == 1 && lost < 0 {
				lost = i
			}
		}
		if lost == n && l.Count().Lost == 1 && l.queue[n].again == 0 {
			return New(cfg)
		}
	}
	t.Fatal("no seed loses just that message")
	return nil
}

func TestMessagesBehindALossArriveTogether(t *testing.T) {
	l := lossOf(t, 1, 100*ms)
	for i := range 8 {
		l.Send(protocol.Micros(i)*16*ms, []byte{byte(i)})
	}
	want := 16*ms + 50*ms + 100*ms + 25*ms
	for i := range 8 {
		at, _ := l.Next()
		if i == 0 && at != 50*ms || i > 0 && at != max(want, protocol.Micros(i)*16*ms+50*ms) {
			t.Errorf("message %d delivered at %d", i, at)
		}
		if msg, ok := l.Deliver(at); !ok || msg[0] != byte(i) {
			t.Fatalf("message %d: got %v %v", i, msg, ok)
		}
	}
}

func TestALoneLostMessageWaitsForTheTailProbe(t *testing.T) {
	for _, rtt := range []protocol.Micros{50 * ms, 100 * ms, 300 * ms} {
		l := lossOf(t, 0, rtt)
		l.Send(0, []byte{1})
		want := min(2*rtt+40*ms, (rtt+200*ms)*17/16) + rtt/2
		if at, _ := l.Next(); at != want {
			t.Errorf("RTT %d: delivered at %d, want %d", rtt, at, want)
		}
		l.Send(want, []byte{2}) // long after the probe: it changes nothing
		if at, _ := l.Next(); at != want {
			t.Errorf("RTT %d: after another message delivered at %d, want %d", rtt, at, want)
		}
	}
}

func TestAnOutageDoublesTheTimeout(t *testing.T) {
	tests := []struct{ length, firstSent, want protocol.Micros }{
		// RTT 50 ms: timeout 250 ms and a sixteenth of it; attempts 1, 2, 4, ... of them after the first loss.
		{200 * ms, 0, 265_625},
		{500 * ms, 0, 2 * 265_625},
		{1000 * ms, 0, 4 * 265_625},
		{3000 * ms, 0, 16 * 265_625},
		{3000 * ms, 100 * ms, 100*ms + 16*265_625},
		{5000 * ms, 0, 32 * 265_625},
	}
	for _, tt := range tests {
		l := New(Config{Latency: 25 * ms})
		l.Stall(0, tt.length)
		for now := tt.firstSent; now < tt.want; now += 16 * ms {
			l.Send(now, []byte{1})
		}
		at, _ := l.Next()
		if at != tt.want+25*ms {
			t.Errorf("outage of %d: first delivery at %d, want %d", tt.length, at, tt.want+25*ms)
		}
		n := 0
		for _, ok := l.Deliver(at); ok; _, ok = l.Deliver(at) {
			n++
		}
		if n < int((tt.want-tt.firstSent)/(16*ms)) {
			t.Errorf("outage of %d: %d messages arrived in the burst", tt.length, n)
		}
		l.Send(tt.want+16*ms, []byte{2})
		if at, _ := l.Next(); at != tt.want+16*ms+25*ms {
			t.Errorf("outage of %d: after it, delivery at %d", tt.length, at)
		}
	}
}

func TestRateQueuesAtTheSender(t *testing.T) {
	l := New(Config{Latency: 10 * ms, Rate: 10_000, Overhead: 50})
	for i := 0; i < 10; i++ {
		l.Send(0, make([]byte, 50)) // 100 bytes each: 10 ms
	}
	if got := l.Backlog(0); got != 500 {
		t.Errorf("backlog %d, want 500", got)
	}
	if got := l.Backlog(55 * ms); got != 250 {
		t.Errorf("backlog after 55 ms %d, want 250", got)
	}
	for i := 1; i <= 10; i++ {
		at, _ := l.Next()
		if at != protocol.Micros(i)*10*ms+10*ms {
			t.Errorf("message %d delivered at %d", i, at)
		}
		l.Deliver(at)
	}
}

func TestJitterHasTheMeanAskedFor(t *testing.T) {
	r := rng{1}
	var sum protocol.Micros
	const n = 200_000
	for range n {
		sum += r.exponential(5 * ms)
	}
	if mean := sum / n; mean < 4500 || mean > 5500 {
		t.Errorf("mean %d, want 5000 within 10 %%", mean)
	}
}

func TestPairSharesTheRoundTripAndNotTheLuck(t *testing.T) {
	p := NewPairOf(Config{Latency: 10 * ms, Loss: 100_000, Seed: 5}, Config{Latency: 30 * ms, Loss: 100_000, Seed: 5})
	if p.Up.cfg.RTT != 40*ms || p.Down.cfg.RTT != 40*ms {
		t.Errorf("round trips %d and %d, want 40 ms", p.Up.cfg.RTT, p.Down.cfg.RTT)
	}
	if p.Up.cfg.Seed == p.Down.cfg.Seed {
		t.Error("both directions have the same seed")
	}
	p = NewPair(Config{Latency: 10 * ms})
	if _, ok := p.Next(); ok {
		t.Error("an idle pair has a next delivery")
	}
	p.Up.Send(5*ms, []byte{1})
	p.Down.Send(3*ms, []byte{1})
	if at, ok := p.Next(); !ok || at != 13*ms {
		t.Errorf("next delivery at %d", at)
	}
	p.Stall(20*ms, 40*ms)
	p.Down.Deliver(protocol.Second)
	p.Up.Send(20*ms, nil)
	p.Up.Deliver(protocol.Second)
	if at, ok := p.Next(); !ok || at != 20*ms+233_750+10*ms {
		t.Errorf("after a stall, next delivery at %d", at)
	}
}

func TestSteadyTrafficAllocatesNothing(t *testing.T) {
	l := New(Config{Latency: 30 * ms, Jitter: 3 * ms, Loss: 10_000, Seed: 2})
	now, msg := protocol.Micros(0), make([]byte, 200)
	step := func() {
		now += 16 * ms
		l.Send(now, msg)
		for _, ok := l.Deliver(now); ok; _, ok = l.Deliver(now) {
		}
	}
	for range 2000 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n > 0 {
		t.Errorf("%v allocations per message", n)
	}
}
