package netcode

import (
	"fmt"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/simnet"
)

// TestRecovery is the table of the outages: how long after the link is up the newest state is there and
// commands are used again, at worst over some phases. The goal of 500 ms and four round trips is the
// second line's doing: without one the retransmission timer decides, and up to 4 s of it nobody else.
func TestRecovery(t *testing.T) {
	outages := []protocol.Micros{500, 1000, 2000, 3000, 5000, 10_000}
	missed := 0
	for _, single := range []bool{false, true} {
		for _, rtt := range trips {
			var row strings.Builder
			for _, outage := range outages {
				worst, limit := protocol.Micros(0), 500*ms+4*rtt
				for seed := range uint64(8) {
					worst = max(worst, recovery(t, rtt, outage*ms, seed, single))
				}
				fmt.Fprintf(&row, "%6d", worst/ms)
				switch {
				case worst <= limit:
				case single:
					missed++
				default:
					t.Errorf("RTT %d, outage %d: back after %d, limit %d", rtt, outage*ms, worst, limit)
				}
			}
			t.Logf("RTT %3d ms, single %-5v: %s ms", rtt/ms, single, &row)
		}
	}
	if missed == 0 {
		t.Error("without a second line the goal is met too: the table proves nothing")
	}
}

// Between the round numbers lie the unlucky phases: an outage that ends just after a dial was begun.
func TestRecoveryFromAnyOutage(t *testing.T) {
	for _, rtt := range trips {
		worst, at := protocol.Micros(0), protocol.Micros(0)
		for outage := 500 * ms; outage <= 10_000*ms; outage += 61 * ms {
			if d := recovery(t, rtt, outage, uint64(outage), false); d > worst {
				worst, at = d, outage
			}
		}
		t.Logf("RTT %3d ms: at worst back after %d ms, from an outage of %d ms", rtt/ms, worst/ms, at/ms)
		if limit := 500*ms + 4*rtt; worst > limit {
			t.Errorf("RTT %d, outage %d: back after %d, limit %d", rtt, at, worst, limit)
		}
	}
}

// recovery returns how long after an outage a player was back, in the same seat, and stayed.
func recovery(t *testing.T, rtt, outage protocol.Micros, seed uint64, single bool) protocol.Micros {
	a := newAuthority(t, 4)
	r := a.ride(simnet.Config{Latency: rtt / 2, Seed: seed}, single, wander())
	a.run(5*protocol.Second + protocol.Micros(seed%8)*7*ms)
	if s := r.life.State(); s.Phase != Live || s.Hedged != 0 {
		t.Fatalf("before the outage %+v", s)
	}
	me, up := a.avatar(r.peer.id), a.now+outage
	r.path.Stall(a.now, up)
	a.run(outage)
	used := r.peer.consumed
	for a.now-up < 30*protocol.Second {
		a.run(ms)
		fresh := a.match.Tick().Sub(r.life.Client().past.Newest()) <= int(rtt*60/2/protocol.Second)+3
		if fresh && r.peer.consumed > used+1 {
			break
		}
	}
	back := a.now - up
	a.run(protocol.Second) // what was sent meanwhile is old news by then
	absent, before := r.peer.absent, r.life.Client().Stats().Corrections
	a.run(2 * protocol.Second)
	if s := r.life.State(); s.Phase != Live || r.asked != 0 || a.avatar(r.peer.id) != me {
		t.Errorf("RTT %d, outage %d: %+v, asked %d times", rtt, outage, s, r.asked)
	}
	after := r.life.Client().Stats().Corrections
	if r.peer.absent != absent || after.Corrected() != before.Corrected() {
		t.Errorf("RTT %d, outage %d: afterwards %d late inputs, %+v", rtt, outage, r.peer.absent-absent, after)
	}
	return back
}

// A lost segment, and a lost retransmission of it, and one of that, is no outage.
func TestLossIsNoReasonForASecondLine(t *testing.T) {
	for _, jitter := range []protocol.Micros{0, 20 * ms} {
		for _, rtt := range trips {
			a := newAuthority(t, 1)
			r := a.ride(simnet.Config{Latency: rtt / 2, Jitter: jitter, Loss: 30_000, Seed: 100}, false, idle)
			a.run(600 * protocol.Second)
			if s := r.life.State(); s.Hedged != 0 || s.Phase != Live || r.detached != 0 {
				t.Errorf("RTT %d, jitter %d: %+v, detached %d times", rtt, jitter, s, r.detached)
			}
		}
	}
}

func TestAStallOfTwoSecondsCostsNoSeat(t *testing.T) {
	for _, rtt := range trips {
		for _, single := range []bool{false, true} {
			a := newAuthority(t, 1)
			r := a.ride(clean(rtt), single, idle)
			a.run(5 * protocol.Second)
			r.path.Stall(a.now, a.now+2*protocol.Second)
			a.run(8 * protocol.Second)
			if s := r.life.State(); r.detached != 0 || s.Phase != Live {
				t.Errorf("RTT %d, single %v: detached %d times, %+v", rtt, single, r.detached, s)
			}
		}
	}
}

