package room

import (
	"context"

	"hindsight/protocol"
)

// BeatEvery is how often a room at rest says that it is well; see Room.Beat.
const BeatEvery = protocol.Second

// Run owns the room until ctx ends, or its last match (see EndAfterMatch), then closes its
// connections with CloseRestart. A panic in the room's own code or its game's ends this room alone:
// its connections are closed with CloseRoomError and Run returns a *Crash.
func (r *Room) Run(ctx context.Context) (err error) {
	defer close(r.done)
	defer func() {
		if p := recover(); p != nil {
			err = r.crash(p)
		}
	}()
	defer r.meter.Flush()
	defer r.cfg.Alarm.Close()
	defer context.AfterFunc(ctx, r.cfg.Alarm.Wake)()
	for !r.ended && ctx.Err() == nil {
		r.answer()
		now := r.cfg.Now()
		r.beat.Store(int64(now))
		r.expire(now)
		next, awake := r.Next()
		switch {
		case !awake:
			r.meter.Flush()
			r.cfg.Alarm.Wait(now + BeatEvery)
		case now < next:
			r.cfg.Alarm.Wait(next)
		default:
			r.Tick(now)
		}
	}
	r.closeAll(protocol.CloseRestart)
	return nil
}

// answer does what was asked for since the last time.
func (r *Room) answer() {
	for range queuedOps { // and then the tick, if it is due
		select {
		case op := <-r.ops:
			op()
		default:
			return
		}
	}
}

func (r *Room) closeAll(c protocol.CloseCode) {
	r.stopRecording()
	for _, p := range r.players {
		if p.conn != nil {
			p.conn.sender.Close(c)
		}
	}
	for _, w := range r.watchers {
		w.conn.sender.Close(c)
	}
}
