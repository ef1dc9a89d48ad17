package node

import (
	"testing"

	"hindsight/protocol"
)

// However many rooms there are, they take as many slots as there are, and none has two rooms more than
// another.
func TestRoomsSpreadOverATick(t *testing.T) {
	const rate = 60
	for rooms := 1; rooms <= 200; rooms++ {
		in := map[protocol.Micros]int{}
		for i := range rooms {
			p := phase(uint32(i), rate)
			if p < 1 || p > protocol.Second/rate {
				t.Fatalf("room %d has phase %d", i, p)
			}
			in[p]++
		}
		if want := min(rooms, slots); len(in) != want {
			t.Fatalf("%d rooms are in %d slots, want %d", rooms, len(in), want)
		}
		for p, n := range in {
			if n < rooms/slots || n > (rooms+slots-1)/slots {
				t.Errorf("%d of %d rooms have phase %d", n, rooms, p)
			}
		}
	}
}

// Two rooms in a row are half a tick apart, and every other one a quarter.
func TestRoomsInARowAreFarApart(t *testing.T) {
	const rate = 60
	apart := func(i, j uint32) protocol.Micros {
		d := phase(i, rate) - phase(j, rate)
		return max(d, -d) + 1 // by rounding
	}
	for i := range uint32(100) {
		if d := apart(2*i, 2*i+1); d < protocol.Second/rate/2 {
			t.Errorf("rooms %d and %d are %d us apart", 2*i, 2*i+1, d)
		}
		if d := apart(4*i, 4*i+2); d < protocol.Second/rate/4 {
			t.Errorf("rooms %d and %d are %d us apart", 4*i, 4*i+2, d)
		}
	}
}
