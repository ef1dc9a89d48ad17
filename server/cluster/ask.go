package cluster

import (
	"context"
	"sync"
)

// asks are the requests that wait for their answers.
type asks struct {
	mu   sync.Mutex
	last uint64                  // guarded by mu: the newest id
	open map[uint64]chan *answer // guarded by mu
}

// begin gives a request an id. It reports false if too many wait.
func (a *asks) begin() (uint64, chan *answer, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.open) >= maxAsks {
		return 0, nil, false
	}
	if a.open == nil {
		a.open = map[uint64]chan *answer{}
	}
	a.last++
	c := make(chan *answer, 1)
	a.open[a.last] = c
	return a.last, c, true
}

// forget stops waiting.
func (a *asks) forget(id uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, id)
}

// answer hands an answer to who waits for it. One that comes too late is dropped.
func (a *asks) answer(id uint64, to *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.open[id]; c != nil {
		delete(a.open, id)
		c <- to // has room for the one
	}
}

// ask sends a request and waits for the answer, for askTime and no longer.
func (r *Remote) ask(ctx context.Context, m *message) (*answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, askTime, ErrSilent)
	defer cancel()
	id, c, ok := r.asks.begin()
	if !ok {
		return nil, ErrBusy
	}
	defer r.asks.forget(id)
	m.ID = id
	b, err := encode(m)
	if err != nil {
		return nil, err
	}
	if r.wire.post(b) != nil {
		return nil, ErrAway
	}
	select {
	case a := <-c:
		return a, a.Error.err()
	case <-r.wire.done:
		return nil, ErrAway
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
