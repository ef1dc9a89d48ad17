package netcode

import (
	"testing"

	"hindsight/protocol"
)

// loop runs a clock against a server whose margins follow from the lead and a transit time, for d.
// It returns the margins of the last second.
func loop(c *clock, now *protocol.Micros, d protocol.Micros, transit func(n int) protocol.Micros) (last []protocol.Micros) {
	return roomyLoop(c, now, d, transit, func() phase { return at(1000) })
}

// roomyLoop is loop with so much room for the lead to grow.
func roomyLoop(c *clock, now *protocol.Micros, d protocol.Micros, transit func(n int) protocol.Micros, room func() phase) (last []protocol.Micros) {
	const step = 2 * ms
	n := 0
	tick := c.pos.tick()
	for end := *now + d; *now < end; *now += step {
		c.advance(*now)
		c.call(*now, tick)
		for c.pos.tick().Sub(tick) > 0 {
			tick++
			n++
			margin := c.rate.micros(at(tick)) - *now - transit(n) // the server's tick t begins at t/60 s
			c.heard(*now, margin, &sentCommand{tick: tick, pos: c.pos, shift: c.shift}, 0, room())
			if end-*now <= protocol.Second {
				last = append(last, margin)
			}
		}
	}
	return last
}

func TestTheServoReachesItsAimFromAnywhere(t *testing.T) {
	for _, off := range []protocol.Micros{-400 * ms, -100 * ms, -20 * ms, 0, 20 * ms, 100 * ms, 400 * ms} {
		c := clock{rate: 60}
		now := 100 * protocol.Second
		c.start(now, c.rate.phase(now+off).tick(), 0)
		for _, m := range loop(&c, &now, 12*protocol.Second, func(int) protocol.Micros { return 30 * ms }) {
			if m < 4500 || m > 5500+2*ms {
				t.Errorf("start off by %d: margin %d", off, m)
				break
			}
		}
		if jumped := c.jumps > 0; jumped != (off < -200*ms || off > 200*ms) {
			t.Errorf("start off by %d: %d jumps", off, c.jumps)
		}
	}
}

func TestTheServoChangesTheRateByAtMostFivePercent(t *testing.T) {
	c := clock{rate: 60}
	now := 100 * protocol.Second
	c.start(now, c.rate.phase(now-100*ms).tick(), 0)
	last := c.pos
	for range 100 {
		loop(&c, &now, 50*ms, func(int) protocol.Micros { return 30 * ms })
		c.advance(now)
		if p := c.pos - last; p < c.rate.phase(50*ms)*94/100 || p > c.rate.phase(50*ms)*106/100 {
			t.Fatalf("%d millionths of a tick in 50 ms", p)
		}
		last = c.pos
	}
}

func TestTheServoFollowsAServerWhoseClockDrifts(t *testing.T) {
	c := clock{rate: 60}
	now := 100 * protocol.Second
	c.start(now, c.rate.phase(now).tick(), 60*ms)
	// 200 ppm: the server falls 1 ms behind every five seconds, so margins would grow for ever.
	for _, m := range loop(&c, &now, 200*protocol.Second, func(n int) protocol.Micros { return 30*ms - protocol.Micros(n)*10/3 }) {
		if m < 4*ms || m > 9*ms {
			t.Errorf("margin %d after 200 s of drift", m)
		}
	}
}

func TestAFewLateCommandsDoNotMoveTheServo(t *testing.T) {
	c := clock{rate: 60}
	now := 100 * protocol.Second
	c.start(now, c.rate.phase(now).tick(), 60*ms)
	loop(&c, &now, 10*protocol.Second, func(int) protocol.Micros { return 30 * ms })
	before := c.shift
	loop(&c, &now, 10*protocol.Second, func(n int) protocol.Micros {
		if n%80 == 0 { // 1.25 %
			return 80 * ms
		}
		return 30 * ms
	})
	if d := c.rate.micros(c.shift - before); d > ms || d < -ms {
		t.Errorf("the lead moved by %d", d)
	}
}

