package ticket

import (
	"net/http"

	"hindsight/protocol"
)

// Refusal is why somebody is not let in. It is an error, and the one table from which the HTTP API
// takes a status and a code, and a game server a close code. The list is closed.
type Refusal uint8

// The refusals. Those that Verify and Redeem return say what is wrong with a ticket; the rest say
// what became of the seat that it stood for.
const (
	// ErrUnknown is everything that is not a ticket of ours, whatever is wrong with it: one answer,
	// so that it tells a forger nothing.
	ErrUnknown   Refusal = iota + 1
	ErrExpired           // it was good once
	ErrUsed              // somebody came in with it before
	ErrWrongRoom         // it is good, but for another room
	ErrWrongNode         // it is good, but for another server, or for this one before it restarted
	ErrRoomGone          // the room has ended
	ErrRoomFull          // the seat was kept too long and given away
	ErrBanned            // the player or the address may not come in
	ErrVersion           // another version of the protocol or the game
	ErrBusy              // too many tickets at once; nothing is wrong with this one
)

// row is what the table says about a refusal.
type row struct {
	code   string             // for programs: never changes
	text   string             // for the player: one ASCII sentence without details of the server
	status int                // HTTP
	close  protocol.CloseCode // WebSocket
}

var table = [...]row{
	ErrUnknown:   {"ticket_unknown", "This invitation to the room is not valid. Join again from the lobby.", http.StatusForbidden, protocol.CloseTicketBad},
	ErrExpired:   {"ticket_expired", "Joining took too long. Join again from the lobby.", http.StatusForbidden, protocol.CloseTicketLate},
	ErrUsed:      {"ticket_used", "This invitation was used already. Join again from the lobby.", http.StatusForbidden, protocol.CloseTicketUsed},
	ErrWrongRoom: {"ticket_wrong_room", "This invitation is for another room.", http.StatusForbidden, protocol.CloseTicketBad},
	ErrWrongNode: {"ticket_wrong_node", "The server has changed. Join again from the lobby.", http.StatusForbidden, protocol.CloseTicketBad},
	ErrRoomGone:  {"room_gone", "The room has ended.", http.StatusNotFound, protocol.CloseRoomUnknown},
	ErrRoomFull:  {"room_full", "The room is full.", http.StatusConflict, protocol.CloseRoomFull},
	ErrBanned:    {"banned", "You may not join this room.", http.StatusForbidden, protocol.CloseForbidden},
	ErrVersion:   {"wrong_version", "This page is out of date. Reload it to get the current version.", http.StatusConflict, protocol.CloseVersion},
	ErrBusy:      {"busy", "The server is busy. Try again in a moment.", http.StatusServiceUnavailable, protocol.CloseRoomFull},
}

// row returns a refusal's line. A value that is not on the list, the zero value among them, reads as
// ErrUnknown: nobody is let in by a mistake.
func (r Refusal) row() row {
	if r == 0 || int(r) >= len(table) {
		r = ErrUnknown
	}
	return table[r]
}

// Error implements error.
func (r Refusal) Error() string { return "ticket: " + r.row().code }

// Code is the refusal's name for programs.
func (r Refusal) Code() string { return r.row().code }

// Text is one ASCII sentence of at most 100 bytes for the player.
func (r Refusal) Text() string { return r.row().text }

// Status is the HTTP status that goes with it.
func (r Refusal) Status() int { return r.row().status }

// CloseCode is the WebSocket close code that goes with it.
func (r Refusal) CloseCode() protocol.CloseCode { return r.row().close }

// Refusals calls f with every refusal on the list, in order.
func Refusals(f func(Refusal)) {
	for r := ErrUnknown; int(r) < len(table); r++ {
		f(r)
	}
}
