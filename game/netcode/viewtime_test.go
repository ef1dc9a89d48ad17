package netcode

import (
	"testing"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
)

// stream is a view fed with one snapshot per tick.
type stream struct {
	v    viewTime
	past *rewind.History
	now  protocol.Micros
	tick protocol.Tick
}

func newStream() *stream {
	s := &stream{past: rewind.New(courseSchema), now: protocol.Second, tick: 60}
	s.v.restart(60, 1)
	return s
}

// run passes n ticks, each arriving late by late(i), one picture per tick.
func (s *stream) run(n int, late func(i int) protocol.Micros) {
	for i := range n {
		s.tick++
		s.now = protocol.Micros(s.tick)*protocol.Second/60 + late(i)
		s.past.Put(s.tick)
		s.v.receive(s.now, s.tick)
		s.v.advance(s.now, s.tick)
		s.v.view(s.past)
	}
}

func onTime(int) protocol.Micros { return 0 }

func TestAQuietLinkIsDrawnOneAndAQuarterIntervalsBack(t *testing.T) {
	s := newStream()
	s.run(600, onTime)
	if d := s.v.head(s.now) - s.v.pos; d < tickPhase*124/100 || d > tickPhase*128/100 {
		t.Errorf("%d millionths of a tick behind", d)
	}
	if s.v.underruns != 0 || s.v.jumps != 0 {
		t.Errorf("%d underruns, %d jumps", s.v.underruns, s.v.jumps)
	}
}

func TestTheDelayGrowsFastAndShrinksSlowly(t *testing.T) {
	s := newStream()
	s.run(600, onTime)
	short := s.v.delay
	// Every tenth snapshot is 40 ms late, and those behind it wait for it.
	jitter := func(i int) protocol.Micros { return max(0, 40*ms-protocol.Micros(i%10)*protocol.Second/60) }
	s.run(60, jitter)
	grown := s.v.delay
	if want := s.v.rate.phase(40*ms) + tickPhase*5/4; grown < want*9/10 || grown > want {
		t.Errorf("after a second of jitter the delay is %d, want %d", grown, want)
	}
	s.run(510, onTime) // the window still holds the jitter's end
	s.run(60, onTime)
	if lost := grown - s.v.delay; lost <= 0 || lost > s.v.rate.phase(2*protocol.Second)/100 {
		t.Errorf("in the first seconds after the jitter the delay shrank by %d", lost)
	}
	s.run(1200, onTime)
	if s.v.delay != short {
		t.Errorf("half a minute later the delay is %d, want %d", s.v.delay, short)
	}
}

func TestStallsThatReturnAreHidden(t *testing.T) {
	s := newStream()
	// Every three seconds a segment is lost, and what follows comes with its retransmission.
	stall := func(i int) protocol.Micros { return max(0, 67*ms-protocol.Micros(i%200)*protocol.Second/60) }
	s.run(2400, stall)
	before := s.v.underruns
	s.run(2400, stall)
	if s.v.underruns != before || s.v.delay < s.v.rate.phase(67*ms)+tickPhase {
		t.Errorf("%d underruns, delay %d", s.v.underruns-before, s.v.delay)
	}
}

func TestTheViewStopsATenthOfASecondPastTheNewest(t *testing.T) {
	s := newStream()
	s.run(300, onTime)
	for range 100 {
		s.now += 16 * ms
		s.v.advance(s.now, s.tick)
		s.v.view(s.past)
	}
	if past := s.v.pos - at(s.tick); past != s.v.rate.phase(extrapolation) {
		t.Errorf("%d millionths of a tick past the newest snapshot", past)
	}
	v := s.v.view(s.past)
	if v.B != s.tick || v.A != s.tick-1 || v.Frac != 7*256 {
		t.Errorf("view %+v, want 6 ticks past %d", v, s.tick)
	}
	if s.v.underruns != 1 || s.v.extrapolated < protocol.Second {
		t.Errorf("%d underruns, %d extrapolated", s.v.underruns, s.v.extrapolated)
	}
}

