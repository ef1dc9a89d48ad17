package netcode

import (
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
)

// reporter joins a player who reports.
func reporter(a *authority, cfg simnet.Config, fps int, hands func(*peer, *Picture) Controls) *peer {
	p := a.join(cfg, fps, hands)
	p.reporting = true
	return p
}

func TestReportsComeOnceASecond(t *testing.T) {
	a := newAuthority(t, 4)
	p := reporter(a, clean(50*ms), 144, wander())
	a.run(20*protocol.Second + 500*ms)
	if n := len(p.reports); n < 19 || n > 20 {
		t.Fatalf("%d reports in 20 s", n)
	}
	for i, r := range p.reports {
		if r.Span < 4000 || r.Span > 4030 || r.Frames < 143 || r.Frames > 147 || r.FrameMean != 27 || r.FrameWorst > 28 {
			t.Errorf("report %d: %+v", i, r)
		}
		if i > 0 && (r.Confirmed < 59 || r.Confirmed > 61 || r.RTT < 196 || r.RTT > 204 || r.Delay < 60 || r.Delay > 140) {
			t.Errorf("report %d: %+v", i, r)
		}
		if r.Hitches != [frame.Hitches]uint16{} || r.Corrected != [frame.Corrections]uint16{} || r.Underruns != 0 || r.Mismatch != 0 {
			t.Errorf("report %d of a clean link: %+v", i, r)
		}
	}
}

// What all reports say together is what there was.
func TestReportsAddUp(t *testing.T) {
	a := newAuthority(t, 4)
	p := reporter(a, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Loss: 10_000, Seed: 3}, 60, hunt())
	a.run(60 * protocol.Second)
	for p.link.Up.Stall(a.now+ms, a.now+400*ms); p.link.Up.Backlog(a.now) > 0; {
		a.run(ms)
	}
	a.run(2 * protocol.Second)
	s := *p.client.Stats()
	var confirmed, late, agreed, judged, network, underruns int
	var extrapolated protocol.Micros
	for _, r := range p.reports {
		confirmed += int(r.Confirmed)
		late += int(r.Corrected[frame.CorrectedLate])
		agreed += int(r.Verdicts[frame.VerdictAgreed])
		judged += int(r.Verdicts[frame.VerdictDenied]) + int(r.Verdicts[frame.VerdictExcused]) + int(r.Verdicts[frame.VerdictLost])
		network += int(r.Hitches[frame.HitchNetwork])
		underruns += int(r.Underruns)
		extrapolated += protocol.Micros(r.Extrapolated) * quarter
	}
	before := p.client.report.before // as the last report, which may still be under way, left it
	if c := before.corrections; late != c.Late || late == 0 || confirmed != c.Confirmed+c.Told || c.Late > s.Corrections.Late {
		t.Errorf("reported %d confirmed, %d late; there were %+v", confirmed, late, c)
	}
	if v := before.verdicts; agreed != v.Agreed || agreed == 0 || judged != v.Denied+v.Excused+v.Lost {
		t.Errorf("reported %d agreed and %d other verdicts, there were %+v", agreed, judged, v)
	}
	if network != before.hitches[frame.HitchNetwork] || network == 0 || underruns != before.underruns {
		t.Errorf("reported %d hitches of the network and %d underruns, there were %+v", network, underruns, before)
	}
	if d := before.extrapolated - extrapolated; d < 0 || d > protocol.Micros(len(p.reports))*quarter {
		t.Errorf("reported %d extrapolated, there were %d", extrapolated, before.extrapolated)
	}
}

// The predictor of this match is wrong once, on purpose. The report tells the row that it predicted.
func TestAReportShowsWhatNobodyCanExplain(t *testing.T) {
	a := newAuthority(t, 4, 0, 1)
	p := reporter(a, clean(50*ms), 144, wander())
	a.run(20 * protocol.Second)
	last := p.client.Stats().LastMismatch
	n := 0
	for _, r := range p.reports {
		if r.Mismatch == 0 {
			continue
		}
		n++
		if r.Mismatch != last.Tick || r.Corrected[frame.CorrectedUnknown] != 1 || len(r.Row) != len(courseSchema.Own.Fields) {
			t.Errorf("%+v, want tick %d", r, last.Tick)
		}
		for i, f := range courseSchema.Own.Fields {
			if f.Name == last.Fields[0].Name && r.Row[i] != last.Fields[0].Predicted {
				t.Errorf("%s is reported as %d, it was predicted as %d", f.Name, r.Row[i], last.Fields[0].Predicted)
			}
		}
	}
	if n != 1 || last.N == 0 {
		t.Errorf("%d mismatches reported, want 1: %+v", n, last)
	}
}

func TestAReportWaits(t *testing.T) {
	a := newAuthority(t, 1)
	p := a.join(clean(50*ms), 60, idle)
	if b := p.client.Report(a.now+p.skew, 0); b != nil {
		t.Error("a report before the first match")
	}
	a.run(5 * protocol.Second)
	now := a.now + p.skew
	if b := p.client.Report(now, 0); b != nil {
		t.Error("the first report is of no time")
	}
	if b := p.client.Report(now+999*ms, 0); b != nil {
		t.Error("a report before its second is over")
	}
	if b := p.client.Report(now+1000*ms, 1<<20); b != nil {
		t.Error("a report on top of a socket that is backed up")
	}
	b := p.client.Report(now+1001*ms, 0)
	var r frame.Report
	if err := p.dec.Report(b, &r); err != nil || r.Span != 4004 {
		t.Errorf("%+v, %v", r, err)
	}
	p.client.Hello(now + 1002*ms)
	if b := p.client.Report(now+3000*ms, 0); b != nil {
		t.Error("a report before the server's Welcome")
	}
}

func TestReportsDoNotAllocate(t *testing.T) {
	a := newAuthority(t, 4)
	p := a.join(clean(50*ms), 60, wander())
	a.run(5 * protocol.Second)
	now := a.now + p.skew
	if n := testing.AllocsPerRun(100, func() {
		now += protocol.Second
		p.client.Report(now, 0)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
