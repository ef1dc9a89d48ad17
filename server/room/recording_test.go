package room

import (
	"errors"
	"slices"
	"testing"

	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room/walk"
)

// reel is a tape in memory.
type reel struct {
	file    []byte
	saves   [][]byte
	room    int // bytes it has room for, 0 for any
	closed  bool
	credits Credits
}

func (t *reel) Write(b []byte) bool {
	if t.room > 0 && len(t.file)+len(b) > t.room {
		return false
	}
	t.file = append(t.file, b...)
	return true
}

func (t *reel) Save(b []byte)   { t.saves = append(t.saves, append(slices.Clone(t.file), b...)) }
func (t *reel) Close(c Credits) { t.closed, t.credits = true, c }

// studio is a hall whose matches are recorded.
func studio(t *testing.T, cfg Config, room int) (*hall, *[]*reel) {
	reels := new([]*reel)
	cfg.Build = "b1"
	cfg.Record = func(h *replay.Header) Tape {
		h.Began = 77
		*reels = append(*reels, &reel{room: room})
		return (*reels)[len(*reels)-1]
	}
	return newHall(t, cfg), reels
}

// verify runs a recorded match again.
func (t *reel) verify(tb testing.TB) *replay.Report {
	tb.Helper()
	f, err := replay.Parse(t.file)
	if err != nil {
		tb.Fatal(err)
	}
	rep, err := f.Verify(walk.Game.Definition)
	if err != nil || !rep.OK() {
		tb.Fatalf("%v: %+v", err, rep)
	}
	return rep
}

