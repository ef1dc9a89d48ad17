package load

import (
	"bytes"
	"strconv"
	"testing"
)

// kraft is 1 for the lengths of a code that is complete.
func kraft(t *testing.T, lengths string) (sum float64) {
	t.Helper()
	for _, digit := range lengths {
		n, err := strconv.ParseInt(string(digit), 16, 8)
		if err != nil || n < 1 || n > longestCode {
			t.Fatalf("%q: a length of %c (%v)", lengths, digit, err)
		}
		sum += 1 / float64(int(1)<<n)
	}
	return sum
}

func TestLengths(t *testing.T) {
	for _, tt := range []struct {
		weights []float64
		want    string // "" for any
	}{
		{[]float64{9, 9}, "11"},
		{[]float64{100, 50, 20, 20}, "1233"},
		{[]float64{20, 100, 20, 50}, "3132"},
		{[]float64{1e12, 1e11, 1e10, 1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 0, 0, 0, 0}, ""}, // too deep for Huffman's
		{make([]float64, 37), ""},
	} {
		got := lengths(tt.weights)
		if tt.want != "" && got != tt.want || len(got) != len(tt.weights) || kraft(t, got) != 1 {
			t.Errorf("%v: %s, want %s", tt.weights, got, tt.want)
		}
	}
}

func TestTrain(t *testing.T) {
	tr, err := ReadTrace(bytes.NewReader(walkers(16, 240, 1)))
	if err != nil {
		t.Fatal(err)
	}
	codes, err := Train([]*Trace{tr}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range append(codes.Heads, codes.Sizes) {
		if sum := kraft(t, l); sum != 1 {
			t.Errorf("%s fills %v of its code", l, sum)
		}
	}
	if len(codes.Heads) != 6 || len(codes.Heads[0]) != 37 || len(codes.Sizes) != 33 {
		t.Errorf("%+v", codes)
	}
	if codes.Heads[0][0] > '3' { // who rests mostly goes on to
		t.Errorf("at rest: %s", codes.Heads[0])
	}
}

func TestWhatIsInSight(t *testing.T) {
	tr, err := ReadTrace(bytes.NewReader(walkers(200, 240, 1)))
	if err != nil {
		t.Fatal(err)
	}
	all, err := OfTrace(tr, TraceConfig{Rate: 20, AimBits: 8})
	if err != nil {
		t.Fatal(err)
	}
	near, err := OfTrace(tr, TraceConfig{Rate: 20, AimBits: 8, Radius: 512})
	if err != nil {
		t.Fatal(err)
	}
	if all.InSight < 199.9 || all.InSight > 200.1 || near.InSight < 2 || near.InSight > 100 || near.Total >= all.Total || near.Bits <= all.Bits || near.Seconds < 2.99 || near.Seconds > 3.01 {
		t.Errorf("everywhere %+v, near %+v", all, near)
	}
	if _, err := OfTrace(tr, TraceConfig{Rate: 20, AimBits: 8, Radius: -1}); err == nil {
		t.Error("a radius below 0 was accepted")
	}
}
