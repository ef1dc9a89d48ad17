// Package wire reads and writes the few msgpack values that frames are made of: arrays, integers,
// booleans, text and bytes. It is the only package that touches the msgpack library (library.go), but
// for the browser (library_js.go), where it would be a fifth of the page. The library's own
// decoding is made for friendly input: it reads nil as 0, wraps numbers that do not fit, takes any
// code for a length, and allocates what a header announces before the bytes are there.
//
// A Reader checks every value's code byte, range and length first and lets the library decode what
// is left. The first thing wrong sticks, and everything read after it is zero:
//
//	r.Reset(b)
//	r.ArrayOf(2)
//	kind, n := r.Uint(9), r.Int(-5, 5)
//	r.End()
//	if err := r.Err(); err != nil { … }
//
// Nothing here panics on any input, recurses, or allocates more than the text and bytes it returns.
// A Reader or Writer belongs to one goroutine.
package wire

import "errors"

// ErrBad is wrapped by every error of a Reader.
var ErrBad = errors.New("malformed frame")

// bad is what was wrong. It is its own type so that refusing a frame costs one small allocation.
type bad string

func (e bad) Error() string { return ErrBad.Error() + ": " + string(e) }

// Unwrap makes errors.Is(err, ErrBad) true.
func (e bad) Unwrap() error { return ErrBad }
