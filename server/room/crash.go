package room

import (
	"fmt"
	"runtime/debug"
	"slices"

	"hindsight/game"
	"hindsight/protocol"
)

// Crash is the error of a room that ended in a panic, its own or its game's. Together with the
// recording of the match, which ends with the tick before, it is what is needed to see the panic again.
type Crash struct {
	Room  string
	Match int           // which of the room's matches, counted from 1
	Tick  protocol.Tick // the last that was stepped to its end
	Cause any           // what was panicked with
	Stack []byte
	// Inputs are what everyone was to do in the next tick, or in the last one if it had been stepped
	// already.
	Inputs []game.Input
}

// Error implements error. It is one line; the stack is not in it.
func (c *Crash) Error() string {
	return fmt.Sprintf("room %s: panic after tick %d of match %d: %v", c.Room, c.Tick, c.Match, c.Cause)
}

// crash ends the room after a panic: whatever state its match is in, nobody else's room is.
func (r *Room) crash(cause any) error {
	c := &Crash{
		Room: r.cfg.ID, Match: r.played, Tick: r.match.Tick(), Cause: cause, Stack: debug.Stack(),
		Inputs: slices.Clone(r.inputs),
	}
	r.salvage()
	r.closeAll(protocol.CloseRoomError)
	return c
}

// salvage brings what was recorded to the tape. It may be the recording that panicked.
func (r *Room) salvage() {
	defer func() {
		if recover() != nil {
			r.recording = recording{}
		}
	}()
	if r.recording.tape == nil {
		return
	}
	r.recording.writer.Flush()
	r.recording.hand()
	r.dropRecording()
}
