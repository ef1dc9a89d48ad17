package wire

import (
	"math"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// Writer appends msgpack values to bytes its caller owns. The zero value is ready after a Reset. It
// must not be copied and allocates only when the bytes have to grow (and once, at first use).
type Writer struct {
	out sink
	enc *msgpack.Encoder // writes to out
}

// sink is what the library's encoder writes to.
type sink struct{ b []byte }

func (s *sink) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *sink) WriteByte(c byte) error {
	s.b = append(s.b, c)
	return nil
}

// Reset makes the Writer append to dst.
func (w *Writer) Reset(dst []byte) {
	w.out.b = dst
	if w.enc == nil {
		w.enc = msgpack.NewEncoder(&w.out)
	}
}

// Bytes returns all that Reset was given and what was written since.
func (w *Writer) Bytes() []byte { return w.out.b }

// Array begins an array of n elements, which the caller writes next.
func (w *Writer) Array(n int) { must(w.enc.EncodeArrayLen(n)) }

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
		must(w.enc.EncodeInt(v))
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
		must(w.enc.EncodeUint(v))
	}
}

// Bool writes a truth value.
func (w *Writer) Bool(v bool) { must(w.enc.EncodeBool(v)) }

// String writes text, which must be UTF-8: a Reader refuses anything else.
func (w *Writer) String(s string) { must(w.enc.EncodeString(s)) }

// Bin writes bytes.
func (w *Writer) Bin(b []byte) {
	must(w.enc.EncodeBytesLen(len(b)))
	w.out.b = append(w.out.b, b...)
}

// Raw copies values that are already encoded.
func (w *Writer) Raw(b []byte) { w.out.b = append(w.out.b, b...) }

// must holds because the only errors the encoder can return are its sink's, and that has none.
func must(err error) {
	if err != nil {
		panic("wire: " + err.Error())
	}
}
