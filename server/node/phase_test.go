package node

import (
	"testing"

	"hindsight/protocol"
)

// However many rooms there are, they take as many slots as there are, and none has two rooms more than
// another; and of those in a slot as many send in one tick as in another, give or take one.
func TestRoomsSpreadOverSlotsAndTicks(t *testing.T) {
	const rate = 60
	for rooms := 1; rooms <= 200; rooms++ {
		for _, every := range []int{1, 2, 3, 6} {
			in, sends := map[protocol.Micros]int{}, map[protocol.Micros]int{}
			for i := range rooms {
				p := phase(uint32(i), rate, every)
				at := (p*slots*rate+protocol.Second-1)/protocol.Second - 1
				if at < 0 || at >= protocol.Micros(every)*slots {
					t.Fatalf("room %d has phase %d", i, p)
				}
				in[at%slots]++
				sends[at]++
			}
			if want := min(rooms, slots); len(in) != want {
				t.Fatalf("%d rooms are in %d slots, want %d", rooms, len(in), want)
			}
			for p, n := range in {
				if n < rooms/slots || n > (rooms+slots-1)/slots {
					t.Errorf("%d of %d rooms are in slot %d", n, rooms, p)
				}
			}
			for p, n := range sends {
				if most := (rooms + slots*every - 1) / (slots * every); n > most {
					t.Errorf("%d of %d rooms send in slot %d, want at most %d", n, rooms, p, most)
				}
			}
		}
	}
}

// Two rooms in a row are half a tick apart, and every other one a quarter.
func TestRoomsInARowAreFarApart(t *testing.T) {
	const rate = 60
	apart := func(i, j uint32) protocol.Micros {
		d := phase(i, rate, 1) - phase(j, rate, 1)
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
