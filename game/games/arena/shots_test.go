package arena

import (
	"testing"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

func TestRocketJumpIsPredicted(t *testing.T) {
	b := newBench(t, live(hall), 1)
	b.put(1, 300, 60)
	b.arm(1, Rocket, 5)
	q, err := NewPredictor(b.Start.Blob, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, want := make([]int32, ownFields), make([]int32, ownFields)
	b.Own(1, want)
	q.Load(b.Tick(), want)
	b.cmds[1].Aim = 0xc000 // up, at the wall
	b.cmds[1].Press[0]++
	top := fixed.Num(0)
	for range 60 {
		b.step()
		q.Step(&game.Guess{Command: b.inputs[0].Command})
		q.Save(got)
		b.Own(1, want)
		if f := differ(got, want); f != "" {
			t.Fatalf("tick %d: %s differs", b.Tick(), f)
		}
		top = max(top, b.player(1).vel.Y)
	}
	if top < topSpeed*13/10 {
		t.Errorf("pushed to %d, want well over top speed %d", top, topSpeed)
	}
	if h := b.player(1).health; h >= 90 || h < 50 {
		t.Errorf("health %d after an own rocket at the feet", h)
	}
	e := b.one(EventExplosion)
	if e.Except != 1 {
		t.Errorf("explosion %+v is the owner's to predict", e)
	}
}

func TestRocketHitsAndSplashes(t *testing.T) {
	b := newBench(t, live(hall), 3)
	b.put(1, 100, 192)
	b.arm(1, Rocket, 5)
	b.put(2, 400, 192)
	b.put(3, 400, 240)
	b.player(2).armour = 60
	b.clear()
	b.tap(1, 0, protocol.View{})
	for range 60 {
		b.step()
		if len(b.find(EventExplosion)) > 0 {
			break
		}
	}
	if !b.turn.Touched(1) || !b.turn.Touched(2) || !b.turn.Touched(3) {
		t.Error("owner and victims must be touched")
	}
	if p := b.player(2); p.health != fullHealth-40 || p.armour != 0 {
		t.Errorf("health %d armour %d after 100 on 60 armour, want 60 and 0", p.health, p.armour)
	}
	if p := b.player(3); p.health >= fullHealth || p.health < 40 || p.vel.Y <= 0 {
		t.Errorf("health %d, velocity %v beside the explosion", p.health, p.vel)
	}
	if e := b.one(EventExplosion); e.Except != 0 {
		t.Errorf("explosion %+v was not predicted", e)
	}
}

func TestSplashIsStoppedByWalls(t *testing.T) {
	b := newBench(t, live(yard), 2)
	b.put(1, 48, 48+32*9)
	b.put(2, 48+32*9, 48+32*4) // left of the wall at column 11
	s := shot{weapon: Rocket}
	far := fixed.Vec{X: fixed.FromInt(48 + 32*11), Y: fixed.FromInt(48 + 32*4)}
	if _, reached := b.w.rules.splash(b.player(2), &s, far, false, b.Tick()); reached {
		t.Error("splash through a wall")
	}
	near := b.player(2).pos.Add(fixed.Vec{X: -fixed.FromInt(30)})
	if _, reached := b.w.rules.splash(b.player(2), &s, near, false, b.Tick()); !reached {
		t.Error("no splash in the open")
	}
}

// A projectile is born as old as its shooter's view, up to maxLead.
func TestLead(t *testing.T) {
	for _, test := range []struct {
		view protocol.View
		want int
	}{
		{protocol.View{}, 0},
		{protocol.View{A: 100, B: 100}, 0},
		{protocol.View{A: 96, B: 97, Frac: 128}, 3},
		{protocol.View{A: 96, B: 98, Frac: 128}, 3},
		{protocol.View{A: 90, B: 92, Frac: 10}, maxLead},
		{protocol.View{A: 99, B: 100, Frac: 600}, 0},
	} {
		c := protocol.Command{View: test.view}
		if got := leadOf(&c, 100); got != test.want {
			t.Errorf("leadOf(%+v) = %d, want %d", test.view, got, test.want)
		}
	}
}

func TestProjectileCatchesUpAgainstThePast(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.put(1, 100, 192)
	b.arm(1, Plasma, 5)
	b.put(2, 150, 192)
	b.run(3)
	view := protocol.View{A: b.Tick() - 3, B: b.Tick() - 2, Frac: 0}
	b.put(2, 150, 300) // gone by now
	b.clear()
	b.tap(1, 0, view)
	if got, want := b.player(2).health, int32(fullHealth-weapons[Plasma].Damage); got != want {
		t.Errorf("health %d, want %d: the bolt was fired into the past", got, want)
	}
	if b.player(1).shots[0].weapon != 0 {
		t.Error("the bolt flies on")
	}
}

func TestPlasmaNeverRunsOutOfSlots(t *testing.T) {
	b := newBench(t, live([]string{
		"##################################",
		"#S...............................#",
		"#................................#",
		"##################################",
		"##################################",
		"##################################",
		"##################################",
		"##################################",
	}), 1)
	b.arm(1, Plasma, 100)
	b.cmds[1].Held = HeldFire
	b.step()
	from := b.player(1).ammo[Plasma-1]
	b.run(180)
	if got, want := from-b.player(1).ammo[Plasma-1], int32(180/weapons[Plasma].Refire); got != want {
		t.Errorf("%d bolts in 180 ticks, want %d", got, want)
	}
}
