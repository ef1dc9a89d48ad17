package netcode

import (
	"fmt"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

func TestNewsComesWithTheSnapshots(t *testing.T) {
	a := newAuthority(t, 1)
	p := a.join(clean(50*ms), 60, idle)
	a.run(protocol.Second)
	p.notices = []frame.Notice{
		{Kind: frame.NoticeJoin, Player: 2, Text: "ben"},
		{Kind: frame.NoticeChat, Player: 2, Text: "hello"},
	}
	a.run(protocol.Second)
	r := p.client.Roster()
	if r.Person(1).Name != "ada" || r.Person(2).Name != "ben" {
		t.Errorf("%+v and %+v are in the room", r.Person(1), r.Person(2))
	}
	if lines := r.Lines(); len(lines) != 1 || lines[0] != (Line{2, "ben", "hello"}) {
		t.Errorf("%+v was said", lines)
	}
}

func TestRosterFollowsTheNotices(t *testing.T) {
	var r Roster
	r.start([]frame.Seat{{Player: 1, Name: "ada"}, {Player: 3, Name: "bot", Bot: true}})
	changes := r.Changes()
	for _, n := range []frame.Notice{
		{Kind: frame.NoticeJoin, Player: 2, Text: "ben"},
		{Kind: frame.NoticeStatus, Player: 1, Value: int32(frame.Lagging)},
		{Kind: frame.NoticeLeave, Player: 3},
		{Kind: frame.NoticeJoin, Player: 4, Text: "robot", Value: 1},
		{Kind: frame.NoticeLeave, Player: 200}, // nobody was told of him
	} {
		r.notice(&n)
	}
	want := []Person{
		1: {Present: true, Name: "ada", Status: frame.Lagging},
		2: {Present: true, Name: "ben"},
		3: {},
		4: {Present: true, Bot: true, Name: "robot"},
	}
	for id := range want {
		if got := r.seats[id]; got != want[id] {
			t.Errorf("player %d: %+v, want %+v", id, got, want[id])
		}
	}
	if r.Person(2) != want[2] || r.Person(999) != (Person{}) {
		t.Error("Person does not look the seats up")
	}
	if r.Changes() != changes+5 {
		t.Errorf("%d changes counted, want 5", r.Changes()-changes)
	}
	r.start(nil)
	if r.Person(1).Present {
		t.Error("a new match keeps those who left")
	}
}

func TestChatIsReadOnce(t *testing.T) {
	var r Roster
	r.start([]frame.Seat{{Player: 1, Name: "ada"}})
	r.notice(&frame.Notice{Kind: frame.NoticeChat, Player: 1, Text: "hi"})
	r.notice(&frame.Notice{Kind: frame.NoticeChat, Text: "server stops soon"})
	lines := r.Lines()
	if len(lines) != 2 || lines[0] != (Line{1, "ada", "hi"}) || lines[1] != (Line{0, "", "server stops soon"}) {
		t.Errorf("%+v", lines)
	}
	if len(r.Lines()) != 0 {
		t.Error("lines were given twice")
	}
	for i := range linesMax + 10 {
		r.notice(&frame.Notice{Kind: frame.NoticeChat, Text: fmt.Sprint(i)})
	}
	if lines := r.Lines(); len(lines) != linesMax || lines[0].Text != "10" {
		t.Errorf("%d lines kept, the first %q", len(lines), lines[0].Text)
	}
}
