//go:build js && wasm

package main

import (
	"runtime"
	"unsafe"
)

// The words of heap.
const (
	heapAllocated   = iota // KiB since the program began
	heapCollections        // garbage collections since then
	heapPause              // how long they stopped everything, in microseconds
	heapLive               // KiB in use
	heapReserved           // KiB that the program has of the page
	heapSize
)

var heapWords [heapSize]int32

// heap returns where the words are that tell of the core's memory. To ask takes some ten microseconds:
// it is for measuring, not for every frame.
//
//go:wasmexport heap
func heap() unsafe.Pointer {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	heapWords = [heapSize]int32{
		heapAllocated: int32(m.TotalAlloc >> 10), heapCollections: int32(m.NumGC),
		heapPause: int32(m.PauseTotalNs / 1000), heapLive: int32(m.HeapAlloc >> 10), heapReserved: int32(m.Sys >> 10),
	}
	return unsafe.Pointer(&heapWords)
}
