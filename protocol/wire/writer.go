package wire

import (
	"math"

	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// Writer appends msgpack values to bytes its caller owns. The zero value is ready after a Reset. It
// must not be copied and allocates only when the bytes have to grow (and once, at first use).
type Writer struct {
	out encoder

	bits Bits
}

// Reset makes the Writer append to dst.
func (w *Writer) Reset(dst []byte) { w.out.reset(dst) }

// Bytes returns all that Reset was given and what was written since.
func (w *Writer) Bytes() []byte { return w.out.b }

// Array begins an array of n elements, which the caller writes next.
func (w *Writer) Array(n int) { w.out.arrayLen(n) }

// Int writes a signed integer in the fewest bytes. What takes up to three is written here: rows are made of
// it, and the library's way there is five times as long.
func (w *Writer) Int(v int64) {
	switch {
	case v >= -32 && v < 128: // most of what travels: a fixint is its own encoding
		w.out.b = append(w.out.b, byte(v))
	case v >= 0:
		w.Uint(uint64(v))
	case v >= math.MinInt8:
		w.out.b = append(w.out.b, msgpcode.Int8, byte(v))
	case v >= math.MinInt16:
		w.out.b = append(w.out.b, msgpcode.Int16, byte(v>>8), byte(v))
	default:
		w.out.integer(v)
	}
}

// Uint writes an unsigned integer in the fewest bytes.
func (w *Writer) Uint(v uint64) {
	switch {
	case v < 128:
		w.out.b = append(w.out.b, byte(v))
	case v <= math.MaxUint8:
		w.out.b = append(w.out.b, msgpcode.Uint8, byte(v))
	case v <= math.MaxUint16:
		w.out.b = append(w.out.b, msgpcode.Uint16, byte(v>>8), byte(v))
	default:
		w.out.unsigned(v)
	}
}

// Bool writes a truth value.
func (w *Writer) Bool(v bool) { w.out.boolean(v) }

// String writes text, which must be UTF-8: a Reader refuses anything else.
func (w *Writer) String(s string) { w.out.text(s) }

// Bin writes bytes.
func (w *Writer) Bin(b []byte) {
	w.out.payloadLen(len(b))
	w.out.b = append(w.out.b, b...)
}

// BeginBits begins a bin that is a string of bits, which the caller appends to what it returns before
// EndBits.
func (w *Writer) BeginBits() *Bits {
	w.bits.Reset(append(w.out.b, msgpcode.Bin8, 0))
	return &w.bits
}

// EndBits ends what BeginBits began, with zeroes up to a whole byte.
func (w *Writer) EndBits() {
	b, n := w.bits.Bytes(), (w.bits.Len()+7)>>3
	at := len(b) - n
	if n <= math.MaxUint8 {
		b[at-1] = byte(n)
	} else {
		b = append(b, 0)
		copy(b[at+1:], b[at:])
		b[at-2], b[at-1], b[at] = msgpcode.Bin16, byte(n>>8), byte(n)
	}
	w.out.b = b
}

// Raw copies values that are already encoded.
func (w *Writer) Raw(b []byte) { w.out.b = append(w.out.b, b...) }
