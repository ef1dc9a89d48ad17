package room

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"hindsight/protocol"
)

// Run owns the room until ctx ends, then closes its connections with CloseRestart. A panic in the
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
		var wake <-chan time.Time
		if next, awake := r.Next(); awake {
			timer.Reset(time.Duration(next-r.cfg.Now()) * time.Microsecond)
			wake = timer.C
		}
		select {
		case <-wake:
			r.Tick(r.cfg.Now())
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
