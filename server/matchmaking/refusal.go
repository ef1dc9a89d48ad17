package matchmaking

// Refusal is why somebody cannot queue. It is an error. The list is closed.
type Refusal uint8

// The refusals.
const (
	ErrQueued   Refusal = iota + 1 // a player waits already, or the entry's id is taken
	ErrTooLarge                    // more players than a team of this playlist, or its match, has seats
	ErrPlaylist                    // no such game and mode
	ErrEntry                       // no players, one twice, or one without id or rating
	ErrBusy                        // the queue is full
)

// table holds a code for programs, which never changes, and a sentence for the player.
var table = [...]struct{ code, text string }{
	ErrQueued:   {"already_queued", "You are looking for a match already."},
	ErrTooLarge: {"party_too_large", "Your party is too large for this mode."},
	ErrPlaylist: {"playlist_unknown", "This mode cannot be played here."},
	ErrEntry:    {"entry_invalid", "The request to find a match was not understood."},
	ErrBusy:     {"busy", "Too many people are looking for a match. Try again in a moment."},
}

// Error implements error.
func (r Refusal) Error() string { return "matchmaking: " + r.Code() }

// Code is the refusal's name for programs.
func (r Refusal) Code() string { return table[r.known()].code }

// Text is one ASCII sentence for the player.
func (r Refusal) Text() string { return table[r.known()].text }

// known turns what is not on the list into ErrEntry.
func (r Refusal) known() Refusal {
	if r == 0 || int(r) >= len(table) {
		return ErrEntry
	}
	return r
}
