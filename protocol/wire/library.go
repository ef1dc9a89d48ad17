//go:build !js

package wire

import (
	"bytes"

	"github.com/vmihailenco/msgpack/v5"
)

// decoder is the part of the library that a Reader uses.
type decoder struct {
	src bytes.Reader
	lib *msgpack.Decoder // reads from src
}

func (d *decoder) reset(b []byte) {
	d.src.Reset(b)
	if d.lib == nil {
		// The decoder keeps no state of its own between values, so one lasts for ever.
		d.lib = msgpack.NewDecoder(&d.src)
	}
}

func (d *decoder) arrayLen() (int, error)   { return d.lib.DecodeArrayLen() }
func (d *decoder) integer() (int64, error)  { return d.lib.DecodeInt64() }
func (d *decoder) payloadLen() (int, error) { return d.lib.DecodeBytesLen() }

// encoder is the part of the library that a Writer uses.
type encoder struct {
	b   []byte
	lib *msgpack.Encoder // writes to b
}

func (e *encoder) reset(dst []byte) {
	e.b = dst
	if e.lib == nil {
		e.lib = msgpack.NewEncoder((*sink)(e))
	}
}

// sink is what the library's encoder writes to.
type sink encoder

func (s *sink) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *sink) WriteByte(c byte) error {
	s.b = append(s.b, c)
	return nil
}

func (e *encoder) arrayLen(n int)    { must(e.lib.EncodeArrayLen(n)) }
func (e *encoder) integer(v int64)   { must(e.lib.EncodeInt(v)) }
func (e *encoder) unsigned(v uint64) { must(e.lib.EncodeUint(v)) }
func (e *encoder) boolean(v bool)    { must(e.lib.EncodeBool(v)) }
func (e *encoder) text(s string)     { must(e.lib.EncodeString(s)) }
func (e *encoder) payloadLen(n int)  { must(e.lib.EncodeBytesLen(n)) }

// must holds because the only errors the encoder can return are its sink's, and that has none.
func must(err error) {
	if err != nil {
		panic("wire: " + err.Error())
	}
}
