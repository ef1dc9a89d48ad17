package netcode

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// prediction runs the player's own part of the rules ahead of the authority and remembers, for
// every tick, the command given and the own row that came of it.
type prediction struct {
	schema *delta.Schema
	rules  game.Predictor // nil before a match starts

	ring [predictRing]predicted
	last protocol.Tick // newest command recorded
	to   protocol.Tick // the rules are in the state after this tick
	auth protocol.Tick // the authority's newest own row is of this tick

	prev, cur *delta.Snapshot // what the rules published after to-1 and to
	snapshots [2]delta.Snapshot
	own       []int32       // the own row after to
	old       []int32       // scratch
	changed   protocol.Tick // the first whose row the last load changed in more than told fields, 0 for none
	guess     game.Guess
}

// predicted is one tick of the player's own.
type predicted struct {
	tick    protocol.Tick // 0: empty
	stepped bool          // own holds the row after tick
	command protocol.Command
	own     []int32
}

const (
	predictRing = 128
	// predictMax is how far beyond the authority's newest row the rules are run. A client that
	// hears nothing for longer stands still; it would be wrong about too much.
	predictMax = 90
)

// reset begins a match with these rules.
func (p *prediction) reset(schema *delta.Schema, rules game.Predictor) {
	n := len(schema.Own.Fields)
	if len(p.own) != n {
		rows := make([]int32, n*(predictRing+2))
		for i := range p.ring {
			p.ring[i].own, rows = rows[:n:n], rows[n:]
		}
		p.own, p.old = rows[:n:n], rows[n:]
	}
	for i := range p.ring {
		p.ring[i].tick = 0
	}
	p.schema, p.rules = schema, rules
	p.last, p.to, p.auth = 0, 0, 0
	p.prev, p.cur = &p.snapshots[0], &p.snapshots[1]
	p.prev.Reset(0)
	p.cur.Reset(0)
	p.guess.Events = p.guess.Events[:0]
}

// slot returns what is held of tick t, or nil.
func (p *prediction) slot(t protocol.Tick) *predicted {
	if s := &p.ring[t%predictRing]; t != 0 && s.tick == t {
		return s
	}
	return nil
}

// record takes in the next command and, if the state before it is known, steps. What the player
// saw, scene, is not nil. Events that came of it are in p.guess.Events until the next call.
func (p *prediction) record(c protocol.Command, scene *delta.Snapshot) {
	s := &p.ring[c.Tick%predictRing]
	s.tick, s.stepped, s.command = c.Tick, false, c
	p.last = c.Tick
	p.guess.Events = p.guess.Events[:0]
	if c.Tick == p.to+1 && p.auth != 0 && c.Tick.Sub(p.auth) <= predictMax {
		p.step(s, scene)
	}
}

// step advances the rules by the tick of s.
func (p *prediction) step(s *predicted, scene *delta.Snapshot) {
	p.guess.Command, p.guess.Scene = s.command, scene
	p.rules.Step(&p.guess)
	p.guess.Scene = nil
	p.to = s.tick
	p.rules.Save(s.own)
	s.stepped = true
	copy(p.own, s.own)
	p.prev, p.cur = p.cur, p.prev
	p.cur.Reset(p.to)
	p.rules.Publish(p.cur)
}

// load sets the rules to the authority's row after tick t and runs them again up to the newest
// command, without firing or showing anything a second time. Ticks without a command go on as
// the authority assumes.
func (p *prediction) load(t protocol.Tick, own []int32) {
	p.rules.Load(t, own)
	p.to, p.auth = t, t
	copy(p.own, own)
	p.cur.Reset(t)
	p.rules.Publish(p.cur)
	p.prev.CopyFrom(p.cur)

	p.changed = 0
	if p.last.Sub(t) >= predictRing {
		return // the commands after t are forgotten; a later row will do
	}
	held := p.commandAt(t)
	for next := t + 1; p.last.Sub(next) >= 0 && next.Sub(t) <= predictMax; next++ {
		s := &p.ring[next%predictRing]
		if s.tick != next {
			s.tick, s.stepped, s.command = next, false, held.Assumed(next)
		}
		p.again(s)
		held = s.command
	}
}

// again runs a tick that may have been run before, from another state.
func (p *prediction) again(s *predicted) {
	known := s.stepped
	copy(p.old, s.own)
	p.step(s, nil)
	if known && p.changed == 0 && compare(&p.schema.Own, p.old, s.own) == wrong {
		p.changed = s.tick
	}
}

// commandAt returns the command of tick t, or else a neutral one that presses nothing new.
func (p *prediction) commandAt(t protocol.Tick) protocol.Command {
	if s := p.slot(t); s != nil {
		return s.command
	}
	neutral := protocol.Command{Tick: t}
	for next := t + 1; p.last.Sub(next) >= 0 && next.Sub(t) <= predictMax; next++ {
		if s := p.slot(next); s != nil {
			neutral.Aim, neutral.Press = s.command.Aim, s.command.Press
			break
		}
	}
	return neutral
}

// view is the moment between the last two predicted ticks at which the clock stands.
func (p *prediction) view(now phase) protocol.View {
	frac := clamp(int64(now-at(p.to))*256/int64(tickPhase), 0, 256)
	return protocol.View{A: p.prev.Tick, B: p.cur.Tick, Frac: uint16(frac)}
}
