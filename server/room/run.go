package room

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"hindsight/protocol"
)

// BeatEvery is how often a room at rest says that it is well; see Room.Beat.
const BeatEvery = protocol.Second

// Run owns the room until ctx ends, or its last match (see EndAfterMatch), then closes its
// connections with CloseRestart. A panic in the
// room's own code or its game's ends this room alone: its connections are closed with
// CloseRoomError and Run returns an error.
func (r *Room) Run(ctx context.Context) (err error) {
	defer close(r.done)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("room %s: panic: %v\n%s", r.cfg.ID, p, debug.Stack())
			r.closeAll(protocol.CloseRoomError)
		}
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := r.cfg.Now()
		r.beat.Store(int64(now))
		next, awake := r.Next()
		if !awake {
			next = now + BeatEvery
		}
		timer.Reset(time.Duration(next-now) * time.Microsecond)
		select {
		case <-timer.C:
			if awake {
				r.Tick(r.cfg.Now())
			}
			if r.ended {
				r.closeAll(protocol.CloseRestart)
				return nil
			}
		case op := <-r.ops:
			op()
		case <-ctx.Done():
			r.closeAll(protocol.CloseRestart)
			return nil
		}
	}
}

func (r *Room) closeAll(c protocol.CloseCode) {
	for _, p := range r.players {
		if p.conn != nil {
			p.conn.sender.Close(c)
		}
	}
	for _, w := range r.watchers {
		w.conn.sender.Close(c)
	}
}
