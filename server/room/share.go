package room

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// shareFrom is how many snapshots are worth more goroutines than the room's own. Fewer are composed while
// the others wake up.
const shareFrom = 128

// letter is a snapshot that is due to a person.
type letter struct {
	p     *player
	head  frame.Header
	bytes int
	err   error
}

// desk is what one goroutine composes with.
type desk struct {
	scratch replication.Scratch
	own     []int32
}

// sharers returns how many goroutines compose so many snapshots.
func (r *Room) sharers(n int) int {
	if r.sharing > 0 {
		return r.sharing
	}
	if n < shareFrom {
		return 1
	}
	return runtime.GOMAXPROCS(0)
}

// deliver composes and sends what is due. In a large room several goroutines do: each takes letters, one
// after another, until there are none, and all have ended when it returns. The step before and all that
// is counted after are the room's alone, and a letter is the same whoever wrote it.
func (r *Room) deliver(now protocol.Micros) {
	n := r.sharers(len(r.letters))
	for len(r.desks) < n {
		r.desks = append(r.desks, &desk{own: make([]int32, len(r.cfg.Host.Schema.Own.Fields))})
	}
	if n == 1 {
		for i := range r.letters {
			r.write(&r.letters[i], r.desks[0], now)
		}
		return
	}
	r.table.Complete()
	for i := range r.letters {
		if x, y, ok := r.match.Eye(r.letters[i].p.id); ok && r.crowd != nil {
			r.crowd.interest.Prepare(x, y)
		}
	}
	var next atomic.Int64
	var failed atomic.Pointer[string]
	var all sync.WaitGroup
	for _, d := range r.desks[:n] {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					why := fmt.Sprintf("%v\n%s", p, debug.Stack())
					failed.Store(&why)
				}
			}()
			for i := next.Add(1); int(i) <= len(r.letters) && failed.Load() == nil; i = next.Add(1) {
				r.write(&r.letters[i-1], d, now)
			}
		})
	}
	all.Wait()
	if why := failed.Load(); why != nil {
		panic(*why) // which ends this room alone, see Run
	}
}

// write composes and sends one person's snapshot. Of what other letters need too it changes nothing.
func (r *Room) write(l *letter, d *desk, now protocol.Micros) {
	p := l.p
	r.ownRow(p, d.own)
	r.look(p.peer, p.id, &d.scratch)
	var b []byte
	if b, l.err = p.peer.ComposeWith(&d.scratch, p.conn.sender.Buffer(), r.table, r.journal, l.head, d.own, now); l.err == nil {
		l.bytes = len(b)
		p.conn.sender.Send(b)
	}
}

// sent takes in what became of a letter.
func (r *Room) sent(l *letter, now protocol.Micros) {
	p := l.p
	if l.err != nil {
		p.conn.sender.Close(protocol.CloseTooSlow)
		r.detach(p, now)
		return
	}
	p.cause = 0
	r.meter.Snapshot(l.bytes, p.peer.Parts())
}
