package room

import (
	"net/netip"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Sender is a player's connection as a room sees it; package session satisfies it. The room's
// goroutine is the only caller, or one goroutine that it waits for (see Room.deliver). No method blocks,
// but Send and Post may make the system call that gives the frame to the kernel, some 5 microseconds.
type Sender interface {
	// Ready reports that everything given before has been handed to the kernel. Only then may Send
	// be called: a snapshot is skipped before it is encoded, never after.
	Ready() bool
	// Buffer returns an empty slice to compose the next snapshot in.
	Buffer() []byte
	// Send takes a snapshot composed in Buffer's slice, or in what it grew to. Its memory is the
	// connection's from then on, or another's.
	Send(frame []byte)
	// Waited returns how long the kernel took, from its Send on, to take the last snapshot that it
	// has taken; 0 before the first, and, where Send itself makes the system call, if it took it at once.
	Waited() protocol.Micros
	// Post queues a frame that must arrive (Welcome, Start) ahead of any later Send. The frame is
	// copied. A queue that overflows closes the connection with CloseTooSlow.
	Post(frame []byte)
	// Close ends the connection with a code; the room will hear of it no more.
	Close(code protocol.CloseCode)
}

// Entrant asks for a seat.
type Entrant struct {
	Name   string // cleaned: valid UTF-8, within the limits, no control characters
	Token  string // a resume token, or ""
	Sender Sender
	// ID is who the entrant lastingly is, "" for somebody nobody knows. A second connection of the
	// same ID takes the seat over.
	ID string
	// Ticket is a seat reservation as it came, "" for none. A node redeems it; a room looks only at
	// what was in it: ID, Name, Booking and Watch.
	Ticket string
	// Booking is the id of the seat that was booked for the entrant, "" for a walk-in.
	Booking string
	// Team is the team that was promised, counted from 1; 0 for any.
	Team uint8
	// Watch asks to look on without a seat.
	Watch bool
	// Addr is where the entrant connects from, for bans; a room does not look at it.
	Addr netip.Addr
}

// Seat is the handle by which a connection speaks for its player. Its methods may be called from
// any goroutine and do not block; after the seat was left or taken over they do nothing.
type Seat interface {
	// Input hands over decoded commands that arrived at now. What does not fit is dropped and
	// counted. In is not kept.
	Input(now protocol.Micros, in *frame.Input)
	// Chat says a line, already cleaned, to the room. Rate limiting is the caller's.
	Chat(text string)
	// Report hands over what a client, at now, says of how its game goes. Rate limiting is the
	// caller's. R is not kept.
	Report(now protocol.Micros, r *frame.Report)
	// Lost says that the connection ended without a goodbye: the seat is kept for its player.
	Lost()
	// Leave gives the seat up.
	Leave()
}
