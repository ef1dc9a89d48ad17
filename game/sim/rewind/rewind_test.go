package rewind_test

import (
	"testing"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// The schema is one kind with one field that moves linearly.
func schema() *delta.Schema {
	k := delta.Kind{Name: "mover", Fields: []delta.Field{{Name: "x", Mode: delta.Lerp}}}
	return &delta.Schema{Kinds: []delta.Kind{k}, Own: k}
}

// history holds, for each of the ticks, entity 1 at x = 100 * tick.
func history(ticks ...protocol.Tick) *rewind.History {
	h := rewind.New(schema())
	for _, t := range ticks {
		put(h, t)
	}
	return h
}

func put(h *rewind.History, t protocol.Tick) { h.Put(t).Add(1, 0, 0, 1, 1)[0] = int32(t) * 100 }

// upTo returns the ticks from first to last, every step.
func upTo(first, last, step protocol.Tick) (ticks []protocol.Tick) {
	for t := first; t <= last; t += step {
		ticks = append(ticks, t)
	}
	return ticks
}

func tickOf(s *delta.Snapshot) protocol.Tick {
	if s == nil {
		return 0
	}
	return s.Tick
}

func TestEmpty(t *testing.T) {
	h := rewind.New(schema())
	if h.Newest() != 0 || h.At(0) != nil || h.At(1) != nil || h.Before(5) != nil || h.After(0) != nil || h.After(5) != nil {
		t.Error("an empty history holds something")
	}
	if h.Seen(protocol.View{}) != nil || h.Seen(protocol.View{A: 3, B: 4, Frac: 9}) != nil {
		t.Error("something is seen in an empty history")
	}
}

func TestLookUp(t *testing.T) {
	sparse := history(10, 12, 15, 16)
	dense := history(upTo(1, 200, 1)...)
	wrapped := history(upTo(2, 200, 2)...) // holds 138 to 200
	late := history(1000, 1002)            // joined late: much of the ring was never used
	gap := history(10, 500)                // all but the newest have gone out of reach
	tests := []struct {
		name              string
		h                 *rewind.History
		tick              protocol.Tick
		at, before, after protocol.Tick // 0: nil
	}{
		{"held", sparse, 12, 12, 12, 12},
		{"between", sparse, 13, 0, 12, 15},
		{"older than the oldest", sparse, 3, 0, 10, 10},
		{"no tick", sparse, 0, 0, 10, 10},
		{"newer than the newest", sparse, 99, 0, 16, 0},
		{"a ring further on, same slot", sparse, 12 + rewind.Size, 0, 16, 0},

		{"the newest", dense, 200, 200, 200, 200},
		{"the last that is held", dense, 137, 137, 137, 137},
		{"the first that is not", dense, 136, 0, 137, 137},
		{"long gone", dense, 1, 0, 137, 137},

		{"an odd tick at the end", wrapped, 139, 0, 138, 140},
		{"an odd tick past the end", wrapped, 137, 0, 138, 138},
		{"overwritten", wrapped, 136, 0, 138, 138},

		{"before the first, in reach of the ring", late, 990, 0, 1000, 1000},
		{"between in a young history", late, 1001, 0, 1000, 1002},

		{"out of reach though its slot is intact", gap, 10, 0, 500, 500},
		{"in the gap", gap, 499, 0, 500, 500},
	}
	for _, tt := range tests {
		if got := tickOf(tt.h.At(tt.tick)); got != tt.at {
			t.Errorf("%s: At(%d) is %d, want %d", tt.name, tt.tick, got, tt.at)
		}
		if got := tickOf(tt.h.Before(tt.tick)); got != tt.before {
			t.Errorf("%s: Before(%d) is %d, want %d", tt.name, tt.tick, got, tt.before)
		}
		if got := tickOf(tt.h.After(tt.tick)); got != tt.after {
			t.Errorf("%s: After(%d) is %d, want %d", tt.name, tt.tick, got, tt.after)
		}
	}
}

// TestAgainstModel compares every look-up with a search through all that was ever put.
func TestAgainstModel(t *testing.T) {
	var ticks []protocol.Tick
	h := rewind.New(schema())
	for i, tick := 0, protocol.Tick(1); i < 400; i++ {
		put(h, tick)
		ticks = append(ticks, tick)
		for q := protocol.Tick(1); q < tick+70; q += 3 {
			var at, before, after protocol.Tick
			for _, have := range ticks {
				if tick-have >= rewind.Size {
					continue
				}
				if have == q {
					at = have
				}
				if have <= q || before == 0 {
					before = have
				}
				if have >= q && after == 0 {
					after = have
				}
			}
			if a, b, c := tickOf(h.At(q)), tickOf(h.Before(q)), tickOf(h.After(q)); a != at || b != before || c != after {
				t.Fatalf("newest %d, asked %d: At %d Before %d After %d, want %d %d %d", tick, q, a, b, c, at, before, after)
			}
		}
		tick += 1 + protocol.Tick(i*i%7) // steps of 1 to 5 in no regular order
	}
}

func TestSeen(t *testing.T) {
	h := history(10, 12, 15, 16)
	v := func(a, b protocol.Tick, frac uint16) protocol.View { return protocol.View{A: a, B: b, Frac: frac} }
	for _, tt := range []struct {
		name string
		v    protocol.View
		tick protocol.Tick
		x    int32
	}{
		{"the present", protocol.View{}, 16, 1600},
		{"one snapshot", v(12, 12, 0), 12, 1200},
		{"half way", v(10, 12, 128), 10, 1100},
		{"across a skipped tick, along the same chord", v(12, 15, 64), 12, 1275},
		{"past B", v(15, 16, 512), 15, 1700},
		{"A is not held: the one before", v(11, 12, 128), 10, 1100},
		{"B is not held: the one before", v(10, 14, 128), 10, 1100},
		{"both fall on one: no fraction is left", v(13, 14, 200), 12, 1200},
		{"too old: the oldest", v(2, 4, 100), 10, 1000},
		{"too new: the newest", v(20, 22, 100), 16, 1600},
	} {
		s := h.Seen(tt.v)
		if s == nil || s.Tick != tt.tick || len(s.Entities()) != 1 || s.Entities()[0].Row[0] != tt.x {
			t.Errorf("%s: %+v, want tick %d, x %d", tt.name, s, tt.tick, tt.x)
		}
	}
}

// Rewinding is read-only: what is held is the same afterwards, and what was seen does not change
// what is held when it is written to.
func TestSeenChangesNothing(t *testing.T) {
	h := history(10, 12)
	h.Seen(protocol.View{A: 10, B: 12, Frac: 128}).Entities()[0].Row[0] = -1
	h.Seen(protocol.View{A: 12, B: 12}).Entities()[0].Row[0] = -1
	if a, b := h.At(10).Entities()[0].Row[0], h.At(12).Entities()[0].Row[0]; a != 1000 || b != 1200 {
		t.Errorf("held rows became %d and %d", a, b)
	}
}

func TestClear(t *testing.T) {
	h := history(upTo(1, 100, 1)...)
	h.Clear()
	if h.Newest() != 0 || h.At(100) != nil || h.Before(100) != nil || h.After(1) != nil || h.Seen(protocol.View{}) != nil {
		t.Error("a cleared history holds something")
	}
	put(h, 90) // the next match gets there with ticks of its own
	if tickOf(h.At(90)) != 90 || h.At(89) != nil || h.At(91) != nil || tickOf(h.Before(89)) != 90 || tickOf(h.After(1)) != 90 {
		t.Error("a cleared history remembers")
	}
}

// A copy answers as its original did, whatever becomes of the original.
func TestCopyFrom(t *testing.T) {
	h, c := history(upTo(1, 100, 1)...), history(7, 90)
	view := protocol.View{A: 60, B: 61, Frac: 77}
	want := h.Seen(view).Entities()[0].Row[0]
	c.CopyFrom(h)
	put(h, 101)
	h.At(60).Entities()[0].Row[0] = -1
	if c.Newest() != 100 || tickOf(c.Before(1)) != 37 || tickOf(c.At(100)) != 100 || c.Seen(view).Entities()[0].Row[0] != want {
		t.Errorf("the copy has newest tick %d, oldest %d", c.Newest(), tickOf(c.Before(1)))
	}
}

func TestAllocates(t *testing.T) {
	h := history(upTo(1, 200, 1)...)
	tick := protocol.Tick(200)
	if n := testing.AllocsPerRun(200, func() {
		tick++
		put(h, tick)
		h.Seen(protocol.View{A: tick - 9, B: tick - 7, Frac: 99})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