// The arithmetic behind the times: a dial in vain, one that opens, hello and snapshot, the first
// command, and a frame of the server's and of ours.
func TestOneDialTooEarlyFitsIntoTheGoal(t *testing.T) {
	frame := protocol.Second / 60
	for rtt := protocol.Micros(0); rtt <= 200*ms; rtt += ms {
		if d := dialTime(rtt, 2*rtt) + dialSpread + rtt*7/2 + 2*frame; d > 500*ms+4*rtt {
			t.Errorf("RTT %d: %d", rtt, d)
		}
		if dialTime(rtt, 0) <= 2*rtt {
			t.Errorf("RTT %d: no line ever opens", rtt)
		}
	}
	if d := dialTime(100*ms, 300*ms); d <= 300*ms {
		t.Errorf("with TLS no line ever opens: %d", d)
	}
	if d := dialTime(0, 20*protocol.Second); d > 2*protocol.Second {
		t.Errorf("one slow dial makes all others wait %d", d)
	}
}

// playing returns a rider that is in the match.
func playing(t *testing.T, rtt protocol.Micros) (*authority, *rider) {
	a := newAuthority(t, 1)
	r := a.ride(clean(rtt), false, idle)
	a.run(6 * protocol.Second)
	if r.life.State().Phase != Live {
		t.Fatalf("%+v", r.life.State())
	}
	return a, r
}

func TestAPassIsShownUntilItIsWorthATokenAndThenTheNewestToken(t *testing.T) {
	a, r := playing(t, 50*ms)
	for range 3 {
		r.cut(a)
		a.run(6 * protocol.Second)
	}
	if len(r.hellos) != 4 || r.hellos[0].Ticket != "once" || r.hellos[0].Token != "" {
		t.Fatalf("%+v", r.hellos)
	}
	seen := map[string]bool{"": true}
	for _, h := range r.hellos[1:] {
		if h.Ticket != "" || seen[h.Token] || h.Room != "course-1" {
			t.Errorf("hello %+v after %v", h, seen)
		}
		seen[h.Token] = true
	}
	if s := r.life.State(); s.Phase != Live || s.Hedged != 0 || s.Tries != 0 {
		t.Errorf("%+v", s)
	}
}

// What a close code asks for, and what the player may read meanwhile.
func TestCloseCodesDecide(t *testing.T) {
	tests := []struct {
		code  protocol.CloseCode
		phase Phase
		asked int
	}{
		{protocol.CloseRestart, Live, 0},
		{protocol.CloseHeartbeat, Live, 0},
		{protocol.CloseSessionGone, Live, 1},
		{protocol.CloseInternal, Live, 1},
		{protocol.CloseReplaced, Stopped, 0},
		{protocol.CloseForbidden, Stopped, 0},
	}
	for _, tt := range tests {
		a, r := playing(t, 50*ms)
		r.hangUp(a, tt.code)
		a.run(25 * ms)
		if s := r.life.State(); s.Code != tt.code || s.Phase == Live {
			t.Errorf("code %d: at first %+v", tt.code, s)
		}
		a.run(3 * protocol.Second)
		if s := r.life.State(); s.Phase != tt.phase || r.asked != tt.asked {
			t.Errorf("code %d: %+v, asked %d times", tt.code, s, r.asked)
		}
		if last := r.hellos[len(r.hellos)-1]; tt.asked > 0 && last.Token != "" {
			t.Errorf("code %d: the worthless token is shown again", tt.code)
		}
	}
}

// A server that answers with a no is not asked in step by a thousand, and not for ever.
func TestARefusalIsFollowedByABackOff(t *testing.T) {
	a, r := playing(t, 0)
	r.refuse = protocol.CloseRestart
	r.cut(a)
	a.run(60 * protocol.Second)
	if n := len(r.hellos); n < 60/5 || n > 60 {
		t.Errorf("%d dials in a minute", n)
	}
	if s := r.life.State(); s.Phase != Retrying || s.Code != protocol.CloseRestart || s.Tries < 10 {
		t.Errorf("%+v", s)
	}
	a.run(persistFor)
	if s := r.life.State(); s.Phase != Stopped || s.Code != protocol.CloseRestart {
		t.Errorf("in the end %+v", s)
	}
	for failures, want := range []protocol.Micros{400, 800, 1600, 3200, 5000, 5000} {
		if got := backoffCeiling(failures); got != want*ms {
			t.Errorf("after %d failures at most %d", failures, got)
		}
	}
}

func TestHurryDialsAtOnce(t *testing.T) {
	a, r := playing(t, 0)
	r.refuse = protocol.CloseRestart
	r.cut(a)
	a.run(20 * protocol.Second)
	for r.life.State().RetryAt-a.now-r.peer.skew < protocol.Second {
		a.run(10 * ms)
	}
	r.refuse = 0
	r.life.Hurry(a.now + r.peer.skew)
	a.run(60 * ms)
	if s := r.life.State(); s.Phase != Live {
		t.Errorf("%+v", s)
	}
}

