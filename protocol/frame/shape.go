package frame

import (
	"errors"

	"hindsight/protocol/wire"
)

// ErrBad is wrapped by every error of a Decoder but ErrVersion.
var ErrBad = wire.ErrBad

// ErrVersion says that a Hello speaks another version of the protocol.
var ErrVersion = errors.New("frame: another protocol version")

// How many elements the arrays have: those of fixed shape exactly, those that end in a list of
// their own (marked +) before it.
const (
	helloElements    = 9
	inputElements    = 2 // + commands
	chatElements     = 2
	reportElements   = 14
	welcomeElements  = 11
	startElements    = 7
	seatElements     = 4
	snapshotElements = 2 // + notices
	noticeElements   = 4

	// commandElements is the most a command has. Zeroes at its end are left out.
	commandElements = 10
)

// Limits that only the wire has.
const (
	maxFrameElements = 64   // of any frame of any version: what Type looks at
	maxGameBytes     = 32   // a game's name
	maxBuildBytes    = 64   // a build's name
	maxTitleBytes    = 128  // a match's title
	maxViewTicks     = 4096 // from a view's A to its command's tick, and to its B
)
