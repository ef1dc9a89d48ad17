package netcode

import (
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Person is someone in the room.
type Person struct {
	Present bool
	Bot     bool
	Name    string
	Status  frame.Status
}

// Line is a line of chat. Player 0 is the server.
type Line struct {
	Player protocol.PlayerID
	Name   string // as it was when the line came
	Text   string
}

// Roster is who is in the room and what they say.
type Roster struct {
	seats   []Person // by id, as far as anybody was told of
	changes int
	lines   []Line
}

// linesMax bounds the chat that nobody has read yet; the oldest go first.
const linesMax = 128

// Person returns who holds a seat; the zero Person if nobody does.
func (r *Roster) Person(id protocol.PlayerID) Person {
	if int(id) >= len(r.seats) {
		return Person{}
	}
	return r.seats[id]
}

// Changes counts the changes so far. As long as it is the same, so is everything but the chat.
func (r *Roster) Changes() int { return r.changes }

// Lines returns the chat since the last call, each line once. The slice is valid until the next
// Receive.
func (r *Roster) Lines() []Line {
	lines := r.lines
	r.lines = r.lines[:0]
	return lines
}

// seat returns where who holds a seat is kept. Ids are at most protocol.MaxPlayers: frames have been
// checked.
func (r *Roster) seat(id protocol.PlayerID) *Person {
	if n := int(id) + 1 - len(r.seats); n > 0 {
		r.seats = append(r.seats, make([]Person, n)...)
	}
	return &r.seats[id]
}

// start sets the seats anew.
func (r *Roster) start(seats []frame.Seat) {
	clear(r.seats)
	for i := range seats {
		s := &seats[i]
		*r.seat(s.Player) = Person{Present: true, Bot: s.Bot, Name: s.Name}
	}
	r.changes++
}

// notice takes in news.
func (r *Roster) notice(n *frame.Notice) {
	switch n.Kind {
	case frame.NoticeChat:
		if len(r.lines) == linesMax {
			r.lines = append(r.lines[:0], r.lines[1:]...)
		}
		r.lines = append(r.lines, Line{Player: n.Player, Name: r.Person(n.Player).Name, Text: n.Text})
		return
	case frame.NoticeJoin:
		*r.seat(n.Player) = Person{Present: true, Bot: n.Value == 1, Name: n.Text}
	case frame.NoticeLeave:
		*r.seat(n.Player) = Person{}
	case frame.NoticeStatus:
		r.seat(n.Player).Status = frame.Status(n.Value)
	}
	r.changes++
}
