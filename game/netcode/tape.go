package netcode

import (
	"fmt"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// tape keeps the last seconds of a match as this client received them, for a look back: what led to
// one's own end. An instant on it is a whole tick of the authority's, with the own row of that very
// tick, so that everybody is where the authority had them at one time; what was on anybody's screen
// then lay a little further back. Shells without a screen keep none.
//
// Playing it touches nothing that is live: neither the view that commands tell the server nor what
// is predicted. Its memory is fixed, and it allocates only until every slot has been used once.
type tape struct {
	schema *delta.Schema
	me     protocol.PlayerID
	rate   rate
	rules  game.Predictor // makes entities of own rows, nothing else

	ring   [tapeInstants]instant
	taped  int // moments in all
	events [tapeEvents]protocol.Event
	heard  int // events in all

	play    playback
	scene   scene
	before  delta.Snapshot // the own entities at either end of the view
	after   delta.Snapshot
	picture Picture
}

// instant is one tick as it was received.
type instant struct {
	tick   protocol.Tick
	others delta.Snapshot
	own    []int32
}

// playback is where the tape is being played.
type playback struct {
	running bool
	now     protocol.Micros
	pos, to phase
	speed   phase         // 1/256 of real time
	shown   protocol.Tick // events up to here were shown
}

const (
	tapeInstants = 384 // 6.4 s of 60 Hz
	tapeEvents   = 1024

	// rewatchBefore and rewatchAfter are how much is played before and after the moment in question.
	rewatchBefore = 2750 * protocol.Millisecond
	rewatchAfter  = 250 * protocol.Millisecond
	// rewatchLeast is the shortest look back that anybody could follow.
	rewatchLeast = 400 * protocol.Millisecond
	// rewatchFastest is the greatest speed, in 1/256: beyond twice nobody can tell what happens.
	rewatchFastest = 512
)

// begin readies the tape for a match.
func (t *tape) begin(def *game.Definition, w rate, start []byte, me protocol.PlayerID) error {
	if t == nil {
		return nil
	}
	t.schema, t.me, t.rate, t.rules = def.Schema, me, w, onlooker{}
	t.clear()
	if me == 0 {
		return nil
	}
	rules, err := def.NewPredictor(start, me)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	t.rules = rules
	return nil
}

// clear forgets what is on the tape.
func (t *tape) clear() {
	if t != nil {
		t.taped, t.heard, t.play = 0, 0, playback{}
	}
}

// take records what was received of a tick.
func (t *tape) take(s *delta.Snapshot, own []int32) {
	if t == nil {
		return
	}
	m := &t.ring[t.taped%tapeInstants]
	t.taped++
	m.tick = s.Tick
	m.others.CopyFrom(s)
	m.own = append(m.own[:0], own...)
}

// hear records an event. Verdicts are about the screen and have no place here.
func (t *tape) hear(e *protocol.Event) {
	if t == nil || e.Kind == game.Verdict || e.Kind == game.VerdictResult {
		return
	}
	t.events[t.heard%tapeEvents] = *e
	t.heard++
}

// around returns the newest instant at or before tick n, else the oldest there is, and the one after
// it, or itself for the newest. The tape is not empty.
func (t *tape) around(n protocol.Tick) (a, b *instant) {
	oldest, i := max(0, t.taped-tapeInstants), t.taped-1
	for i > oldest && n.Sub(t.ring[i%tapeInstants].tick) < 0 {
		i--
	}
	return &t.ring[i%tapeInstants], &t.ring[min(i+1, t.taped-1)%tapeInstants]
}

// rewatch begins to play what led to tick n; see Client.Rewatch.
func (t *tape) rewatch(now protocol.Micros, n protocol.Tick, wait protocol.Micros) bool {
	if t == nil || t.taped == 0 || wait < rewatchLeast {
		return false
	}
	span := min(rewatchBefore+rewatchAfter, wait*rewatchFastest/256)
	to := at(n) + t.rate.phase(rewatchAfter)
	oldest, _ := t.around(0)
	from := max(to-t.rate.phase(span), at(oldest.tick))
	if to-from < t.rate.phase(rewatchLeast) {
		return false
	}
	speed := max(256, ((to-from)*256+t.rate.phase(wait)-1)/t.rate.phase(wait))
	t.play = playback{running: true, now: now, pos: from, to: to, speed: speed}
	t.play.shown = from.tick()
	return true
}

// draw returns what the tape shows now, or nil when it has been played.
func (t *tape) draw(now protocol.Micros) *Picture {
	if t == nil || !t.play.running {
		return nil
	}
	p := &t.play
	p.pos = min(p.pos+t.rate.phase(max(now-p.now, 0))*p.speed/256, p.to)
	p.now = now
	if p.pos == p.to {
		p.running = false
		return nil
	}
	a, b := t.around(p.pos.tick())
	v := protocol.View{A: a.tick, B: b.tick}
	if past := p.pos - at(a.tick); a != b && past > 0 {
		v.Frac = uint16(min(past*256/(phase(b.tick.Sub(a.tick))*tickPhase), 256))
	}
	delta.Seen(t.schema, v, &a.others, &b.others, &t.scene.others)
	t.publish(&t.before, a)
	t.publish(&t.after, b)
	delta.Seen(t.schema, v, &t.before, &t.after, &t.scene.own)
	t.scene.compose(t.schema, t.me, 0, 0)
	t.picture.Tick, t.picture.Own, t.picture.View = a.tick, a.own, v
	t.picture.Scene = &t.scene.all
	t.picture.Events = t.due(t.picture.Events[:0], p.pos.tick())
	return &t.picture
}

// publish fills s with the player's own entities of an instant.
func (t *tape) publish(s *delta.Snapshot, m *instant) {
	s.Reset(m.tick)
	t.rules.Load(m.tick, m.own)
	t.rules.Publish(s)
}

// due appends the events of the ticks that the playback has passed since the last time. It runs so
// far behind the line that none of them is still on its way.
func (t *tape) due(out []protocol.Event, reached protocol.Tick) []protocol.Event {
	for i := max(0, t.heard-tapeEvents); i < t.heard; i++ {
		e := &t.events[i%tapeEvents]
		if reached.Sub(e.Tick) >= 0 && e.Tick.Sub(t.play.shown) > 0 {
			out = append(out, *e)
		}
	}
	t.play.shown = reached
	return out
}

// Rewatch begins to play what led to tick n, the last seconds before it and a little after, within
// the time wait: at real speed if there is enough of it, else faster, else less of it. It returns the
// speed in 1/256 of real time, 0 if there is nothing to see; without Config.Tape there never is.
// Nothing else of the client takes notice.
func (c *Client) Rewatch(now protocol.Micros, n protocol.Tick, wait protocol.Micros) int {
	if !c.live || !c.tape.rewatch(now, n, wait) {
		return 0
	}
	return int(c.tape.play.speed)
}

// DrawTape returns the picture of what Rewatch began, or nil when it is over or was cut off by
// another match. Tick and Own are those of the tape; there are no verdicts among the events.
func (c *Client) DrawTape(now protocol.Micros) *Picture { return c.tape.draw(now) }
