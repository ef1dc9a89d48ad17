package session

import "encoding/binary"

// lane is the short way of a polled connection's messages past gws. It is open between two frames: a
// frame that is a whole binary message, as all of an honest client's are but its pongs, is taken from
// the poller's buffer where it lies. Everything else goes to gws as it came: parts of frames, control
// frames, text, fragments, and whatever breaks the rules, which are gws's to judge. For that a lane
// follows the frames that gws reads, and never lets it read beyond one.
//
// A connection that begins a fragmented message, or sends what no frame begins with, has left the lane
// for good: what a frame means to gws then depends on those before it.
//
// It belongs to the read goroutine. The zero value is a lane in front of the first frame.
type lane struct {
	left   uint64   // bytes to come of the frame at hand, once its head is complete
	head   [10]byte // what there is of a head, but for the mask
	n      uint8    // how much that is, the mask included
	closed bool
}

// Frames' heads, as in RFC 6455, section 5.2.
const (
	finBinary   = 0x82 // the first byte of a whole binary message
	opcodes     = 0x0f
	controls    = 0x08 // in the opcodes of control frames
	maskBit     = 0x80 // in the second byte
	length16    = 126  // the length is in two bytes more
	length64    = 127  // in eight
	maskBytes   = 4
	mostAtOnce  = 1 << 20
	shortLength = length16 - 1 // the longest that the second byte can hold
)

// open reports that the next byte begins a frame that need not be gws's.
func (l *lane) open() bool { return l.n == 0 && l.left == 0 && !l.closed }

// need returns how many bytes can be read that belong to the frame at hand for certain, 1 at least.
func (l *lane) need() int {
	if l.left > 0 {
		return int(min(l.left, mostAtOnce))
	}
	return l.size() - int(l.n)
}

// size is how long the head is, as far as can be said.
func (l *lane) size() int {
	if l.n < 2 {
		return 2
	}
	size := 2
	switch l.head[1] &^ maskBit {
	case length16:
		size += 2
	case length64:
		size += 8
	}
	if l.head[1]&maskBit != 0 {
		size += maskBytes
	}
	return size
}

// pass follows what gws reads: at most need bytes, or none.
func (l *lane) pass(b []byte) {
	if l.left > 0 {
		l.left -= uint64(len(b))
		return
	}
	if int(l.n) < len(l.head) {
		copy(l.head[l.n:], b)
	}
	if l.n += uint8(len(b)); l.n < 2 || int(l.n) < l.size() {
		return
	}
	if l.head[0]&controls == 0 && (l.head[0] != finBinary) {
		l.closed = true
	}
	switch short := l.head[1] &^ maskBit; short {
	case length16:
		l.left = uint64(binary.BigEndian.Uint16(l.head[2:]))
	case length64:
		l.left = binary.BigEndian.Uint64(l.head[2:])
	default:
		l.left = uint64(short)
	}
	l.n = 0
}

// whole returns the message that b begins with and how long its frame is. It is not ok unless that
// is one whole masked binary frame with no more than limit bytes of payload.
func whole(b []byte, limit int) (mask uint32, payload []byte, size int, ok bool) {
	if len(b) < 2+maskBytes || b[0] != finBinary || b[1]&maskBit == 0 {
		return 0, nil, 0, false
	}
	at, n := 2, int(b[1]&^maskBit)
	switch n {
	case length16:
		if len(b) < 4+maskBytes {
			return 0, nil, 0, false
		}
		at, n = 4, int(binary.BigEndian.Uint16(b[2:]))
	case length64: // far beyond the limit, or longer than it need be
		return 0, nil, 0, false
	}
	at += maskBytes
	if n > limit || len(b) < at+n {
		return 0, nil, 0, false
	}
	return binary.LittleEndian.Uint32(b[at-maskBytes:]), b[at : at+n], at + n, true
}

// unmask takes a client's mask off a payload, in place.
func unmask(b []byte, mask uint32) {
	for both := uint64(mask)<<32 | uint64(mask); len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^both)
	}
	for i := range b {
		b[i] ^= byte(mask >> (i % 4 * 8))
	}
}
