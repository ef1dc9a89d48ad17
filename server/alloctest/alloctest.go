// Package alloctest holds decoders to what they may allocate: a number in a message must not buy more
// memory than the message has bytes.
//
//	alloctest.Check(t, alloctest.Earned(len(b)), func() { err = decode(b) })
//
// It is for tests and fuzz targets, of any tree; no other code may import it. It counts for the whole
// process, so nothing else may run meanwhile.
package alloctest

import (
	"runtime"
	"testing"
)

// Earned is how many bytes a decoder may allocate for so many bytes of input: what it needs whatever it
// reads, and eight times what it read.
func Earned(length int) int { return 64<<10 + 8*length }

// JSON is that of what package encoding/json reads, which keeps two words for each bracket that is open, and of a
// key that it does not know a copy, three times as long if it is not UTF-8, and that in upper case.
func JSON(length int) int { return 64<<10 + 48*length }

// Check runs f and fails the test if it allocates more than so many bytes, kept or not.
//
// The count is exact. That stops the world twice, which slows a fast fuzz target down by a fifth if the
// process has one processor, as make fuzz gives it, and to a quarter if it has two. Package runtime/metrics
// counts for next to nothing, but learns of small objects only when a processor's span of them is used up:
// it would blame an input for what those before it took, or miss what is spread over many sizes.
func Check(t testing.TB, most int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > uint64(most) {
		t.Errorf("%d bytes allocated, want %d at most", got, most)
	}
}
