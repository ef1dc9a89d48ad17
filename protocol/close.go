package protocol

// CloseCode is the code of a WebSocket close frame. This list is closed: a server sends no other,
// and each one tells the client what to do next.
type CloseCode uint16

// The close codes. Text gives the sentence a player reads, Action what a client does.
const (
	CloseNormal       CloseCode = 1000 // the player left
	CloseGoingAway    CloseCode = 1001 // the page was left
	CloseProtocol     CloseCode = 1002 // bytes that are not WebSocket
	CloseUnsupported  CloseCode = 1003 // a text frame: only binary is spoken here
	CloseBadText      CloseCode = 1007 // a text frame, and not even UTF-8
	CloseTooBig       CloseCode = 1009 // a frame over MaxInboundFrame
	CloseInternal     CloseCode = 1011 // a bug of the server's
	CloseRestart      CloseCode = 1012 // the server is stopping
	CloseBusy         CloseCode = 1013 // the server found no time to seat somebody
	CloseBadMessage   CloseCode = 4400 // a frame that does not decode
	CloseNoHello      CloseCode = 4401 // no Hello in time
	CloseForbidden    CloseCode = 4403 // a ban, or a room that lets nobody in
	CloseRoomUnknown  CloseCode = 4404 // no room of that id
	CloseTicketBad    CloseCode = 4405 // not a ticket of this lobby, or not for this server or room
	CloseTicketLate   CloseCode = 4406 // a ticket that has expired
	CloseTicketUsed   CloseCode = 4407 // a ticket that somebody came in with before
	CloseHeartbeat    CloseCode = 4408 // nothing heard for too long
	CloseReplaced     CloseCode = 4409 // the seat was taken over by another connection
	CloseSessionGone  CloseCode = 4410 // the resume token is unknown or expired
	CloseTooSlow      CloseCode = 4413 // the client does not read what it is sent
	CloseWrongState   CloseCode = 4422 // a frame that does not belong here (a second Hello)
	CloseVersion      CloseCode = 4426 // another protocol version or game
	CloseTooManyBytes CloseCode = 4429 // more bytes or frames than any player sends
	CloseRoomError    CloseCode = 4500 // the room failed
	CloseRoomFull     CloseCode = 4503 // no seat left
)

// Action is what a client does after a close code.
type Action uint8

// The actions.
const (
	// Retry connects again with the resume token, after a back-off with jitter.
	Retry Action = iota
	// Rejoin connects again as a newcomer: the token is worth nothing any more.
	Rejoin
	// Stop shows the text and waits for the player.
	Stop
)

type closeInfo struct {
	action Action
	text   string
}

var closeTable = map[CloseCode]closeInfo{
	CloseNormal:       {Stop, "You left the game."},
	CloseGoingAway:    {Stop, "The page was closed."},
	CloseProtocol:     {Stop, "The client broke the WebSocket protocol."},
	CloseUnsupported:  {Stop, "This server speaks binary frames only."},
	CloseBadText:      {Stop, "The client sent text that is not UTF-8."},
	CloseTooBig:       {Stop, "A frame was larger than this server accepts."},
	CloseInternal:     {Rejoin, "The server had an internal error."},
	CloseRestart:      {Retry, "The server is restarting."},
	CloseBusy:         {Retry, "The server is busy."},
	CloseBadMessage:   {Stop, "The server could not understand a message from this client."},
	CloseNoHello:      {Retry, "The connection took too long to say hello."},
	CloseForbidden:    {Stop, "You may not join this room."},
	CloseRoomUnknown:  {Stop, "There is no such room. It may have ended: press Play to find another."},
	CloseTicketBad:    {Stop, "This invitation is not valid. Join again from the lobby."},
	CloseTicketLate:   {Stop, "Joining took too long. Join again from the lobby."},
	CloseTicketUsed:   {Stop, "This invitation was used already. Join again from the lobby."},
	CloseHeartbeat:    {Retry, "The connection went silent."},
	CloseReplaced:     {Stop, "You are playing in another tab or on another device."},
	CloseSessionGone:  {Rejoin, "Your seat was given away after you were gone too long."},
	CloseTooSlow:      {Retry, "The connection is too slow to keep up."},
	CloseWrongState:   {Stop, "The client sent a message out of order."},
	CloseVersion:      {Stop, "This page is out of date. Reload it to get the current version."},
	CloseTooManyBytes: {Stop, "The client sent more than this server accepts."},
	CloseRoomError:    {Rejoin, "The room had an error and was closed."},
	CloseRoomFull:     {Stop, "The room is full."},
}

// Known reports whether c is on the list.
func (c CloseCode) Known() bool { _, ok := closeTable[c]; return ok }

// Text is one ASCII sentence of at most 100 bytes for the player. It holds no address and no detail
// of the server. A code that is not on the list (a browser's 1006) reads as a lost connection.
func (c CloseCode) Text() string {
	if i, ok := closeTable[c]; ok {
		return i.text
	}
	return "The connection was lost."
}

// Action is what the client should do. A code that is not on the list is worth a retry.
func (c CloseCode) Action() Action { return closeTable[c].action }

// CloseCodes calls f with every code on the list, in no particular order.
func CloseCodes(f func(CloseCode)) {
	for c := range closeTable {
		f(c)
	}
}
