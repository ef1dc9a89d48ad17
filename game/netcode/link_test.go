package netcode

import (
	"fmt"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/simnet"
)

// These tests run clients against the small authority over links in virtual time. Their numbers are
// exact: a change in any of them is a change in the code.

var trips = []protocol.Micros{0, 50 * ms, 100 * ms, 200 * ms}

func clean(rtt protocol.Micros) simnet.Config { return simnet.Config{Latency: rtt / 2, Seed: 11} }

func TestALonePlayerIsNeverCorrected(t *testing.T) {
	for _, rtt := range trips {
		ticks := 10_000
		if rtt == 100*ms && !testing.Short() {
			ticks = 100_000
		}
		a := newAuthority(t, 4)
		p := a.join(clean(rtt), 144, wander())
		a.run(protocol.Micros(ticks) * protocol.Second / 60)
		s := p.client.Stats()
		if n := s.Corrections.Corrected(); n != 0 || s.Corrections.Confirmed < ticks-30 {
			t.Errorf("RTT %d: %d corrections in %d ticks: %+v %+v", rtt, n, ticks, s.Corrections, s.LastMismatch)
		}
		if s.ClockJumps != 0 || s.ViewJumps != 0 || s.Underruns != 0 {
			t.Errorf("RTT %d: %d clock jumps, %d view jumps, %d underruns", rtt, s.ClockJumps, s.ViewJumps, s.Underruns)
		}
	}
}

func TestALonePlayerIsOnlyCorrectedForLateInputsOnABadLink(t *testing.T) {
	a := newAuthority(t, 4)
	p := a.join(simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Loss: 10_000, Seed: 3}, 144, wander())
	a.run(300 * protocol.Second)
	c := p.client.Stats().Corrections
	if c.Unknown != 0 || c.Touch != 0 || c.Clamp != 0 || c.Late == 0 {
		t.Errorf("%+v %+v", c, p.client.Stats().LastMismatch)
	}
	// Half of the time lost in stalls is the uplink's: 60 Hz, 1 % loss, 125 ms each.
	if limit := p.consumed / 10; p.absent > limit {
		t.Errorf("%d of %d inputs were late, want at most %d", p.absent, p.consumed, limit)
	}
}

func TestInputsAreOnTimeOnACleanLink(t *testing.T) {
	for _, rtt := range trips {
		for _, fps := range []int{60, 75, 144, 250} {
			a := newAuthority(t, 1)
			p := a.join(clean(rtt), fps, wander())
			a.run(60 * protocol.Second)
			if p.absent*1000 > p.consumed {
				t.Errorf("RTT %d, %d fps: %d late of %d", rtt, fps, p.absent, p.consumed)
			}
		}
	}
}

// A command is sent up to one display frame after its tick begins, so the margins of a steady link
// spread over one frame above the aim of 5 ms.
func TestMarginsSettleAtFiveMilliseconds(t *testing.T) {
	for _, rtt := range trips {
		for _, fps := range []int{60, 75, 144, 250, 1000} {
			a := newAuthority(t, 1)
			p := a.join(clean(rtt), fps, idle)
			a.run(8 * protocol.Second)
			p.margins = p.margins[:0]
			a.run(20 * protocol.Second)
			lo, hi := p.margins[0], p.margins[0]
			for _, m := range p.margins {
				lo, hi = min(lo, m), max(hi, m)
			}
			if least := protocol.Micros(lo) * quarter; least < 4500 {
				t.Errorf("RTT %d, %d fps: least margin %d", rtt, fps, least)
			}
			if most := protocol.Micros(hi) * quarter; most > 6*ms+p.frame {
				t.Errorf("RTT %d, %d fps: greatest margin %d", rtt, fps, most)
			}
		}
	}
}

func TestRoundTripIsMeasured(t *testing.T) {
	for i, rtt := range trips {
		a := newAuthority(t, 1)
		a.late = protocol.Micros(i) * 2 * ms // which is not the link's
		p := a.join(clean(rtt), 144, idle)
		a.run(10 * protocol.Second)
		s := p.client.Stats()
		if d := s.RTT - rtt; d < -ms || d > ms {
			t.Errorf("RTT %d measured as %d", rtt, s.RTT)
		}
		if d := s.RTTMin - rtt; d < -ms || d > ms || s.Jitter > ms {
			t.Errorf("RTT %d: least %d, jitter %d", rtt, s.RTTMin, s.Jitter)
		}
		if s.ServerLate != a.late || s.ServerLateMax != a.late {
			t.Errorf("server late by %d, at most %d, want %d", s.ServerLate, s.ServerLateMax, a.late)
		}
		// The lead over what is being received is the round trip, the aim and a display frame, and
		// what the server was late in sending.
		if d := s.Lead - rtt - 5*ms - p.frame - a.late; d < -ms || d > ms {
			t.Errorf("RTT %d: lead %d", rtt, s.Lead)
		}
	}
}

