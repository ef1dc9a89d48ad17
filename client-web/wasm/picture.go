//go:build js && wasm

package main

import (
	"unsafe"

	"hindsight/game/netcode"
	"hindsight/protocol"
)

// The head of a picture: where the rest is, as indices into words, and at which ticks it is drawn.
const (
	headTick        = iota // newest predicted tick: what the own row is after
	headViewA              // the view of the others
	headViewB              //
	headViewFrac           //
	headOwn                // where the own row begins, 0 if there is none
	headEntities           // where the entities begin
	headEntityCount        //
	headEvents             // where the events begin
	headEventCount         //
	headSize
)

var headNames = []string{
	headTick: "tick", headViewA: "viewA", headViewB: "viewB", headViewFrac: "viewFrac", headOwn: "own",
	headEntities: "entities", headEntityCount: "entityCount", headEvents: "events", headEventCount: "eventCount",
}

// words is the last picture; src/picture.ts tells its layout. It grows to the largest one.
var words []int32

//go:wasmexport picture
func pictureAt() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(words)) }

// draw leaves what is to be drawn now at picture() and returns its length in words; 0 while no match
// is being received.
//
//go:wasmexport draw
func draw(now float64) int32 {
	if !playing() {
		return 0
	}
	p := client.Draw(micros(now))
	if !client.Joined() {
		return 0
	}
	return lay(p)
}

// lay leaves a picture at picture() and returns its length in words.
func lay(p *netcode.Picture) int32 {
	w := append(words[:0], make([]int32, headSize)...)
	w[headTick], w[headViewA], w[headViewB] = int32(p.Tick), int32(p.View.A), int32(p.View.B)
	w[headViewFrac] = int32(p.View.Frac)
	if len(p.Own) > 0 {
		w[headOwn] = int32(len(w))
		w = append(w, p.Own...)
	}
	ents := p.Scene.Entities()
	w[headEntities], w[headEntityCount] = int32(len(w)), int32(len(ents))
	for i := range ents {
		e := &ents[i]
		w = append(w, int32(e.Kind), int32(e.ID), int32(e.Owner), int32(e.Birth))
		w = append(w, e.Row...)
	}
	w[headEvents], w[headEventCount] = int32(len(w)), int32(len(p.Events))
	w = appendEvents(w, p.Events)
	words = w
	return int32(len(w))
}

func appendEvents(w []int32, events []protocol.Event) []int32 {
	for i := range events {
		e := &events[i]
		w = append(w, int32(e.Kind), int32(e.Tick), int32(e.N))
		w = append(w, e.Args[:e.N]...)
	}
	return w
}
