//go:build js && wasm

package main

import (
	"hindsight/protocol"
	"hindsight/protocol/simnet"
)

// detour is the network simulator of the page: between the sockets and the lifeline, and out of the
// way while it simulates nothing.
var detour simnet.Detour

// simulate sets what is simulated on top of the real connection: the round trip and the mean jitter
// of each direction in ms, and how many in a million segments are lost.
//
//go:wasmexport simulate
func simulate(rtt, jitter, loss int32) {
	detour.Set(simnet.Config{
		Latency: protocol.Micros(rtt) * protocol.Millisecond / 2,
		Jitter:  protocol.Micros(jitter) * protocol.Millisecond,
		Loss:    int(loss),
	})
}

// stall lets nothing through for so many ms.
//
//go:wasmexport stall
func stall(now float64, ms int32) {
	detour.Stall(micros(now), micros(now)+protocol.Micros(ms)*protocol.Millisecond)
}

// send sends a frame on a line, by the simulator if it is on. It returns the length of what the page
// is to send now, 0 for nothing.
func send(now protocol.Micros, line int, b []byte) int32 {
	if b == nil || line == 0 || detour.Up(now, line, b) {
		return 0
	}
	return give(b)
}

// simulated takes in what has come through the simulator, up to the first frame that is to be sent.
func simulated(now protocol.Micros) (line int, frame []byte) {
	for p, ok := detour.Next(now); ok; p, ok = detour.Next(now) {
		switch p.Sort {
		case simnet.CameUp:
			return p.Line, p.Data
		case simnet.CameDown:
			_ = take(now, p.Line, p.Data) // what is wrong with it, the lifeline knows
		case simnet.CameOpen:
			if b := lifeline.Opened(now, p.Line); b != nil && !detour.Up(now, p.Line, b) {
				return p.Line, b
			}
		}
	}
	return 0, nil
}