// An owner that gives each command when it is due need not give it half a frame too early.
func TestAPromptOwnerIsHeardJustInTime(t *testing.T) {
	for _, rtt := range trips {
		a := newAuthority(t, 1)
		p := a.join(clean(rtt), 60, wander())
		p.prompt = true
		a.run(20 * protocol.Second)
		p.margins = p.margins[:0]
		a.run(20 * protocol.Second)
		slices.Sort(p.margins)
		lo, hi := protocol.Micros(p.margins[0])*quarter, protocol.Micros(p.margins[len(p.margins)-1])*quarter
		if lo < 4*ms || hi > 7*ms || p.absent > 5 {
			t.Errorf("RTT %d: commands arrive %d to %d early, %d were late", rtt, lo, hi, p.absent)
		}
	}
}

func TestTheDelayCoversTheJitterAndNoMore(t *testing.T) {
	interval := protocol.Second / 60
	tests := []struct {
		jitter, loss int
		lo, hi       protocol.Micros
	}{
		{0, 0, interval * 5 / 4, interval*5/4 + ms},
		{5, 0, interval + 15*ms, interval + 35*ms},
		{0, 10_000, interval*5/4 + 50*ms, interval*5/4 + 67*ms + ms}, // one loss: RTT + interval
		{20, 30_000, 100 * ms, 151 * ms},
	}
	for _, tt := range tests {
		a := newAuthority(t, 1)
		p := a.join(simnet.Config{Latency: 25 * ms, Jitter: protocol.Micros(tt.jitter) * ms, Loss: tt.loss, Seed: 21}, 144, idle)
		a.run(60 * protocol.Second)
		var sum protocol.Micros
		for range 30 {
			a.run(protocol.Second)
			sum += p.client.Stats().Delay
		}
		if mean := sum / 30; mean < tt.lo || mean > tt.hi {
			t.Errorf("jitter %d ms, loss %d: delay %d, want %d to %d", tt.jitter, tt.loss, mean, tt.lo, tt.hi)
		}
	}
}

// huntOn runs two minutes of shooting and returns the shooter.
func huntOn(t *testing.T, cfg simnet.Config, every, fps int) *peer {
	a := newAuthority(t, 8)
	a.every = every
	p := a.join(cfg, fps, hunt())
	a.run(120 * protocol.Second)
	return p
}

func TestScreenAndVerdictAgreeOnACleanLink(t *testing.T) {
	for _, rtt := range trips {
		for _, every := range []int{1, 2} {
			p := huntOn(t, clean(rtt), every, 144)
			s := p.client.Stats()
			v := s.Verdicts
			if v.Denied != 0 || v.Lost != 0 || v.Unasked != 0 || v.Agreed < p.shots-2 || v.Agreed < 300 {
				t.Errorf("RTT %d, snapshots every %d: %d shots, %+v", rtt, every, p.shots, v)
			}
			if hits := s.Corrections.Told; hits*5 < p.shots || hits*5 > p.shots*4 {
				t.Errorf("RTT %d, snapshots every %d: %d hits in %d shots prove little", rtt, every, hits, p.shots)
			}
			if p.clamped != 0 || s.ViewRejected != 0 {
				t.Errorf("RTT %d, snapshots every %d: %d views clamped", rtt, every, p.clamped)
			}
		}
	}
}

// Over a bad link a shot may be given while news is on its way that its player stands elsewhere, or
// at a view so old that it is clamped. Any other shot must be judged as it was seen.
func TestScreenAndVerdictAgreeThroughLoss(t *testing.T) {
	for i, limit := range []int{0, 10, 15, 60} { // shots denied in a thousand, explained ones included
		a := newAuthority(t, 8)
		p := a.join(simnet.Config{Latency: trips[i] / 2, Jitter: 3 * ms, Loss: 10_000, Seed: 5}, 144, hunt())
		stood, judged := map[protocol.Tick][2]int32{}, map[protocol.Tick][2]int32{}
		clamps := map[protocol.Tick]int{}
		p.given = func(p *peer) {
			c := &p.client.predict
			if _, ok := stood[c.to]; !ok && p.client.Joined() {
				stood[c.to] = [2]int32{c.own[0], c.own[1]}
			}
		}
		p.watch = func(p *peer, pic *Picture) {
			if !p.joined {
				return
			}
			row := make([]int32, len(courseSchema.Own.Fields))
			a.match.Own(p.id, row)
			judged[a.match.Tick()] = [2]int32{row[0], row[1]}
			clamps[a.match.Tick()] = p.clamped
			for _, e := range pic.Events {
				at := protocol.Tick(e.Args[0])
				if e.Kind == game.VerdictResult && e.Args[1] == 0 && stood[at] == judged[at] && clamps[at] == clamps[at-1] {
					t.Errorf("RTT %d: the shot of tick %d was denied for no reason", trips[i], at)
				}
			}
		}
		a.run(120 * protocol.Second)
		v := p.client.Stats().Verdicts
		if v.Agreed < 250 || v.Denied*1000 > limit*(v.Agreed+v.Denied) {
			t.Errorf("RTT %d: %+v, want at most %d of 1000 denied", trips[i], v, limit)
		}
	}
}

