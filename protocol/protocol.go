// Package protocol is the vocabulary of the wire: the words, units and limits that a server, a bot
// and a browser must agree on before they can exchange a frame. It knows no game and does nothing;
// package frame writes the bytes and package delta the entity states inside them. PROTOCOL.md in
// this folder draws the bytes for people who write a client in another language.
//
// Units are types here so that a tick cannot be added to a microsecond by accident.
package protocol

// Version is the protocol's number. Hello carries it; a server refuses any other with
// CloseVersion, since a client of another version would misread every snapshot.
const Version = 1

// Subprotocol is the WebSocket subprotocol both sides negotiate (Sec-WebSocket-Protocol).
const Subprotocol = "hindsight.v1.msgpack"

// Tick numbers the steps of a match; the first is 1 and 0 means "none". It starts anew with every
// match and is 32 bits wide: at 60 Hz it lasts 2.2 years.
type Tick uint32

// Sub returns t-u as a signed distance in ticks.
func (t Tick) Sub(u Tick) int { return int(int32(t - u)) }

// Add returns the tick n after t; n may be negative.
func (t Tick) Add(n int) Tick { return t + Tick(int32(n)) }

// Micros is a duration, or a point in time on some monotonic clock, in microseconds. Pure code
// never reads a clock: it is told the time in this type by the shell that owns it.
type Micros int64

// Common lengths of time in Micros.
const (
	Millisecond Micros = 1000
	Second      Micros = 1000 * Millisecond
)

// PlayerID names a seat in a room for as long as its player holds it; 0 is nobody. Ids start at 1
// and the lowest free one is given out, so a game may index small tables by it.
type PlayerID uint16

// EntityID names a networked entity in a snapshot; 0 is none. Ids are small and reused: an entity
// is the same one as long as both its id and its birth tick are.
type EntityID uint16

// Limits on what a frame may carry. Decoders refuse more than this before allocating.
const (
	MaxPlayers      = 1024     // seats in a room, and the highest id
	MaxEntities     = 16 << 10 // entities in one snapshot, and the highest id
	MaxKinds        = 32       // entity kinds in a schema
	MaxFields       = 224      // fields in one kind
	MaxEvents       = 256      // events in one frame
	MaxEventArgs    = 16       // integers in one event
	MaxNotices      = 128      // notices in one frame
	MaxCommands     = 8        // commands in one input frame
	MaxInterp       = 15       // ticks from what a client draws to the newest snapshot it has
	MaxNameBytes    = 64       // a player's name, UTF-8
	MaxNameRunes    = 20       // a player's name, characters
	MaxChatBytes    = 600      // a chat line, UTF-8
	MaxChatRunes    = 160      // a chat line, characters
	MaxTokenBytes   = 64       // a resume token
	MaxTicketBytes  = 640      // a seat reservation
	MaxRoomBytes    = 32       // a room's id
	MaxStartBytes   = 8 << 10  // a match's start blob (map and settings)
	MaxReportRow    = 160      // fields of a predicted row in one report
	MaxInboundFrame = 1024     // bytes a client may send in one frame
	MaxFrame        = 14 << 10 // bytes a server sends in one frame: one TCP flight
)

// Buttons are the actions held down during a command, one bit each. A game gives them meaning.
type Buttons uint8

// View is what a client drew when a command was given: the blend of its two snapshots A and B at
// Frac/256 of the way. The server rewinds to exactly this. Frac above 255 means the client
// extrapolated past B. A == B draws one snapshot as it is.
type View struct {
	A, B Tick
	Frac uint16
}

// MaxFrac bounds extrapolation: a Frac at or above it is refused by the decoder.
const MaxFrac = 16 * 256

// Command is one player's input for one tick. It holds states and counters, never durations: a
// command that is lost, late or repeated changes nothing but itself.
type Command struct {
	// Tick is the simulation step this command is meant for.
	Tick Tick
	// MoveX and MoveY are the wanted direction, -127 to 127 each; the game normalises its length.
	MoveX, MoveY int8
	// Aim is the wanted facing in 1/65536 turn, 0 along +x, growing towards +y (clockwise on a
	// screen whose y points down).
	Aim uint16
	// Held are the actions held down.
	Held Buttons
	// Select is the wanted choice (a weapon), 0 for "as it is".
	Select uint8
	// Press counts presses of the two edge-triggered actions since the match began, modulo 256. A
	// press is a change of the counter, so a command that merges two loses no click.
	Press [2]uint8
	// View is what was on the screen when the command was given.
	View View
}

// Assumed returns what is done in tick t when no command came for it: the way goes on as it was and
// nothing is fired. Authority and prediction both use it.
func (c Command) Assumed(t Tick) Command {
	return Command{Tick: t, MoveX: c.MoveX, MoveY: c.MoveY, Aim: c.Aim, Press: c.Press}
}

// Event is something that happened at a tick, as a few integers that the game gives meaning.
type Event struct {
	Kind uint8
	// Keep marks an event that must arrive, and be shown, however late (a kill, a score). Others
	// are dropped for a client that is half a second behind.
	Keep bool
	Tick Tick
	N    uint8 // how many of Args are used
	Args [MaxEventArgs]int32
}

// Kept returns e with Keep set.
func (e Event) Kept() Event {
	e.Keep = true
	return e
}

// NewEvent returns an event of that kind; whoever emits it sets the tick. It panics on more than
// MaxEventArgs arguments.
func NewEvent(kind uint8, args ...int32) Event {
	e := Event{Kind: kind, N: uint8(len(args))}
	if copy(e.Args[:], args) < len(args) {
		panic("protocol: NewEvent: too many arguments")
	}
	return e
}