// A first line that is well again before the second has said hello wins, and the seat was never moved.
func TestALineThatComesBackInTimeKeepsTheSeat(t *testing.T) {
	kept, moved := 0, 0
	for outage := 500 * ms; outage <= 3000*ms; outage += 50 * ms {
		a, r := playing(t, 100*ms)
		first, hellos := r.life.Line(), len(r.hellos)
		r.path.Stall(a.now, a.now+outage)
		a.run(8 * protocol.Second)
		s := r.life.State()
		if same := r.life.Line() == first; same != (s.Committed == 0) || same != (len(r.hellos) == hellos) || s.Phase != Live {
			t.Errorf("outage %d: %+v on line %d after line %d, %d hellos", outage, s, r.life.Line(), first, len(r.hellos)-hellos)
		}
		switch {
		case s.Rescued > 0:
			moved++
		case s.Hedged > 0:
			kept++
		}
	}
	if kept == 0 || moved == 0 {
		t.Errorf("of the races the first line won %d and a second %d", kept, moved)
	}
}

// Another device that takes the seat is not fought, not even by a second line that is being dialled.
func TestATakeoverIsNotFought(t *testing.T) {
	a, r := playing(t, 100*ms)
	for _, w := range r.wires {
		w.pair.Stall(a.now, a.now+protocol.Second)
	}
	hellos := len(r.hellos)
	for r.life.State().Hedged == 0 {
		a.run(ms)
	}
	line := r.life.Line()
	r.forget(line)
	r.life.Ended(a.now+r.peer.skew, line, protocol.CloseReplaced)
	a.run(10 * protocol.Second)
	if s := r.life.State(); s.Phase != Stopped || s.Code != protocol.CloseReplaced || len(r.hellos) != hellos {
		t.Errorf("%+v, %d hellos", s, len(r.hellos)-hellos)
	}
}

// An owner that slept finds much to read and nobody to blame; after a long time it does not take by
// itself a seat that its player may have gone on with elsewhere.
func TestASleeperIsNotHedged(t *testing.T) {
	for _, sleep := range []protocol.Micros{2 * protocol.Second, 60 * protocol.Second} {
		a, r := playing(t, 50*ms)
		r.peer.asleep = pause{a.now, a.now + sleep}
		r.hangUp(a, protocol.CloseSessionGone)
		a.run(sleep + 2*protocol.Second)
		want := Live
		if sleep > absentAfter {
			want = Stopped
		}
		if s := r.life.State(); s.Phase != want || s.Hedged != 0 {
			t.Errorf("asleep for %d: %+v", sleep, s)
		}
	}
}

// Whoever looks on has no token: every line takes a pass, and a second one would be a second onlooker.
func TestAnOnlookerAsksForEveryLine(t *testing.T) {
	a := newAuthority(t, 1)
	r := a.ride(clean(50*ms), false, idle)
	r.life.Join(r.peer.skew, Config{Game: course, Name: "ada", Watch: true})
	r.watch = true
	a.run(5 * protocol.Second)
	r.path.Stall(a.now, a.now+1500*ms)
	a.run(10 * protocol.Second)
	if s := r.life.State(); s.Hedged != 0 || s.Phase != Live || r.asked != 0 {
		t.Errorf("%+v, asked %d times", s, r.asked)
	}
	r.cut(a)
	a.run(3 * protocol.Second)
	if s := r.life.State(); s.Phase != Live || r.asked != 1 {
		t.Errorf("%+v, asked %d times", s, r.asked)
	}
}

func TestANonsenseFrameEndsTheLine(t *testing.T) {
	a, r := playing(t, 50*ms)
	line := r.life.Line()
	if r.life.Receive(a.now+r.peer.skew, line, []byte{0x91, 0x7f}) == nil {
		t.Fatal("it was taken")
	}
	if o, ok := r.life.Next(a.now + r.peer.skew); !ok || o.Kind != OrderDrop || o.Line != line || o.Code != protocol.CloseBadMessage {
		t.Errorf("order %+v", o)
	}
	a.run(3 * protocol.Second)
	if s := r.life.State(); s.Phase != Live || r.life.Line() == line {
		t.Errorf("%+v", s)
	}
}

// A page in the background sends once a second while frames come in all the time: what it did not send
// is not missed.
func TestABackgroundPageIsNotHedged(t *testing.T) {
	a, r := playing(t, 50*ms)
	for _, frame := range []protocol.Micros{100 * ms, protocol.Second, 20 * protocol.Second} {
		r.peer.frame = frame
		a.run(60 * protocol.Second)
		if s := r.life.State(); s.Hedged != 0 || s.Phase != Live {
			t.Errorf("a frame every %d: %+v", frame, s)
		}
		r.seen = a.now
	}
}
