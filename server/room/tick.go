package room

import (
	"context"
	"log/slog"
	"math"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Next returns when the next tick is due. It reports false while the room rests, which it does when
// no person has a seat or looks on: then a join wakes it.
func (r *Room) Next() (protocol.Micros, bool) {
	return r.due(r.match.Tick() + 1), len(r.watchers) > 0 || r.people() > 0
}

// wake moves the schedule of a room that is at rest, so that no time is made up for.
func (r *Room) wake(now protocol.Micros) {
	if _, awake := r.Next(); !awake {
		last := r.due(r.table.Tick()) // of the last snapshot: from it on the next ones are counted
		r.origin += r.align(now-(r.due(r.match.Tick())-last)) - last
	}
}

// align returns the first moment from now on that a snapshot of this room may have.
func (r *Room) align(now protocol.Micros) protocol.Micros {
	if r.cfg.Phase == 0 {
		return now
	}
	rate, every := protocol.Micros(r.cfg.Host.TickRate), protocol.Micros(r.cfg.SnapshotEvery)
	n := ((now-r.cfg.Phase)*rate + every*protocol.Second - 1) / (every * protocol.Second)
	return r.cfg.Phase + n*every*protocol.Second/rate
}

// due returns when a tick of the match is to begin.
func (r *Room) due(t protocol.Tick) protocol.Micros {
	return r.origin + protocol.Micros(t)*protocol.Second/protocol.Micros(r.cfg.Host.TickRate)
}

// Tick steps every tick that is due at time now and sends snapshots after the last of them. A room
// that has fallen behind makes up for maxCatchUp ticks; what is more is given up by moving the
// schedule, so that a stall is followed by normal play and not by a fast-forward. Only the room's
// owner may call it.
func (r *Room) Tick(now protocol.Micros) {
	r.attend(now)
	steps := 0
	for next := r.match.Tick() + 1; steps < maxCatchUp && r.due(next.Add(steps)) <= now; steps++ {
	}
	if steps == 0 {
		return
	}
	r.lateness = now - r.due(r.match.Tick()+1)
	if steps > 1 {
		r.lateAt = now
	}
	if behind := now - r.due(r.match.Tick().Add(steps+1)); behind >= 0 {
		dt := protocol.Second / protocol.Micros(r.cfg.Host.TickRate)
		given := behind/dt + 1
		r.origin += given * dt
		r.meter.Overrun(int(given))
	}
	for range steps {
		r.step(now)
		if r.match.Over() {
			if r.cfg.Result != nil {
				r.cfg.Result(r.finish())
			}
			r.stopRecording()
			if r.lastMatch {
				r.ended = true
				return
			}
			if err := r.begin(now); err != nil {
				panic(err) // the rotation checked its matches when it was made
			}
			break
		}
	}
	r.send(now)
	r.meter.Tick(r.lateness, r.cfg.Now()-now)
}

// step advances the match by one tick.
func (r *Room) step(now protocol.Micros) {
	t := r.match.Tick() + 1
	r.inputs = r.inputs[:0]
	r.scene = nil
	for _, p := range r.players {
		if p.bot != nil {
			r.inputs = append(r.inputs, game.Input{Player: p.id, Command: r.think(p, t)})
		} else {
			r.inputs = append(r.inputs, r.input(p, t, now))
		}
	}
	turn := r.match.Step(r.inputs)
	r.recording.tick(r.match, turn)
	r.journal.Events(turn.Events)
	for _, p := range r.players {
		if turn.Touched(p.id) {
			p.cause |= frame.CauseTouch
		}
	}
	r.overhear(turn.Events)
	r.audit(turn.Shots)
}

// audit hands on the records of rewound shots; at log level debug they are all written out.
func (r *Room) audit(shots []game.Shot) {
	for i := range shots {
		r.meter.Shot(&shots[i])
	}
	r.record.shots(shots)
	if len(shots) > 0 && r.cfg.Log.Enabled(context.Background(), slog.LevelDebug) {
		for i := range shots {
			r.cfg.Log.Debug("shot", "room", r.cfg.ID, "record", shots[i])
		}
	}
}

// overhear gives a bot the events it may know of.
func (p *player) overhear(es []game.Event, v *veil) {
	for i := range es {
		e := &es[i]
		hidden := v != nil && e.To == 0 && e.Placed && v.Hides(p.id, e.By, e.X, e.Y)
		if (e.To == 0 || e.To == p.id) && !hidden && len(p.sight.Events) < protocol.MaxEvents {
			p.sight.Events = append(p.sight.Events, e.Event)
		}
	}
}

// input takes in what arrived from a person and returns what the person does in tick t.
func (r *Room) input(p *player, t protocol.Tick, now protocol.Micros) game.Input {
	if p.conn != nil {
		r.receive(p)
		if p.conn.mismatch.Load() != nil {
			r.handOn(p.conn, now)
		}
	}
	in := game.Input{Player: p.id, Clamp: game.ClampAbsent, Late: r.late(p, t)}
	next, ok := p.schedule.take(t)
	in.Command = next.cmd
	switch {
	case !ok:
		p.cause |= frame.CauseLate
		if p.conn != nil {
			r.meter.Command(FateMissing, 1)
		}
	case p.peer != nil:
		r.meter.Used(now - next.at)
		in.Command.View, in.Clamp = p.peer.Views.Check(t, t, next.echo, next.cmd.View)
		if in.Astray = p.schedule.astray(next.echo); in.Astray {
			p.cause |= frame.CauseLate
		}
		r.meter.View(in.Clamp)
		if in.Clamp != game.ClampNone {
			p.cause |= frame.CauseClamp
		}
	}
	return in
}

// late returns the commands of earlier ticks that are judged in tick t.
func (r *Room) late(p *player, t protocol.Tick) []game.Late {
	p.late = p.late[:0]
	for _, s := range p.schedule.late {
		l := game.Late{Command: s.cmd, Clamp: game.ClampAbsent}
		if p.peer != nil {
			l.Command.View, l.Clamp = p.peer.Views.Check(t, s.cmd.Tick, s.echo, s.cmd.View)
			r.meter.View(l.Clamp)
		}
		p.late = append(p.late, l)
		p.cause |= frame.CauseLate
	}
	p.schedule.late = p.schedule.late[:0]
	return p.late
}

// receive files the commands that arrived since the last tick.
func (r *Room) receive(p *player) {
	var a arrival
	for p.conn.arrivals.pop(&a) {
		if p.hidden && !a.hidden {
			p.shownAt = a.at
		}
		p.seenAt, p.hidden, p.former = a.at, a.hidden, ""
		p.peer.Pace.Away = a.hidden
		p.peer.Pace.Echo(a.echo, a.at)
		fate := p.schedule.put(r.match.Tick(), &a)
		r.meter.Command(fate, 1)
		margin := r.due(a.cmd.Tick) - a.at
		switch fate {
		case FateUsed, FateLate, FateStale:
			r.meter.Arrival(margin)
		}
		if fate != FateEarly && a.cmd.Tick.Sub(p.heard) > 0 {
			p.heard = a.cmd.Tick
			p.margin = int32(max(min(margin/quarter, 1<<15), -1<<15))
		}
	}
	if n := p.conn.arrivals.flooded.Swap(0); n > 0 {
		r.meter.Command(FateFlooded, int(n))
	}
}

// send gives a snapshot to every connection that is ready for one.
func (r *Room) send(now protocol.Micros) {
	t := r.match.Tick()
	if t == 0 || t.Sub(r.table.Tick()) < r.cfg.SnapshotEvery {
		return
	}
	began := r.cfg.Now()
	r.table.Advance(r.match.Snapshot(), r.match.Past().Whole(r.table.Tick()))
	if r.crowd != nil {
		r.crowd.interest.Advance(r.match.Snapshot())
	}
	if r.broadcast != nil {
		r.look(r.broadcast.recorder, 0, nil)
	}
	if b := r.broadcast; b != nil && b.pass(r.table, r.journal, now) {
		r.raise()
	}
	r.letters = r.letters[:0]
	for _, p := range r.players {
		if p.conn == nil {
			continue
		}
		if !p.conn.sender.Ready() || !p.peer.Pace.May(now) {
			p.peer.Skipped++
			r.meter.Skipped()
			continue
		}
		h := r.header(p.conn.sender)
		h.Heard, h.Margin, h.Cause = p.heard, p.margin, p.cause
		r.letters = append(r.letters, letter{p: p, head: h})
	}
	r.deliver(now)
	for i := range r.letters {
		r.sent(&r.letters[i], now)
	}
	r.show(now)
	r.forget()
	r.meter.Encode(r.cfg.Now() - began)
	if now-r.measuredAt >= protocol.Second {
		r.measuredAt = now
		r.measure()
	}
}

// forget lets the journal give up what everyone has been sent.
func (r *Room) forget() {
	read := r.journal.End()
	for _, p := range r.players {
		if p.peer != nil {
			read = read.Before(p.peer.Mark())
		}
	}
	_, shown := r.shown()
	seen := shown.End()
	for _, w := range r.watchers {
		seen = seen.Before(w.peer.Mark())
	}
	if r.broadcast != nil { // which has just read all there is in the room's own
		shown.Forget(seen)
	} else {
		read = read.Before(seen)
	}
	r.journal.Forget(read)
}

// measure hands on what is worth knowing once a second of each person.
func (r *Room) measure() {
	for _, p := range r.players {
		if p.conn != nil && p.peer.Pace.Echoed() != 0 {
			r.meter.RoundTrip(p.peer.Pace.RTT())
		}
	}
	r.meter.Flush()
}

// header returns what every snapshot of this tick says, and of the one before on this connection.
func (r *Room) header(s Sender) frame.Header {
	waited := s.Waited()
	r.meter.Sent(waited)
	return frame.Header{
		Late: uint32(max(r.lateness, 0) / quarter),
		Wait: uint16(min(waited/quarter, math.MaxUint16)),
	}
}

// quarter is the unit of times on the wire.
const quarter = protocol.Millisecond / 4

// people counts the seats that are a person's, connected or not.
func (r *Room) people() int {
	n := 0
	for _, p := range r.players {
		if !p.isBot() {
			n++
		}
	}
	return n
}
