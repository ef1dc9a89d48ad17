package netcode

import "hindsight/protocol"

// events decides when each event is shown: what the player caused at once, what others did when the
// view reaches its tick, so that a shot is heard when its shooter is seen to shoot. Each is shown
// once.
type events struct {
	soon    []protocol.Event // to show at the next Draw
	waiting []protocol.Event // for the view
	out     []protocol.Event // given out by the last Draw
	dropped int
}

const eventsMax = 512 // the oldest are dropped beyond it: nobody has drawn for a long time

// reset forgets everything not yet shown.
func (q *events) reset() { q.soon, q.waiting, q.out = q.soon[:0], q.waiting[:0], q.out[:0] }

// now takes in an event to show at the next Draw.
func (q *events) now(e *protocol.Event) {
	if len(q.soon) == eventsMax {
		q.soon = append(q.soon[:0], q.soon[1:]...)
		q.dropped++
	}
	q.soon = append(q.soon, *e)
}

// later takes in an event that is shown when the view reaches its tick.
func (q *events) later(e *protocol.Event) {
	if len(q.waiting) == eventsMax {
		q.waiting = append(q.waiting[:0], q.waiting[1:]...)
		q.dropped++
	}
	q.waiting = append(q.waiting, *e)
}

// due returns the events to show when the view has reached tick t. Those that are stale ticks old
// and need not be seen are dropped. The slice is valid until the next call.
func (q *events) due(t protocol.Tick, stale int) []protocol.Event {
	q.out = append(q.out[:0], q.soon...)
	q.soon = q.soon[:0]
	rest := q.waiting[:0]
	for i := range q.waiting {
		w := &q.waiting[i]
		switch age := t.Sub(w.Tick); {
		case age < 0:
			rest = append(rest, *w)
		case w.Keep || age < stale:
			q.out = append(q.out, *w)
		default:
			q.dropped++
		}
	}
	q.waiting = rest
	return q.out
}