func TestViewsAreRebuiltBitForBit(t *testing.T) {
	for i, cfg := range []simnet.Config{
		{},
		{Latency: 50 * ms},
		{Latency: 25 * ms, Jitter: 5 * ms},
		{Latency: 50 * ms, Jitter: 20 * ms, Loss: 10_000},
		{Latency: 100 * ms, Loss: 30_000},
	} {
		for _, every := range []int{1, 2, 3} {
			cfg.Seed = uint64(i)
			a := newAuthority(t, 8)
			a.every = every
			p := a.join(cfg, 144, wander())
			q := a.join(cfg, 60, wander())
			for range 60 {
				a.run(protocol.Second)
				p.gap = 3 // a client that was skipped has a longer chord to draw along
			}
			for _, p := range []*peer{p, q} {
				if p.viewErrors != 0 || p.viewsChecked < 2000 {
					t.Errorf("link %d, snapshots every %d: %d of %d views differ", i, every, p.viewErrors, p.viewsChecked)
				}
			}
			if n := p.client.Stats().Skipped; n < 50 {
				t.Errorf("link %d: %d skipped snapshots noticed", i, n)
			}
		}
	}
}

func TestTheViewNeverGoesBack(t *testing.T) {
	for seed := uint64(1); seed <= 8; seed++ {
		a := newAuthority(t, 2)
		a.every = 1 + int(seed)%2
		p := a.join(simnet.Config{Latency: 40 * ms, Jitter: 15 * ms, Loss: 30_000, Seed: seed}, 144, idle)
		p.link.Stall(20*protocol.Second, 21*protocol.Second)
		last := int64(0)
		p.watch = func(p *peer, pic *Picture) {
			v := pic.View
			key := int64(v.A)<<8 + int64(v.B.Sub(v.A))*int64(v.Frac)
			if key < last {
				t.Fatalf("seed %d at %d: view %+v lies before the one drawn last, by %d/256 tick", seed, a.now, v, last-key)
			}
			last = key
		}
		for range 40 {
			a.run(protocol.Second)
			p.gap = 5
		}
	}
}

// Drawn speed is measured on a tenth of a second, in which rounding to 1/256 tick is nothing.
func TestDrawnSpeedIsWithinSixPercent(t *testing.T) {
	for _, cfg := range []simnet.Config{clean(50 * ms), {Latency: 25 * ms, Jitter: 2 * ms, Seed: 4}} {
		a := newAuthority(t, 1)
		p := a.join(cfg, 250, idle)
		type moment struct {
			now protocol.Micros
			key int64
		}
		var seen []moment
		p.watch = func(p *peer, pic *Picture) {
			if v := pic.View; p.client.Joined() && v.A != v.B {
				seen = append(seen, moment{a.now, int64(v.A)<<8 + int64(v.B.Sub(v.A))*int64(v.Frac)})
			}
		}
		a.run(60 * protocol.Second)
		worst := int64(0)
		for i := 25; i < len(seen); i++ {
			real := int64(seen[i].now-seen[i-25].now) * 60 * 256 / 1000 // 1/256 tick, in thousandths
			drawn := (seen[i].key - seen[i-25].key) * 1000
			worst = max(worst, (drawn-real)*1000/real, (real-drawn)*1000/real)
		}
		if worst > 60 {
			t.Errorf("jitter %d: drawn speed is off by %d/1000", cfg.Jitter, worst)
		}
	}
}

func TestWhatNobodyCouldForeseeIsCountedAsTouch(t *testing.T) {
	a := newAuthority(t, 1, 1)
	p := a.join(clean(100*ms), 144, wander())
	a.run(60 * protocol.Second)
	c := p.client.Stats().Corrections
	if pushes := 3600 / pushEvery; c.Touch < pushes-2 || c.Touch > pushes || c.Unknown+c.Late+c.Clamp != 0 {
		t.Errorf("%d pushes: %+v", pushes, c)
	}
}

