package room

import (
	"slices"

	"hindsight/game"
	"hindsight/protocol"
)

// How commands are treated. Early ones are kept until their tick if it is at most MaxLead away and
// dropped beyond. A missing one is replaced by walking on as before for holdTicks and by standing
// still after that. A late one moves nobody, since its tick is history; if it is at most game.MaxLate
// old, what it fired is still judged, as Counter-Strike 2 does by running late commands in no time.
// A second one for the same tick is dropped (the first wins). Presses are counters, so what a dropped
// command pressed is seen in the next one. One command moves the player in each tick whatever was
// sent, which is why nobody moves faster by sending more.
const (
	// MaxLead is how many ticks ahead of the room a command may be.
	MaxLead   = 32
	holdTicks = 6 // 100 ms
)

// Fate is what became of a command.
type Fate uint8

// The fates.
const (
	FateUsed     Fate = iota // the command of its tick
	FateLate                 // after its tick, but in time for what it fired
	FateStale                // too long after its tick for anything
	FateEarly                // more than MaxLead ahead
	FateRepeated             // its tick had one already
	FateFlooded              // more between two ticks than anyone sends
	FateMissing              // not a command: a tick that had none
	Fates                    // how many there are
)

// String returns the name used in metrics.
func (f Fate) String() string {
	names := [Fates]string{"used", "late", "stale", "early", "repeated", "flooded", "missing"}
	if f < Fates {
		return names[f]
	}
	return "invalid"
}

// schedule holds a player's commands until their tick. It is the room's own.
type schedule struct {
	coming []slot           // for ticks to come, ascending: two or three as a rule
	last   protocol.Command // the newest used, to hold on to
	held   int              // ticks it has been held for
	done   protocol.Tick    // newest tick whose own command was used
	gap    protocol.Tick    // newest tick that was stepped without one
	late   []slot           // came late since the last tick, oldest first
}

// slot is a command that waits for its tick.
type slot struct {
	cmd  protocol.Command
	echo protocol.Tick
	at   protocol.Micros // when it came
}

// begin forgets everything, for a new match. Its memory stays.
func (s *schedule) begin() {
	*s = schedule{coming: s.coming[:0], held: holdTicks, late: s.late[:0]}
}

// put files a command when the room has stepped tick now.
func (s *schedule) put(now protocol.Tick, a *arrival) Fate {
	switch ahead := a.cmd.Tick.Sub(now); {
	case ahead <= 0:
		return s.putLate(now, a)
	case ahead > MaxLead:
		return FateEarly
	}
	i := len(s.coming)
	for i > 0 && s.coming[i-1].cmd.Tick.Sub(a.cmd.Tick) > 0 {
		i--
	}
	if i > 0 && s.coming[i-1].cmd.Tick == a.cmd.Tick {
		return FateRepeated
	}
	s.coming = slices.Insert(s.coming, i, slot{a.cmd, a.echo, a.at})
	return FateUsed
}

// putLate files a command whose tick was stepped with a substitute.
func (s *schedule) putLate(now protocol.Tick, a *arrival) Fate {
	if t := a.cmd.Tick; t.Sub(s.done) <= 0 || now.Sub(t) >= game.MaxLate {
		return FateStale
	}
	s.done = a.cmd.Tick
	s.late = append(s.late, slot{a.cmd, a.echo, a.at})
	return FateLate
}

// take returns the command for tick t and when it came, or a substitute and false. Ticks are taken in
// order.
func (s *schedule) take(t protocol.Tick) (next slot, ok bool) {
	if len(s.coming) > 0 && s.coming[0].cmd.Tick == t {
		next = s.coming[0]
		s.coming = slices.Delete(s.coming, 0, 1)
		s.last, s.done, s.held = next.cmd, t, 0
		return next, true
	}
	s.held++
	s.gap = t
	next.cmd = s.last.Assumed(t)
	if s.held > holdTicks {
		next.cmd.MoveX, next.cmd.MoveY = 0, 0
	}
	return next, false
}

// astray reports whether a command that was given knowing the snapshot of tick echo was given in
// ignorance of a substitute.
func (s *schedule) astray(echo protocol.Tick) bool { return s.gap != 0 && echo.Sub(s.gap) <= 0 }

// restart forgets the commands of a connection that is gone. The press counters stay what they
// were: the next connection goes on from them (see frame.Start).
func (s *schedule) restart() {
	last := protocol.Command{Aim: s.last.Aim, Press: s.last.Press}
	*s = schedule{coming: s.coming[:0], last: last, held: holdTicks, done: s.done, late: s.late[:0]}
}
