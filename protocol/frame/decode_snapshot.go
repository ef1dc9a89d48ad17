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

	removed []protocol.EntityID
}

// Header reads the first half of a snapshot, which says what it is a difference from. Body reads the
// second half, for which b must be unchanged.
func (d *Decoder) Header(b []byte) (Header, error) {
	r, _ := d.begin(b, TypeSnapshot, snapshotElements, snapshotElements)
	h := &d.header
	*h = Header{Tick: protocol.Tick(r.Int(1, math.MaxUint32))}
	if back := protocol.Tick(r.Uint(math.MaxUint32)); back >= h.Tick {
		r.Fail("impossible base")
	} else if back > 0 {
		h.Base = h.Tick - back
	}
	h.Heard = h.Tick.Add(int(r.Int(math.MinInt32, math.MaxInt32)))
	h.Margin = int32(r.Int(math.MinInt32, math.MaxInt32))
	h.Late = uint32(r.Uint(math.MaxUint32))
	h.Wait = uint16(r.Uint(math.MaxUint16))
	h.Cause = Cause(r.Uint(math.MaxUint8))
	d.opened = r.Err() == nil
	return *h, r.Err()
}

// Body reads the rest of the snapshot whose Header was just read. Base is the snapshot of the
// header's base tick and own the own row that came with it, which may be out.Own; both are ignored
// in a full snapshot. Dst, another snapshot than base, becomes the snapshot.
func (d *Decoder) Body(s *delta.Schema, base *delta.Snapshot, own []int32, out *Body, dst *delta.Snapshot) error {
	r, h := &d.r, &d.header
	if !d.opened {
		r.Fail("no header was read")
		return r.Err()
	}
	d.opened = false
	fields := len(s.Own.Fields)
	if len(out.Own) != fields {
		out.Own = make([]int32, fields)
	}
	if h.Base == 0 {
		base, own = nil, out.Own
		clear(own)
	} else if base == nil || base.Tick != h.Base || len(own) != fields {
		r.Fail("not the base that is held")
		return r.Err()
	}
	if err := delta.DecodeRow(r, r.Array(protocol.MaxFrame), &s.Own, own, out.Own); err != nil {
		return err
	}
	d.removed(out)
	dst.Reset(h.Tick)
	if err := delta.DecodeEntities(r, r.Array(protocol.MaxFrame), s, base, out.removed, dst); err != nil {
		return err
	}
	d.events(out)
	d.notices(out)
	r.End()
	return r.Err()
}

func (d *Decoder) removed(out *Body) {
	out.removed = out.removed[:0]
	id := int64(0)
	for range d.r.Array(protocol.MaxEntities) {
		id += d.r.Int(1, protocol.MaxEntities-id)
		out.removed = append(out.removed, protocol.EntityID(id))
	}
}

func (d *Decoder) events(out *Body) {
	r := &d.r
	out.Events = out.Events[:0]
	for range r.Array(protocol.MaxEvents) {
		n := r.Array(eventElements+protocol.MaxEventArgs) - eventElements
		if n < 0 {
			r.Fail("wrong number of elements")
			return
		}
		kind := r.Uint(math.MaxUint8<<1 | 1)
		e := protocol.Event{Kind: uint8(kind >> 1), Keep: kind&1 == 1, N: uint8(n)}
		e.Tick = d.header.Tick - protocol.Tick(r.Uint(uint64(d.header.Tick)))
		for i := range e.Args[:n] {
			e.Args[i] = int32(r.Int(math.MinInt32, math.MaxInt32))
		}
		if r.Err() != nil {
			return
		}
		out.Events = append(out.Events, e)
	}
}

func (d *Decoder) notices(out *Body) {
	r := &d.r
	out.Notices = out.Notices[:0]
	for range r.Array(protocol.MaxNotices) {
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
