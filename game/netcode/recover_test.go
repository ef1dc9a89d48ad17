package netcode

import (
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/simnet"
)

func TestAStallIsRecoveredFromWithinHalfASecond(t *testing.T) {
	for _, outage := range []protocol.Micros{500 * ms, 2000 * ms, 5000 * ms} {
		a := newAuthority(t, 4)
		p := a.join(clean(50*ms), 144, wander())
		a.run(10 * protocol.Second)
		lead := p.client.Stats().Lead
		p.link.Stall(a.now, a.now+outage)
		a.run(100 * ms) // sends into the outage start the retransmission timers
		up, ok := p.link.Down.Next()
		if !ok {
			t.Fatal("nothing is held up")
		}
		a.run(up - a.now + 500*ms)

		absent, s := p.absent, *p.client.Stats()
		if late := a.match.Tick().Sub(p.client.past.Newest()); late > 3 {
			t.Errorf("outage %d: newest snapshot is %d ticks old", outage, late)
		}
		if s.Delay > 160*ms || s.ViewJumps > 1 {
			t.Errorf("outage %d: delay %d, view jumps %d", outage, s.Delay, s.ViewJumps)
		}
		if d := s.Lead - lead; d < -5*ms || d > 5*ms {
			t.Errorf("outage %d: lead %d before, %d after", outage, lead, s.Lead)
		}
		a.run(5 * protocol.Second)
		after := p.client.Stats()
		if p.absent != absent || after.Corrections.Corrected() != s.Corrections.Corrected() {
			t.Errorf("outage %d: after recovery %d late inputs, %d corrections", outage, p.absent-absent,
				after.Corrections.Corrected()-s.Corrections.Corrected())
		}
		if after.Corrections.Unknown != 0 || after.ClockJumps != 0 {
			t.Errorf("outage %d: %+v, %d clock jumps", outage, after.Corrections, after.ClockJumps)
		}
	}
}

func TestAPausedOwnerComesBackWithoutABurst(t *testing.T) {
	a := newAuthority(t, 4)
	p := a.join(clean(50*ms), 144, wander())
	a.run(10 * protocol.Second)
	before := *p.client.Stats()
	p.asleep = pause{a.now, a.now + 10*protocol.Second}
	a.run(10*protocol.Second + 300*ms)
	s := *p.client.Stats()
	if p.largest > protocol.MaxCommands {
		t.Errorf("%d commands in one frame", p.largest)
	}
	if n := s.FramesOut - before.FramesOut; n > 25 {
		t.Errorf("%d frames sent for the pause and a third of a second", n)
	}
	if n := s.Unsent - before.Unsent; n < 585 || n > 600 {
		t.Errorf("%d commands skipped for 600 ticks", n)
	}
	absent := p.absent
	a.run(5 * protocol.Second)
	if s := p.client.Stats(); p.absent != absent || s.Corrections.Unknown != 0 || s.ClockJumps != 0 || s.Delay > 50*ms {
		t.Errorf("after the pause %d late inputs, %+v", p.absent-absent, *s)
	}
}

func TestASlowUplinkMergesCommands(t *testing.T) {
	a := newAuthority(t, 1)
	p := a.join(simnet.Config{Latency: 25 * ms, Seed: 1}, 144, wander())
	up := simnet.Config{Latency: 25 * ms, Rate: 2000, Overhead: 78}
	p.link = simnet.NewPairOf(up, clean(50*ms))
	p.link.Up.Send(0, p.client.Hello(p.skew))
	worst := 0
	p.watch = func(p *peer, _ *Picture) { worst = max(worst, p.link.Up.Backlog(a.now)) }
	a.run(30 * protocol.Second)
	if p.largest < 2 || p.largest > protocol.MaxCommands {
		t.Errorf("at most %d commands in a frame", p.largest)
	}
	if worst > 600 {
		t.Errorf("%d bytes waited in the socket", worst)
	}
	if s := p.client.Stats(); s.FramesOut > 1000 || s.Commands < 1700 {
		t.Errorf("%d frames for %d commands", s.FramesOut, s.Commands)
	}
}

// A base that lies a whole turn of the history's ring back shares its slot with the new snapshot.
func TestABaseOneRingBackIsStillThere(t *testing.T) {
	a := newAuthority(t, 8)
	p := a.join(clean(50*ms), 144, wander())
	for i := range 20 {
		p.gap = 60 + i // the first time there is no base yet
		a.run(3 * protocol.Second)
	}
	if s := p.client.Stats(); p.viewErrors != 0 || p.viewsChecked < 1000 || s.Corrections.Corrected() != 0 || s.Skipped != 1390-60 {
		t.Errorf("%d of %d views differ; %+v", p.viewErrors, p.viewsChecked, *s)
	}
}

func TestAServerThatShiftsItsScheduleIsFollowed(t *testing.T) {
	for _, shift := range []protocol.Micros{40 * ms, 200 * ms, 700 * ms} {
		a := newAuthority(t, 2)
		p := a.join(clean(50*ms), 144, wander())
		a.run(20 * protocol.Second)
		before := *p.client.Stats()
		a.origin += shift
		a.run(20 * protocol.Second)
		absent := p.absent
		p.margins = p.margins[:0]
		a.run(5 * protocol.Second)
		for _, m := range p.margins {
			if m := protocol.Micros(m) * quarter; m < 4500 || m > 6*ms+p.frame {
				t.Errorf("shift %d: margin %d", shift, m)
				break
			}
		}
		s := p.client.Stats()
		if p.absent != absent || s.Corrections.Unknown != 0 || s.Delay > before.Delay+ms || s.Delay < before.Delay-ms {
			t.Errorf("shift %d: %d late inputs, delay %d, before %d, %+v", shift, p.absent-absent, s.Delay, before.Delay, s.Corrections)
		}
	}
}
