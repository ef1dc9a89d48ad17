package replay_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// matches are what the players of these tests play: with copies of the world on the way, and without.
func matches(t *testing.T, ticks int, f func(t *testing.T, was *filmed, def *game.Definition)) {
	start := arenaStart(t, map[string]string{"mode": "tdm", "maps": "canals", "warmup": "2", "time": "60"})
	for _, c := range []struct {
		name string
		was  *filmed
		def  *game.Definition
	}{
		{"arena", film(t, arena.Game, start, 12, ticks), arena.Game},
		{"toy", film(t, toy, toyStart, 8, ticks), toy},
		{"toy that can be copied", film(t, toy, toyStart, 8, ticks), copied()},
	} {
		t.Run(c.name, func(t *testing.T) { f(t, c.was, c.def) })
	}
}

func open(t testing.TB, file []byte, def *game.Definition) *replay.Player {
	t.Helper()
	p, err := replay.Open(file, func(string) *game.Definition { return def })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shows reports what a player shows at its moment that is not what was there.
func shows(p *replay.Player, was *filmed) error {
	v := p.View()
	a, b := &was.takes[v.A-1], &was.takes[v.B-1]
	var want delta.Snapshot
	delta.Seen(was.def.Schema, v, &a.scene, &b.scene, &want)
	if !slices.EqualFunc(p.Scene().Entities(), want.Entities(), func(x, y delta.Entity) bool { return x.Same(&y) && slices.Equal(x.Row, y.Row) }) {
		return fmt.Errorf("at %v the scene is\n%v, want\n%v", v, p.Scene().Entities(), want.Entities())
	}
	if !slices.Equal(p.Seats(), b.seats) {
		return fmt.Errorf("at %v seats %v, want %v", v, p.Seats(), b.seats)
	}
	row := make([]int32, len(was.def.Schema.Own.Fields))
	for id := range protocol.PlayerID(protocol.MaxPlayers + 3) {
		i, seated := slices.BinarySearch(b.seats, id)
		if got := p.Person(id); got.Present != seated || seated && got.Name != name(id) {
			return fmt.Errorf("at %v player %d is %+v, seated %v", v, id, got, seated)
		}
		if p.Own(id, row) != seated || seated && !slices.Equal(row, b.own[i]) {
			return fmt.Errorf("at %v player %d has own row %v", v, id, row)
		}
	}
	return nil
}

// Played from the first tick to the last at an odd speed, everything is seen as it was, and every
// event once and in its time.
func TestPlay(t *testing.T) {
	matches(t, 600, func(t *testing.T, was *filmed, def *game.Definition) {
		p := open(t, was.file, def)
		if p.Len() != 600 || p.Moment() != 1<<8 || p.Ended() || p.Header().Build != "build 7" {
			t.Fatalf("length %d, moment %d, header %+v", p.Len(), p.Moment(), p.Header())
		}
		var want, got []game.Event
		for i := range was.takes[1:] {
			for _, e := range was.takes[i+1].events {
				if e.Kind != game.Verdict {
					want = append(want, e)
				}
			}
		}
		p.SetSpeed(37)
		for n := 0; !p.Ended(); n++ {
			if err := p.Advance(16_667, 0); err != nil {
				t.Fatal(err)
			}
			if err := shows(p, was); err != nil {
				t.Fatal(err)
			}
			for _, e := range p.Events() {
				if at := int64(e.Tick) << 8; at > p.Moment() || p.Moment()-at > 256*60 {
					t.Fatalf("event of tick %d at moment %d", e.Tick, p.Moment())
				}
				got = append(got, e)
			}
			if n > 1<<20 {
				t.Fatal("it does not end")
			}
		}
		if !slices.Equal(got, want) || len(want) < 20 {
			t.Errorf("%d events were shown, want %d", len(got), len(want))
		}
	})
}

// Jumps to and fro, in slices and with play in between, end where they should.
func TestSeek(t *testing.T) {
	matches(t, 1500, func(t *testing.T, was *filmed, def *game.Definition) {
		p := open(t, was.file, def)
		r := rand.New(rand.NewPCG(2, 9))
		for range 60 {
			goal := protocol.Tick(r.IntN(1700))
			budget := 1 + r.IntN(700)
			p.Seek(goal)
			goal = min(max(goal, 1), 1500)
			for calls := 0; p.Seeking(); calls++ {
				from, at, to := p.Progress()
				if to != goal || from > at || at > to || calls > 1500/budget+1 {
					t.Fatalf("after %d calls of %d ticks on the way to %d: %d %d %d", calls, budget, goal, from, at, to)
				}
				if err := p.Advance(1<<20, budget); err != nil {
					t.Fatal(err)
				}
				if len(p.Events()) > 0 {
					t.Fatal("a jump shows events")
				}
			}
			if p.Moment() != int64(goal)<<8 {
				t.Fatalf("moment %d after a jump to %d", p.Moment(), goal)
			}
			if err := shows(p, was); err != nil {
				t.Fatal(err)
			}
			for range r.IntN(4) {
				if err := p.Advance(protocol.Micros(r.IntN(100_000)), 0); err != nil {
					t.Fatal(err)
				}
			}
			if err := shows(p, was); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// While a jump is made, the scene stays.
func TestTheSceneStaysDuringAJump(t *testing.T) {
	was := film(t, toy, toyStart, 8, 400)
	p := open(t, was.file, toy)
	p.Seek(300)
	var before delta.Snapshot
	before.CopyFrom(p.Scene())
	if err := p.Advance(0, 100); err != nil || !p.Seeking() || p.Ended() {
		t.Fatalf("%v: seeking %v", err, p.Seeking())
	}
	if !slices.EqualFunc(p.Scene().Entities(), before.Entities(), func(x, y delta.Entity) bool { return slices.Equal(x.Row, y.Row) }) {
		t.Error("the scene has changed on the way")
	}
	if p.Own(1, make([]int32, 3)) {
		t.Error("there is an own row on the way")
	}
}

// Time passes as the speed says, to the last fraction, and no call runs more than it may.
func TestSpeed(t *testing.T) {
	was := film(t, toy, toyStart, 2, 1200) // of 20 Hz: a minute
	for _, c := range []struct{ percent, ticks int }{{100, 200}, {25, 50}, {0, 0}, {400, 800}, {-50, 0}, {33, 66}} {
		p := open(t, was.file, toy)
		p.SetSpeed(c.percent)
		for range 1000 { // ten seconds
			if err := p.Advance(10*protocol.Millisecond, 0); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.Moment() - 1<<8; got != int64(c.ticks)<<8 {
			t.Errorf("at %d %% ten seconds are %d/256 ticks, want %d", c.percent, got, c.ticks<<8)
		}
	}
	p := open(t, was.file, toy)
	if err := p.Advance(30*protocol.Second, 7); err != nil || p.Moment() != 8<<8 {
		t.Errorf("%v: with 7 ticks allowed it went to moment %d", err, p.Moment())
	}
	if err := p.Advance(-5, 7); err != nil || p.Moment() != 8<<8 {
		t.Errorf("%v: time that goes back moved it to %d", err, p.Moment())
	}
	p.SetSpeed(1 << 40)
	if err := p.Advance(100*protocol.Millisecond, 1000); err != nil || p.Moment() != (8+32)<<8 {
		t.Errorf("%v: at top speed a tenth of a second ends at moment %d", err, p.Moment())
	}
}

// What has been damaged on the way is reported, and what came before can still be watched.
func TestPlayOfADamagedFile(t *testing.T) {
	parts := apart(t, film(t, toy, toyStart, 4, 400).file)
	bad := &parts[10]
	bad.payload = bad.payload[:len(bad.payload)/2]
	p := open(t, together(parts...), toy)
	p.Seek(300)
	var err error
	for p.Seeking() && err == nil {
		err = p.Advance(0, 50)
	}
	if err == nil {
		t.Fatal("no error")
	}
	if p.Seek(100); p.Advance(0, 200) != nil || p.Moment() != 100<<8 {
		t.Errorf("what is whole cannot be watched: moment %d", p.Moment())
	}
}

// Other rules than those that recorded the match are noticed with the next digest, and once.
func TestPlayByOtherRules(t *testing.T) {
	was := film(t, toy, toyStart, 4, 300)
	other := *toy
	other.NewWorld = func(start []byte) (game.World, error) { return &driftingWorld{}, nil }
	for _, tt := range []struct {
		def  *game.Definition
		want protocol.Tick
	}{{toy, 0}, {&other, 140}} {
		p := open(t, was.file, tt.def)
		for _, to := range []protocol.Tick{139, 300, 130, 200} {
			for p.Seek(to); p.Seeking(); {
				if err := p.Advance(0, 50); err != nil {
					t.Fatal(err)
				}
			}
			if to == 139 && p.Differs() != 0 || to != 139 && p.Differs() != tt.want {
				t.Errorf("at %d: differs at %d, want %d", to, p.Differs(), tt.want)
			}
		}
	}
}

// Kept copies are bounded however long the match is, and still near enough.
func TestKeyframes(t *testing.T) {
	was := film(t, toy, toyStart, 2, 9000)
	p := open(t, was.file, copied())
	p.Seek(9000)
	if err := p.Advance(0, 1<<20); err != nil {
		t.Fatal(err)
	}
	if n := p.Copies(); n > 32 || n < 16 {
		t.Errorf("%d copies are kept, want 16 to 32", n)
	}
	p.Seek(8999)
	from, _, _ := p.Progress()
	if from == 0 || p.Advance(0, 8999-int(from)) != nil || p.Seeking() || 8999-from > 9000/16 {
		t.Errorf("a step back begins at tick %d", from)
	}
	if err := shows(p, was); err != nil {
		t.Error(err)
	}
}
