//go:build js && wasm

// Command wasm is the client core in the browser: it exports game/netcode.Client, and with it the
// rules of the games, to the page's TypeScript. Bytes of the wire go in and come out, and what is to
// be drawn is left as 32-bit words in memory for the page to read where they are.
//
// The page calls one function at a time, from its only thread. Numbers are arguments and results;
// everything longer goes through shared memory: the page writes at input() before a call, and reads
// as many bytes at output() as the call returned. What is read is valid until the next call. Names
// (of fields, events, weapons) cross once, in describe; so TypeScript repeats no index. All times
// are microseconds of the page's performance.now().
//
//	main.go      the exported functions    record.go     texts and lists as bytes
//	describe.go  the names, once           picture.go    one drawn moment as words
//	lines.go     the connection: joining, a second line, coming back
//	simulator.go a bad network to be felt
//	room.go      people, map, stats        arena.go      what drawing the arena takes beyond its schema
//	tape.go      a look back at the last seconds
//	heap.go      what the core takes of memory
//	replay.go    a recorded match, in place of a live one
//
// Nothing here decides anything: no netcode and no rules.
package main

import (
	"unsafe"

	"hindsight/game/netcode"
	"hindsight/protocol"
)

// build is what the server's log says of this client.
const build = "web"

// inputMax is the room for what the page hands over: the longest frame of a server, and more than
// any name or line of chat.
const inputMax = 64 << 10

// The memory that the page reads and writes. Go's collector does not move it.
var (
	input  [inputMax]byte
	output []byte // what the last call returned
	texts  record // reused by the calls that return a record
)

// client is the client that plays, or played last; nil before the first join.
var client *netcode.Client

func main() { select {} } // the exported functions run while main waits

//go:wasmexport input
func inputAt() unsafe.Pointer { return unsafe.Pointer(&input) }

//go:wasmexport output
func outputAt() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(output)) }

// give leaves b at output() and returns its length.
func give(b []byte) int32 {
	output = b
	return int32(len(b))
}

// micros turns the page's time into the core's.
func micros(t float64) protocol.Micros { return protocol.Micros(t) }

// complaint returns the length of a record of what is wrong, 0 if nothing is.
func complaint(err error) int32 {
	if err == nil {
		return 0
	}
	texts.reset()
	texts.str(err.Error())
	return give(texts.b)
}

// advance lets time pass under these controls and returns the length of a frame to send, or 0.
//
//go:wasmexport advance
func advance(now float64, moveX, moveY, aim, held, selected, press0, press1 int32, hidden bool, backlog int32) int32 {
	if !playing() {
		return 0
	}
	return send(micros(now), lifeline.Line(), client.Advance(micros(now), netcode.Controls{
		MoveX: int8(moveX), MoveY: int8(moveY), Aim: uint16(aim), Held: protocol.Buttons(held),
		Select: uint8(selected), Press: [2]uint8{uint8(press0), uint8(press1)}, Hidden: hidden,
	}, int(backlog)))
}

// due returns when the next command is due in microseconds of the page's time, or -1.
//
//go:wasmexport due
func due() float64 {
	if !playing() {
		return -1
	}
	at, ok := client.Due()
	if !ok {
		return -1
	}
	return float64(at)
}

// report returns the length of a frame that tells the server how the game goes here, 0 in between.
//
//go:wasmexport report
func report(now float64, backlog int32) int32 {
	if !playing() {
		return 0
	}
	return send(micros(now), lifeline.Line(), client.Report(micros(now), int(backlog)))
}

// say returns the length of a line of chat as a frame, 0 if there is nothing to send.
//
//go:wasmexport say
func say(now float64, n int32) int32 {
	if !playing() {
		return 0
	}
	in := reading{b: input[:n]}
	return send(micros(now), lifeline.Line(), client.Say(in.str()))
}

// closing tells what a close code means: a record of its text.
//
//go:wasmexport closing
func closing(code int32) int32 {
	c := protocol.CloseCode(code)
	texts.reset()
	texts.str(c.Text())
	return give(texts.b)
}