func TestTheLeadHidesStallsThatReturn(t *testing.T) {
	for _, tt := range []struct {
		name       string
		stalls     int // one each 1.6 s
		size, want protocol.Micros
		room       phase
	}{
		{"one alone", 1, 125 * ms, 0, at(1000)},
		{"many", 12, 125 * ms, 125 * ms, at(1000)},
		{"longer than is to be hidden", 12, 400 * ms, 0, at(1000)},
		{"no room", 12, 125 * ms, 50 * ms, at(3)},
	} {
		c := clock{rate: 60}
		now := 100 * protocol.Second
		c.start(now, c.rate.phase(now).tick(), 60*ms)
		transit := func(int) protocol.Micros { return 30 * ms }
		loop(&c, &now, 5*protocol.Second, transit)
		before := c.shift
		room := func() phase { return tt.room + before - c.shift }
		for range tt.stalls {
			roomyLoop(&c, &now, 1600*ms, transit, room)
			tick := c.pos.tick()
			margin := c.rate.micros(at(tick)) - now - 30*ms - tt.size
			c.heard(now, margin, &sentCommand{tick: tick, pos: c.pos, shift: c.shift}, tt.size+17*ms, room())
		}
		roomyLoop(&c, &now, 2*protocol.Second, transit, room)
		if d := c.rate.micros(c.shift - before); d < tt.want-8*ms || d > tt.want+8*ms {
			t.Errorf("%s: the lead grew by %d, want %d", tt.name, d, tt.want)
		}
		if c.jumps != 0 {
			t.Errorf("%s: %d jumps", tt.name, c.jumps)
		}
	}
}

func TestOnlyStallsThatReturnOftenCount(t *testing.T) {
	var s stalls
	for i := range 20 {
		s.note(protocol.Micros(4*i)*protocol.Second, phase(i+1))
	}
	s.note(77*protocol.Second, 30) // in the same bad moment as the last, whose size it takes
	for _, tt := range []struct {
		now  protocol.Micros
		want phase
	}{{77, 16}, {98, 19}, {102, 0}, {200, 0}} {
		if got := s.usual(tt.now * protocol.Second); got != tt.want {
			t.Errorf("after %d s: %d, want %d", tt.now, got, tt.want)
		}
	}
	s = stalls{}
	s.note(0, 5)
	s.note(5*protocol.Second, 7)
	if soon, later := s.usual(6*protocol.Second), s.usual(20*protocol.Second); soon != 5 || later != 0 {
		t.Errorf("two in five seconds: %d, and %d without a third", soon, later)
	}
}

func TestTripForgetsAFasterPath(t *testing.T) {
	var r trip
	r.sample(0, 40*ms)
	if r.smooth != 40*ms || r.min() != 40*ms {
		t.Fatalf("%+v", r)
	}
	for now := protocol.Micros(0); now < 4*protocol.Second; now += 16 * ms {
		r.sample(now, 90*ms)
	}
	if r.min() != 40*ms || r.smooth < 89*ms || r.smooth > 90*ms || r.jitter > ms {
		t.Errorf("after 4 s: %+v", r)
	}
	for now := 4 * protocol.Second; now < 16*protocol.Second; now += 16 * ms {
		r.sample(now, 90*ms)
	}
	if r.min() != 90*ms {
		t.Errorf("after 16 s the least is %d", r.min())
	}
}

func TestLowestKeepsTheSmallest(t *testing.T) {
	var l lowest
	for _, v := range []phase{5, 3, 9, 1, 7, 3} {
		l.add(v, 3)
	}
	if l.n != 3 || l.vals[0] != 1 || l.vals[1] != 3 || l.vals[2] != 3 {
		t.Errorf("%v of %v", l.vals[:l.n], l)
	}
}

func TestPhasesRoundDown(t *testing.T) {
	if phase(-1).tick() != protocol.Tick(0).Add(-1) || phase(0).tick() != 0 || (tickPhase*5-1).tick() != 4 {
		t.Error("tick does not round towards minus infinity")
	}
	if r := rate(60); r.micros(r.phase(123456789)) != 123456789 {
		t.Error("a time does not survive being a phase")
	}
}
