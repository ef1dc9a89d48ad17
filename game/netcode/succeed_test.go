package netcode

import (
	"reflect"
	"testing"

	"hindsight/protocol"
)

// present are the parts of Stats that are of a line and not of its player.
var present = map[string]bool{
	"RTT": true, "RTTMin": true, "Jitter": true, "Margin": true, "Lead": true, "Delay": true, "ServerLate": true,
	"SendWait": true, "LastMismatch": true, "Last": true,
}

// greatest are the totals that are no sums.
var greatest = map[string]bool{"ServerLateMax": true, "SendWaitMax": true}

// A total that somebody adds to Stats and forgets here would begin anew with every second line.
func TestTotalsGoOnOverLines(t *testing.T) {
	// Every counter of a client, wherever it is kept, is set by its kind.
	count := func(c *Client, n int) {
		s := &c.stats
		s.BytesIn, s.BytesOut, s.FramesIn, s.FramesOut = int64(n), int64(n), n, n
		s.Snapshots, s.Skipped, s.Commands, s.LateCommands = n, n, n, n
		s.ViewRejected, s.Connections, s.ServerLateMax, s.SendWaitMax = n, n, protocol.Micros(n), protocol.Micros(n)
		for i := range c.hitches.Count {
			c.hitches.Count[i] = n
		}
		c.uplink.skipped, c.view.underruns, c.view.extrapolated, c.view.jumps = n, n, protocol.Micros(n), n
		c.clock.jumps, c.events.dropped = n, n
		fill(reflect.ValueOf(&c.reconcile.count).Elem(), n)
		fill(reflect.ValueOf(&c.verdicts.count).Elem(), n)
	}
	old, c := New(Config{Game: course}), New(Config{Game: course})
	count(old, 100)
	count(c, 1)
	old.matches, c.matches = 3, 1
	old.report.since = 5
	old.reconcile.last.Tick = 77
	c.succeed(old)
	if c.report.since != 5 {
		t.Error("the next report tells all totals again")
	}
	if c.matches != 4 || c.Stats().LastMismatch.Tick != 77 {
		t.Errorf("match %d, mismatch of %d", c.matches, c.Stats().LastMismatch.Tick)
	}
	check(t, "Stats", reflect.ValueOf(*c.Stats()))
}

func fill(v reflect.Value, n int) {
	for i := range v.NumField() {
		v.Field(i).SetInt(int64(n))
	}
}

// check finds totals that are not the sum of both, or the greater of them.
func check(t *testing.T, name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !present[name] {
				check(t, name, v.Field(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			check(t, name, v.Index(i))
		}
	default:
		if n := v.Int(); n != 101 && !greatest[name] || n < 100 {
			t.Errorf("%s is %d after 100 and 1", name, n)
		}
	}
}