// A push of 900/256 units per tick, seen six ticks late, moves the avatar by some 15 units at once.
func TestACorrectionDoesNotMakeTheAvatarJump(t *testing.T) {
	a := newAuthority(t, 1, 1)
	p := a.join(clean(100*ms), 250, idle)
	lastX, farthest := int32(0), int32(0)
	p.watch = func(p *peer, pic *Picture) {
		e := pic.Scene.Find(protocol.EntityID(p.id))
		if e == nil {
			return
		}
		if lastX != 0 {
			farthest = max(farthest, e.Row[0]-lastX, lastX-e.Row[0])
		}
		lastX = e.Row[0]
	}
	a.run(20 * protocol.Second)
	if p.client.Stats().Corrections.Touch == 0 {
		t.Fatal("nobody was pushed")
	}
	// At 250 fps: 4 ms of the push itself (0.85 unit) and of the slide (15 units * 4.5 %).
	if farthest > 2*16 {
		t.Errorf("the avatar moved %d/16 units from one picture to the next", farthest)
	}
}

func TestAMispredictionOfUnknownCauseIsReported(t *testing.T) {
	a := newAuthority(t, 1, 0, 1)
	p := a.join(clean(100*ms), 144, wander())
	a.run(20 * protocol.Second)
	s := p.client.Stats()
	if s.Corrections.Unknown != 1 || s.Corrections.Corrected() != 1 {
		t.Fatalf("%+v", s.Corrections)
	}
	m := s.LastMismatch
	if m.Tick == 0 || m.N != 2 || m.Fields[0].Name != "x" || m.Fields[1].Name != "vx" ||
		m.Fields[0].Predicted != m.Fields[0].Authority+1 || m.Fields[1].Predicted != m.Fields[1].Authority+1 {
		t.Errorf("%+v", m)
	}
}

func TestEveryEventIsShownOnceAndWhenItsTickIsDrawn(t *testing.T) {
	a := newAuthority(t, 6)
	cfg := simnet.Config{Latency: 50 * ms, Jitter: 3 * ms, Loss: 5_000, Seed: 9}
	p, q := a.join(cfg, 144, hunt()), a.join(clean(20*ms), 144, hunt())
	type key struct {
		tick protocol.Tick
		who  int32
	}
	seen := map[key]int{}
	foreseen, results := 0, 0
	p.watch = func(p *peer, pic *Picture) {
		for _, e := range pic.Events {
			switch e.Kind {
			case game.Verdict:
				foreseen++
			case game.VerdictResult:
				results++
			case eventBang:
				seen[key{e.Tick, e.Args[0]}]++
				if late := pic.View.A.Sub(e.Tick); e.Args[0] != int32(p.id) && (late > 30 || pic.View.B.Sub(e.Tick) < 0) {
					t.Errorf("bang of tick %d shown at view %+v", e.Tick, pic.View)
				}
			}
		}
	}
	a.run(60 * protocol.Second)
	mine, theirs := 0, 0
	for k, n := range seen {
		if n != 1 {
			t.Errorf("bang %+v shown %d times", k, n)
		}
		if k.who == int32(p.id) {
			mine++
		} else {
			theirs++
		}
	}
	s := p.client.Stats()
	if mine < p.shots-3 || theirs < q.shots-3 || mine < 100 || theirs < 100 {
		t.Errorf("%d own bangs of %d shots, %d of the other's %d; %d dropped", mine, p.shots, theirs, q.shots, s.EventsDropped)
	}
	if v := s.Verdicts; foreseen < v.Agreed+v.Denied+v.Excused || foreseen > p.shots {
		t.Errorf("%d verdicts foreseen of %d shots, %+v", foreseen, p.shots, v)
	}
	if v := s.Verdicts; results != v.Agreed+v.Denied+v.Excused+v.Unasked {
		t.Errorf("%d results shown of %+v", results, v)
	}
}

func TestClientsOnDifferentLinksConverge(t *testing.T) {
	a := newAuthority(t, 3)
	for i, rtt := range trips {
		a.join(simnet.Config{Latency: rtt / 2, Jitter: protocol.Micros(i) * ms, Seed: uint64(i)}, 60+28*i, wander())
	}
	a.run(20 * protocol.Second)
	for _, p := range a.peers {
		p.hands = idle
	}
	a.run(3 * protocol.Second)
	for _, p := range a.peers {
		pic := p.client.Draw(a.now + p.skew)
		for _, e := range a.match.Snapshot().Entities() {
			if e.Kind != kindAvatar {
				continue
			}
			if d := pic.Scene.Find(e.ID); d == nil || d.Row[0] != e.Row[0] || d.Row[1] != e.Row[1] {
				t.Errorf("player %d draws avatar %d as %v, it is %v", p.id, e.ID, d, e)
			}
		}
	}
}

func TestEqualRunsGiveEqualStats(t *testing.T) {
	run := func() string {
		p := huntOn(t, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Loss: 10_000, Seed: 8}, 1, 144)
		return fmt.Sprintf("%+v", *p.client.Stats())
	}
	if a, b := run(), run(); a != b {
		t.Errorf("two runs of one seed differ:\n%s\n%s", a, b)
	}
}
