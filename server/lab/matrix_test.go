package lab

import (
	"fmt"
	"testing"

	"hindsight/protocol"
)

// limits is what must hold in a cell. Times are in milliseconds, shares in percent, counts those of
// one player in a minute; 0 is a limit like any other, and -1 for none.
type limits struct {
	hits    float64 // shots judged as seen, at least
	lateFix float64 // corrections because of late inputs
	wait, wait99,
	motion, delay float64 // medians but for wait99
	underruns float64
	pace      float64 // 99th percentile of the drawn speed error
	unknown   int     // corrections of unknown cause, of all players
}

// TestTheMatrixInShort plays the corners of the standard matrix. Virtual time is exact: equal code
// gives equal numbers, so a limit can lie close to what is reached. But two minutes are few where segments
// are lost, and whatever shifts a frame deals the losses anew. The goals stand beside it.
func TestTheMatrixInShort(t *testing.T) {
	const second = protocol.Second
	// goals:    hits 100, and 99.9 at 1 %; late fixes 1 at 1 % and RTT 100; wait 8 and 25 at jitter 5;
	//           motion 45 clean; delay 33 clean; underruns 0 clean, 1 at 1 % and RTT 50; pace 6
	for _, tt := range []struct {
		cell Cell
		want limits
	}{
		{Cell{}, limits{100, 0, 6, 7, 22, 14, 0, 1, 0}},
		{Cell{RTT: 50 * ms}, limits{100, 0, 6, 7, 22, 14, 0, 1, 0}},
		{Cell{RTT: 200 * ms}, limits{100, 0, 6, 7, 22, 14, 0, 1, 0}},
		{Cell{RTT: 50 * ms, Jitter: 5 * ms}, limits{99.9, 1.7, 45, 60, 95, 40, 4.5, 2, 0}},
		{Cell{RTT: 50 * ms, Loss: 1_000}, limits{99.9, 2, 6, 80, 45, 25, 4, 6, 0}},
		{Cell{Loss: 10_000}, limits{99.7, 6, 6, 40, 40, 32, 1.5, 2, 0}},
		{Cell{RTT: 50 * ms, Loss: 10_000}, limits{99.9, 1.5, 80, 85, 160, 85, 1.2, 2, 0}},
		{Cell{RTT: 100 * ms, Loss: 10_000}, limits{99.8, 1.7, 145, 150, 285, 140, 1.2, 3, 0}},
		{Cell{RTT: 200 * ms, Loss: 10_000}, limits{99.2, 4, 265, 270, 410, 148, 40, 40, 0}},
		{Cell{RTT: 100 * ms, Jitter: 20 * ms, Loss: 30_000}, limits{99.5, 8, 130, 210, 300, 120, 18, 4, 0}},
		{Cell{RTT: 50 * ms, Stall: second / 2}, limits{97.5, 2, 6, 8, 22, 14, 5, -1, 0}},
		{Cell{RTT: 50 * ms, Stall: 2 * second}, limits{98.5, 12, 6, 20, 22, 14, 4, -1, 0}},
		{Cell{RTT: 50 * ms, Rate: 160_000}, limits{100, 0.6, 6, 7, 40, 20, 0.5, 2, 0}},
		{Cell{RTT: 50 * ms, FPS: 10}, limits{100, 0, 6, 7, 70, 15, 0, 6, 0}},
	} {
		t.Run(tt.cell.String(), func(t *testing.T) {
			t.Parallel()
			c := tt.cell
			c.Play, c.Seed = 120*second, 1
			r, err := c.Run()
			if err != nil {
				t.Fatal(err)
			}
			check(t, r, &tt.want)
		})
	}
}

func check(t *testing.T, r *Result, want *limits) {
	t.Helper()
	b := r.Probe
	most := func(what string, got, limit float64) {
		if limit >= 0 && got > limit {
			t.Errorf("%s: %.3f, want at most %g", what, got, limit)
		}
	}
	median := func(h *Histogram) float64 { return float64(h.Quantile(0.5)) / 1000 }
	if got := 100 * r.Agreement(); got < want.hits {
		t.Errorf("hits agreed: %.3f %% of %d, want at least %g: %+v", got, r.Judged(), want.hits, r.Verdicts)
	}
	most("late fixes", r.PerMinute(r.Corrections.Late), want.lateFix)
	most("median input wait", median(&b.Wait), want.wait)
	most("99 % of input waits", float64(b.Wait.Quantile(0.99))/1000, want.wait99)
	most("median hand to screen", median(&b.Motion), want.motion)
	most("median delay", median(&b.Delay), want.delay)
	most("underruns", r.PerMinute(r.Underruns), want.underruns)
	most("drawn speed error", float64(b.SpeedError.Quantile(0.99))/1e4, want.pace)
	most("corrections of unknown cause", float64(r.Corrections.Unknown), float64(want.unknown))
	// These hold everywhere.
	most("rows drawn otherwise than rewound", float64(b.Wrong), 0)
	most("% of rows at the edge of a wall", 100*float64(b.Edges)/float64(b.Rows), 0.5)
	most("backward steps", float64(b.Backward), 0)
	most("false detaches", float64(b.Detached), 0)
	most("99 % of clock errors", float64(b.ClockError.Quantile(0.99))/1000, 8.3)
	most("kB/s down", r.PerSecond(r.BytesIn)/1000, 8)
	most("kB/s up", r.PerSecond(r.BytesOut)/1000, 3)
	if b.Rows < 10_000 || r.Judged() < 100 || b.Ticks < 10_000 {
		t.Errorf("only %d rows, %d shots and %d ticks were measured", b.Rows, r.Judged(), b.Ticks)
	}
}

func TestEqualCellsGiveEqualResults(t *testing.T) {
	var got [2]string
	for i := range got {
		r, err := Cell{RTT: 100 * ms, Jitter: 5 * ms, Loss: 10_000, Stall: protocol.Second / 2, Play: 65 * protocol.Second, Seed: 4}.Run()
		if err != nil {
			t.Fatal(err)
		}
		got[i] = fmt.Sprintf("%+v", r.Figures())
	}
	if got[0] != got[1] {
		t.Errorf("one cell came to\n%s\nand to\n%s", got[0], got[1])
	}
}
