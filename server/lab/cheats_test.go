package lab

import (
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
	"hindsight/server/replication"
)

// cheats is what is tried.
var cheats = []struct {
	name  string
	trick trick
}{
	// Many inputs, few inputs, and at any time.
	{"every frame twenty times", again(20)},
	{"two opinions on every tick", twice},
	{"every command for the 30 next ticks too", ahead(30)},
	{"every command for ticks that cannot be", anytime},
	{"time passes twice as fast", hurried()},
	{"every second tick", every(2)},
	{"every seventh tick", every(7)},
	{"eight frames backwards", backwards},
	{"played inputs are rewritten", rewrites},
	{"lag switch of 6 ticks", withhold(6, nil)},
	{"lag switch of 15 ticks", withhold(15, nil)},
	{"lag switch of a second", withhold(60, nil)},
	{"lag switch of three seconds", withhold(180, nil)},
	{"astray on purpose", strays},

	// Hands that nobody has.
	{"anything that the protocol has a place for", each(wild)},
	{"zigzag of a tick", each(zigzag(1))},
	{"zigzag of four ticks", each(zigzag(4))},
	{"the counters go up by one in every tick", each(presses(1))},
	{"the counters go up by two", each(presses(2))},
	{"the counters go down", each(presses(-1))},
	{"the counters wrap around in two ticks", each(presses(128))},
	{"another weapon in every tick", each(juggles)},
	{"another weapon in every tick of a lag switch", withhold(15, juggles)},
	{"weapons that were taken later", withhold(15, grabs)},
	{"weapons that were taken a little later", withhold(8, grabs)},
	{"fire between two connections", reconnects},

	// Lies about time.
	{"what came since is known: 12 ticks", withhold(12, knows)},
	{"what came since is known: 15 ticks", withhold(15, knows)},
	{"echoes of ticks to come", echoes(func(in *frame.Input) protocol.Tick { return in.Echo + 1000 })},
	{"echoes of nothing", echoes(func(*frame.Input) protocol.Tick { return 0 })},
	{"the oldest views", each(sees(replication.MaxRewind))},
	{"the oldest views and echoes", ancient},
	{"views older than any", each(sees(200))},
	{"old views and new ones in turns", each(func(c *cheater, k *protocol.Command, echo protocol.Tick) {
		sees([...]int{18, 4}[k.Tick/4%2])(c, k, echo)
	})},
	{"no views", each(func(_ *cheater, k *protocol.Command, _ protocol.Tick) { k.View = protocol.View{} })},
	{"views of the future", each(foresees)},
	{"views and echoes of the future", prophetic},
}

// No cheat breaks a rule of the arena, and none makes its player run further, shoot more or kill sooner
// than who plays honestly and as well as can be.
func TestCheatsGainNothing(t *testing.T) {
	stages := []*stage{sprint(), gallery(), armoury(), fight(t)}
	var honest [2]*gain
	for i := range honest {
		honest[i] = stages[i].run(t, nil, clean(0), &oracle{})
	}
	for _, c := range cheats {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for i, st := range stages {
				got := st.run(t, c.trick, clean(50), &oracle{})
				if st.most == nil {
					continue
				}
				limit := st.most(honest[i])
				for j, n := range st.most(got) {
					if n > limit[j] {
						t.Errorf("%s: %v, honestly %v", st.name, st.most(got), limit)
						break
					}
				}
			}
		})
	}
}

// The oracle has nothing to say of who plays by the rules, on whatever line.
func TestHonestPlayBreaksNoRule(t *testing.T) {
	for _, rtt := range links {
		for _, st := range []*stage{sprint(), gallery(), armoury(), fight(t)} {
			st.run(t, nil, clean(rtt), &oracle{})
			poor := simnet.Config{Latency: clean(rtt).Latency, Jitter: 5 * ms, Loss: 30_000}
			if g := st.run(t, nil, poor, &oracle{}); st.name == "armoury" && (g.shots < 30 || g.damage == 0 || g.dashes < 5) {
				t.Errorf("RTT %d ms: the first player has hardly played: %d shots, %d damage, %d dashes", rtt, g.shots, g.damage, g.dashes)
			}
		}
	}
}

// What it is worth to lie about time: the age of the oldest view by which somebody was hit. An honest
// player whose round trip is 50 ms sees what was 5 ticks ago.
func TestLiesAboutTimeAreBounded(t *testing.T) {
	for _, tt := range []struct {
		name   string
		trick  trick
		lo, hi float64 // ticks
	}{
		{"honest", nil, 4, 6},
		{"the oldest views", each(sees(replication.MaxRewind)), 18, 4 + protocol.MaxInterp},
		{"the oldest views and echoes", ancient, replication.MaxRewind, replication.MaxRewind},
		{"lag switch of 15 ticks", withhold(15, nil), 20, 24},
		{"what came since is known: 15 ticks", withhold(15, knows), 10, 24},
	} {
		got := gallery().run(t, tt.trick, clean(50), &oracle{}).rewound
		if t.Logf("%s: %.1f ticks", tt.name, got); got < tt.lo || got > tt.hi {
			t.Errorf("%s: rewound by %.1f ticks, want %g to %g", tt.name, got, tt.lo, tt.hi)
		}
	}
}
