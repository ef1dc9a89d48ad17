package room

import (
	"context"
	"math"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// ledger is a meter that keeps what it is told.
type ledger struct {
	NoMeter
	reports          []frame.Report
	margins, waits   []protocol.Micros
	views            [game.Clamps]int
	late             []protocol.Micros
	sent             []protocol.Micros
	trips            int
	bytes            int
	parts            replication.Parts
	encoded, overrun int
}

func (l *ledger) Report(r *frame.Report)       { l.reports = append(l.reports, *r) }
func (l *ledger) Arrival(m protocol.Micros)    { l.margins = append(l.margins, m) }
func (l *ledger) Used(w protocol.Micros)       { l.waits = append(l.waits, w) }
func (l *ledger) View(c game.Clamp)            { l.views[c]++ }
func (l *ledger) Tick(late, _ protocol.Micros) { l.late = append(l.late, late) }
func (l *ledger) Sent(w protocol.Micros)       { l.sent = append(l.sent, w) }
func (l *ledger) RoundTrip(protocol.Micros)    { l.trips++ }
func (l *ledger) Encode(protocol.Micros)       { l.encoded++ }
func (l *ledger) Overrun(n int)                { l.overrun += n }
func (l *ledger) Snapshot(n int, p replication.Parts) {
	l.bytes += n
	l.parts.OwnBits += p.OwnBits
	l.parts.EntityBits += p.EntityBits
}

// measured returns a hall whose meter is a ledger.
func measured(t *testing.T, cfg Config) (*hall, *ledger) {
	h, l := newHall(t, cfg), &ledger{}
	h.Room.meter = l
	return h, l
}

// most is a report of a client that says the most it can.
func most() *frame.Report {
	r := &frame.Report{Span: math.MaxUint32, Extrapolated: math.MaxUint32, Mismatch: 1, Row: []int32{1}}
	for _, p := range []*uint16{&r.RTT, &r.Delay, &r.Frames, &r.FrameMean, &r.FrameWorst, &r.Underruns, &r.Confirmed} {
		*p = math.MaxUint16
	}
	for _, list := range [][]uint16{r.Corrected[:], r.Verdicts[:], r.Hitches[:]} {
		for i := range list {
			list[i] = math.MaxUint16
		}
	}
	return r
}

func TestReportsAreTrimmed(t *testing.T) {
	honest := frame.Report{Span: 4000, RTT: 200, Delay: 100, Frames: 240, FrameMean: 17, FrameWorst: 20, Underruns: 2, Extrapolated: 90,
		Confirmed: 58, Corrected: [4]uint16{1, 1}, Verdicts: [4]uint16{9, 1}, Hitches: [4]uint16{0, 0, 0, 2}}
	for _, tt := range []struct {
		name            string
		after           protocol.Micros
		in              *frame.Report
		seconds, frames int // that are believed
	}{
		{"an honest one", protocol.Second, &honest, 0, 0},
		{"an honest one that comes with the one before", 0, &honest, 0, 0},
		{"all there is, after a second", protocol.Second, most(), 2, 2000},
		{"all there is, at once", 0, most(), 1, 1000},
		{"all there is, after an hour", 3600 * protocol.Second, most(), 10, 10000},
	} {
		h, l := measured(t, Config{})
		c := h.mustJoin("Ann", "")
		c.seat.Report(h.now+tt.after, tt.in)
		got, want := l.reports[0], *tt.in
		want.Mismatch, want.Row = 0, nil
		if tt.seconds > 0 {
			n := uint16(tt.seconds * 60)
			want.Span, want.Extrapolated = uint32(tt.seconds*4000), uint32(tt.seconds*4000)
			want.Frames, want.Underruns, want.Confirmed = uint16(tt.frames), n, n
			want.Corrected, want.Verdicts, want.Hitches = [4]uint16{n, n, n, n}, [4]uint16{n, n, n, n}, [4]uint16{n, n, n, n}
		}
		if got.Row != nil || !equalReports(got, want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, want)
		}
	}
}

func equalReports(a, b frame.Report) bool {
	rows := slices.Equal(a.Row, b.Row)
	a.Row, b.Row = nil, nil
	return rows && a.Span == b.Span && a.Extrapolated == b.Extrapolated && a.Corrected == b.Corrected &&
		a.Verdicts == b.Verdicts && a.Hitches == b.Hitches && a.Frames == b.Frames && a.Confirmed == b.Confirmed &&
		a.Underruns == b.Underruns && a.RTT == b.RTT && a.Delay == b.Delay && a.FrameMean == b.FrameMean && a.FrameWorst == b.FrameWorst &&
		a.Mismatch == b.Mismatch
}

