package simnet

import (
	"testing"

	"hindsight/protocol"
)

// through returns what came out of a detour at a time, as sorts and first bytes.
func through(d *Detour, now protocol.Micros) (s string) {
	for p, ok := d.Next(now); ok; p, ok = d.Next(now) {
		s += string([]byte{"?o^v"[p.Sort]}) + string(p.Data)
	}
	return s
}

func TestADetourOfNothingIsOutOfTheWay(t *testing.T) {
	var d Detour
	d.Dial(0, 1)
	if !d.Opened(0, 1) || d.Up(0, 1, []byte("a")) || d.Down(0, 1, []byte("b")) || d.Active(0) || through(&d, ms) != "" {
		t.Error("it takes part")
	}
}

func TestADetourDelaysBothWays(t *testing.T) {
	var d Detour
	d.Set(Config{Latency: 100 * ms})
	if !d.Up(0, 1, []byte("a")) || !d.Down(10*ms, 1, []byte("b")) || !d.Active(0) {
		t.Fatal("frames passed by it")
	}
	for _, tt := range []struct {
		at   protocol.Micros
		want string
	}{{99 * ms, ""}, {100 * ms, "^a"}, {110 * ms, "vb"}, {500 * ms, ""}} {
		if got := through(&d, tt.at); got != tt.want {
			t.Errorf("at %d came %q, want %q", tt.at, got, tt.want)
		}
	}
}

// A frame that is sent directly must not overtake those that are still on the detour.
func TestADetourIsLeftInOrder(t *testing.T) {
	var d Detour
	d.Set(Config{Latency: 100 * ms})
	d.Up(0, 1, []byte("a"))
	d.Set(Config{})
	if !d.Up(20*ms, 1, []byte("b")) {
		t.Fatal("b overtakes a")
	}
	if got := through(&d, 100*ms); got != "^a^b" {
		t.Errorf("came %q", got)
	}
	if d.Up(120*ms, 1, []byte("c")) || d.Active(120*ms) {
		t.Error("it is still in the way")
	}
}

func TestAStallHoldsFramesAndDials(t *testing.T) {
	var d Detour
	d.Stall(0, 500*ms)
	d.Dial(100*ms, 2)
	if d.Opened(130*ms, 2) {
		t.Error("a line opened in the stall")
	}
	if !d.Up(200*ms, 1, []byte("a")) || through(&d, 499*ms) != "" {
		t.Error("a frame came through the stall")
	}
	if got := through(&d, 1100*ms); got != "^ao" && got != "o^a" {
		t.Errorf("after the stall came %q", got)
	}
	if d.Active(1200 * ms) {
		t.Error("the stall does not end")
	}
	d.Drop(2)
	if d.find(2) != nil {
		t.Error("the line is not forgotten")
	}
}
