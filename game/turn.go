package game

import (
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Input is what the authority decided a player does in a tick: the command that arrived for it, or
// a substitute. Its view has been checked: both ticks were sent to that player and lie within the
// rewind window. A zero view means "the present".
type Input struct {
	Player  protocol.PlayerID
	Command protocol.Command
	// Clamp says whether the view is the client's own or had to be changed.
	Clamp Clamp
	// Astray says that the command was given before its player could know of a tick that was stepped
	// without him: he believes that he went where his own commands led.
	Astray bool
	// Late are commands for earlier ticks, oldest first, that came after the player had been moved
	// by a substitute: at most MaxLate ticks old, each tick once, and never one from before a command
	// that came in time. Where the player went is history, but what was fired can still be judged: by
	// the command's own view, from where the player stood in its tick.
	Late []Late
}

// MaxLate is how many ticks old a command may be and still fire. It is what one lost segment costs
// at a round trip of 200 ms.
const MaxLate = 16

// Late is a command that came after its tick, with its view checked like that of an Input.
type Late struct {
	Command protocol.Command
	Clamp   Clamp
}

// Clamp is the reason why a view was changed before use.
type Clamp uint8

// The reasons. ClampNone is the honest client inside the window.
const (
	ClampNone   Clamp = iota
	ClampAbsent       // the command did not arrive in time: there is no view
	ClampUnsent       // a tick that was never sent to this client
	ClampEcho         // newer than the newest snapshot it said it had
	ClampSpan         // A after B, or B-A or the extrapolation too long, or later than its command
	ClampBack         // view time went backwards
	ClampAge          // older than the rewind window
	Clamps            // how many there are
)

// String returns the reason's name as used in metrics.
func (c Clamp) String() string {
	names := [Clamps]string{"none", "absent", "unsent", "echo", "span", "back", "age"}
	if c < Clamps {
		return names[c]
	}
	return "invalid"
}

// Past answers what a player saw. It is read-only: nothing live is ever moved to rewind it.
type Past interface {
	// Seen returns the entities at view v, blended exactly as a client draws them. The result is
	// valid until the next call. A view whose ticks are no longer held gives the oldest held.
	Seen(v protocol.View) *delta.Snapshot
	// SeenIn returns those of Seen(v) that are seen from lo to hi, both included, in 1/16 unit. Only kinds
	// with a place are, and none that fly by delta.Motion. It is for crowds: it costs what it returns.
	SeenIn(v protocol.View, lo, hi rewind.Place) *delta.Snapshot
}

// Turn is one tick of a World: what goes in and what comes out.
type Turn struct {
	Tick protocol.Tick
	// Inputs has one entry for every seated player, in ascending id order.
	Inputs []Input
	// Past holds the published snapshots up to the tick before this one.
	Past Past

	// Events collects what happened, in order.
	Events []Event
	// Shots collects the audit of every rewound shot.
	Shots []Shot

	touched, looked protocol.PlayerSet
}

// Emit appends an event.
func (t *Turn) Emit(e Event) {
	e.Tick = t.Tick
	t.Events = append(t.Events, e)
}

// Touch records that something its player could not know changed an own row in this tick: damage,
// a push, a contested item. A misprediction in a touched tick is expected; in any other it is a bug.
func (t *Turn) Touch(id protocol.PlayerID) { t.touched.Add(id) }

// Touched reports whether Touch was called for the player in this tick.
func (t *Turn) Touched(id protocol.PlayerID) bool { return t.touched.Has(id) }

// Look records that what happened in this tick depended on the view of that player's command, as it
// does when a shot is rewound to it. See Definition.Looks.
func (t *Turn) Look(id protocol.PlayerID) { t.looked.Add(id) }

// Looked reports whether Look was called for the player in this tick.
func (t *Turn) Looked(id protocol.PlayerID) bool { return t.looked.Has(id) }

// reset readies the turn for a tick, keeping its memory.
func (t *Turn) reset(tick protocol.Tick, in []Input, past Past) {
	*t = Turn{Tick: tick, Inputs: in, Past: past, Events: t.Events[:0], Shots: t.Shots[:0]}
}

// Verdict is the reserved event kind by which a shot's outcome is compared. A Predictor emits one
// for every rewound shot from what was on the screen, the World emits one to the shooter from the
// rewound past, and the client core counts agreement and raises VerdictResult events.
//
// Args: the command's tick, flags (VerdictExcused), then pairs of target player and hits in
// ascending player order. A client shows its own at once as foreseen; the World's is to be kept, or a
// line that is behind loses it.
const (
	Verdict uint8 = 0
	// VerdictResult is raised by the client core for its own player when a Verdict arrives. Args:
	// tick, 1 agreed or 0 denied, then the authority's pairs.
	VerdictResult uint8 = 1
	// FirstEvent is the first kind free for games.
	FirstEvent uint8 = 2

	// VerdictExcused says that a target on the rewound ray had meanwhile died or become
	// invulnerable, or that the shooter was moved by others after what he saw, so that screen and
	// verdict may differ honestly.
	VerdictExcused int32 = 1
)

// Event is something that happened, and who is told.
type Event struct {
	protocol.Event
	// To limits the event to one player; 0 is everyone.
	To protocol.PlayerID
	// Except leaves one player out: the one who predicted it.
	Except protocol.PlayerID
	// Placed says that it happened at X, Y, in 1/16 unit, and is for those who are shown that place. An
	// event for one player finds him wherever he is.
	Placed bool
	X, Y   int32
	// By is whose doing it is, 0 for nobody's: what walls hide is told to him and his allies, and
	// nobody's to all.
	By protocol.PlayerID
}

// Shot is the audit record of one rewound shot: enough to explain the verdict afterwards.
type Shot struct {
	Tick    protocol.Tick
	Shooter protocol.PlayerID
	Weapon  uint8
	View    protocol.View // as used
	Clamp   Clamp
	// Age is how far back the view lies, in 1/256 tick.
	Age int32
	// Target is who was hit, 0 for nobody. Rewound is where the shot found the target, Live where
	// the target really was in this tick; both in 1/16 unit.
	Target                           protocol.PlayerID
	RewoundX, RewoundY, LiveX, LiveY int32
	Damage                           int32
}
