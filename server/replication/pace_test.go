package replication

import (
	"testing"

	"hindsight/protocol"
)

const ms = protocol.Millisecond

func TestPaceSkipsWhileTheClientIsBehind(t *testing.T) {
	var p Pace
	now := protocol.Micros(0)
	send := func(n protocol.Tick) { p.Sent(n, now); now += 16 * ms }
	for n := protocol.Tick(1); n <= 10; n++ {
		if !p.May(now) {
			t.Fatalf("frame %d is skipped with nothing outstanding for long", n)
		}
		send(n)
		if n > 3 {
			p.Echo(n-3, now) // a round trip of 48 ms
		}
	}
	if got := p.MinRTT(); got != 64*ms {
		t.Fatalf("MinRTT = %v", got)
	}
	// The client goes silent. Frames go on for the round trip and the budget, then stop but for the floor.
	sent := 0
	for n := protocol.Tick(11); n < 71; n++ {
		if p.May(now) {
			send(n)
			sent++
		} else {
			now += 16 * ms
		}
	}
	if sent < 10 || sent > 16 {
		t.Errorf("%d of 60 frames were sent into silence, want those of the budget and 4 a second", sent)
	}
}

func TestPaceGoesOnWhenEchoesDo(t *testing.T) {
	var p Pace
	p.Sent(1, 0)
	if p.May(paceFloor-1) && p.MinRTT() < 50*ms {
		t.Error("no budget for the first echo")
	}
	p.Echo(1, 400*ms)
	if !p.May(401 * ms) {
		t.Error("nothing is outstanding, yet nothing may be sent")
	}
}

func TestEchoOfTicksNeverSentIsIgnored(t *testing.T) {
	var p Pace
	p.Echo(9, 10)
	p.Sent(10, 100)
	p.Echo(4_000_000, 200)
	if p.RTT() != 0 || p.Echoed() != 0 {
		t.Errorf("RTT %v, echoed %v after an impossible echo", p.RTT(), p.Echoed())
	}
	p.Echo(10, 300)
	if p.RTT() != 200 || p.Echoed() != 10 {
		t.Errorf("RTT %v, echoed %v; want 200, 10", p.RTT(), p.Echoed())
	}
}
