package arena

import (
	"testing"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// script is a fight's commands of player 1, who strafes and fires; the rest of the match stands still.
func script(tick, turnAt protocol.Tick, aim fixed.Angle, dx int8) protocol.Command {
	c := protocol.Command{Tick: tick, MoveX: dx, Held: HeldFire, Aim: uint16(aim), View: protocol.View{A: tick - 4, B: tick - 3, Frac: 99}}
	if tick >= turnAt {
		c.MoveX = -dx
	}
	return c
}

// knows is how many ticks after that the player knows what came of it.
const knows = 12

// heldUp plays a weapon for 60 ticks; commands of the ticks in [from, until) come in tick until.
func heldUp(t *testing.T, weapon uint8, dx int8, from, until, turnAt protocol.Tick) *bench {
	b := newBench(t, live(hall), 2)
	b.put(1, 320, 60)
	b.put(2, 324, 340)
	b.arm(1, weapon, 50)
	b.run(6)
	b.put(1, 320, 60)
	b.clear()
	var last protocol.Command
	for b.Tick() < 60 {
		next := b.Tick() + 1
		in := game.Input{Player: 1, Command: script(next, turnAt, 0x4000, dx)}
		switch {
		case next >= from && next < until:
			in.Command, in.Clamp = last.Assumed(next), game.ClampAbsent
		case next == until:
			for late := from; late < until; late++ {
				in.Late = append(in.Late, game.Late{Command: script(late, turnAt, 0x4000, dx)})
			}
			fallthrough
		default:
			last = in.Command
			in.Astray = next >= until && next < until+knows
		}
		b.player(2).health = fullHealth
		turn := b.Match.Step([]game.Input{in, {Player: 2, Command: protocol.Command{Tick: next}}})
		b.seen = append(b.seen, turn.Events...)
	}
	return b
}

func verdicts(b *bench) (all [][16]int32) {
	for _, e := range b.find(game.Verdict) {
		all = append(all, e.Args)
	}
	return all
}

// A shot whose command came late is judged as if it had come in time.
func TestLateShotsAreJudgedAsSeen(t *testing.T) {
	otherwise := 0
	for _, tt := range []struct {
		name        string
		weapon      uint8
		dx          int8
		from, until protocol.Tick
		turnAt      protocol.Tick
	}{
		{"a tick late", Rail, 40, 20, 21, 99},
		{"a lost segment", Blaster, 40, 20, 32, 99},
		{"the longest", Shotgun, 20, 18, 18 + game.MaxLate, 99},
		{"turning meanwhile", Blaster, 30, 20, 28, 22},
		{"standing", Rocket, 0, 20, 30, 99},
	} {
		on, late := heldUp(t, tt.weapon, tt.dx, 99, 99, tt.turnAt), heldUp(t, tt.weapon, tt.dx, tt.from, tt.until, tt.turnAt)
		a, b := verdicts(on), verdicts(late)
		if len(a) != len(b) || len(a) == 0 && tt.weapon != Rocket {
			t.Errorf("%s: %d verdicts in time, %d late", tt.name, len(a), len(b))
			continue
		}
		for i := range a {
			// One who turned meanwhile stands elsewhere, and once he knows that he fires from there.
			if a[i] != b[i] && (tt.turnAt == 99 || a[i][0] < int32(tt.until+knows)) {
				t.Errorf("%s: shot %d: %v in time, %v late", tt.name, i, a[i], b[i])
			} else if a[i] != b[i] {
				otherwise++
			}
		}
		p, q := on.player(1), late.player(1)
		if p.fired != q.fired || p.ammo != q.ammo || p.next != q.next || p.shots != q.shots {
			t.Errorf("%s: the weapon differs: %d %v %v, late %d %v %v", tt.name, p.fired, p.ammo, p.shots, q.fired, q.ammo, q.shots)
		}
	}
	if otherwise == 0 {
		t.Error("who turned meanwhile stands where he would have: the test shows nothing")
	}
}

// Nobody fires from where others could not see him.
func TestALateShotIsFiredFromWhereOthersSawThePlayer(t *testing.T) {
	b := newBench(t, live(hall), 2)
	p := b.put(1, 320, 160)
	b.run(3)
	s := &b.w.seats[1]
	away := protocol.Command{MoveX: 127}
	s.late.walker.pos.X += strayed + fixed.One
	away.Tick = b.Tick()
	s.late.at = b.Tick() - 1
	if got := b.w.origin(s, &away); got != p.pos {
		t.Errorf("from %v, want %v", got, p.pos)
	}
	s.late.walker, s.late.at = p.mover, b.Tick()-1
	if got := b.w.origin(s, &away); got == p.pos || distance(got, p.pos) > strayed {
		t.Errorf("from %v near %v", got, p.pos)
	}
	s.late.walker, s.late.at, s.touched = p.mover, b.Tick()-1, b.Tick()
	if got := b.w.origin(s, &away); got != p.pos {
		t.Errorf("after a push: from %v, want %v", got, p.pos)
	}
}

func TestTheDeadDoNotFireLate(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.put(1, 320, 60)
	b.put(2, 324, 340)
	b.arm(1, Rail, 5)
	b.run(6)
	b.player(1).die(b.Tick())
	b.clear()
	c := script(b.Tick()-2, 99, 0x4000, 0)
	b.Match.Step([]game.Input{
		{Player: 1, Command: protocol.Command{Tick: b.Tick() + 1}, Late: []game.Late{{Command: c}}},
		{Player: 2, Command: protocol.Command{Tick: b.Tick() + 1}},
	})
	if n := len(b.find(EventFired)); n != 0 {
		t.Errorf("%d shots by the dead", n)
	}
}

// fireLate steps a tick in which player 1's command for an earlier one arrives, looking down.
func fireLate(b *bench, tick protocol.Tick, choose uint8) {
	b.clear()
	c := protocol.Command{Tick: tick, Held: HeldFire, Aim: 0x4000, Select: choose, View: protocol.View{A: tick - 1, B: tick - 1}}
	next := protocol.Command{Tick: b.Tick() + 1}
	turn := b.Match.Step([]game.Input{{Player: 1, Command: next, Late: []game.Late{{Command: c}}}, {Player: 2, Command: next}})
	b.seen = append(b.seen, turn.Events...)
}

// Who keeps his commands back until a protection is over has not fired through it.
func TestALateShotHurtsNobodyWhoWasProtected(t *testing.T) {
	for late, want := range map[protocol.Tick]int{9: 0, 1: 0, 0: 1} {
		b := newBench(t, live(hall), 2)
		b.put(1, 320, 60)
		b.put(2, 320, 340)
		b.arm(1, Rail, 5)
		b.run(20)
		b.player(2).safeEnd = b.Tick()
		fireLate(b, b.Tick()-late, 0)
		if shots, hits := len(b.find(EventFired)), len(b.find(EventHurt)); shots != 1 || hits != want {
			t.Errorf("fired %d ticks before the protection ended: %d shots and %d hits, want 1 and %d", late, shots, hits, want)
		}
	}
}

// A weapon is not ready sooner because the command that chose it came after it was taken.
func TestNobodyFiresLateWhatHeTookSince(t *testing.T) {
	const taken = 7 // ticks ago
	for _, tt := range []struct {
		name       string
		kind       PickupKind
		before     int32 // ammunition
		hand, pick uint8
		late       protocol.Tick
		want       int // shots
	}{
		{"ammunition taken later", PickAmmo, 0, Rail, 0, taken + 1, 0},
		{"ammunition that was there before", PickAmmo, 1, Rail, 0, taken + 1, 1},
		{"ammunition taken before", PickAmmo, 0, Rail, 0, taken - 1, 1},
		{"a weapon chosen before it was taken", PickWeapon, 0, Blaster, Rail, taken + 1, 0},
	} {
		b := newBench(t, live(hall), 2)
		b.put(1, 320, 60)
		b.put(2, 500, 340)
		b.run(30)
		b.arm(1, tt.hand, tt.before+int32(weapons[Rail].Ammo))
		b.player(1).owned |= 1 << (Rail - 1)
		b.w.rules.pickups = []Pickup{{Kind: tt.kind, Weapon: Rail, At: fixed.Vec{X: fixed.FromInt(600), Y: fixed.FromInt(300)}}}
		b.w.lost[0].by, b.w.lost[0].at = 1, b.Tick()-taken
		fireLate(b, b.Tick()-tt.late, tt.pick)
		if shots := len(b.find(EventFired)); shots != tt.want {
			t.Errorf("%s: %d shots, want %d", tt.name, shots, tt.want)
		}
		if p := b.player(1); tt.pick != 0 && p.weapon == tt.pick {
			t.Errorf("%s: it is in hand", tt.name)
		}
	}
}
