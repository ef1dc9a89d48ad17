package room

import (
	"sync/atomic"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
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
	slots     = 2 * MaxLead
	ringSize  = 64 // commands between two ticks; a client sends one or two
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

// arrival is a command as it came in.
type arrival struct {
	cmd    protocol.Command
	echo   protocol.Tick
	at     protocol.Micros
	hidden bool
}

// arrivals is a ring with one writer (the connection's read goroutine) and one reader (the room).
type arrivals struct {
	ring    [ringSize]arrival
	head    atomic.Uint32 // written by the writer
	tail    atomic.Uint32 // written by the reader
	flooded atomic.Uint32
}

// push adds the commands of a frame, newest last. Writer only.
func (q *arrivals) push(now protocol.Micros, in *frame.Input) {
	h := q.head.Load()
	for i := range in.Commands {
		if h-q.tail.Load() == ringSize {
			q.flooded.Add(uint32(len(in.Commands) - i))
			break
		}
		q.ring[h%ringSize] = arrival{in.Commands[i], in.Echo, now, in.Hidden}
		h++
	}
	q.head.Store(h)
}

// pop takes the oldest command. Reader only.
func (q *arrivals) pop(a *arrival) bool {
	t := q.tail.Load()
	if t == q.head.Load() {
		return false
	}
	*a = q.ring[t%ringSize]
	q.tail.Store(t + 1)
	return true
}

// schedule holds a player's commands until their tick. It is the room's own.
type schedule struct {
	slots [slots]slot
	last  protocol.Command // the newest used, to hold on to
	held  int              // ticks it has been held for
	done  protocol.Tick    // newest tick whose own command was used
	gap   protocol.Tick    // newest tick that was stepped without one
	late  []slot           // came late since the last tick, oldest first
}

type slot struct {
	cmd  protocol.Command
	echo protocol.Tick
}

// put files a command when the room has stepped tick now.
func (s *schedule) put(now protocol.Tick, a *arrival) Fate {
	switch ahead := a.cmd.Tick.Sub(now); {
	case ahead <= 0:
		return s.putLate(now, a)
	case ahead > MaxLead:
		return FateEarly
	}
	at := &s.slots[a.cmd.Tick%slots]
	if at.cmd.Tick == a.cmd.Tick {
		return FateRepeated
	}
	*at = slot{a.cmd, a.echo}
	return FateUsed
}

// putLate files a command whose tick was stepped with a substitute.
func (s *schedule) putLate(now protocol.Tick, a *arrival) Fate {
	if t := a.cmd.Tick; t.Sub(s.done) <= 0 || now.Sub(t) >= game.MaxLate {
		return FateStale
	}
	s.done = a.cmd.Tick
	s.late = append(s.late, slot{a.cmd, a.echo})
	return FateLate
}

// take returns the command for tick t, or a substitute and false.
func (s *schedule) take(t protocol.Tick) (cmd protocol.Command, echo protocol.Tick, ok bool) {
	if at := &s.slots[t%slots]; at.cmd.Tick == t {
		s.last, s.done, s.held = at.cmd, t, 0
		return at.cmd, at.echo, true
	}
	s.held++
	s.gap = t
	cmd = s.last.Assumed(t)
	if s.held > holdTicks {
		cmd.MoveX, cmd.MoveY = 0, 0
	}
	return cmd, 0, false
}

// astray reports whether a command that was given knowing the snapshot of tick echo was given in
// ignorance of a substitute.
func (s *schedule) astray(echo protocol.Tick) bool { return s.gap != 0 && echo.Sub(s.gap) <= 0 }

// restart forgets the commands of a connection that is gone. The press counters stay what they
// were: the next connection goes on from them (see frame.Start).
func (s *schedule) restart() {
	*s = schedule{last: protocol.Command{Aim: s.last.Aim, Press: s.last.Press}, held: holdTicks, done: s.done, late: s.late[:0]}
}
