package session

import (
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"hindsight/protocol"
	"hindsight/server/room"
)

// polled is the room's Sender on a polled connection. It has no queue: the connection takes what is
// written at once, and keeps what the kernel does not. So a snapshot goes from the room to the kernel in
// one call, without gws: its frame's head is put in front of it, where Buffer has left room for it.
//
// Frames of gws's, which are pongs, pings and the close frame, come from other goroutines. Each frame, of
// either, is one Write of the connection's, which lets nobody in between, and the close frame is its last.
var _ room.Sender = (*polled)(nil)

// direct is what a polled session has for sending.
type direct struct {
	conn   coroutine
	shut   atomic.Bool  // nothing is taken any more: the connection ends
	inHand atomic.Bool  // the kernel has not taken all of the last snapshot
	waited atomic.Int64 // how long it took for that, in microseconds

	// Owned by the room's goroutine.
	sheet *sheet // the snapshot at hand, or nil
	owed  bool   // the last one was not taken when it was given, nor was the connection ready since
}

// sheet is memory that one snapshot is composed in and sent from. There are as many as are in use at
// once, one for each processor, which stay in its cache.
type sheet struct{ b []byte }

const (
	headroom  = 4   // bytes before the payload: the longest head that a frame of ours has
	sheetSize = 512 // bytes that a sheet has at first
)

var sheets = sync.Pool{New: func() any { return &sheet{make([]byte, headroom, sheetSize)} }}

// Ready implements room.Sender.
func (p *polled) Ready() bool {
	if p.shut.Load() || p.conn.Pending() > 0 {
		return false
	}
	p.owed = false
	return true
}

// Waited implements room.Sender. Of a snapshot that the kernel took at once it is 0.
func (p *polled) Waited() protocol.Micros { return protocol.Micros(p.waited.Load()) }

// Buffer implements room.Sender.
func (p *polled) Buffer() []byte {
	if p.sheet == nil {
		p.sheet = sheets.Get().(*sheet)
	}
	return p.sheet.b[headroom:headroom]
}

// Send implements room.Sender.
func (p *polled) Send(frame []byte) {
	sheet := p.sheet
	p.sheet = nil
	b := sheet.framed(frame)
	switch {
	case p.shut.Load() || !p.fits(frame):
	case p.owed && p.conn.Pending() > 0:
		p.unready()
	case p.write(b):
		if p.owed = p.conn.Pending() > 0; p.owed {
			p.inHand.Store(true) // and if it was taken in between, the one before has told how long it takes
		} else if p.waited.Load() != 0 {
			p.waited.Store(0)
		}
	}
	sheets.Put(sheet)
}

// framed returns a snapshot that was composed in the sheet, or in what it grew to, as a frame.
func (s *sheet) framed(frame []byte) []byte {
	if s.b = s.b[:headroom+1]; len(frame) > 0 && &frame[0] != &s.b[headroom] {
		s.b = append(s.b[:headroom], frame...) // as long as it will have to be from now on
	}
	s.b = s.b[:headroom]
	whole := s.b[:headroom+len(frame)]
	n := putHead(whole, len(frame))
	return whole[headroom-n:]
}

// putHead writes the head of a binary message of n bytes, protocol.MaxFrame at most, to the end of the
// headroom, and returns its length.
func putHead(b []byte, n int) int {
	if n < length16 {
		b[2], b[3] = finBinary, byte(n)
		return 2
	}
	b[0], b[1] = finBinary, length16
	binary.BigEndian.PutUint16(b[2:], uint16(n))
	return 4
}

// Post implements room.Sender.
func (p *polled) Post(frame []byte) {
	switch {
	case p.shut.Load():
	case !p.fits(frame):
	case p.conn.Pending()+len(frame) > maxPostBytes:
		p.guard.fail(protocol.CloseTooSlow)
	default:
		b := append(make([]byte, headroom, headroom+len(frame)), frame...)
		p.write(b[headroom-putHead(b, len(frame)):])
	}
}

// fits reports that a frame is no longer than a client reads. The connection ends if it is.
func (p *polled) fits(frame []byte) bool {
	if len(frame) <= protocol.MaxFrame {
		return true
	}
	p.log().Error("a room made a frame that is too long", "bytes", len(frame))
	p.guard.fail(protocol.CloseInternal)
	return false
}

// write gives one of our frames to the connection, and reports whether it took it.
func (p *polled) write(b []byte) bool {
	m := p.handler.cfg.Metrics
	n, err := p.conn.Write(b)
	m.BytesOut.Add(float64(n))
	switch {
	case err == nil:
		m.FramesOut.Inc()
	case errors.Is(err, net.ErrClosed): // or the close frame was written
		p.shut.Store(true)
	default:
		p.Broken(err)
	}
	return err == nil
}

// Drained implements poll.Owner.
func (p *polled) Drained(held time.Duration) {
	if p.inHand.CompareAndSwap(true, false) {
		p.waited.Store(held.Microseconds())
	}
}

// Broken implements poll.Owner.
func (p *polled) Broken(err error) {
	p.shut.Store(true)
	p.guard.broke(err)
}
