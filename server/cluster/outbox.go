package cluster

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxResults is how many results wait for a lobby that is away: hours of a busy game server.
const maxResults = 10_000

var errFull = errors.New("cluster: too many match results wait for the lobby")

// outbox holds results until the lobby has stored them, the oldest first.
type outbox struct {
	wake chan struct{} // holds a token while there is something new

	mu      sync.Mutex
	waiting []*parcel // guarded by mu
}

// parcel is a result on its way. Its fields are guarded by the outbox's mutex.
type parcel struct {
	match uuid.UUID
	bytes []byte // the message
	over  *wire  // the connection it was sent over last, nil for none
	sent  time.Time
}

// put adds a result. One that waits already is taken once.
func (o *outbox) put(r *Result) error {
	b, err := encode(&message{Result: r})
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= maxResults {
		return errFull
	}
	if o.index(r.Match) >= 0 {
		return nil
	}
	o.waiting = append(o.waiting, &parcel{match: r.Match, bytes: b})
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return nil
}

// due returns the messages to send over a connection now: those among the first few that were not
// sent over it, or so long ago that the lobby must have failed to store them.
func (o *outbox) due(over *wire, now time.Time) [][]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	var due [][]byte
	for _, p := range o.waiting[:min(len(o.waiting), window)] {
		if p.over != over || now.Sub(p.sent) >= resendAfter {
			p.over, p.sent = over, now
			due = append(due, p.bytes)
		}
	}
	return due
}

// stored forgets a result.
func (o *outbox) stored(match uuid.UUID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := o.index(match); i >= 0 {
		o.waiting = slices.Delete(o.waiting, i, i+1)
		select {
		case o.wake <- struct{}{}: // there is room in the window for the next
		default:
		}
	}
}

func (o *outbox) index(match uuid.UUID) int {
	return slices.IndexFunc(o.waiting, func(p *parcel) bool { return p.match == match })
}

func (o *outbox) pending() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.waiting)
}