// Whatever happens in a room is on its tapes: one for each match, with those who came and left, with
// bots that come and go for them, and with inputs that came in time, late or never.
func TestEveryMatchIsRecorded(t *testing.T) {
	h, reels := studio(t, Config{Bots: 3, Rotation: walk.Rotation(2), StandIn: true}, 0)
	ann := h.mustJoin("Ann", "")
	var bob *client
	for i := range 500 {
		switch i {
		case 40:
			bob = h.mustJoin("Bob", "")
		case 200:
			bob.seat.Leave()
		case 260:
			ann.seat.Lost()
		case 430: // a bot has stood in from 380 on
			ann = h.mustJoin("Ann", ann.welcome.Token)
		}
		if i%7 > 1 { // some never come, and some too late
			in := frame.Input{Commands: []protocol.Command{{Tick: h.match.Tick().Add(1 - i%11/9*4), MoveX: int8(i), Aim: uint16(i * 31)}}}
			ann.seat.Input(h.now, &in)
		}
		h.pass(1, nil)
	}
	h.closeAll(protocol.CloseRestart)
	if len(*reels) != 5 {
		t.Fatalf("%d matches were recorded, want 5", len(*reels))
	}
	for i, r := range *reels {
		rep := r.verify(t)
		want := protocol.Tick(120)
		if i == 4 {
			want = 20
		}
		if rep.Ticks != want || !rep.Ended || rep.Over != (i < 4) || rep.Header.Began != 77 || rep.Header.Build != "b1" || !r.closed || r.credits.Ticks != want {
			t.Errorf("match %d: %+v, credits %+v", i, rep, r.credits)
		}
		if rep.Absent == 0 {
			t.Errorf("match %d: no input was missing", i)
		}
		people := []string{"Ann", "Bob"}
		if i >= 2 {
			people = people[:1]
		}
		if slices.Sort(r.credits.People); !slices.Equal(r.credits.People, people) {
			t.Errorf("match %d: people %v, want %v", i, r.credits.People, people)
		}
	}
	first, err := replay.Parse((*reels)[0].file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := first.Survey()
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(s.Players, func(p replay.Seated) bool { return p.Name == "Bob" && !p.Bot && p.Joined == 41 }); i < 0 {
		t.Errorf("Bob is not among %+v", s.Players)
	}
}

// A tape that gives up is left alone, and the match goes on.
func TestATapeThatGivesUp(t *testing.T) {
	h, reels := studio(t, Config{Bots: 2, Rotation: walk.Rotation(100)}, 300)
	h.mustJoin("Ann", "")
	h.pass(600, nil)
	if h.match.Tick() != 600 || len(*reels) != 1 || (*reels)[0].closed || h.recording.tape != nil {
		t.Errorf("tick %d, %d tapes", h.match.Tick(), len(*reels))
	}
	if rep := (*reels)[0].verify(t); rep.Ended || rep.Ticks == 0 {
		t.Errorf("what was written: %+v", rep)
	}
	if h.reproduce(1, 500, nil, nil) {
		t.Error("a reproduction of what is not recorded")
	}
}

// A mismatch is saved with everything up to now, so that it can be run again; and only so often.
func TestReproduce(t *testing.T) {
	h, reels := studio(t, Config{Bots: 2, Rotation: walk.Rotation(100)}, 0)
	ann := h.mustJoin("Ann", "")
	id := ann.welcome.Player
	h.pass(333, nil)
	row := make([]int32, len(walk.Game.Schema.Own.Fields))
	h.match.Own(id, row)
	predicted := slices.Clone(row)
	predicted[0] += 5
	if !h.reproduce(id, 333, predicted, row) || h.reproduce(id, 334, predicted, nil) || h.reproduce(id, 0, predicted, nil) {
		t.Error("a mismatch of this tick is to be saved, none of the next or of none")
	}
	h.pass(100, nil)
	saved := 1
	for range 20 {
		if h.reproduce(id, 400, predicted, nil) {
			saved++
		}
	}
	if saved != maxSaves || len((*reels)[0].saves) != maxSaves {
		t.Errorf("%d reproductions, want %d", saved, maxSaves)
	}
	f, err := replay.Parse((*reels)[0].saves[0])
	if err != nil || f.Ticks != 333 || len(f.Mismatches) != 1 {
		t.Fatalf("%v: %+v", err, f)
	}
	c, err := f.Reproduce(walk.Game.Definition, &f.Mismatches[0])
	if err != nil || c.Player != id || !slices.Equal(c.After, row) || !slices.Equal(c.Predicted, predicted) || !slices.Equal(c.Authority, row) {
		t.Errorf("%v: %+v", err, c)
	}
	h.closeAll(protocol.CloseRestart)
	if rep := (*reels)[0].verify(t); rep.Ticks != 433 {
		t.Errorf("after the reproductions the recording is %+v", rep)
	}
}

// What a client reports by itself is saved, as far as it has said.
func TestAReportIsSaved(t *testing.T) {
	h, reels := studio(t, Config{Rotation: walk.Rotation(100)}, 0)
	ann := h.mustJoin("Ann", "")
	h.pass(100, nil)
	ann.seat.Report(h.now, &frame.Report{Mismatch: 95, Row: []int32{4}})
	h.pass(2, nil)
	saves := (*reels)[0].saves
	if len(saves) != 1 {
		t.Fatalf("%d reproductions", len(saves))
	}
	f, err := replay.Parse(saves[0])
	if err != nil || len(f.Mismatches) != 1 || f.Mismatches[0].Tick != 95 || !slices.Equal(f.Mismatches[0].Predicted, []int32{4}) {
		t.Fatalf("%v: %+v", err, f)
	}
	if c, err := f.Reproduce(walk.Game.Definition, &f.Mismatches[0]); err != nil || c.Player != ann.welcome.Player {
		t.Errorf("%v: %+v", err, c)
	}
}

// A room that fails leaves what was recorded, up to the tick before.
func TestAPanicEndsTheTape(t *testing.T) {
	h, reels := studio(t, Config{Bots: 2, Rotation: walk.Rotation(100)}, 0)
	h.mustJoin("Ann", "")
	h.pass(200, nil)
	var c *Crash
	if err := h.crash("a bug"); !errors.As(err, &c) || c.Tick != h.Match().Tick() || c.Match != 1 || len(c.Inputs) != 2 || len(c.Stack) == 0 {
		t.Errorf("%+v", c)
	}
	if rep := (*reels)[0].verify(t); rep.Ended || rep.Ticks != h.Match().Tick() || !(*reels)[0].closed {
		t.Errorf("%+v", rep)
	}
	h.pass(10, nil)
}

// Not even a recording that panics itself keeps a room from ending.
func TestAPanicOfTheRecordingIsSurvived(t *testing.T) {
	h, _ := studio(t, Config{Rotation: walk.Rotation(100)}, 0)
	c := h.mustJoin("Ann", "")
	h.recording.writer = nil
	if err := h.crash("a bug"); err == nil || c.closed != protocol.CloseRoomError || h.recording.tape != nil {
		t.Errorf("%v, closed with %d", err, c.closed)
	}
}
