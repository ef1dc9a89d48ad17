package wire

import (
	"bytes"
	"encoding/binary"

	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// In the browser these few forms are read and written by hand. The library finds out at run time what it
// is to encode, so with it come reflection, formatting, time zones and logging: a fifth of all that a
// visitor has to load before the first game. The tests of this package and the golden frames run on both.

// decoder reads lengths and numbers.
type decoder struct{ src bytes.Reader }

func (d *decoder) reset(b []byte) { d.src.Reset(b) }

// number reads n bytes, the greatest first.
func (d *decoder) number(n int) (v uint64, err error) {
	for range n {
		c, err := d.src.ReadByte()
		if err != nil {
			return 0, err
		}
		v = v<<8 | uint64(c)
	}
	return v, nil
}

// arrayLen reads the head of an array; the Reader has seen that it is one.
func (d *decoder) arrayLen() (int, error) {
	c, err := d.src.ReadByte()
	if err != nil {
		return 0, err
	}
	var n uint64
	switch c {
	case msgpcode.Array16:
		n, err = d.number(2)
	case msgpcode.Array32:
		n, err = d.number(4)
	default:
		n = uint64(c & msgpcode.FixedArrayMask)
	}
	return int(n), err
}

// integer reads a number of one of the eight forms with a code of their own. A Uint64 wraps.
func (d *decoder) integer() (int64, error) {
	c, err := d.src.ReadByte()
	if err != nil {
		return 0, err
	}
	size := 1 << ((c - msgpcode.Uint8) & 3)
	v, err := d.number(size)
	if c >= msgpcode.Int8 {
		unused := 64 - 8*size
		return int64(v<<unused) >> unused, err
	}
	return int64(v), err
}

// payloadLen reads the head of text or bytes; the Reader has seen that it is one of them.
func (d *decoder) payloadLen() (int, error) {
	c, err := d.src.ReadByte()
	if err != nil {
		return 0, err
	}
	var n uint64
	switch c {
	case msgpcode.Str8, msgpcode.Bin8:
		n, err = d.number(1)
	case msgpcode.Str16, msgpcode.Bin16:
		n, err = d.number(2)
	case msgpcode.Str32, msgpcode.Bin32:
		n, err = d.number(4)
	default:
		n = uint64(c & msgpcode.FixedStrMask)
	}
	return int(n), err
}

// encoder appends to b.
type encoder struct{ b []byte }

func (e *encoder) reset(dst []byte) { e.b = dst }

func (e *encoder) arrayLen(n int) {
	switch {
	case n < 16:
		e.b = append(e.b, msgpcode.FixedArrayLow|byte(n))
	case n < 1<<16:
		e.b = binary.BigEndian.AppendUint16(append(e.b, msgpcode.Array16), uint16(n))
	default:
		e.b = binary.BigEndian.AppendUint32(append(e.b, msgpcode.Array32), uint32(n))
	}
}

// integer writes what takes more than three bytes.
func (e *encoder) integer(v int64) {
	if int64(int32(v)) == v {
		e.b = binary.BigEndian.AppendUint32(append(e.b, msgpcode.Int32), uint32(v))
		return
	}
	e.b = binary.BigEndian.AppendUint64(append(e.b, msgpcode.Int64), uint64(v))
}

// unsigned writes what takes more than three bytes.
func (e *encoder) unsigned(v uint64) {
	if uint64(uint32(v)) == v {
		e.b = binary.BigEndian.AppendUint32(append(e.b, msgpcode.Uint32), uint32(v))
		return
	}
	e.b = binary.BigEndian.AppendUint64(append(e.b, msgpcode.Uint64), v)
}

func (e *encoder) boolean(v bool) {
	if v {
		e.b = append(e.b, msgpcode.True)
	} else {
		e.b = append(e.b, msgpcode.False)
	}
}

func (e *encoder) text(s string) {
	switch n := len(s); {
	case n < 32:
		e.b = append(e.b, msgpcode.FixedStrLow|byte(n))
	case n < 1<<8:
		e.b = append(e.b, msgpcode.Str8, byte(n))
	case n < 1<<16:
		e.b = binary.BigEndian.AppendUint16(append(e.b, msgpcode.Str16), uint16(n))
	default:
		e.b = binary.BigEndian.AppendUint32(append(e.b, msgpcode.Str32), uint32(n))
	}
	e.b = append(e.b, s...)
}

func (e *encoder) payloadLen(n int) {
	switch {
	case n < 1<<8:
		e.b = append(e.b, msgpcode.Bin8, byte(n))
	case n < 1<<16:
		e.b = binary.BigEndian.AppendUint16(append(e.b, msgpcode.Bin16), uint16(n))
	default:
		e.b = binary.BigEndian.AppendUint32(append(e.b, msgpcode.Bin32), uint32(n))
	}
}