// stall passes n ticks without a snapshot, which then arrive together.
func (s *stream) stall(n int) {
	for end := s.now + protocol.Micros(n)*protocol.Second/60; s.now < end; s.now += 4 * ms {
		s.v.advance(s.now, s.tick)
		s.v.view(s.past)
	}
	for range n {
		s.tick++
		s.past.Put(s.tick)
		s.v.receive(s.now, s.tick)
	}
}

// A stall that no delay could have bridged, but short enough not to jump, is caught up with at up to
// 1.25 times real time.
func TestTheViewCatchesUpAfterAStall(t *testing.T) {
	s := newStream()
	s.run(600, onTime)
	delay := s.v.delay
	s.stall(18)
	fastest := phase(0)
	for i := range 60 {
		before := s.v.pos
		s.run(1, onTime)
		if i > 0 {
			fastest = max(fastest, s.v.pos-before)
		}
	}
	if s.v.jumps != 0 || fastest < tickPhase*115/100 || fastest > tickPhase*126/100 {
		t.Errorf("%d jumps, at most %d millionths of a tick in a tick", s.v.jumps, fastest)
	}
	s.run(60, onTime)
	if d := s.v.target(s.now) - s.v.pos; d > s.v.rate.phase(5*ms) || d < -s.v.rate.phase(5*ms) || s.v.delay != delay {
		t.Errorf("still %d behind, delay %d, before %d", d, s.v.delay, delay)
	}
}

func TestALongStallIsJumpedOverAndTeachesNothing(t *testing.T) {
	s := newStream()
	s.run(600, onTime)
	delay := s.v.delay
	s.stall(120)
	s.run(60, onTime)
	if s.v.jumps != 1 || s.v.delay != delay {
		t.Errorf("%d jumps, delay %d, before %d", s.v.jumps, s.v.delay, delay)
	}
	if d := s.v.target(s.now) - s.v.pos; d > s.v.rate.phase(ms) || d < -s.v.rate.phase(ms) {
		t.Errorf("%d off", d)
	}
}

// A server that shifts its schedule, or a path that has become slower for good, looks like lateness
// without end: after a second it is the new measure.
func TestAPathSlowerForGoodBecomesTheMeasure(t *testing.T) {
	s := newStream()
	s.run(600, onTime)
	s.run(600, func(int) protocol.Micros { return 400 * ms })
	if d := s.v.head(s.now) - at(s.tick); d < -100 || d > 100 {
		t.Errorf("head is %d off the newest snapshot", d)
	}
	if d := at(s.tick) - s.v.pos; d < tickPhase || d > 3*tickPhase {
		t.Errorf("the view is %d behind", d)
	}
}

// Half a tick past the newest snapshot is 1/34 of a chord of seventeen ticks, which rounds down to
// an earlier moment: then the fraction is the next one up.
func TestACoarserChordNeverGivesAnEarlierView(t *testing.T) {
	s := newStream()
	s.past.Put(59)
	s.past.Put(60)
	s.v.running, s.v.pos = true, at(60)+tickPhase/2
	if v := s.v.view(s.past); v != (protocol.View{A: 59, B: 60, Frac: 256 + 128}) {
		t.Fatalf("half a tick past the newest is %+v", v)
	}
	s.past.Put(77)
	if v := s.v.view(s.past); v != (protocol.View{A: 60, B: 77, Frac: 8}) { // 136/256 tick; 7 would be 119
		t.Errorf("on the longer chord %+v", v)
	}
}

func TestViewsBeforeTheOldestSnapshotShowIt(t *testing.T) {
	s := newStream()
	if v := s.v.view(s.past); v != (protocol.View{}) {
		t.Errorf("nothing received: %+v", v)
	}
	s.past.Put(100)
	s.v.running, s.v.pos = true, at(98)
	if v := s.v.view(s.past); v != (protocol.View{A: 100, B: 100}) {
		t.Errorf("one snapshot: %+v", v)
	}
	s.past.Put(102)
	if v := s.v.view(s.past); v != (protocol.View{A: 100, B: 100}) {
		t.Errorf("two ticks before the first: %+v", v)
	}
	s.v.pos = at(101)
	if v := s.v.view(s.past); v != (protocol.View{A: 100, B: 102, Frac: 128}) {
		t.Errorf("between the two: %+v", v)
	}
}
