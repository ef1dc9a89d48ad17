package lab

import (
	"testing"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/simnet"
	"hindsight/server/lab/track"
)

const ms = protocol.Millisecond

func TestTrialsReachTheirGoals(t *testing.T) {
	c := Cell{RTT: 50 * ms, Play: 30 * protocol.Second, Seed: 1}
	trials, err := RunTrials(c, 20_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range trials.Figures() {
		switch f.Metric {
		case 3, 18, 20, 24, 26:
			if f.Verdict() != "met" {
				t.Errorf("metric %d, %s: %v, goal %s", f.Metric, f.Name, f.Values, f.Goal)
			}
		}
		if len(f.Values) == 0 {
			t.Errorf("metric %d has no value", f.Metric)
		}
	}
	if o := &trials.Overload; o.Age.N == 0 || len(o.Course) < 250 || o.Possible <= 0.5 || o.Possible > 1.01 {
		t.Errorf("overload: %d ages, %d points, %.2f of the possible", o.Age.N, len(o.Course), o.Possible)
	}
}

func TestNoScheduleOfInputsIsFaster(t *testing.T) {
	for _, c := range []Cell{{RTT: 50 * ms}, {RTT: 200 * ms, Jitter: 5 * ms, Loss: 10_000}} {
		c.Play, c.Seed = 60*protocol.Second, 1
		cheats, err := RunCheats(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range cheats {
			if k.Gain > 1 || k.Total > 1 {
				t.Errorf("%v: %s: %.3f times the way in the best second, %.3f in all", &c, k.Name, k.Gain, k.Total)
			}
		}
	}
}

func TestAPlantedBugIsFound(t *testing.T) {
	for _, c := range []Cell{{}, {RTT: 200 * ms}, {RTT: 50 * ms, Loss: 10_000}} {
		c.Seed = 3
		d, err := RunDesync(c)
		if err != nil {
			t.Fatal(err)
		}
		if !d.Found || d.False != 0 || d.After > protocol.Second {
			t.Errorf("%v: %+v", &c, d)
		}
	}
}

func TestADeadPeerIsMarked(t *testing.T) {
	for _, rtt := range links {
		o, err := RunOutage(Cell{RTT: rtt * ms, Seed: 1}, 3600*protocol.Second)
		if err != nil {
			t.Fatal(err)
		}
		if way := rtt * ms / 2; o.Lagging[0] == 0 || o.Lagging[1] > 270*ms+way || o.Detached[0] < 3*protocol.Second || o.Detached[1] > 5*protocol.Second {
			t.Errorf("RTT %d ms: %+v", rtt, o)
		}
	}
}

func TestWhoIsBackHasTheSameSeat(t *testing.T) {
	for _, rtt := range links {
		r, err := RunReconnects(Cell{RTT: rtt * ms, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if r.Back != r.Drops || r.Slowest > 5*rtt*ms+17*ms {
			t.Errorf("RTT %d ms: %+v", rtt, r)
		}
	}
}

// A bot's counters go on from its own row. If a new connection took them for a person's, which begin
// anywhere, one that is off by one would press in every tick.
func TestWhoIsBackPressesNoMoreThanBefore(t *testing.T) {
	shots := func(stall protocol.Micros) int {
		r, err := Cell{RTT: 50 * ms, Stall: stall, Play: 120 * protocol.Second, Seed: 1}.Run()
		if err != nil {
			t.Fatal(err)
		}
		return r.Judged()
	}
	if calm, stalled := shots(0), shots(2000*ms); stalled > calm*3/2 {
		t.Errorf("%d shots without stalls, %d with new connections after them", calm, stalled)
	}
}

// TestPaceIsTheDrawnSpeed checks that the view's pace, which the probe takes for the speed of a
// remote of constant velocity, is what a runner's drawn steps say, but for their rounding.
func TestPaceIsTheDrawnSpeed(t *testing.T) {
	l, err := New(Config{
		Host: track.Game, Rotation: track.Rotation{}, Players: 2, Seed: 5,
		Link: simnet.Config{Latency: 25 * ms, Jitter: 5 * ms},
	})
	if err != nil {
		t.Fatal(err)
	}
	runner, watcher := l.Players[0], l.Players[1]
	runner.hands = func(*game.Sight) netcode.Controls { return netcode.Controls{MoveX: 127} }
	var before int32
	var view int64
	frames := 0
	l.OnFrame = func(p *Player, pic *netcode.Picture) {
		e := pic.Scene.Find(protocol.EntityID(runner.Core().Welcome().Player))
		if p != watcher || e == nil || runner.Core().Welcome().Player == 0 {
			return
		}
		x, now := e.Row[track.TopX], moment(pic.View)
		if l.Now() > 10*protocol.Second {
			step, want := int64(x-before)<<8, (now-view)*track.Speed
			if off := step - want; off > 256 || off < -256 {
				t.Fatalf("drawn %d/256 further, the view says %d", step, want)
			}
			frames++
		}
		before, view = x, now
	}
	run(t, l, 60*protocol.Second)
	if frames < 2900 {
		t.Errorf("only %d frames were compared", frames)
	}
}
