package node

import (
	"slices"
	"testing"

	"hindsight/protocol"
)

func TestRoomsSpreadOverATick(t *testing.T) {
	const rate = 60
	for _, rooms := range []int{2, 7, 20, 64, 200} {
		var at []protocol.Micros
		for i := range rooms {
			p := phase(uint32(i+1), rate)
			if p < 1 || p > protocol.Second/rate {
				t.Fatalf("room %d has phase %d", i, p)
			}
			at = append(at, p)
		}
		slices.Sort(at)
		for i := 1; i < rooms; i++ {
			// By the three-gap theorem the closest two are at most 2.62 times closer than evenly spread ones.
			if gap, even := at[i]-at[i-1], protocol.Second/rate/protocol.Micros(rooms); gap*3 < even {
				t.Errorf("%d rooms: two are %d us apart, evenly it were %d", rooms, gap, even)
			}
		}
	}
}
