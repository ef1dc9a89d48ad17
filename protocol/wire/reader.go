package wire

import (
	"bytes"
	"io"
	"math"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// Reader reads msgpack values from bytes, strictly. The zero value is ready after a Reset; it must
// not be copied. After an error every method returns zero and Err says what was wrong first.
type Reader struct {
	b   []byte
	dec decoder // over b
	err error
}

// Reset makes the Reader read b from its start. It reads b until the next Reset and keeps no part
// of it in what it returns.
func (r *Reader) Reset(b []byte) {
	r.b, r.err = b, nil
	r.dec.reset(b)
}

// Err returns the first thing that was wrong since Reset, wrapping ErrBad, or nil.
func (r *Reader) Err() error { return r.err }

// Fail makes reason the error, unless there is one already.
func (r *Reader) Fail(reason string) {
	if r.err == nil {
		r.err = bad(reason)
	}
}

// End fails if there is anything left to read.
func (r *Reader) End() {
	if r.err == nil && r.dec.src.Len() > 0 {
		r.Fail("trailing bytes")
	}
}

// code returns the next value's first byte without consuming it, and false when there is none.
func (r *Reader) code() (byte, bool) {
	if r.err != nil {
		return 0, false
	}
	if r.dec.src.Len() == 0 {
		r.Fail("truncated")
		return 0, false
	}
	return r.b[len(r.b)-r.dec.src.Len()], true
}

// Array reads the start of an array of at most most elements and returns how many follow. A count
// that exceeds the bytes left is refused, since an element takes at least one.
func (r *Reader) Array(most int) int {
	c, ok := r.code()
	if !ok {
		return 0
	}
	if !msgpcode.IsFixedArray(c) && c != msgpcode.Array16 && c != msgpcode.Array32 {
		r.Fail("not an array")
		return 0
	}
	n, err := r.dec.arrayLen()
	switch {
	case err != nil:
		r.Fail("truncated")
	case n < 0 || n > most:
		r.Fail("too many elements")
	case n > r.dec.src.Len():
		r.Fail("truncated")
	default:
		return n
	}
	return 0
}

// ArrayOf reads the start of an array that must have exactly n elements.
func (r *Reader) ArrayOf(n int) {
	if got := r.Array(math.MaxInt32); r.err == nil && got != n {
		r.Fail("wrong number of elements")
	}
}

// Int reads an integer from lo to hi, both included, in any of msgpack's integer formats.
func (r *Reader) Int(lo, hi int64) int64 {
	v := r.integer()
	if r.err == nil && v >= lo && v <= hi {
		return v
	}
	r.Fail("number out of range")
	return 0
}

// Uint reads an integer from 0 to most. Numbers above 2^63-1 do not occur on this wire and are
// refused whatever most is.
func (r *Reader) Uint(most uint64) uint64 {
	v := r.integer()
	if r.err == nil && v >= 0 && uint64(v) <= most {
		return uint64(v)
	}
	r.Fail("number out of range")
	return 0
}

// integer reads any integer that fits an int64.
func (r *Reader) integer() int64 {
	c, ok := r.code()
	if !ok {
		return 0
	}
	if msgpcode.IsFixedNum(c) { // most of what travels: a fixint is its own value
		r.skip(1)
		return int64(int8(c))
	}
	if c < msgpcode.Uint8 || c > msgpcode.Int64 { // these eight codes are neighbours: cc to d3
		r.Fail("not an integer")
		return 0
	}
	if v, ok := r.short(c); ok {
		return v
	}
	v, err := r.dec.integer()
	if err != nil {
		r.Fail("truncated")
		return 0
	}
	if c == msgpcode.Uint64 && v < 0 { // the library wraps
		r.Fail("number out of range")
		return 0
	}
	return v
}

// short reads an integer of two or three bytes whose first is c, if it is one and is whole.
func (r *Reader) short(c byte) (v int64, ok bool) {
	b := r.b[len(r.b)-r.dec.src.Len():]
	switch {
	case c == msgpcode.Uint8 && len(b) >= 2:
		v = int64(b[1])
	case c == msgpcode.Int8 && len(b) >= 2:
		v = int64(int8(b[1]))
	case c == msgpcode.Uint16 && len(b) >= 3:
		v = int64(uint16(b[1])<<8 | uint16(b[2]))
	case c == msgpcode.Int16 && len(b) >= 3:
		v = int64(int16(uint16(b[1])<<8 | uint16(b[2])))
	default:
		return 0, false
	}
	if c == msgpcode.Uint8 || c == msgpcode.Int8 {
		r.skip(2)
	} else {
		r.skip(3)
	}
	return v, true
}

// Bool reads a truth value.
func (r *Reader) Bool() bool {
	c, ok := r.code()
	if !ok {
		return false
	}
	if c != msgpcode.False && c != msgpcode.True {
		r.Fail("not a boolean")
		return false
	}
	r.skip(1)
	return c == msgpcode.True
}

// String reads valid UTF-8 of at most maxBytes bytes.
func (r *Reader) String(maxBytes int) string {
	c, ok := r.code()
	if !ok {
		return ""
	}
	if !msgpcode.IsString(c) {
		r.Fail("not text")
		return ""
	}
	b := r.take(maxBytes)
	if !utf8.Valid(b) {
		r.Fail("not UTF-8")
		return ""
	}
	return string(b)
}

// Bin reads at most maxBytes bytes into memory of its own.
func (r *Reader) Bin(maxBytes int) []byte { return bytes.Clone(r.BinView(maxBytes)) }

// BinView reads at most maxBytes bytes and returns them as part of what Reset was given.
func (r *Reader) BinView(maxBytes int) []byte {
	c, ok := r.code()
	if !ok {
		return nil
	}
	if !msgpcode.IsBin(c) {
		r.Fail("not bytes")
		return nil
	}
	return r.take(maxBytes)
}

// take consumes a length and that many bytes, and returns them as part of b.
func (r *Reader) take(most int) []byte {
	n, err := r.dec.payloadLen()
	switch {
	case err != nil:
		r.Fail("truncated")
	case n < 0 || n > most:
		r.Fail("too long")
	case n > r.dec.src.Len():
		r.Fail("truncated")
	default:
		at := len(r.b) - r.dec.src.Len()
		r.skip(n)
		return r.b[at : at+n]
	}
	return nil
}

// skip consumes n bytes that are known to be there.
func (r *Reader) skip(n int) {
	_, _ = r.dec.src.Seek(int64(n), io.SeekCurrent)
}
