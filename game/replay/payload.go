package replay

import (
	"encoding/binary"
	"hash/crc32"
	"unicode/utf8"
)

// payload reads what a chunk holds. The first thing wrong sticks; what is read after it is zero.
type payload struct {
	b   []byte
	pos int // of b in the file
	err error
}

func (p *payload) fail(what string) {
	if p.err == nil {
		p.err = damaged(p.pos, what)
		p.b = nil
	}
}

// skip consumes n bytes, which are there.
func (p *payload) skip(n int) { p.b, p.pos = p.b[n:], p.pos+n }

func (p *payload) number(low, high uint64, what string) uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 || v < low || v > high {
		p.fail(what + " is cut off or out of range")
		return low
	}
	p.skip(n)
	return v
}

func (p *payload) cell() int32 {
	v, n := binary.Varint(p.b)
	if n <= 0 || int64(int32(v)) != v {
		p.fail("a cell is cut off or out of range")
		return 0
	}
	p.skip(n)
	return int32(v)
}

func (p *payload) byte(high byte, what string) byte {
	if len(p.b) == 0 || p.b[0] > high {
		p.fail(what + " is cut off or out of range")
		return 0
	}
	v := p.b[0]
	p.skip(1)
	return v
}

// bytes returns a part of the file.
func (p *payload) bytes(most int) []byte {
	n := int(p.number(0, uint64(most), "a length"))
	if n > len(p.b) {
		p.fail("cut off")
		return nil
	}
	v := p.b[:n:n]
	p.skip(n)
	return v
}

func (p *payload) text(most int) string {
	at := p.pos
	b := p.bytes(most)
	if !utf8.Valid(b) {
		p.pos = at
		p.fail("a text is not UTF-8")
		return ""
	}
	return string(b)
}

func (p *payload) digest() uint64 {
	if len(p.b) < 8 {
		p.fail("a digest is cut off")
		return 0
	}
	v := binary.LittleEndian.Uint64(p.b)
	p.skip(8)
	return v
}

func (p *payload) end() {
	if len(p.b) > 0 {
		p.fail("bytes too many in a chunk")
	}
}

// chunk is a part of the file.
type chunk struct {
	kind    byte
	payload payload
	next    int // where the next one begins
}

// chunkAt reads the chunk at a place of the file and checks its sum. Cut says that the file ends
// before the chunk does.
func chunkAt(file []byte, at int) (c chunk, cut bool, err error) {
	b := file[at:]
	if len(b) < 2 {
		return c, true, nil
	}
	size, n := binary.Uvarint(b[1:])
	switch {
	case n == 0:
		return c, true, nil
	case n < 0 || size > MaxChunkBytes:
		return c, false, damaged(at, "a chunk is too long")
	}
	head := 1 + n
	end := head + int(size)
	if end+4 > len(b) {
		return c, true, nil
	}
	if crc32.ChecksumIEEE(b[:end]) != binary.LittleEndian.Uint32(b[end:]) {
		return c, false, damaged(at, "a chunk's checksum does not match")
	}
	return chunk{kind: b[0], payload: payload{b: b[head:end:end], pos: at + head}, next: at + end + 4}, false, nil
}
