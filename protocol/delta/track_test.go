package delta_test

import (
	"math"
	"testing"

	"hindsight/protocol/delta"
	"hindsight/protocol/wire"
)

// walk encodes the way of a mover through the places and returns how many bits each step took.
func walk(t *testing.T, k *delta.Kind, rows [][]int32) (bits []int) {
	t.Helper()
	var c delta.Coder
	var at delta.Track
	base := &delta.Snapshot{}
	base.Reset(1)
	copy(base.Add(1, 0, 0, 1, len(k.Fields)), rows[0])
	s := &delta.Schema{Kinds: []delta.Kind{*k}, Own: *k}
	for _, row := range rows[1:] {
		next, got := &delta.Snapshot{}, &delta.Snapshot{}
		next.Reset(base.Tick + 1)
		got.Reset(base.Tick + 1)
		copy(next.Add(1, 0, 0, 1, len(k.Fields)), row)
		var w wire.Bits
		w.Flag(false)
		c.Move(&w, k, next.Tick, &base.Entities()[0], &next.Entities()[0], &at)
		bits = append(bits, w.Len()-1)
		if err := decode(w.Bytes(), s, base, false, got); err != nil {
			t.Fatalf("to %v: %v", row, err)
		}
		if err := same(got, next); err != nil {
			t.Fatal(err)
		}
		base = got
	}
	return bits
}

func runner() *delta.Kind {
	return &delta.Kind{Name: "runner", Positioned: true, Fields: []delta.Field{
		{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp}, {Name: "aim", Mode: delta.Turn, Turn: 256}}}
}

// Whoever runs straight on, at any speed and in any direction, soon costs the few bits of one code.
func TestStraightOn(t *testing.T) {
	for _, speed := range [][2]float64{{120, 0}, {84.85, 84.85}, {-3.3, 117.1}, {0.01, -0.3}, {1e6, -1e5 - 0.5}} {
		var rows [][]int32
		for i := range 100 {
			rows = append(rows, []int32{int32(math.Floor(speed[0] * float64(i))), int32(math.Floor(speed[1] * float64(i))), 77})
		}
		steps := walk(t, runner(), rows)
		late := 0
		for _, n := range steps[50:] {
			late += n
		}
		if late > 8*len(steps[50:]) {
			t.Errorf("at %v: %d bits in the last 50 steps: %v", speed, late, steps)
		}
	}
}

// A mover at rest costs two bits at most, and one that has stopped soon rests.
func TestRestIsCheap(t *testing.T) {
	rows := [][]int32{{0, 0, 0}, {100, 5, 9}, {200, 9, 20}, {230, 10, 22}}
	for range 8 {
		rows = append(rows, []int32{230, 10, 22})
	}
	if steps := walk(t, runner(), rows); steps[len(steps)-1] > 2 {
		t.Errorf("bits of each step: %v", steps)
	}
}

// Rows may hold anything an int32 can: prediction wraps as differences do.
func TestExtremePlaces(t *testing.T) {
	lo, hi := int32(math.MinInt32), int32(math.MaxInt32)
	walk(t, runner(), [][]int32{{0, 0, 0}, {hi, lo, 128}, {lo, hi, 255}, {lo, hi, 0}, {lo + 1, hi - 1, 127}, {0, -1, 128}, {hi, hi, 1},
		{hi - 1, lo, 0}, {hi - 2, lo + 1, 0}, {hi - 3, lo + 2, 0}, {hi - 4, lo + 3, 0}, {hi, 0, 3}, {lo, 0, 3}, {lo, 0, 3}})
}

// TestNearSteps takes each of the eight steps that are off by one from rest.
func TestNearSteps(t *testing.T) {
	for x := int32(-1); x <= 1; x++ {
		for y := int32(-1); y <= 1; y++ {
			walk(t, runner(), [][]int32{{50, 50, 0}, {50 + x, 50 + y, 0}, {50, 50, 0}, {50 - x, 50 - y, 0}})
		}
	}
}

// The heading of a finer circle, and of one that turns from every value to every other.
func TestHeadings(t *testing.T) {
	for _, turn := range []int32{256, 65536} {
		k := runner()
		k.Fields[2].Turn = turn
		var rows [][]int32
		for a := int32(0); a < 3000; a++ {
			rows = append(rows, []int32{0, 0, int32(int64(a) * int64(a) * 7919 % int64(turn))})
		}
		walk(t, k, rows)
	}
}

// A mover without a heading, and one whose heading is not where it is looked for.
func TestMoversWithoutHeading(t *testing.T) {
	for _, fields := range [][]delta.Field{
		{{Mode: delta.Lerp}, {Mode: delta.Lerp}},
		{{Mode: delta.Lerp}, {Mode: delta.Lerp}, {}, {Mode: delta.Turn, Turn: 256}},
	} {
		var rows [][]int32
		for i := range int32(60) {
			row := make([]int32, len(fields))
			for j := range row {
				row[j] = (i * i * int32(j+3)) & 127
			}
			rows = append(rows, row)
		}
		walk(t, &delta.Kind{Name: "thing", Positioned: true, Fields: fields}, rows)
	}
}
