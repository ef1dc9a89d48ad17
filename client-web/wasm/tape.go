//go:build js && wasm

package main

import "hindsight/protocol"

// rewatch begins to play what led to a tick, within so many milliseconds. It returns the speed in
// 1/256 of real time, 0 if there is nothing to see.
//
//go:wasmexport rewatch
func rewatch(now float64, tick, wait int32) int32 {
	if client == nil {
		return 0
	}
	return int32(client.Rewatch(micros(now), protocol.Tick(tick), protocol.Micros(wait)*protocol.Millisecond))
}

// drawTape leaves what the tape shows now at picture(), as draw does with the present. It returns 0
// when it has been played.
//
//go:wasmexport drawTape
func drawTape(now float64) int32 {
	if client == nil {
		return 0
	}
	p := client.DrawTape(micros(now))
	if p == nil {
		return 0
	}
	return lay(p)
}
