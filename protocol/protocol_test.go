package protocol_test

import (
	"math"
	"testing"

	"hindsight/protocol"
)

func TestTick(t *testing.T) {
	for _, tt := range []struct {
		t, u protocol.Tick
		diff int
	}{
		{5, 3, 2}, {3, 5, -2}, {0, 0, 0}, {1, math.MaxUint32, 2}, {math.MaxUint32, 1, -2}, {1 << 31, 1, math.MaxInt32},
	} {
		if got := tt.t.Sub(tt.u); got != tt.diff {
			t.Errorf("%d - %d is %d, want %d", tt.t, tt.u, got, tt.diff)
		}
		if got := tt.u.Add(tt.diff); got != tt.t {
			t.Errorf("%d + %d is %d, want %d", tt.u, tt.diff, got, tt.t)
		}
	}
}

func TestNewEvent(t *testing.T) {
	e := protocol.NewEvent(7, 1, -2, 3)
	if e.Kind != 7 || e.N != 3 || e.Args != [protocol.MaxEventArgs]int32{1, -2, 3} || e.Tick != 0 {
		t.Errorf("%+v", e)
	}
	if e := protocol.NewEvent(7, make([]int32, protocol.MaxEventArgs)...); e.N != protocol.MaxEventArgs {
		t.Errorf("%+v", e)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for one argument too many")
		}
	}()
	protocol.NewEvent(7, make([]int32, protocol.MaxEventArgs+1)...)
}

// A close frame has 123 bytes for its reason, and the reason is read by players: one plain sentence.
func TestCloseTexts(t *testing.T) {
	protocol.CloseCodes(func(c protocol.CloseCode) {
		text := c.Text()
		if !c.Known() || text == "" || len(text) > 100 || text[len(text)-1] != '.' {
			t.Errorf("%d: %q", c, text)
		}
		for _, r := range text {
			if r < ' ' || r > '~' {
				t.Errorf("%d: %q has a character that is not plain ASCII", c, text)
			}
		}
		if c < 1000 || c > 1015 && c < 4000 || c > 4999 {
			t.Errorf("%d may not be sent in a close frame", c)
		}
	})
}

func TestUnknownCloseCode(t *testing.T) {
	if c := protocol.CloseCode(1006); c.Known() || c.Action() != protocol.Retry || c.Text() == "" {
		t.Errorf("%v %v %q", c.Known(), c.Action(), c.Text())
	}
}
