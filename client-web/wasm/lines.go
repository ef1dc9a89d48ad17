//go:build js && wasm

package main

import (
	"unsafe"

	"hindsight/game/games"
	"hindsight/game/netcode"
	"hindsight/protocol"
)

// lifeline keeps the page connected, nil before the first join and after a leave. The page owns the
// sockets, and does what order tells.
var lifeline *netcode.Lifeline

// orderSend is an order of this program's own: the simulator lets a frame go.
const orderSend = 4

// The words of an order and of how the page is connected.
const (
	linkOrder   = iota // netcode.OrderKind, orderSend or 0
	linkLine           // that the order is about
	linkCode           // to close it with
	linkBytes          // at output(), to be sent
	linkOn             // the line that plays, 0 for none
	linkPhase          // netcode.Phase
	linkReason         // the close code that explains it
	linkTries          // dials since the last frame
	linkWait           // ms until the next one
	linkQuiet          // ms since the last frame
	linkHedged         // second lines tried
	linkRescued        // and won
	linkSize
)

var linkWords [linkSize]int32

// join goes in: n bytes of input hold a name, and a room, a resume token and a ticket or "" for each.
// Watch asks to look on. Again says that it is another pass for who plays already.
//
//go:wasmexport join
func join(now float64, n int32, watch, again bool) {
	in := reading{b: input[:n]}
	cfg := netcode.Config{
		Game: games.All[0], Name: in.str(), Room: in.str(), Token: in.str(), Ticket: in.str(),
		Watch: watch, Tape: !watch, Build: build,
	}
	if again && lifeline != nil {
		lifeline.Join(micros(now), cfg)
		return
	}
	lifeline = netcode.NewLifeline(netcode.LifelineConfig{Client: cfg, Seed: uint64(now * 1000)}, micros(now))
	adopt()
}

// leave forgets the seat and all lines.
//
//go:wasmexport leave
func leave() {
	lifeline = nil
	detour.Forget()
}

// adopt makes the lifeline's client the page's. The page is told of the room anew.
func adopt() {
	if c := lifeline.Client(); c != client {
		client, room = c, roomNews{}
	}
}

// order returns where the words of the next order and of the connection are. It is to be called until
// there is no order, in every frame and once a second where none is drawn.
//
//go:wasmexport order
func order(now float64) unsafe.Pointer {
	t := micros(now)
	linkWords = [linkSize]int32{}
	w := &linkWords
	if lifeline == nil {
		return unsafe.Pointer(w)
	}
	if line, frame := simulated(t); frame != nil {
		w[linkOrder], w[linkLine], w[linkBytes] = orderSend, int32(line), give(frame)
	} else if o, ok := lifeline.Next(t); ok {
		w[linkOrder], w[linkLine], w[linkCode] = int32(o.Kind), int32(o.Line), int32(o.Code)
		switch o.Kind {
		case netcode.OrderDial:
			detour.Dial(t, o.Line)
		case netcode.OrderDrop:
			detour.Drop(o.Line)
		}
	}
	s := lifeline.State()
	w[linkOn], w[linkPhase], w[linkReason] = int32(lifeline.Line()), int32(s.Phase), int32(s.Code)
	w[linkTries], w[linkHedged], w[linkRescued] = int32(s.Tries), int32(s.Hedged), int32(s.Rescued)
	w[linkWait] = int32(max(0, s.RetryAt-t) / protocol.Millisecond)
	w[linkQuiet] = int32(max(0, t-lifeline.HeardAt()) / protocol.Millisecond)
	return unsafe.Pointer(w)
}

// opened takes in that a line is open and returns the length of its first frame, or 0.
//
//go:wasmexport opened
func opened(now float64, line int32) int32 {
	if lifeline == nil || !detour.Opened(micros(now), int(line)) {
		return 0
	}
	return send(micros(now), int(line), lifeline.Opened(micros(now), int(line)))
}

// receive takes in the n bytes of a frame. It returns 0, or the length of a record that says what was
// wrong; what follows from it is an order.
//
//go:wasmexport receive
func receive(now float64, line, n int32) int32 {
	if lifeline == nil || detour.Down(micros(now), int(line), input[:n]) {
		return 0
	}
	return complaint(take(micros(now), int(line), input[:n]))
}

func take(now protocol.Micros, line int, b []byte) error {
	err := lifeline.Receive(now, line, b)
	adopt()
	return err
}

// ended takes in that a line has ended that was not ordered to.
//
//go:wasmexport ended
func ended(now float64, line, code int32) {
	if lifeline == nil {
		return
	}
	detour.Drop(int(line))
	lifeline.Ended(micros(now), int(line), protocol.CloseCode(code))
}

// hurry dials at once: the network is back, or the player wants it.
//
//go:wasmexport hurry
func hurry(now float64) {
	if lifeline != nil {
		lifeline.Hurry(micros(now))
	}
}

// playing reports whether the page is in a match. While a lost line is mended its client stands still.
func playing() bool { return lifeline != nil && lifeline.State().Phase == netcode.Live }
