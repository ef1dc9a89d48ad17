package arena

import (
	"testing"

	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

func TestTopSpeedIsReachedAndKept(t *testing.T) {
	for _, way := range [][2]int8{{127, 0}, {127, 127}, {0, 127}, {-128, 0}} {
		b := newBench(t, live(hall), 1)
		p := b.put(1, 320, 192)
		b.cmds[1].MoveX, b.cmds[1].MoveY = way[0], way[1]
		b.run(12)
		if v := p.vel.Len(); v < topSpeed*98/100 || v > topSpeed {
			t.Errorf("way %v: speed %d after 12 ticks, want about %d", way, v, topSpeed)
		}
		b.cmds[1].MoveX, b.cmds[1].MoveY = 0, 0
		b.run(16)
		if p.vel != (fixed.Vec{}) {
			t.Errorf("way %v: still moving %v, 16 ticks after letting go", way, p.vel)
		}
	}
}

func TestAnalogMoveIsSlower(t *testing.T) {
	b := newBench(t, live(hall), 1)
	p := b.put(1, 200, 192)
	b.cmds[1].MoveX = 64
	b.run(30)
	if v := p.vel.Len(); v < topSpeed*48/100 || v > topSpeed*52/100 {
		t.Errorf("speed %d at half tilt, want about half of %d", v, topSpeed)
	}
}

func TestWallIsSlidAlong(t *testing.T) {
	b := newBench(t, live(hall), 1)
	p := b.put(1, 300, 32+14)
	b.cmds[1].MoveX, b.cmds[1].MoveY = 90, -90
	b.run(30)
	if p.pos.Y != fixed.FromInt(32)+playerRadius {
		t.Errorf("y = %d, want to touch the wall", p.pos.Y)
	}
	if p.vel.Y != 0 || p.vel.X < topSpeed/2 {
		t.Errorf("velocity %v along the wall", p.vel)
	}
}

func TestDash(t *testing.T) {
	b := newBench(t, live(hall), 1)
	p := b.put(1, 100, 192)
	from := p.pos
	b.cmds[1].MoveX = 127
	b.cmds[1].Press[1]++
	b.step()
	began := b.Tick()
	if p.vel.X != dashSpeed {
		t.Fatalf("velocity %v, want a dash", p.vel)
	}
	b.cmds[1].MoveX = -127 // nothing steers a dash
	b.run(dashTicks - 1)
	if got, want := p.pos.Sub(from), (fixed.Vec{X: dashSpeed * dashTicks}); got != want {
		t.Errorf("dashed %v, want %v", got, want)
	}
	b.step()
	if p.vel.X > dashExit {
		t.Errorf("speed %d after the dash, want at most %d", p.vel.X, dashExit)
	}
	for b.Tick() < began+dashCooldown-1 {
		b.cmds[1].Press[1]++
		b.step()
		if p.dashEnd > began+dashTicks {
			t.Fatalf("dashed again after %d ticks", b.Tick()-began)
		}
	}
	b.cmds[1].Press[1]++
	b.step()
	if p.dashEnd != b.Tick()+dashTicks {
		t.Error("the dash is not ready after its cooldown")
	}
}

func TestDashWithoutMoveGoesWhereAimed(t *testing.T) {
	b := newBench(t, live(hall), 1)
	p := b.put(1, 320, 192)
	b.cmds[1].Aim = 0x4000
	b.cmds[1].Press[1]++
	b.step()
	if p.vel.Y != dashSpeed || p.vel.X != 0 {
		t.Errorf("velocity %v, want a dash down", p.vel)
	}
}

// In Quake who steers left and right in turns is faster than who runs straight.
func TestSteeringMakesNobodyFaster(t *testing.T) {
	for _, turn := range []int{1, 2, 4, 8, 16} {
		b := newBench(t, live(hall), 1)
		p := b.put(1, 60, 192)
		b.cmds[1].MoveX = 127
		for i := range 90 {
			if b.cmds[1].MoveY = 127; i/turn%2 == 0 {
				b.cmds[1].MoveY = -127
			}
			b.step()
			if v := p.vel.Len(); v > topSpeed {
				t.Fatalf("a turn in %d ticks: speed %d, want at most %d", turn, v, topSpeed)
			}
		}
	}
}

func TestNoStickDashesFaster(t *testing.T) {
	for x := -127; x <= 127; x++ {
		for y := -127; y <= 127; y++ {
			var p mover
			p.dash(wanted(&protocol.Command{MoveX: int8(x), MoveY: int8(y)}), 1)
			if v := p.vel.Len(); v > dashSpeed || v < dashSpeed*99/100 {
				t.Fatalf("stick at %d, %d: speed %d, want %d", x, y, v, dashSpeed)
			}
		}
	}
}
