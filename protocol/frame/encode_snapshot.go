package frame

import (
	"fmt"

	"hindsight/protocol"
	"hindsight/protocol/wire"
)

// A snapshot is two or three elements: its type, a string of bits, and notices if there are any. The
// bits are the header, own row and entities as package delta writes them, and events.

// The orders of the Exp-Golomb codes of headers and events.
const (
	spanOrder   = 2
	leadOrder   = 0
	marginOrder = 3
	waitOrder   = 2 // and lateness
	causeOrder  = 0
	tickOrder   = 12 // of a full snapshot

	// checkBits of a tick show that both sides count alike: that no snapshot was lost in between.
	checkBits = 4

	countOrder = 0
	kindOrder  = 2
	ageOrder   = 0
	argsOrder  = 1
)

// past is what a header is told against: it says what is not as it was.
type past struct {
	tick   protocol.Tick // 0 if there was no snapshot
	span   uint32        // ticks from its base to it
	lead   int32         // heard - tick
	margin int32
}

// after returns what the next header is told against.
func (h *Header) after() past {
	p := past{tick: h.Tick, span: 1, lead: int32(h.Heard - h.Tick), margin: h.Margin}
	if h.Base != 0 {
		p.span = uint32(h.Tick - h.Base)
	}
	return p
}

// Rows are the parts of a snapshot that package delta writes. A nil or empty one says that nothing is
// to be said, as Scene only can for a client that holds no mover.
type Rows struct {
	Scene   *wire.Bits // who is gone and new, how movers moved
	Changes *wire.Bits // of other entities
	Own     *wire.Bits
}

// Snapshot appends a snapshot. One without a base begins anew, any other must be a difference from the one that this Encoder
// wrote last: it panics otherwise, and on an event of a later tick than the snapshot's, since these
// are bugs of the engine's.
func (e *Encoder) Snapshot(dst []byte, h *Header, rows Rows, events []protocol.Event, notices []Notice) []byte {
	n := snapshotElements
	if len(notices) > 0 {
		n++
	}
	w := e.begin(dst, n, TypeSnapshot)
	s := w.BeginBits()
	e.header(s, h)
	if empty(rows.Scene) {
		s.Flag(false)
	} else {
		s.Copy(rows.Scene, 0, rows.Scene.Len())
	}
	e.rest(s, h.Tick, &rows, events)
	w.EndBits()
	if len(notices) > 0 {
		e.notices(notices)
	}
	return w.Bytes()
}

func empty(s *wire.Bits) bool { return s == nil || s.Len() == 0 }

// rest writes the parts that may be missing, each after a 1, or a 0 for one that is and has another
// after it.
func (e *Encoder) rest(s *wire.Bits, tick protocol.Tick, rows *Rows, events []protocol.Event) {
	missing := 0
	for _, part := range [...]*wire.Bits{rows.Changes, rows.Own} {
		if missing++; !empty(part) {
			s.Put(1, missing)
			s.Copy(part, 0, part.Len())
			missing = 0
		}
	}
	if len(events) == 0 {
		return
	}
	s.Put(1, missing+1)
	s.Number(uint32(len(events)-1), countOrder)
	for i := range events {
		putEvent(s, tick, &events[i])
	}
}

func (e *Encoder) header(s *wire.Bits, h *Header) {
	was, is := e.past, h.after()
	e.past = is
	switch {
	case h.Base == 0:
		s.Put(0b00, 2)
		s.Number(uint32(h.Tick), tickOrder)
		was = past{}
	case h.Base != was.tick:
		panic(fmt.Sprintf("frame: a difference from the snapshot of tick %d after that of tick %d", h.Base, was.tick))
	case is.span == was.span && is.lead == was.lead && is.margin == was.margin &&
		!h.Skipped && h.Late == 0 && h.Wait == 0 && h.Cause == 0:
		s.Put(1, 1)
		return
	default:
		s.Put(0b01, 2)
		if same := is.span == was.span; same {
			s.Flag(true)
		} else {
			s.Flag(false)
			s.Number(is.span-1, spanOrder)
		}
		s.Put(uint32(h.Tick)&(1<<checkBits-1), checkBits)
		s.Flag(h.Skipped)
	}
	s.Signed(is.lead-was.lead, leadOrder)
	s.Signed(is.margin-was.margin, marginOrder)
	s.Number(h.Late, waitOrder)
	s.Number(uint32(h.Wait), waitOrder)
	s.Number(uint32(h.Cause), causeOrder)
}

func putEvent(s *wire.Bits, tick protocol.Tick, e *protocol.Event) {
	if e.Tick > tick {
		panic(fmt.Sprintf("frame: event %d of tick %d in the snapshot of tick %d", e.Kind, e.Tick, tick))
	}
	s.Number(uint32(e.Kind), kindOrder)
	s.Flag(e.Keep)
	s.Number(uint32(tick-e.Tick), ageOrder)
	s.Number(uint32(e.N), argsOrder)
	for _, a := range e.Args[:e.N] {
		s.Sized(a)
	}
}

func (e *Encoder) notices(list []Notice) {
	w := &e.w
	w.Array(len(list))
	for i := range list {
		n := &list[i]
		w.Array(noticeElements)
		w.Uint(uint64(n.Kind))
		w.Uint(uint64(n.Player))
		w.Int(int64(n.Value))
		w.String(n.Text)
	}
}
