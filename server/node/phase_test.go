package node

import (
	"testing"

	"hindsight/protocol"
)

// However many rooms there are, no slot has two more than another, and few of them lie far apart.
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
	for i := range uint32(slots / 2) { // the first eight are two slots apart, the first four four, ...
		if d := phase(2*i, rate) - phase(2*i+1, rate); d*d < (8*protocol.Second/(slots*rate)-1)*(8*protocol.Second/(slots*rate)-1) {
			t.Errorf("rooms %d and %d are %d us apart", 2*i, 2*i+1, d)
		}
	}
}
