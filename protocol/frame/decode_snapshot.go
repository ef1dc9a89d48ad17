package frame

import (
	"math"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Body is what a snapshot carries beside its header and its entities. Its memory is reused: what
// Decoder.Body fills is valid until its next call with the same Body.
type Body struct {
	Own     []int32 // the own row, whole, as long as Schema.Own has fields
	Events  []protocol.Event
	Notices []Notice
}

// Header reads the first half of a snapshot, which says what it is a difference from. Body reads the
// second half, for which b must be unchanged. A header says what is not as in the one before, so a
// Decoder must read those of a connection in order and all of them.
func (d *Decoder) Header(b []byte) (Header, error) {
	m, n := d.begin(b, TypeSnapshot, snapshotElements, snapshotElements+1)
	d.more = n + 1 - snapshotElements
	d.bits.Reset(m.BinView(protocol.MaxFrame))
	h := d.readHeader()
	if m.Err() != nil {
		return h, m.Err()
	}
	if d.bits.Err() != nil {
		return h, d.bits.Err()
	}
	d.header, d.past, d.opened = h, h.after(), true
	return h, nil
}

func (d *Decoder) readHeader() (h Header) {
	r, was := &d.bits, d.past
	if r.Flag() { // all is as it was
		h.Tick, h.Base = d.nextTick(was.span), was.tick
		h.Heard, h.Margin = h.Tick+protocol.Tick(was.lead), was.margin
		return h
	}
	if r.Flag() {
		span := was.span
		if !r.Flag() {
			span = r.Number(spanOrder, math.MaxUint32-1) + 1
		}
		h.Tick, h.Base = d.nextTick(span), was.tick
		if r.Get(checkBits) != uint32(h.Tick)&(1<<checkBits-1) {
			r.Fail("not the base that is held")
		}
		h.Skipped = r.Flag()
	} else {
		was = past{}
		if h.Tick = protocol.Tick(r.Number(tickOrder, math.MaxUint32)); h.Tick == 0 {
			r.Fail("no tick")
		}
	}
	h.Heard = h.Tick + protocol.Tick(was.lead+r.Signed(leadOrder))
	h.Margin = was.margin + r.Signed(marginOrder)
	h.Late = r.Number(waitOrder, math.MaxUint32)
	h.Wait = uint16(r.Number(waitOrder, math.MaxUint16))
	h.Cause = Cause(r.Number(causeOrder, math.MaxUint8))
	return h
}

// nextTick returns the tick that is span after the one of the snapshot before.
func (d *Decoder) nextTick(span uint32) protocol.Tick {
	last := d.past.tick
	if last == 0 {
		d.bits.Fail("a difference from no snapshot")
	} else if uint64(last)+uint64(span) > math.MaxUint32 {
		d.bits.Fail("tick out of range")
	}
	return last + protocol.Tick(span)
}

// Body reads the rest of the snapshot whose Header was just read. Base is the snapshot of the
// header's base tick and own the own row that came with it, which may be out.Own; both are ignored
// in a full snapshot. Dst, another snapshot than base, becomes the snapshot.
func (d *Decoder) Body(s *delta.Schema, base *delta.Snapshot, own []int32, out *Body, dst *delta.Snapshot) error {
	r, h := &d.bits, &d.header
	if !d.opened {
		d.r.Fail("no header was read")
		return d.r.Err()
	}
	d.opened = false
	fields := len(s.Own.Fields)
	if len(out.Own) != fields {
		out.Own = make([]int32, fields)
	}
	ticks := h.Tick.Sub(h.Base)
	if h.Base == 0 {
		base, own, ticks = nil, out.Own, 0
		clear(own)
	} else if base == nil || base.Tick != h.Base || len(own) != fields {
		r.Fail("not the base that is held")
		return r.Err()
	}
	dst.Reset(h.Tick)
	if err := d.rows.Entities(r, s, base, h.Skipped, dst); err != nil {
		return err
	}
	if err := d.rows.Row(r, &s.Own, h.Tick, ticks, own, out.Own); err != nil {
		return err
	}
	d.events(out)
	if r.End(); r.Err() != nil {
		return r.Err()
	}
	d.notices(out)
	d.r.End()
	return d.r.Err()
}

func (d *Decoder) events(out *Body) {
	r := &d.bits
	out.Events = out.Events[:0]
	if !r.More() {
		return
	}
	for n := int(r.Number(countOrder, protocol.MaxEvents-1)); n >= 0 && r.Err() == nil; n-- {
		e := protocol.Event{Kind: uint8(r.Number(kindOrder, math.MaxUint8)), Keep: r.Flag()}
		e.Tick = d.header.Tick - protocol.Tick(r.Number(ageOrder, uint32(d.header.Tick)))
		e.N = uint8(r.Number(argsOrder, protocol.MaxEventArgs))
		for i := range e.Args[:e.N] {
			e.Args[i] = r.Sized()
		}
		out.Events = append(out.Events, e)
	}
}

func (d *Decoder) notices(out *Body) {
	r := &d.r
	out.Notices = out.Notices[:0]
	if d.more == 0 {
		return
	}
	n := r.Array(protocol.MaxNotices)
	if n == 0 {
		r.Fail("no notices")
	}
	for range n {
		r.ArrayOf(noticeElements)
		n := Notice{Kind: NoticeKind(r.Int(int64(NoticeJoin), int64(NoticeStatus)))}
		n.Player = protocol.PlayerID(r.Uint(protocol.MaxPlayers))
		n.Value = int32(r.Int(math.MinInt32, math.MaxInt32))
		n.Text = r.String(protocol.MaxChatBytes)
		if r.Err() != nil {
			return
		}
		out.Notices = append(out.Notices, n)
	}
}
