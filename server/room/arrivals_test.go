package room

import (
	"runtime"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// What one goroutine pushes another pops: all of it, in order, but for what was counted as flooded.
func TestArrivalsKeepTheirOrder(t *testing.T) {
	var q arrivals
	q.begin()
	const frames = 20_000
	done := make(chan struct{})
	go func() {
		defer close(done)
		in := frame.Input{Commands: make([]protocol.Command, 3)}
		for n := range frames {
			for i := range in.Commands {
				in.Commands[i].Tick = protocol.Tick(3*n + i + 1)
			}
			q.push(protocol.Micros(n), &in)
			if n%16 == 15 {
				runtime.Gosched()
			}
		}
	}()
	got, last := 0, protocol.Tick(0)
	var a arrival
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true // and what is left is popped below
		default:
		}
		for q.pop(&a) {
			if a.cmd.Tick <= last || a.at != protocol.Micros(a.cmd.Tick-1)/3 {
				t.Fatalf("command %d of time %d comes after command %d", a.cmd.Tick, a.at, last)
			}
			last = a.cmd.Tick
			got++
		}
	}
	if got+int(q.flooded.Load()) != 3*frames {
		t.Errorf("%d arrived and %d were flooded, of %d", got, q.flooded.Load(), 3*frames)
	}
}

// A burst makes room for the next one; what is used in between stays as little as it was.
func TestArrivalsHoldABurst(t *testing.T) {
	var q arrivals
	q.begin()
	var a arrival
	for burst, want := range []int{2*mostArrivals - fewArrivals, mostArrivals, mostArrivals} {
		for range 200 {
			q.push(0, &frame.Input{Commands: make([]protocol.Command, 1)})
		}
		n := 0
		for q.pop(&a) {
			n++
		}
		if flooded := int(q.flooded.Swap(0)); n != want || flooded != 200-want {
			t.Errorf("burst %d: %d held and %d flooded, want %d held", burst, n, flooded, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		q.push(0, &frame.Input{Commands: []protocol.Command{{Tick: 1}}})
		q.pop(&a)
	}); n > 1 { // the frame of this test
		t.Errorf("%v allocations a command", n)
	}
}
