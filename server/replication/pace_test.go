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

func TestUnheardIsTheAgeOfTheOldestUnconfirmed(t *testing.T) {
	var p Pace
	if got := p.Unheard(500 * ms); got != 0 {
		t.Errorf("%v with nothing sent", got)
	}
	p.Sent(1, 100*ms)
	p.Sent(2, 200*ms)
	if got := p.Unheard(500 * ms); got != 400*ms {
		t.Errorf("%v after the first of two, want 400 ms", got)
	}
	p.Echo(1, 500*ms)
	if got := p.Unheard(500 * ms); got != 300*ms {
		t.Errorf("%v once the first is confirmed, want 300 ms", got)
	}
	p.Echo(2, 600*ms)
	if got := p.Unheard(700 * ms); got != 0 {
		t.Errorf("%v once all is confirmed", got)
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

// line is a client whose echo of a frame comes after a round trip and what delay adds to it.
func line(p *Pace, d protocol.Micros, rtt protocol.Micros, delay func(n int) protocol.Micros) (sent int) {
	type echo struct {
		tick protocol.Tick
		at   protocol.Micros
	}
	var way []echo
	last := protocol.Micros(0)
	for n, now := 1, protocol.Micros(0); now < d; n, now = n+1, now+16*ms {
		for len(way) > 0 && way[0].at <= now {
			p.Echo(way[0].tick, way[0].at)
			way = way[1:]
		}
		if p.May(now) {
			p.Sent(protocol.Tick(n), now)
			last = max(last, now+rtt+delay(n))
			way = append(way, echo{protocol.Tick(n), last})
			sent++
		}
	}
	return sent
}

func TestStallsAndJitterAreNoReasonToSkip(t *testing.T) {
	for _, rtt := range []protocol.Micros{20 * ms, 100 * ms, 200 * ms} {
		stall := func(n int) protocol.Micros {
			if n%60 == 59 { // a lost segment
				return rtt*5/4 + 16*ms
			}
			return protocol.Micros(n*7919%40) * ms
		}
		if sent := line(new(Pace), 60*protocol.Second, rtt, stall); sent < 3700 {
			t.Errorf("RTT %v: %d of 3750 frames were sent", rtt, sent)
		}
	}
}

// A link for two thirds of the frames is used nearly in full, and what waits in it stays little.
func TestAnOverloadedLinkIsKeptTight(t *testing.T) {
	var p Pace
	free, worst, sent := protocol.Micros(0), protocol.Micros(0), 0
	now := protocol.Micros(0)
	delay := func(n int) protocol.Micros {
		now = max(now, protocol.Micros(n-1)*16*ms)
		free = max(free, now) + 24*ms
		if wait := free - now; now > 20*protocol.Second {
			worst = max(worst, wait)
			sent++
		}
		return free - now
	}
	line(&p, 120*protocol.Second, 50*ms, delay)
	if most := 100 * 1000 / 24; sent < most*97/100 || worst > 200*ms {
		t.Errorf("%d frames of %d sent, the worst %v late", sent, most, worst)
	}
}

// A client whose page is hidden confirms nothing for hours. It is sent what it was, and nobody remembers more of
// that than there is memory for; when it is back, it is believed as before.
func TestAnAbsentClientIsNotRemembered(t *testing.T) {
	var p Pace
	now := protocol.Micros(0)
	sent := func(n protocol.Tick) int {
		frames := 0
		for end := n + 60; n < end; n++ {
			if p.May(now) {
				p.Sent(n, now)
				frames++
			}
			now += 16 * ms
		}
		return frames
	}
	p.Away = true
	sent(1)
	if n := sent(61); n < 3 || n > 5 {
		t.Errorf("%d frames in a second, want 4", n)
	}
	if len(p.ring) != paceFew {
		t.Errorf("%d frames are remembered", len(p.ring))
	}
	p.Away = false
	newest := p.flight(p.head - 1).tick
	p.Echo(newest, now)
	if p.Echoed() != newest || p.Unheard(now) != 0 {
		t.Errorf("of %d the client has confirmed %d", newest, p.Echoed())
	}
	if n := sent(121); n < 5 || len(p.ring) == paceFew {
		t.Errorf("%d frames to who has just come back, with %d remembered", n, len(p.ring))
	}
}
