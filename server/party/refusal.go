package party

// Refusal is why something cannot be done. It is an error. The list is closed.
type Refusal uint8

// The refusals.
const (
	// ErrNoParty is the answer to a code of no party and to that of a full one: whoever guesses codes
	// does not learn which of them exist.
	ErrNoParty   Refusal = iota + 1
	ErrInParty           // the player is in another party, with others or in a match
	ErrNotMember         // the player is in no party
	ErrNotLeader         // only the leader may do that
	ErrNoMember          // the one it is about is not in the party
	ErrSelf              // a leader cannot kick himself
	ErrNotReady          // somebody is not ready, or away
	ErrSearching         // the party looks for a match of another kind already
	ErrPlaying           // the party is in a match
	ErrInvalid           // a member without id
	ErrBusy              // too many parties
)

// table holds a code for programs, which never changes, and a sentence for the player.
var table = [...]struct{ code, text string }{
	ErrNoParty:   {"party_unknown", "There is no party with this code, or it is full."},
	ErrInParty:   {"party_other", "You are in another party. Leave it first."},
	ErrNotMember: {"party_none", "You are not in a party."},
	ErrNotLeader: {"party_not_leader", "Only the leader of the party can do that."},
	ErrNoMember:  {"party_member_gone", "That player is not in your party."},
	ErrSelf:      {"party_self", "You cannot remove yourself. Leave the party instead."},
	ErrNotReady:  {"party_not_ready", "Not everybody in the party is ready."},
	ErrSearching: {"party_searching", "Your party is looking for a match already."},
	ErrPlaying:   {"party_playing", "Your party is in a match."},
	ErrInvalid:   {"party_invalid", "The request was not understood."},
	ErrBusy:      {"busy", "There are too many parties. Try again in a moment."},
}

// Error implements error.
func (r Refusal) Error() string { return "party: " + r.Code() }

// Code is the refusal's name for programs.
func (r Refusal) Code() string { return table[r.known()].code }

// Text is one ASCII sentence for the player.
func (r Refusal) Text() string { return table[r.known()].text }

// known turns what is not on the list into ErrInvalid.
func (r Refusal) known() Refusal {
	if r == 0 || int(r) >= len(table) {
		return ErrInvalid
	}
	return r
}
