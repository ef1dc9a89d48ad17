package arena

import (
	"testing"

	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// strikeDown has one player wound another by so much.
func (b *bench) strikeDown(by, victim protocol.PlayerID, damage int32) {
	b.player(victim).safeEnd = 0
	b.w.wound(b.turn, by, victim, Rail, damage, fixed.Vec{})
}

func TestArmourBearsTwoThirds(t *testing.T) {
	for _, test := range []struct{ armour, damage, health, left int32 }{
		{0, 30, 70, 0},
		{100, 30, 90, 80},
		{10, 30, 80, 0},
		{100, 1, 99, 100},
		{100, 300, -100, 0},
	} {
		p := player{health: fullHealth, armour: test.armour}
		p.hurt(test.damage)
		if p.health != test.health || p.armour != test.left {
			t.Errorf("%d on armour %d: health %d armour %d, want %d and %d",
				test.damage, test.armour, p.health, p.armour, test.health, test.left)
		}
	}
}

func TestKillAssistAndStreak(t *testing.T) {
	b := newBench(t, live(hall), 3)
	b.strikeDown(2, 3, assistDamage)
	for n := int32(1); n <= 5; n++ {
		b.clear()
		b.strikeDown(1, 3, 200)
		b.step()
		e := b.one(EventKill)
		assist := int32(0)
		if n == 1 {
			assist = 2
		}
		if !e.Keep || e.Args[0] != 1 || e.Args[1] != 3 || e.Args[2] != int32(Rail) || e.Args[3] != assist || e.Args[4] != n {
			t.Errorf("kill %d: %+v", n, e)
		}
		if got := len(b.find(EventStreak)); got != int(n)/5 {
			t.Errorf("kill %d: %d streaks announced", n, got)
		}
		b.run(respawnDelay)
		if !b.player(3).alive {
			t.Fatal("not back after the respawn delay")
		}
	}
	if s := b.w.seats[2].score; s.assists != 1 || s.kills != 0 {
		t.Errorf("assistant's score %+v", s)
	}
	if s, p := b.w.seats[1].score, b.player(1); s.kills != 5 || p.points != 5 || p.streak != 5 {
		t.Errorf("killer's score %+v points %d streak %d", s, p.points, p.streak)
	}
	if s := b.w.seats[3].score; s.deaths != 5 {
		t.Errorf("victim's score %+v", s)
	}
	b.strikeDown(3, 1, 500)
	b.step()
	if b.player(1).streak != 0 {
		t.Error("a death must end a streak")
	}
}

func TestAssistExpiresAndNeedsDamage(t *testing.T) {
	b := newBench(t, live(hall), 3)
	b.strikeDown(2, 3, assistDamage)
	b.run(assistWindow + 1)
	b.strikeDown(2, 3, assistDamage-1)
	b.clear()
	b.strikeDown(1, 3, 200)
	b.step()
	if e := b.one(EventKill); e.Args[3] != 0 {
		t.Errorf("assist by player %d", e.Args[3])
	}
}

func TestOwnGoalCostsAPoint(t *testing.T) {
	b := newBench(t, live(hall), 1)
	b.put(1, 300, 60)
	b.arm(1, Rocket, 5)
	b.player(1).health = 10
	b.clear()
	b.tap(1, 0xc000, protocol.View{})
	b.run(10)
	if e := b.one(EventKill); e.Args[0] != 1 || e.Args[1] != 1 || e.Args[2] != int32(Rocket) {
		t.Errorf("kill %+v", e)
	}
	if p := b.player(1); p.points != -1 || p.alive {
		t.Errorf("points %d alive %v", p.points, p.alive)
	}
}

func TestBothMayDieInOneTick(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.put(1, 100, 192)
	b.put(2, 300, 192)
	b.arm(1, Rail, 5)
	b.arm(2, Rail, 5)
	b.player(1).health, b.player(2).health = 10, 10
	b.step()
	b.cmds[2].Aim = 0x8000
	b.cmds[2].Press[0]++
	b.tap(1, 0, protocol.View{})
	if b.player(1).alive || b.player(2).alive {
		t.Error("the lower id got away")
	}
}

func TestTeamMatesCannotHurtEachOther(t *testing.T) {
	s := live(hall)
	s.Mode = ModeTDM
	b := newBench(t, s, 4)
	if b.player(1).team != b.player(3).team || b.player(1).team == b.player(2).team {
		t.Fatalf("teams %d %d %d", b.player(1).team, b.player(2).team, b.player(3).team)
	}
	b.put(1, 100, 192)
	b.put(3, 200, 192)
	b.put(2, 300, 192)
	b.arm(1, Rail, 5)
	b.step()
	b.tap(1, 0, protocol.View{})
	if b.player(3).health != fullHealth || b.player(2).health != fullHealth-80 {
		t.Errorf("mate's health %d, enemy's %d", b.player(3).health, b.player(2).health)
	}
	b.arm(1, Rocket, 5)
	b.put(2, 500, 300)
	b.cmds[1].Aim = 0
	b.tap(1, 0, protocol.View{})
	b.run(90)
	if b.player(3).health != fullHealth {
		t.Errorf("mate's health %d after a rocket", b.player(3).health)
	}
}

func TestProtectedPlayersAreNotHurt(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.put(1, 100, 192)
	b.arm(1, Rail, 5)
	b.put(2, 300, 192).safeEnd = 10_000
	b.step()
	b.tap(1, 0, protocol.View{})
	if h := b.player(2).health; h != fullHealth {
		t.Errorf("health %d", h)
	}
}
