package arena

import (
	"math/rand/v2"
	"testing"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// No schedule of holding, tapping and switching beats a weapon's rate.
func TestFireRatesHold(t *testing.T) {
	for seed := range uint64(20) {
		b, r := newBench(t, live(hall), 1), rand.New(rand.NewPCG(seed, 2))
		var last [WeaponCount + 1]protocol.Tick
		shots := 0
		for range 1500 {
			p := b.player(1)
			p.health = fullHealth
			p.owned = 1<<WeaponCount - 1
			for i := range p.ammo {
				p.ammo[i] = 10
			}
			c := &b.cmds[1]
			c.Held = protocol.Buttons(r.IntN(2))
			if r.IntN(20) == 0 {
				c.Select = uint8(r.IntN(WeaponCount + 2))
			}
			c.Press[0] += uint8(r.IntN(4))
			b.step()
			w := p.weapon
			if p.fired != b.Tick() {
				continue
			}
			shots++
			if gap := b.Tick().Sub(last[w]); last[w] != 0 && gap < weapons[w].Refire {
				t.Fatalf("seed %d: %s fired twice within %d ticks", seed, weapons[w].Name, gap)
			}
			for other := Blaster; other <= WeaponCount; other++ {
				gap := b.Tick().Sub(last[other])
				if other != w && last[other] != 0 && gap < weapons[other].Recover {
					t.Fatalf("seed %d: %s %d ticks after %s", seed, weapons[w].Name, gap, weapons[other].Name)
				}
			}
			last[w] = b.Tick()
		}
		if shots < 20 {
			t.Errorf("seed %d: only %d shots", seed, shots)
		}
	}
}

func TestHoldingFiresAtFullRate(t *testing.T) {
	for w := Blaster; w <= WeaponCount; w++ {
		b := newBench(t, live(hall), 1)
		b.put(1, 320, 60)
		b.arm(1, w, 20)
		b.cmds[1].Held, b.cmds[1].Aim = HeldFire, 0
		fired := 0
		for range 3*weapons[w].Refire + 1 {
			b.step()
			if b.player(1).fired == b.Tick() {
				fired++
			}
		}
		if fired != 4 {
			t.Errorf("%s fired %d times in 3 refire times and a tick, want 4", weapons[w].Name, fired)
		}
	}
}

func TestTapIsNeverLost(t *testing.T) {
	b := newBench(t, live(hall), 1)
	b.arm(1, Rail, 5)
	b.tap(1, 0, protocol.View{})
	first := b.Tick()
	b.run(weapons[Rail].Refire - queueTicks)
	b.tap(1, 0, protocol.View{}) // a little too early: waits
	b.cmds[1].Press[0] += 3      // more of them are still one
	b.run(queueTicks)
	if p := b.player(1); p.fired != first.Add(weapons[Rail].Refire) {
		t.Errorf("fired at %d, want at %d", p.fired, first.Add(weapons[Rail].Refire))
	}
	b.run(weapons[Rail].Refire * 2)
	if got := b.player(1).ammo[Rail-1]; got != 3 {
		t.Errorf("%d rounds left, want 3", got)
	}
}

func TestStaleTapIsForgotten(t *testing.T) {
	b := newBench(t, live(hall), 1)
	b.arm(1, Rail, 5)
	b.tap(1, 0, protocol.View{})
	b.tap(1, 0, protocol.View{})
	b.run(weapons[Rail].Refire * 2)
	if got := b.player(1).ammo[Rail-1]; got != 4 {
		t.Errorf("%d rounds left, want 4", got)
	}
}

func TestSwitchAndEmpty(t *testing.T) {
	b := newBench(t, live(hall), 1)
	p := b.player(1)
	b.arm(1, Rocket, 1)
	b.cmds[1].Select = Rail
	b.step()
	if p.weapon != Rocket {
		t.Errorf("took weapon %d that is not owned", p.weapon)
	}
	b.cmds[1].Select = 0
	b.tap(1, 0, protocol.View{})
	b.cmds[1].Held = HeldFire
	b.run(weapons[Rocket].Refire)
	if p.weapon != Blaster {
		t.Errorf("empty, but weapon %d in hand", p.weapon)
	}
	empty := b.Tick()
	for p.fired < empty {
		b.step()
	}
	if got := p.fired.Sub(empty); got != switchTicks {
		t.Errorf("fired %d ticks after the switch, want %d", got, switchTicks)
	}
}

// The rail hits where the view says the target was, and not where it is now.
func TestRailIsJudgedWithHindsight(t *testing.T) {
	for _, test := range []struct {
		name string
		back protocol.Tick
		aimY int
		hits bool
	}{
		{"where it was", 12, 128, true},
		{"where it is, with an old view", 12, 288, false},
		{"where it is, now", 0, 288, true},
		{"where it was, with a new view", 0, 128, false},
	} {
		b := newBench(t, live(hall), 2)
		b.put(1, 100, 192)
		b.arm(1, Rail, 5)
		b.put(2, 400, 128)
		b.step()
		old := b.Tick()
		b.put(2, 400, 288)
		b.run(12)
		b.clear()
		view := protocol.View{}
		if test.back > 0 {
			view = protocol.View{A: old - 1, B: old, Frac: 256}
		}
		b.tap(1, fixed.Vec{X: fixed.FromInt(300), Y: fixed.FromInt(test.aimY - 192)}.Angle(), view)
		if len(b.shots) != 1 {
			t.Fatalf("%s: %d records", test.name, len(b.shots))
		}
		s := b.shots[0]
		if hit := s.Target == 2; hit != test.hits || hit != (s.Damage == int32(weapons[Rail].Damage)) {
			t.Errorf("%s: record %+v, want a hit: %v", test.name, s, test.hits)
		}
		if hurt := b.player(2).health < fullHealth; hurt != test.hits {
			t.Errorf("%s: health %d, want a hit: %v", test.name, b.player(2).health, test.hits)
		}
		if test.hits && test.back > 0 && (s.RewoundY != 128*16 || s.LiveY != 288*16 || s.Age != 13<<8) {
			t.Errorf("%s: record %+v", test.name, s)
		}
	}
}

func TestVerdictIsExcusedForADeadTarget(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.put(1, 100, 192)
	b.arm(1, Rail, 5)
	b.put(2, 400, 192)
	b.step()
	b.player(2).die(b.Tick())
	b.clear()
	b.tap(1, 0, protocol.View{A: b.Tick(), B: b.Tick()})
	e := b.one(game.Verdict)
	if e.To != 1 || e.N != 2 || e.Args[1] != game.VerdictExcused {
		t.Errorf("verdict %+v", e)
	}
	if len(b.find(EventHit)) != 0 {
		t.Error("a hit on the dead")
	}
}

func TestRailGoesThroughPlayersButNotWalls(t *testing.T) {
	b := newBench(t, live(yard), 3)
	b.put(1, 48, 48+32*9)
	b.arm(1, Rail, 5)
	b.put(2, 48+64, 48+32*9)
	b.put(3, 48+128, 48+32*9)
	b.step()
	b.clear()
	b.tap(1, 0, protocol.View{})
	e := b.one(game.Verdict)
	if e.N != 6 || e.Args[2] != 2 || e.Args[3] != 1 || e.Args[4] != 3 || e.Args[5] != 1 {
		t.Errorf("verdict %+v, want players 2 and 3", e)
	}
	b.put(2, 48, 48) // behind the wall at row 8
	b.step()
	b.clear()
	b.player(1).next[Rail-1] = 0
	b.put(3, 600, 48)
	b.step()
	b.tap(1, 0xc000, protocol.View{})
	if e := b.one(game.Verdict); e.N != 2 {
		t.Errorf("verdict %+v, want nobody through a wall", e)
	}
}

func TestShotgunHitsAddUp(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.put(1, 100, 192)
	b.arm(1, Shotgun, 5)
	b.put(2, 140, 192)
	b.step()
	b.clear()
	b.tap(1, 0, protocol.View{})
	if e := b.one(game.Verdict); e.N != 4 || e.Args[3] != 8 {
		t.Errorf("verdict %+v, want all 8 pellets", e)
	}
	if got, want := b.player(2).health, int32(fullHealth-8*9); got != want {
		t.Errorf("health %d, want %d", got, want)
	}
	if e := b.one(EventFired); e.Except != 1 || e.N != 12 {
		t.Errorf("fired %+v", e)
	} else if _, length := UnpackRay(e.Args[4]); length > 40 {
		t.Errorf("a pellet drawn %d units long, through its target", length)
	}
}

func TestBlasterKillsInAboutASecond(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.put(1, 100, 192)
	b.put(2, 400, 192)
	b.cmds[1].Held = HeldFire
	b.run(2)
	from := b.Tick()
	for b.player(2).alive && b.Tick() < from+300 {
		b.put(2, 400, 192)
		b.step()
	}
	if got := b.Tick().Sub(from); got < 50 || got > 90 {
		t.Errorf("%d ticks to kill, want 1 to 1.5 s", got)
	}
}

func TestFiringEndsProtection(t *testing.T) {
	b := newBench(t, live(hall), 1)
	p := b.player(1)
	if !p.safe(b.Tick()) || p.safeEnd != p.born+safeTicks {
		t.Fatal("not protected after a spawn")
	}
	b.tap(1, 0, protocol.View{})
	if p.safe(b.Tick()) {
		t.Error("still protected after a shot")
	}
}

func TestStrike(t *testing.T) {
	at := func(x, y int) fixed.Vec { return fixed.Vec{X: fixed.FromInt(x), Y: fixed.FromInt(y)} }
	for _, test := range []struct {
		a, b, c fixed.Vec
		at      int
		hit     bool
	}{
		{at(0, 0), at(100, 0), at(50, 0), 36, true},
		{at(0, 0), at(100, 0), at(50, 14), 50, true},
		{at(0, 0), at(100, 0), at(50, 15), 0, false},
		{at(0, 0), at(30, 0), at(50, 0), 0, false},
		{at(0, 0), at(36, 0), at(50, 0), 36, true},
		{at(0, 0), at(100, 0), at(-50, 0), 0, false},
		{at(0, 0), at(100, 0), at(5, 5), 0, true},
		{at(0, 0), at(0, 0), at(50, 0), 0, false},
		{at(10, 10), at(10, 10), at(12, 10), 0, true},
	} {
		got, hit := strike(test.a, test.b, test.c, 14*fixed.One)
		if hit != test.hit || hit && got.Floor() != test.at {
			t.Errorf("strike(%v, %v, %v) = %d, %v, want %d, %v", test.a, test.b, test.c, got.Floor(), hit, test.at, test.hit)
		}
	}
}
