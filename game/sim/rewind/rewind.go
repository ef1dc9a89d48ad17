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

// Size is how many ticks a History reaches back: a little over a second at 60 Hz.
const Size = 64

// History is a ring of the last Size ticks, not all of which need be present. The zero value is not
// ready; use New.
type History struct {
	schema *delta.Schema
	ring   [Size]delta.Snapshot
	newest protocol.Tick
	oldest protocol.Tick // of all ever put
	seen   delta.Snapshot
}

// New returns an empty history of snapshots of that schema.
func New(s *delta.Schema) *History { return &History{schema: s} }

// Clear forgets everything.
func (h *History) Clear() {
	h.newest, h.oldest = 0, 0
	for i := range h.ring {
		h.ring[i].Reset(0)
	}
}

// CopyFrom makes h hold what o holds, sharing nothing with it. Both are of the same schema.
func (h *History) CopyFrom(o *History) {
	h.newest, h.oldest = o.newest, o.oldest
	for i := range o.ring {
		h.ring[i].CopyFrom(&o.ring[i])
	}
}

// Put returns the snapshot for tick t, emptied, for the caller to fill. Ticks must ascend.
func (h *History) Put(t protocol.Tick) *delta.Snapshot {
	if h.newest == 0 {
		h.oldest = t
	}
	h.newest = t
	s := &h.ring[t%Size]
	s.Reset(t)
	return s
}

// Newest returns the newest tick put, 0 if there is none.
func (h *History) Newest() protocol.Tick { return h.newest }

// At returns the snapshot of tick t, or nil if it is not held.
func (h *History) At(t protocol.Tick) *delta.Snapshot {
	if s := &h.ring[t%Size]; t != 0 && s.Tick == t && h.newest-t < Size {
		return s
	}
	return nil
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

// Seen returns what is seen at view v; see game.Past. The zero view is the newest snapshot. A tick
// that is no longer held is replaced by the nearest that is. The result is valid until the next
// call of Seen or Put; it is nil only if the history is empty.
func (h *History) Seen(v protocol.View) *delta.Snapshot {
	if v.A == 0 {
		v = protocol.View{A: h.newest, B: h.newest}
	}
	a, b := h.Before(v.A), h.Before(v.B)
	if a == nil {
		return nil
	}
	if a == b {
		v.Frac = 0
	}
	v.A, v.B = a.Tick, b.Tick
	delta.Seen(h.schema, v, a, b, &h.seen)
	return &h.seen
}