func TestAMismatchIsHandedOnOnceInAWhile(t *testing.T) {
	var got []Mismatch
	h := newHall(t, Config{Mismatch: func(m Mismatch) { got = append(got, m) }})
	ann, bob := h.mustJoin("Ann", ""), h.mustJoin("Bob", "")
	row := []int32{7, -8, 9}
	say := func(c *client, tick protocol.Tick) {
		c.seat.Report(h.now, &frame.Report{Mismatch: tick, Row: row})
		h.pass(1, func() { h.send(ann, 0, 0); h.send(bob, 0, 0) })
	}
	h.pass(20, nil)
	say(ann, h.match.Tick()+100) // not yet
	if len(got) != 0 {
		t.Fatalf("a mismatch of the future: %+v", got)
	}
	say(bob, 12)
	row[0] = 99 // the report was not kept
	if len(got) != 1 || got[0].Room != "hall" || got[0].Match != 1 || got[0].Player != bob.welcome.Player || got[0].Tick != 12 ||
		!slices.Equal(got[0].Row, []int32{7, -8, 9}) {
		t.Fatalf("%+v", got)
	}
	for range 540 { // nine seconds
		say(ann, h.match.Tick())
	}
	if len(got) != 1 {
		t.Errorf("%d in nine seconds", len(got))
	}
	for range 120 {
		say(ann, h.match.Tick())
	}
	if len(got) != 2 || got[1].Player != ann.welcome.Player {
		t.Errorf("after eleven seconds: %+v", got)
	}
	h.pass(660, func() { h.send(ann, 0, 0); h.send(bob, 0, 0) })
	say(ann, 12)
	if len(got) != 2 {
		t.Error("a mismatch of long ago")
	}
}

// A watcher's report counts; it has predicted nothing.
func TestAWatcherReports(t *testing.T) {
	h, l := measured(t, Config{Watchers: 1, Mismatch: func(Mismatch) { t.Error("a watcher's mismatch") }})
	c := &client{t: t}
	seat, err := h.Admit(Entrant{Watch: true, Sender: c})
	if err != nil {
		t.Fatal(err)
	}
	h.pass(20, nil)
	seat.Report(h.now, &frame.Report{Frames: 60, Mismatch: 5, Row: []int32{1}})
	h.pass(20, nil)
	if len(l.reports) != 1 || l.reports[0].Frames != 60 {
		t.Errorf("%+v", l.reports)
	}
}

func TestTheRoomIsMeasured(t *testing.T) {
	h, l := measured(t, Config{})
	c := h.mustJoin("Ann", "")
	h.pass(3, nil)
	*l = ledger{}
	due := h.due(h.match.Tick() + 3)
	h.now = due - 37*ms
	h.send(c, 1, 2)
	h.send(c, 1, -1)
	h.pass(3, nil)
	if len(l.margins) != 2 || l.margins[0] != 37*ms || l.margins[1] >= 0 {
		t.Errorf("margins %v, want 37 ms and a late one", l.margins)
	}
	if len(l.waits) != 1 || l.waits[0] != 37*ms {
		t.Errorf("waits %v, want 37 ms", l.waits)
	}
	if n := l.views[game.ClampNone] + l.views[game.ClampUnsent]; n != 2 {
		t.Errorf("views %v, want those of both commands: the late one is judged too", l.views)
	}
	if l.encoded != 3 || l.bytes == 0 || l.parts.OwnBits == 0 || l.parts.OwnBits+l.parts.EntityBits >= 8*l.bytes {
		t.Errorf("%d encodings of %d bytes, %+v", l.encoded, l.bytes, l.parts)
	}
	h.pass(130, func() { h.send(c, 0, 1) })
	if l.trips != 2 {
		t.Errorf("%d round trips in two seconds", l.trips)
	}
}

func TestASnapshotTellsWhatTheOneBeforeWaited(t *testing.T) {
	h, l := measured(t, Config{})
	c := h.mustJoin("Ann", "")
	for _, tt := range []struct {
		waited protocol.Micros
		want   uint16
	}{{0, 0}, {249, 0}, {1750, 7}, {20 * protocol.Second, math.MaxUint16}} {
		c.waited = tt.waited
		h.pass(1, nil)
		if c.header.Wait != tt.want || l.sent[len(l.sent)-1] != tt.waited {
			t.Errorf("waited %d: header says %d, want %d; the meter has %v", tt.waited, c.header.Wait, tt.want, l.sent)
		}
	}
}

// A room that stood still says for how long. Of the ticks it then makes up for the last is hardly late.
func TestLatenessIsThatOfTheFirstTickMadeUpFor(t *testing.T) {
	for _, tt := range []struct {
		stood   protocol.Micros
		overrun bool
	}{{0, false}, {3 * ms, false}, {50 * ms, false}, {500 * ms, true}} {
		h, l := measured(t, Config{})
		c := h.mustJoin("Ann", "")
		h.pass(10, func() { h.send(c, 0, 0) })
		next, _ := h.Next()
		h.now = next + tt.stood
		h.Tick(h.now)
		if got := l.late[len(l.late)-1]; got != tt.stood || c.header.Late != uint32(tt.stood/quarter) || l.overrun > 0 != tt.overrun {
			t.Errorf("stood still for %d: late %d, header %d, %d ticks given up", tt.stood, got, c.header.Late, l.overrun)
		}
		h.pass(1, func() { h.send(c, 0, 0) })
		h.pass(1, nil)
		if got := l.late[len(l.late)-1]; got != 0 || c.header.Late != 0 {
			t.Errorf("stood still for %d: the tick after is late %d, header %d", tt.stood, got, c.header.Late)
		}
	}
}

// The meter is told when to hand on: once a second, at rest too, and when the room ends.
func TestMeterIsFlushed(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	h.pass(5*h.cfg.Host.TickRate, func() { h.send(c, 1, 0) })
	if n := h.meter.flushed; n < 4 || n > 6 {
		t.Errorf("flushed %d times in five seconds", n)
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	before := h.meter.flushed
	if err := h.Run(ctx); err != nil || h.meter.flushed != before+1 {
		t.Errorf("flushed %d times at the end; %v", h.meter.flushed-before, err)
	}
}
