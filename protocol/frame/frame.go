// Package frame is every message of the wire: one WebSocket binary message carries one frame, and a
// frame is one msgpack array of fixed shape, positional, without string keys. The first element is
// the frame's Type. What a snapshot says of the game is one of its elements, a string of bits. PROTOCOL.md
// draws the bytes.
//
// An Encoder appends frames to dst and returns the longer slice; a Decoder reads one from b, keeps
// nothing of it, and returns an error wrapping ErrBad for anything but exactly one well-formed frame
// within the limits of package protocol. It never panics on any input and never allocates in
// proportion to a number in it.
package frame

import "hindsight/protocol"

// Type is the first element of every frame. Clients send those below TypeWelcome, servers the rest.
type Type uint8

// The frame types.
const (
	TypeHello    Type = 1
	TypeInput    Type = 2
	TypeChat     Type = 3
	TypeReport   Type = 4
	TypeWelcome  Type = 16
	TypeStart    Type = 17
	TypeSnapshot Type = 18
)

// Hello is the first frame of a connection, client to server.
type Hello struct {
	// Version is protocol.Version of the client. It is the first element after the type in every
	// version for ever, so that any server can read it and answer CloseVersion.
	Version uint32
	Game    string // the game's name the client has rules for
	Build   string // the client's build, for the server's log
	Name    string // the wanted player name; the server cleans it and may change it
	Room    string // the room to join, "" for the best one
	Token   string // a resume token from an earlier Welcome, "" for a newcomer
	Ticket  string // a seat reservation from a lobby, "" for a walk-in
	Watch   bool   // to look on without a seat
}

// Welcome answers an accepted Hello.
type Welcome struct {
	Version uint32
	Build   string // the server's build
	Room    string
	Player  protocol.PlayerID // 0 for a spectator
	Token   string            // resumes this seat after the connection is lost; replaces any earlier one
	// TickRate is the simulation rate in Hz, SnapshotEvery the ticks between two snapshots.
	TickRate, SnapshotEvery uint32
	// MaxLead is how many ticks ahead of the server's clock a command is accepted, MaxRewind how
	// many ticks a view may lie back, SeatSeconds how long a lost connection's seat is kept.
	MaxLead, MaxRewind, SeatSeconds uint32
}

// Start begins a match: after Welcome, and again whenever the room goes on to its next match. The
// snapshot after it has no baseline.
type Start struct {
	// Tick is the last tick the authority has stepped.
	Tick protocol.Tick
	// Press is where the client's press counters go on from: zero in a new match, in a resumed one
	// what the authority saw last. A client that began elsewhere would press by connecting.
	Press [2]uint8
	Title string
	// Blob is the game's start blob, at most protocol.MaxStartBytes.
	Blob   []byte
	Roster []Seat
}

// Seat is one player of the roster.
type Seat struct {
	Player protocol.PlayerID
	Name   string
	Bot    bool
	Status Status
}

// Input carries commands, newest last, at least one.
type Input struct {
	// Echo is the tick of the newest snapshot received, 0 before the first. It paces the server,
	// measures the round trip and bounds the rewind.
	Echo protocol.Tick
	// Hidden says that the page is in the background or the player has asked to be left alone: no
	// input is to be expected.
	Hidden   bool
	Commands []protocol.Command
}

// Chat is a line of text, client to server.
type Chat struct{ Text string }

// Cause says why the own row may differ from what was predicted, as bits gathered since the last
// snapshot written to this client. A misprediction with no bit set is a bug.
type Cause uint8

// The causes.
const (
	CauseLate  Cause = 1 << iota // a command was missing in time and another took its place
	CauseTouch                   // something the client could not know: damage, a push, a contested item
	CauseClamp                   // the view of a shot was changed before use
)

// Header is the part of a snapshot that is only about the connection.
type Header struct {
	Tick protocol.Tick
	// Base is the tick of the snapshot this one is a difference from, 0 for a full one. It is
	// always the last one written to this connection, so it does not travel.
	Base protocol.Tick
	// Heard is the newest command tick received from this client, 0 for none, and Margin the time
	// between its arrival and the moment it was needed, in 1/4 ms; negative is too late.
	Heard  protocol.Tick
	Margin int32
	// Late is how late the server was when it started this tick, in 1/4 ms. A tick's length or more
	// says that it was making up for, or had given up, the ticks before.
	Late uint32
	// Wait is how long the snapshot before this one took from being composed until its connection
	// had taken it all, in 1/4 ms: what the server's end of the line was in the way.
	Wait  uint16
	Cause Cause
	// Skipped says that there were snapshots between Base and Tick, though not for this client: what
	// has changed since Base comes whole.
	Skipped bool
}

// NoticeKind says what a Notice is about.
type NoticeKind uint8

// The notices.
const (
	NoticeJoin   NoticeKind = 1 // Text is the name, Value 1 for a bot
	NoticeLeave  NoticeKind = 2
	NoticeChat   NoticeKind = 3 // Text is the line; Player 0 is the server
	NoticeStatus NoticeKind = 4 // Value is a Status
)

// Status is the state of a player's connection, as others see it.
type Status int32

// The states. Each leads back to Playing when input arrives again.
const (
	Playing  Status = 0 // input arrives
	Lagging  Status = 1 // none for a quarter of a second
	Away     Status = 2 // the page is hidden
	Detached Status = 3 // the connection is gone; the seat is kept for a while
)

// Notice is news about the people in the room. Notices are never dropped.
type Notice struct {
	Kind   NoticeKind
	Player protocol.PlayerID
	Value  int32
	Text   string
}
