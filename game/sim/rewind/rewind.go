// Package rewind keeps past snapshots and answers what was seen at a view. The authority keeps the
// snapshots it published, a client those it received; both ask the same question of the same
// integers, which is why a shot is judged by exactly what its shooter saw.
//
// A History is read-only but for Put: rewinding never moves a live entity (the reasons are in
// Bernier, "Latency Compensating Methods", 2001, and in every bug report about the alternative).
// It belongs to one goroutine and allocates only until every slot has been used once.
package rewind

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

const (
	// Size is how many ticks a History reaches back: a little over a second at 60 Hz.
	Size = 64
	// Recent is how many of them a packed one keeps as they are.
	Recent = 8
)

// History is a ring of the last Size ticks, not all of which need be present. The zero value is not
// ready; use New or NewPacked.
type History struct {
	schema *delta.Schema
	ring   []delta.Snapshot // by tick modulo its length, Size or Recent
	packed *archive         // of what has left the ring, nil if that is nothing
	newest protocol.Tick
	oldest protocol.Tick // of all ever put
	seen   delta.Snapshot

	// For SeenIn; nothing is there before its first call.
	regions []region // of the ring's slots
	all     delta.Snapshot
	found   []protocol.EntityID
}

// New returns an empty history of snapshots of that schema.
func New(s *delta.Schema) *History {
	return &History{schema: s, ring: make([]delta.Snapshot, Size)}
}

// NewPacked returns one that keeps all but the Recent ticks packed, in a fifth of the memory. To look
// at an older one it unpacks it.
func NewPacked(s *delta.Schema) *History {
	return &History{schema: s, ring: make([]delta.Snapshot, Recent), packed: &archive{}}
}

// Clear forgets everything.
func (h *History) Clear() {
	h.newest, h.oldest = 0, 0
	for i := range h.ring {
		h.ring[i].Reset(0)
	}
	if h.packed != nil {
		h.packed.clear()
	}
	h.forget()
}

// CopyFrom makes h hold what o holds, sharing nothing with it. Both are of the same schema and made by
// the same function.
func (h *History) CopyFrom(o *History) {
	h.newest, h.oldest = o.newest, o.oldest
	h.forget()
	for i := range o.ring {
		h.ring[i].CopyFrom(&o.ring[i])
	}
	if h.packed != nil {
		h.packed.copyFrom(o.packed)
	}
}

// Put returns the snapshot for tick t, emptied, for the caller to fill. Ticks must ascend.
func (h *History) Put(t protocol.Tick) *delta.Snapshot {
	if h.newest == 0 {
		h.oldest = t
	}
	s := &h.ring[int(t)%len(h.ring)]
	h.Done()
	s.Reset(t)
	if last := h.At(h.newest); last != nil {
		s.Reserve(last)
	}
	h.newest = t
	if h.regions != nil {
		r := &h.regions[t%Size]
		r.tick, r.moved = 0, 0
	}
	return s
}

// Done says that the snapshot of the last Put has been filled. That need not be said, but who says so at
// once has it packed while it is at hand.
func (h *History) Done() {
	if h.packed != nil && h.newest != 0 {
		h.packed.pack(h.Whole(h.newest))
	}
}

// Newest returns the newest tick put, 0 if there is none.
func (h *History) Newest() protocol.Tick { return h.newest }

// Whole returns the snapshot of tick t, or nil if it is not held as it is. It is good until Recent
// ticks were put.
func (h *History) Whole(t protocol.Tick) *delta.Snapshot {
	if s := &h.ring[int(t)%len(h.ring)]; t != 0 && s.Tick == t && h.newest-t < Size {
		return s
	}
	return nil
}

// At returns the snapshot of tick t, or nil if it is not held. One that had to be unpacked is good until
// two others were.
func (h *History) At(t protocol.Tick) *delta.Snapshot {
	s := h.Whole(t)
	if s == nil && h.packed != nil && t != 0 && h.newest-t < Size {
		s = h.packed.unpack(t)
	}
	return s
}

// Before returns the newest snapshot at or before tick t, or the oldest held if there is none, or
// nil if the history is empty.
func (h *History) Before(t protocol.Tick) *delta.Snapshot {
	if h.newest == 0 {
		return nil
	}
	if t.Sub(h.newest) > 0 {
		t = h.newest
	}
	for ; h.newest-t < Size && t.Sub(h.oldest) >= 0; t-- {
		if s := h.At(t); s != nil {
			return s
		}
	}
	return h.After(h.newest.Add(1 - Size))
}

// After returns the oldest snapshot at or after tick t, or nil.
func (h *History) After(t protocol.Tick) *delta.Snapshot {
	if first := h.newest.Add(1 - Size); t.Sub(first) < 0 {
		t = first
	}
	if t.Sub(h.oldest) < 0 {
		t = h.oldest
	}
	for ; h.newest != 0 && t.Sub(h.newest) <= 0; t++ {
		if s := h.At(t); s != nil {
			return s
		}
	}
	return nil
}

// between returns the snapshots of a view, and the view with the ticks they are of; nil if the history is
// empty. See Seen.
func (h *History) between(v protocol.View) (a, b *delta.Snapshot, _ protocol.View) {
	if v.A == 0 {
		v = protocol.View{A: h.newest, B: h.newest}
	}
	if a, b = h.Before(v.A), h.Before(v.B); a == nil {
		return nil, nil, v
	}
	if a == b {
		v.Frac = 0
	}
	v.A, v.B = a.Tick, b.Tick
	return a, b, v
}

// Seen returns what is seen at view v; see game.Past. The zero view is the newest snapshot. A tick
// that is no longer held is replaced by the nearest that is. The result is valid until the next
// call of Seen or Put; it is nil only if the history is empty.
func (h *History) Seen(v protocol.View) *delta.Snapshot {
	a, b, v := h.between(v)
	if a == nil {
		return nil
	}
	h.seen.Reset(v.A)
	h.seen.Reserve(a)
	delta.Seen(h.schema, v, a, b, &h.seen)
	return &h.seen
}
