package lab

import (
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
	"hindsight/server/room"
)

// arenaLab returns an experiment with the flagship game.
func arenaLab(t *testing.T, cfg Config) *Lab {
	t.Helper()
	cfg.Host = game.Host{Definition: arena.Game, NewRotation: maps.NewRotation}
	if cfg.Rotation == nil {
		r, err := maps.NewRotation(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Rotation = r
	}
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// links are the clean connections that everything must be exact on, by round trip in milliseconds.
var links = []protocol.Micros{0, 50, 100, 200}

func clean(rtt protocol.Micros) simnet.Config {
	return simnet.Config{Latency: rtt * protocol.Millisecond / 2}
}

func TestALonePlayerIsNeverCorrected(t *testing.T) {
	const ticks = 100_000
	for _, rtt := range links {
		l := arenaLab(t, Config{Players: 1, Skill: 5, Seed: 11, Link: clean(rtt)})
		run(t, l, ticks*protocol.Second/60)
		s := l.Players[0].Core().Stats()
		if s.Corrections.Corrected() != 0 {
			t.Errorf("RTT %d ms: %+v; last mismatch %+v", rtt, s.Corrections, s.LastMismatch)
		}
		if s.Corrections.Confirmed < ticks*9/10 {
			t.Errorf("RTT %d ms: only %d of %d ticks were compared", rtt, s.Corrections.Confirmed, ticks)
		}
	}
}

func TestWhatYouSeeIsWhatYouHit(t *testing.T) {
	for _, rtt := range links {
		l := arenaLab(t, Config{Players: 16, Seed: 5, Link: clean(rtt)})
		drawn := 0
		l.OnFrame = func(p *Player, pic *netcode.Picture) {
			drawn += compareView(t, l, p, pic)
		}
		run(t, l, 90*protocol.Second)
		var sum netcode.Verdicts
		for _, p := range l.Players {
			s := p.Core().Stats()
			sum.Agreed += s.Verdicts.Agreed
			sum.Denied += s.Verdicts.Denied
			sum.Lost += s.Verdicts.Lost
			if s.Corrections.Unknown != 0 {
				t.Errorf("RTT %d ms: player %d mispredicted: %+v", rtt, p.Index, s.LastMismatch)
			}
			if s.ViewRejected != 0 {
				t.Errorf("RTT %d ms: player %d had %d views changed", rtt, p.Index, s.ViewRejected)
			}
		}
		if sum.Denied+sum.Lost != 0 || sum.Agreed < 1000 {
			t.Errorf("RTT %d ms: %d shots judged as seen, %d otherwise, %d never", rtt, sum.Agreed, sum.Denied, sum.Lost)
		}
		if drawn < 100_000 {
			t.Errorf("RTT %d ms: only %d drawn entities were compared", rtt, drawn)
		}
	}
}

// compareView checks that the room would rewind to exactly what a player has on the screen, and
// returns how many entities it compared.
func compareView(t *testing.T, l *Lab, p *Player, pic *netcode.Picture) (n int) {
	match := l.Room.Match()
	if match.Tick() < pic.View.B || p.match != 0 && pic.View.A == 0 {
		return 0 // the room has gone on to its next match
	}
	rewound := match.Past().Seen(pic.View)
	for _, e := range pic.Scene.Entities() {
		if e.Owner == p.Core().Welcome().Player {
			continue
		}
		o := rewound.Find(e.ID)
		if o == nil || (!o.Same(&e) || !slices.Equal(o.Row, e.Row)) && !atEdge(l, pic.View, &e) {
			t.Fatalf("player %d sees %v at %+v, the room rewinds to %v", p.Index, e, pic.View, o)
		}
		n++
	}
	return n
}

func TestEveryScreenConvergesToTheMatch(t *testing.T) {
	for _, rtt := range links {
		l := arenaLab(t, Config{Players: 16, Bots: 20, Seed: 9, Link: simnet.Config{
			Latency: rtt * protocol.Millisecond / 2, Jitter: 5 * protocol.Millisecond, Loss: 10_000,
		}})
		run(t, l, 60*protocol.Second)
		var sum netcode.Verdicts
		for _, p := range l.Players {
			s := p.Core().Stats()
			sum.Agreed += s.Verdicts.Agreed
			sum.Denied += s.Verdicts.Denied
			sum.Lost += s.Verdicts.Lost
			if s.Corrections.Unknown != 0 || p.Closed != 0 {
				t.Errorf("RTT %d ms: player %d: closed %d, %+v, %+v", rtt, p.Index, p.Closed, s.Corrections, s.LastMismatch)
			}
			if behind := l.Room.Match().Tick().Sub(p.Core().Draw(l.Now()).View.A); behind > 60 {
				t.Errorf("RTT %d ms: player %d sees the match %d ticks ago", rtt, p.Index, behind)
			}
		}
		// In the first seconds nobody knows yet what kind of line it is.
		if worst := map[bool]int{true: 50, false: 200}[rtt == 200]; (sum.Denied+sum.Lost)*worst > sum.Agreed {
			t.Errorf("RTT %d ms, 1 %% loss: %d shots judged as seen, %d otherwise, %d never", rtt, sum.Agreed, sum.Denied, sum.Lost)
		}
	}
}

func TestEqualSeedsGiveEqualExperiments(t *testing.T) {
	var hash [2]uint64
	for i := range hash {
		l := arenaLab(t, Config{Players: 4, Bots: 8, Seed: 21, Link: simnet.Config{Latency: 20 * protocol.Millisecond, Jitter: 8 * protocol.Millisecond, Loss: 20_000}})
		run(t, l, 20*protocol.Second)
		hash[i] = l.Room.Match().Hash()
	}
	if hash[0] != hash[1] {
		t.Errorf("two runs of one experiment end in %x and %x", hash[0], hash[1])
	}
}

func run(t *testing.T, l *Lab, d protocol.Micros) {
	t.Helper()
	if err := l.Run(d); err != nil {
		t.Fatal(err)
	}
}

func TestJoiningAFullRoomFitsOneFlight(t *testing.T) {
	for _, name := range maps.Names {
		rotation, err := maps.NewRotation(map[string]string{"maps": name, "warmup": "0"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l := arenaLab(t, Config{Players: 1, Bots: 32, Skill: 5, Seed: 7, Rotation: rotation})
		run(t, l, 20*protocol.Second)
		late := newPlayer(l, 1, false)
		late.frame = l.Now()
		l.Players = append(l.Players, late)
		run(t, l, 20*protocol.Second)
		for _, p := range l.Players {
			t.Logf("%s: player %d: %d bytes to join, largest frame %d", name, p.Index, p.JoinBytes, p.MaxFrame)
			if p.JoinBytes == 0 || p.JoinBytes > protocol.MaxFrame || p.MaxFrame > protocol.MaxFrame {
				t.Errorf("%s: player %d: %d bytes to join, largest frame %d; want at most %d", name, p.Index, p.JoinBytes, p.MaxFrame, protocol.MaxFrame)
			}
		}
	}
}

// listener is a connection that takes everything and answers with an input a tick.
type listener struct{ buf []byte }

func (c *listener) Ready() bool              { return true }
func (c *listener) Waited() protocol.Micros  { return 0 }
func (c *listener) Buffer() []byte           { return c.buf[:0] }
func (c *listener) Send(b []byte)            { c.buf = b }
func (c *listener) Post([]byte)              {}
func (c *listener) Close(protocol.CloseCode) {}

// TestATickOfTheArenaDoesNotAllocate covers the step, the history, the bots, the shared encodings
// and composing for people, all of a tick but the socket.
func TestATickOfTheArenaDoesNotAllocate(t *testing.T) {
	l := arenaLab(t, Config{Bots: 16, Skill: 5, Seed: 3})
	var inputs []frame.Input
	var seats []room.Seat
	for range 4 {
		s, err := l.Room.Admit(room.Entrant{Name: "Ann", Sender: &listener{buf: make([]byte, 0, protocol.MaxFrame)}})
		if err != nil {
			t.Fatal(err)
		}
		seats = append(seats, s)
		inputs = append(inputs, frame.Input{Commands: make([]protocol.Command, 1)})
	}
	tick := func() {
		l.now, _ = l.Room.Next()
		next := l.Room.Match().Tick() + 1
		for i, s := range seats {
			inputs[i].Echo = next - 1
			inputs[i].Commands[0] = protocol.Command{Tick: next, MoveX: int8(next), Held: 1, Aim: uint16(next * 99)}
			s.Input(l.now, &inputs[i])
		}
		l.Room.Tick(l.now)
	}
	for range 3000 {
		tick()
	}
	if n := testing.AllocsPerRun(3000, tick); n != 0 {
		t.Errorf("%v allocations per tick", n)
	}
}

func TestADelayedOnlookerSeesWhatTheRoomShowedThen(t *testing.T) {
	const behind = 30 // ticks
	l := arenaLab(t, Config{Players: 2, Bots: 12, Seed: 13, Link: clean(40), WatchDelay: protocol.Second / 2})
	w := newPlayer(l, 2, true)
	l.Players = append(l.Players, w)
	seen := 0
	l.OnFrame = func(p *Player, pic *netcode.Picture) {
		if p != w || len(pic.Scene.Entities()) == 0 {
			return // nothing is old enough yet
		}
		seen += compareView(t, l, p, pic)
		if ago := l.Room.Match().Tick().Sub(pic.View.A); ago < behind {
			t.Fatalf("the onlooker sees the match as it was %d ticks ago, want %d at least", ago, behind)
		}
	}
	run(t, l, 20*protocol.Second)
	if s := w.Core().Stats(); seen < 10_000 || s.Underruns != 0 || w.Closed != 0 {
		t.Errorf("saw %d entities, %d underruns, closed %d", seen, s.Underruns, w.Closed)
	}
}

func TestAnOnlookerSeesWhatTheRoomWouldRewindTo(t *testing.T) {
	l := arenaLab(t, Config{Players: 2, Bots: 12, Seed: 13, Link: clean(80)})
	w := newPlayer(l, 2, true)
	l.Players = append(l.Players, w)
	seen := 0
	l.OnFrame = func(p *Player, pic *netcode.Picture) {
		if p == w {
			seen += compareView(t, l, p, pic)
		}
	}
	run(t, l, 20*protocol.Second)
	if s := w.Core().Stats(); seen < 10_000 || s.Corrections.Corrected() != 0 || w.Closed != 0 || w.Core().Welcome().Player != 0 {
		t.Errorf("saw %d entities, %+v, closed %d", seen, s.Corrections, w.Closed)
	}
	if i := l.Room.Info(); i.People != 2 || i.Watchers != 1 {
		t.Errorf("%+v", i)
	}
}
