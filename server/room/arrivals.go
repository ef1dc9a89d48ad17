package room

import (
	"sync/atomic"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// How many commands wait between two ticks. A client sends one or two, so that the few places of the
// first ring are used over and over and stay in a near cache; what a line has held up comes all at once,
// and for that a ring of twice the places follows, up to mostArrivals.
const (
	fewArrivals  = 8
	mostArrivals = 64
)

// arrival is a command as it came in.
type arrival struct {
	cmd    protocol.Command
	echo   protocol.Tick
	hidden bool
	at     protocol.Micros
}

// arrivals is a queue with one writer (whoever reads the connection) and one reader (the room). It is
// ready after begin, and must not be copied.
type arrivals struct {
	writing *ring // the writer's
	reading *ring // the reader's; writing, or one before
	flooded atomic.Uint32

	first ring // here, so that nobody has to go far for it
	few   [fewArrivals]arrival
}

// ring is one piece of the queue.
type ring struct {
	slots []arrival
	head  atomic.Uint32 // written by the writer
	tail  atomic.Uint32 // written by the reader
	next  atomic.Pointer[ring]
}

func (q *arrivals) begin() {
	q.first.slots = q.few[:]
	q.writing, q.reading = &q.first, &q.first
}

// push adds the commands of a frame, newest last. Writer only.
func (q *arrivals) push(now protocol.Micros, in *frame.Input) {
	r := q.writing
	h := r.head.Load()
	for i := range in.Commands {
		if int(h-r.tail.Load()) == len(r.slots) {
			if len(r.slots) == mostArrivals {
				q.flooded.Add(uint32(len(in.Commands) - i))
				break
			}
			r.head.Store(h) // for good, before next says so
			r.next.Store(&ring{slots: make([]arrival, 2*len(r.slots))})
			r, h = r.next.Load(), 0
			q.writing = r
		}
		r.slots[h%uint32(len(r.slots))] = arrival{in.Commands[i], in.Echo, in.Hidden, now}
		h++
	}
	r.head.Store(h)
}

// pop takes the oldest command. Reader only.
func (q *arrivals) pop(a *arrival) bool {
	r := q.reading
	t := r.tail.Load()
	for t == r.head.Load() {
		next := r.next.Load()
		if next == nil {
			return false
		}
		if t == r.head.Load() { // which no longer changes
			q.reading, r, t = next, next, next.tail.Load()
		}
	}
	*a = r.slots[t%uint32(len(r.slots))]
	r.tail.Store(t + 1)
	return true
}
