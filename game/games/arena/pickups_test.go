package arena

import (
	"testing"

	"hindsight/game/sim/tilemap"
)

func TestPickups(t *testing.T) {
	for _, test := range []struct {
		name  string
		item  Pickup
		have  player
		want  player
		taken bool
	}{
		{"health", Pickup{Kind: PickHealth}, player{health: 50}, player{health: 75}, true},
		{"health to the full", Pickup{Kind: PickHealth}, player{health: 90}, player{health: 100}, true},
		{"health when well", Pickup{Kind: PickHealth}, player{health: 100}, player{health: 100}, false},
		{"health over full", Pickup{Kind: PickHealth}, player{health: 150}, player{health: 150}, false},
		{"mega", Pickup{Kind: PickMega}, player{health: 120}, player{health: 200}, true},
		{"armour", Pickup{Kind: PickArmour}, player{armour: 70}, player{armour: 100}, true},
		{"weapon", Pickup{Kind: PickWeapon, Weapon: Rail}, player{}, player{owned: 16, ammo: [5]int32{4: 8}}, true},
		{"first weapon", Pickup{Kind: PickWeapon, Weapon: Shotgun}, player{weapon: Blaster, owned: 1},
			player{weapon: Shotgun, owned: 3, ammo: [5]int32{1: 10}, ready: 1 + switchTicks}, true},
		{"second weapon", Pickup{Kind: PickWeapon, Weapon: Shotgun}, player{weapon: Rail, owned: 17},
			player{weapon: Rail, owned: 19, ammo: [5]int32{1: 10}}, true},
		{"weapon when full", Pickup{Kind: PickWeapon, Weapon: Rail},
			player{owned: 16, ammo: [5]int32{4: 20}}, player{owned: 16, ammo: [5]int32{4: 20}}, false},
		{"ammo", Pickup{Kind: PickAmmo, Weapon: Rocket}, player{ammo: [5]int32{3: 20}}, player{ammo: [5]int32{3: 25}}, true},
	} {
		if got := test.item.take(&test.have, 1); got != test.taken || test.have != test.want {
			t.Errorf("%s: %v, %+v", test.name, got, test.have)
		}
	}
}

func TestPickupComesBack(t *testing.T) {
	b := newBench(t, live(yard), 1)
	index := -1
	for i := range b.w.rules.pickups {
		if b.w.rules.pickups[i].Kind == PickArmour {
			index = i
		}
	}
	item := &b.w.rules.pickups[index]
	b.put(1, item.At.X.Floor(), item.At.Y.Floor())
	b.clear()
	b.step()
	taken := b.Tick()
	if e := b.one(EventPickup); e.Except != 1 || e.Args[1] != int32(index) || b.player(1).armour != 50 {
		t.Errorf("event %+v armour %d", e, b.player(1).armour)
	}
	b.player(1).armour = 0
	b.run(item.Respawn() - 1)
	if b.player(1).armour != 0 {
		t.Fatal("came back too early")
	}
	b.step()
	if b.player(1).armour != 50 || b.Tick().Sub(taken) != item.Respawn() {
		t.Errorf("armour %d after %d ticks", b.player(1).armour, b.Tick().Sub(taken))
	}
}

func TestContestedPickupTouchesTheLoser(t *testing.T) {
	b := newBench(t, live(yard), 2)
	item := &b.w.rules.pickups[0]
	b.put(1, item.At.X.Floor()+200, item.At.Y.Floor())
	b.put(2, item.At.X.Floor(), item.At.Y.Floor())
	b.step()
	if b.turn.Touched(1) || b.turn.Touched(2) {
		t.Error("touched without a contest")
	}
	b.put(2, item.At.X.Floor()+200, item.At.Y.Floor())
	b.put(1, item.At.X.Floor(), item.At.Y.Floor())
	b.step()
	if !b.turn.Touched(1) {
		t.Error("the late one may have predicted the pickup")
	}
}

func TestPickupDoesNotRaiseTheDead(t *testing.T) {
	b := newBench(t, live(yard), 2)
	for i := range b.w.rules.pickups {
		if item := &b.w.rules.pickups[i]; item.Kind == PickMega {
			b.put(1, item.At.X.Floor(), item.At.Y.Floor())
		}
	}
	b.strikeDown(2, 1, fullHealth)
	b.step()
	if p := b.player(1); p.alive || p.health > 0 {
		t.Errorf("alive %v with health %d", p.alive, p.health)
	}
}

func TestMegaDecays(t *testing.T) {
	b := newBench(t, live(hall), 1)
	p := b.player(1)
	p.health = 200
	b.run(10 * TickRate)
	if p.health != 190 {
		t.Errorf("health %d after 10 s, want 190", p.health)
	}
	p.health = 100
	b.run(2 * TickRate)
	if p.health != 100 {
		t.Errorf("health %d, want no decay below full", p.health)
	}
}

func TestLayoutRefuses(t *testing.T) {
	for name, change := range map[string]func(*tilemap.Map){
		"no spawn":        func(m *tilemap.Map) { m.Objects = nil },
		"team 3":          func(m *tilemap.Map) { m.Objects[0].Props = []tilemap.Prop{{Name: "team", Value: 3}} },
		"angle 360":       func(m *tilemap.Map) { m.Objects[0].Props = []tilemap.Prop{{Name: "angle", Value: 360}} },
		"spawn in a wall": func(m *tilemap.Map) { m.Objects[0].At = tilemap.Center(0, 0) },
		"weapon 6": func(m *tilemap.Map) {
			m.Objects = append(m.Objects, tilemap.Object{Class: ClassWeapon, Props: []tilemap.Prop{{Name: "weapon", Value: 6}}})
		},
		"a crate of blaster": func(m *tilemap.Map) {
			m.Objects = append(m.Objects, tilemap.Object{Class: ClassAmmo, Props: []tilemap.Prop{{Name: "weapon", Value: 1}}})
		},
		"25 pickups": func(m *tilemap.Map) {
			for range MaxPickups + 1 {
				m.Objects = append(m.Objects, tilemap.Object{Class: ClassHealth})
			}
		},
	} {
		m := draw(hall)
		change(m)
		if _, _, err := Layout(m); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
