package alarm

import (
	"container/heap"

	"hindsight/protocol"
)

// Alarm wakes its owner, within a tenth of a millisecond as a rule, after the moment that was set.
type Alarm struct {
	clock *Clock
	woken chan struct{} // holds one token until the next Wait
	timer *Timer        // instead of a clock that has no descriptor

	moment protocol.Micros // guarded by clock.mu: when to wake
	at     int             // guarded by clock.mu: where in clock.waiting, or -1
}

// Wait returns once it is at, or Wake was called since the last Wait.
func (a *Alarm) Wait(at protocol.Micros) {
	if a.timer != nil {
		a.timer.Wait(at)
		return
	}
	c := a.clock
	c.mu.Lock()
	a.moment = at
	if a.at < 0 {
		heap.Push(&c.waiting, a)
	} else { // a Wake ended the Wait before
		heap.Fix(&c.waiting, a.at)
	}
	c.soon(at)
	c.mu.Unlock()
	<-a.woken
}

// Wake ends the Wait under way, or else the next one.
func (a *Alarm) Wake() {
	if a.timer != nil {
		a.timer.Wake()
		return
	}
	select {
	case a.woken <- struct{}{}:
	default:
	}
}

// Close gives the alarm back; the last one ends the clock's goroutine. Wake may still be called and does
// nothing.
func (a *Alarm) Close() {
	if a.timer != nil {
		a.timer.Close()
		return
	}
	c := a.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.at >= 0 {
		heap.Remove(&c.waiting, a.at)
	}
	if c.alarms--; c.alarms == 0 {
		c.soon(c.now())
	}
}

// queue is a heap of alarms, the soonest first.
type queue []*Alarm

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].moment < q[j].moment }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].at, q[j].at = i, j
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	a := x.(*Alarm)
	a.at = len(*q)
	*q = append(*q, a)
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	a := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	a.at = -1
	return a
}
