package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// DefaultOutbox is a good bound for an Outbox: hours of a busy host, some megabytes.
const DefaultOutbox = 10_000

const (
	// deliverWait is how long the database may take for one result.
	deliverWait = 10 * time.Second
	// firstPause and longestPause bound the wait before the next attempt; it doubles in between.
	firstPause   = 100 * time.Millisecond
	longestPause = 3 * time.Second
)

// Recorder is where an Outbox delivers to: a Store.
type Recorder interface {
	RecordMatch(context.Context, Result) (recorded bool, err error)
}

// Outbox holds results between the end of a match and the moment when the database has them, which
// may be long after if the database is away or its disk is full. Matches never wait for it.
//
// A result leaves the outbox when RecordMatch has answered without an error. An attempt that failed
// half way is made again, and the database, which knows each match by its id, takes it once.
//
// What it holds is in memory: it survives the database, not the process. So that a host that is shut
// down loses nothing, it calls Drain last.
type Outbox struct {
	// Log is told when results begin to wait and when they have been delivered. Nil for nobody. Set it
	// before the first call.
	Log *slog.Logger

	to   Recorder
	most int
	now  func() time.Time
	wake chan struct{} // holds a token while there may be something new
	turn chan struct{} // holds the token of whoever delivers: results go out one by one

	mu      sync.Mutex
	waiting []*parcel // guarded by mu; by the end of the match, then by id
}

// parcel is one result that waits.
type parcel struct {
	result Result
	since  time.Time // when it was put in

	// Owned by who has the turn.
	pass int  // the last that tried it
	told bool // its own failure was logged
}

// NewOutbox makes an empty outbox of at most that many results. Now is the time, for Waiting.
func NewOutbox(to Recorder, most int, now func() time.Time) *Outbox {
	return &Outbox{to: to, most: most, now: now, wake: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
}

// Put takes a result; it does no I/O and does not wait. A result that is waiting already is taken
// once. It returns ErrFull if there is no room, ErrInvalid if it could never be recorded.
func (o *Outbox) Put(r Result) error {
	clean, err := r.clean()
	if err != nil {
		return fail("outbox", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	at, known := slices.BinarySearchFunc(o.waiting, &clean, func(p *parcel, r *Result) int {
		return inOrder(&p.result, r)
	})
	switch {
	case known:
		return nil
	case len(o.waiting) >= o.most:
		return fail("outbox", ErrFull)
	}
	o.waiting = slices.Insert(o.waiting, at, &parcel{result: clean, since: o.now()})
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return nil
}

// inOrder compares results by the end of the match, the order in which ratings should change.
func inOrder(a, b *Result) int {
	if c := a.Ended.Compare(b.Ended); c != 0 {
		return c
	}
	switch {
	case a.ID < b.ID:
		return -1
	case a.ID > b.ID:
		return 1
	}
	return 0
}

// Pending returns how many results wait, the one being delivered included.
func (o *Outbox) Pending() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.waiting)
}

// Waiting returns for how long the longest has been waiting, 0 if none is. A host that shows more
// than a few seconds is degraded, not dead.
func (o *Outbox) Waiting() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	longest := time.Duration(0)
	for _, p := range o.waiting {
		longest = max(longest, o.now().Sub(p.since))
	}
	return longest
}

// Run delivers until ctx ends, and returns its error.
func (o *Outbox) Run(ctx context.Context) error {
	pause := firstPause
	for {
		left, err := o.deliver(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if left == 0 {
			if pause != firstPause {
				o.log(slog.LevelInfo, "match results delivered")
			}
			pause = firstPause
			select {
			case <-o.wake:
			case <-ctx.Done():
			}
			continue
		}
		if pause == firstPause {
			o.log(slog.LevelWarn, "match results wait for the database", "waiting", left, "error", err)
		}
		rest(ctx, pause)
		pause = min(2*pause, longestPause)
	}
}

// Drain delivers what waits, trying again until ctx ends. It returns nil when nothing is left. Run may
// be running or have ended.
func (o *Outbox) Drain(ctx context.Context) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		left, err := o.deliver(ctx)
		if left == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("storage: drain: %d match results are not recorded: %w", left, errors.Join(ctx.Err(), err))
		}
		rest(ctx, pause)
	}
}

// rest waits for about that long, not exactly, so that nodes do not return to a database all at once.
func rest(ctx context.Context, pause time.Duration) {
	t := time.NewTimer(pause - rand.N(pause/4))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// deliver tries each result once, in order, and stops at once if the database is away. An error that
// is about one result alone does not hold up those behind it. It returns how many wait now, and the
// last error.
func (o *Outbox) deliver(ctx context.Context) (left int, last error) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return o.Pending(), ctx.Err()
	}
	for pass := o.nextPass(); ; {
		p := o.next(pass)
		if p == nil {
			return o.Pending(), last
		}
		p.pass = pass
		err := o.send(ctx, p)
		switch {
		case err == nil, errors.Is(err, ErrInvalid):
			o.remove(p)
		case errors.Is(err, ErrUnavailable), ctx.Err() != nil:
			return o.Pending(), err
		default:
			if last = err; !p.told {
				p.told = true
				o.log(slog.LevelError, "a match result cannot be recorded; trying again", "match", p.result.ID, "error", err)
			}
		}
	}
}

// send makes one attempt.
func (o *Outbox) send(ctx context.Context, p *parcel) error {
	ctx, cancel := context.WithTimeout(ctx, deliverWait)
	defer cancel()
	_, err := o.to.RecordMatch(ctx, p.result)
	if errors.Is(err, ErrInvalid) {
		o.log(slog.LevelError, "a match result is refused and lost", "match", p.result.ID, "error", err)
	}
	return err
}

// nextPass returns a number that no waiting parcel has. Its caller has the turn.
func (o *Outbox) nextPass() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	pass := 1
	for _, p := range o.waiting {
		pass = max(pass, p.pass+1)
	}
	return pass
}

// next returns the first parcel that a pass has not tried, or nil.
func (o *Outbox) next(pass int) *parcel {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range o.waiting {
		if p.pass != pass {
			return p
		}
	}
	return nil
}

// remove takes a parcel out.
func (o *Outbox) remove(p *parcel) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := slices.Index(o.waiting, p); i >= 0 {
		o.waiting = slices.Delete(o.waiting, i, i+1)
	}
}

func (o *Outbox) log(level slog.Level, text string, args ...any) {
	if o.Log != nil {
		o.Log.Log(context.Background(), level, text, args...)
	}
}
