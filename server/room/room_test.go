package room

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/server/room/walk"
)

const ms = protocol.Millisecond

// client is a connection that keeps what it is sent.
type client struct {
	t       *testing.T
	seat    Seat
	dec     frame.Decoder
	busy    bool
	waited  protocol.Micros
	welcome frame.Welcome
	start   frame.Start
	starts  int
	closed  protocol.CloseCode
	header  frame.Header
	body    frame.Body
	scene   [2]delta.Snapshot // the newest is scene[frames%2]
	frames  int
	notices []frame.Notice
	bytes   []byte
}

func (c *client) Ready() bool                   { return !c.busy }
func (c *client) Waited() protocol.Micros       { return c.waited }
func (c *client) Buffer() []byte                { return c.bytes[:0] }
func (c *client) Close(code protocol.CloseCode) { c.closed = code }

func (c *client) Post(b []byte) {
	var err error
	switch typ, _ := c.dec.Type(b); typ {
	case frame.TypeWelcome:
		err = c.dec.Welcome(b, &c.welcome)
	case frame.TypeStart:
		c.starts++
		err = c.dec.Start(b, &c.start)
	default:
		err = fmt.Errorf("posted a frame of type %d", typ)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) Send(b []byte) {
	c.bytes = b
	h, err := c.dec.Header(b)
	if err != nil {
		c.t.Fatal(err)
	}
	base := &c.scene[c.frames%2]
	c.frames++
	if err := c.dec.Body(walk.Game.Schema, base, c.body.Own, &c.body, &c.scene[c.frames%2]); err != nil {
		c.t.Fatalf("tick %d base %d: %v", h.Tick, h.Base, err)
	}
	c.header = h
	c.notices = append(c.notices, c.body.Notices...)
}

// told reports whether a notice came.
func (c *client) told(want frame.Notice) bool {
	for _, n := range c.notices {
		if n == want {
			return true
		}
	}
	return false
}

// meter counts what a room reports.
type meter struct {
	NoMeter
	fates   [Fates]int
	skipped int
	overrun int
	flushed int
}

func (m *meter) Flush()                { m.flushed++ }
func (m *meter) Command(f Fate, n int) { m.fates[f] += n }
func (m *meter) Skipped()              { m.skipped++ }
func (m *meter) Overrun(n int)         { m.overrun += n }

// hall is a room with its own time.
type hall struct {
	*Room
	t      *testing.T
	now    protocol.Micros
	meter  meter
	tokens int
}

func newHall(t *testing.T, cfg Config) *hall {
	h := &hall{t: t}
	cfg.ID, cfg.Host, cfg.Meter = "hall", walk.Game, func() Meter { return &h.meter }
	if cfg.Rotation == nil {
		cfg.Rotation = walk.Rotation(100)
	}
	cfg.Now = func() protocol.Micros { return h.now }
	cfg.Token = func() string { h.tokens++; return fmt.Sprint("hall.", h.tokens) }
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.Room = r
	return h
}

// pass lets n ticks pass, each on time, and calls each before it.
func (h *hall) pass(n int, each func()) {
	for range n {
		if each != nil {
			each()
		}
		h.now, _ = h.Next()
		h.Tick(h.now)
	}
}

func (h *hall) join(name, token string) (*client, error) {
	c := &client{t: h.t}
	seat, err := h.Admit(Entrant{Name: name, Token: token, Sender: c})
	c.seat = seat
	return c, err
}

func (h *hall) mustJoin(name, token string) *client {
	h.t.Helper()
	c, err := h.join(name, token)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// send gives commands that all move by dx, for the ticks at these distances from the next one.
func (h *hall) send(c *client, dx int8, ahead ...int) {
	in := frame.Input{Echo: c.header.Tick}
	for _, a := range ahead {
		in.Commands = append(in.Commands, protocol.Command{Tick: h.match.Tick().Add(1 + a), MoveX: dx, Press: [2]uint8{5, 6}})
	}
	c.seat.Input(h.now, &in)
}

func TestJoiningBringsWelcomeStartAndSnapshots(t *testing.T) {
	h := newHall(t, Config{Bots: 3, Build: "b1", MaxRewind: 300 * ms})
	c := h.mustJoin("Ann", "")
	if c.welcome.MaxRewind != 18 {
		t.Errorf("views may lie %d ticks back, want 18", c.welcome.MaxRewind)
	}
	if c.welcome.Room != "hall" || c.welcome.Player == 0 || c.welcome.Token == "" || c.welcome.TickRate != 60 || c.welcome.Build != "b1" {
		t.Errorf("welcome %+v", c.welcome)
	}
	if len(c.start.Roster) != 3 {
		t.Errorf("roster %+v, want Ann and two bots", c.start.Roster)
	}
	h.pass(10, func() { h.send(c, 5, 0) })
	if c.frames != 10 || c.header.Tick != 10 || c.header.Base != 9 {
		t.Errorf("%d frames, last %+v", c.frames, c.header)
	}
	if c.body.Own[0] != 50 {
		t.Errorf("moved to %d, want 50", c.body.Own[0])
	}
}

func TestBotsGiveTheirPlacesToPeople(t *testing.T) {
	h := newHall(t, Config{Bots: 4, MaxPlayers: 4})
	var people []*client
	for i := range 4 {
		people = append(people, h.mustJoin(fmt.Sprint("P", i), ""))
		h.pass(1, nil)
		if in := h.Info(); in.People != i+1 || in.Bots != 3-i {
			t.Errorf("after %d joins: %+v", i+1, in)
		}
	}
	if _, err := h.join("late", ""); !errors.Is(err, Refusal(protocol.CloseRoomFull)) {
		t.Errorf("the fifth person gets %v", err)
	}
	people[0].seat.Leave()
	h.pass(2, nil)
	if in := h.Info(); in.People != 3 || in.Bots != 1 {
		t.Errorf("after one left: %+v", in)
	}
}

func TestLostSeatIsKeptAndResumed(t *testing.T) {
	h := newHall(t, Config{SeatHold: protocol.Second})
	watch := h.mustJoin("Bob", "")
	c := h.mustJoin("Ann", "")
	h.pass(10, func() { h.send(c, 1, 0); h.send(watch, 0, 0) })
	c.seat.Lost()
	h.pass(10, func() { h.send(watch, 0, 0) })
	if !watch.told(frame.Notice{Kind: frame.NoticeStatus, Player: c.welcome.Player, Value: int32(frame.Detached)}) {
		t.Error("others are not told of the lost connection")
	}
	again := h.mustJoin("Ann", c.welcome.Token)
	if again.start.Press != [2]uint8{5, 6} {
		t.Errorf("press counters go on from %v, want 5 and 6", again.start.Press)
	}
	h.pass(1, func() { h.send(again, 1, 0) })
	if again.welcome.Player != c.welcome.Player || again.body.Own[0] != 11 {
		t.Errorf("resumed as player %d at x %d, want %d at 11", again.welcome.Player, again.body.Own[0], c.welcome.Player)
	}
	if _, err := h.join("Thief", c.welcome.Token); !errors.Is(err, Refusal(protocol.CloseSessionGone)) {
		t.Errorf("a used token gives %v", err)
	}
	again.seat.Lost()
	h.pass(62, func() { h.send(watch, 0, 0) })
	if _, err := h.join("Ann", again.welcome.Token); !errors.Is(err, Refusal(protocol.CloseSessionGone)) {
		t.Errorf("an expired token gives %v", err)
	}
	if h.Info().People != 1 {
		t.Errorf("the seat leaked: %+v", h.Info())
	}
}

func TestTheNewestConnectionOwnsTheSeat(t *testing.T) {
	h := newHall(t, Config{})
	old := h.mustJoin("Ann", "")
	h.pass(1, nil)
	young := h.mustJoin("Ann", old.welcome.Token)
	if old.closed != protocol.CloseReplaced {
		t.Errorf("the old connection was closed with %d", old.closed)
	}
	old.seat.Leave() // its end must not end the seat
	h.send(old, 100, 0)
	h.pass(2, nil)
	if h.Info().People != 1 || young.body.Own[0] != 0 {
		t.Errorf("the replaced connection still rules: %+v, x %d", h.Info(), young.body.Own[0])
	}
}

func TestSilenceIsShownThenDetached(t *testing.T) {
	h := newHall(t, Config{})
	watch := h.mustJoin("Bob", "")
	c := h.mustJoin("Ann", "")
	status := func(s frame.Status) bool {
		return watch.told(frame.Notice{Kind: frame.NoticeStatus, Player: c.welcome.Player, Value: int32(s)})
	}
	keep := func() { h.send(watch, 0, 0) }
	h.pass(11, keep)
	if status(frame.Lagging) {
		t.Error("lagging before a fifth of a second")
	}
	h.pass(3, keep)
	if !status(frame.Lagging) {
		t.Error("not lagging after a fifth of a second")
	}
	h.pass(260, keep)
	if c.closed != 0 {
		t.Error("given up before it was time")
	}
	h.pass(10, keep)
	if c.closed != protocol.CloseHeartbeat {
		t.Errorf("closed with %d after 4.6 s of silence", c.closed)
	}
}

func TestHiddenPageIsNotADeadPeer(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	c.seat.Input(h.now, &frame.Input{Hidden: true, Commands: []protocol.Command{{Tick: 1}}})
	h.pass(600, nil)
	if c.closed != 0 || h.player(c.welcome.Player).status != frame.Away {
		t.Errorf("closed %d, status %d", c.closed, h.player(c.welcome.Player).status)
	}
}

func TestMatchesFollowOneAnother(t *testing.T) {
	h := newHall(t, Config{Rotation: walk.Rotation(1), Bots: 2})
	c := h.mustJoin("Ann", "")
	h.pass(60, func() { h.send(c, 1, 0) })
	if c.starts != 2 {
		t.Fatalf("%d starts after a match of 60 ticks, want 2", c.starts)
	}
	h.pass(1, func() { h.send(c, 1, 0) })
	if c.header.Tick != 1 || c.header.Base != 0 || c.body.Own[0] != 1 {
		t.Errorf("the new match begins with %+v, x %d", c.header, c.body.Own[0])
	}
}

func TestBusyConnectionIsSkippedAndCatchesUp(t *testing.T) {
	h := newHall(t, Config{Bots: 4})
	c := h.mustJoin("Ann", "")
	h.pass(5, func() { h.send(c, 1, 0) })
	c.busy = true
	h.pass(7, func() { h.send(c, 1, 0) })
	c.busy = false
	h.pass(1, func() { h.send(c, 1, 0) })
	if h.meter.skipped != 7 || c.header.Base != 5 || c.header.Tick != 13 {
		t.Errorf("skipped %d, header %+v", h.meter.skipped, c.header)
	}
	for _, e := range c.scene[c.frames%2].Entities() {
		if want := h.match.Snapshot().Find(e.ID).Row[0]; e.Row[0] != want || want == 0 {
			t.Errorf("walker %d is at %d, want %d", e.ID, e.Row[0], want)
		}
	}
}

func TestAStallIsNotPlayedBackFast(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	h.pass(10, nil)
	h.now += 2 * protocol.Second
	h.Tick(h.now)
	if got := h.match.Tick(); got != 10+maxCatchUp {
		t.Errorf("tick %d after a stall of 2 s, want %d", got, 10+maxCatchUp)
	}
	if c.frames != 11 {
		t.Errorf("%d frames, want one for all that was made up", c.frames)
	}
	if next, _ := h.Next(); next <= h.now || next > h.now+17*ms {
		t.Errorf("the next tick is due in %d us", next-h.now)
	}
	if h.meter.overrun < 110 {
		t.Errorf("%d ticks given up, want about 116", h.meter.overrun)
	}
}

func TestARoomWithoutPeopleRests(t *testing.T) {
	h := newHall(t, Config{Bots: 2})
	if _, awake := h.Next(); awake {
		t.Error("awake with bots alone")
	}
	c := h.mustJoin("Ann", "")
	if _, awake := h.Next(); !awake {
		t.Error("asleep with a person in it")
	}
	c.seat.Leave()
	h.pass(1, nil)
	if _, awake := h.Next(); awake {
		t.Error("awake after the person left")
	}
}

func TestAPanicEndsThisRoomAlone(t *testing.T) {
	h := newHall(t, Config{Rotation: walk.Rotation(walk.Bomb)})
	c := h.mustJoin("Ann", "")
	h.now = protocol.Second
	if err := h.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "walk: a bug") {
		t.Errorf("Run = %v", err)
	}
	if c.closed != protocol.CloseRoomError {
		t.Errorf("closed with %d", c.closed)
	}
	if _, err := h.Join(context.Background(), Entrant{Sender: c}); !errors.Is(err, ErrClosed) {
		t.Errorf("Join after the end = %v", err)
	}
}

func TestStoppingTellsEveryone(t *testing.T) {
	h := newHall(t, Config{})
	c := h.mustJoin("Ann", "")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Run(ctx); err != nil || c.closed != protocol.CloseRestart {
		t.Errorf("Run = %v, closed with %d", err, c.closed)
	}
}

func TestTicksDoNotAllocate(t *testing.T) {
	h := newHall(t, Config{Bots: 6})
	c := h.mustJoin("Ann", "")
	in := frame.Input{Commands: make([]protocol.Command, 1)}
	each := func() {
		in.Echo = c.header.Tick
		in.Commands[0] = protocol.Command{Tick: h.match.Tick() + 1, MoveX: 1}
		c.seat.Input(h.now, &in)
	}
	h.pass(300, each)
	if n := testing.AllocsPerRun(300, func() { h.pass(1, each) }); n != 0 {
		t.Errorf("%v allocations per tick", n)
	}
}

func TestTicksKeepTheirPlaceBetweenThoseOfTheClock(t *testing.T) {
	const phase = 5000
	h := &hall{t: t, now: 123_456}
	r, err := New(Config{
		ID: "hall", Host: walk.Game, Rotation: walk.Rotation(1), Phase: phase, Meter: func() Meter { return &h.meter },
		Now: func() protocol.Micros { return h.now }, Token: func() string { h.tokens++; return fmt.Sprint("hall.", h.tokens) },
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Room = r
	check := func(when string) {
		t.Helper()
		next, _ := h.Next()
		if off := ((next-phase)*60 + 60) % protocol.Second; off > 120 { // rounded to whole microseconds
			t.Errorf("%s: a tick at %d, %d us off its place", when, next, off/60-1)
		}
	}
	check("at first")
	h.now += 7 * protocol.Second
	a := h.mustJoin("ada", "")
	check("after a rest")
	h.pass(150, func() { h.send(a, 1, 0); check("in play") }) // over two matches' ends
	if h.played < 3 {
		t.Errorf("%d matches", h.played)
	}
}
