package session

import (
	"sync/atomic"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/mono"
)

// What a client says of its game reaches its seat, through plain TCP and through TLS.
func TestReportReachesTheSeat(t *testing.T) {
	eachRig(t, "", Config{Limits: fast}, func(t *testing.T, r *rig) {
		c := r.join("ann")
		c.send(data, c.enc.Report(nil, &frame.Report{Span: 4000, Frames: 60, Hitches: [frame.Hitches]uint16{frame.HitchNetwork: 2}, Mismatch: 7, Row: []int32{1, -2, 3}}))
		select {
		case got := <-c.seat.reports:
			if got.Frames != 60 || got.Hitches[frame.HitchNetwork] != 2 || got.Mismatch != 7 || len(got.Row) != 3 || got.Row[1] != -2 {
				t.Errorf("arrived as %+v", got)
			}
		case <-time.After(patience):
			t.Fatal("the report does not arrive")
		}
		if n := r.count(`hindsight_received_bytes_total{type="report"}`); n == "0" || n == "none" {
			t.Errorf("%s bytes of reports are counted", n)
		}
		c.alive()
	})
}

func TestBadReports(t *testing.T) { each(t, testBadReports) }

func testBadReports(t *testing.T, via Transport) {
	for name, b := range map[string][]byte{
		"cut off":       {0x9e, 0x04, 0x00},
		"of nothing":    {0x91, 0x04},
		"a huge row":    {0x9e, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0xdd, 0xff, 0xff, 0xff, 0xff},
		"negative":      {0x9e, 4, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x90},
		"a trailing 0":  {0x9e, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x90, 0},
		"a text inside": {0x9e, 4, 0xa1, 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x94, 0, 0, 0, 0, 0x90},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, via, Config{Limits: fast})
			c := r.join("eve")
			c.send(data, b)
			c.closed(protocol.CloseBadMessage)
			if len(c.seat.reports) != 0 {
				t.Error("it reached the seat")
			}
		})
	}
	r := newRig(t, via, Config{Limits: fast})
	c := r.open()
	c.send(data, c.enc.Report(nil, &frame.Report{}))
	c.closed(protocol.CloseWrongState)
}

// Reports have a budget of their own: more than a few are dropped, which costs the game nothing, and a
// flood of them ends the connection.
func TestReportFlood(t *testing.T) { each(t, testReportFlood) }

func testReportFlood(t *testing.T, via Transport) {
	limits := fast
	limits.Reports, limits.Messages, limits.MessagesBurst = 2, 1_000_000, 1_000_000
	limits.Bytes, limits.BytesBurst, limits.Overrun = 64<<20, 64<<20, 300*time.Millisecond
	var running atomic.Bool // until then no budget refills
	began := mono.Now()
	r := newRig(t, via, Config{Limits: limits, Now: func() protocol.Micros {
		if running.Load() {
			return mono.Now()
		}
		return began
	}})
	c := r.join("eve")
	report := masked(data, c.enc.Report(nil, &frame.Report{Span: 4000}))
	for range 10 {
		c.write(report)
	}
	c.alive()
	if n := len(c.seat.reports); n != 4 {
		t.Errorf("%d of 10 reports passed a budget of 4 at once", n)
	}
	running.Store(true)
	c.flood(report)
	c.closed(protocol.CloseTooManyBytes)
	c.ended("left")
}
