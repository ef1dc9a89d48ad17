package arena

import (
	"slices"
	"testing"

	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// square is open ground of so many tiles along a side, with spawn points strewn over it.
func square(side int) *tilemap.Map {
	m := &tilemap.Map{Name: "square", Title: "Square", W: side, H: side, Tiles: make([]tilemap.Tile, side*side)}
	for i := range m.Tiles {
		if x, y := i%side, i/side; x == 0 || y == 0 || x == side-1 || y == side-1 || x%10 == 4 && y%10 == 4 {
			m.Tiles[i] = tilemap.Wall
		}
		if x, y := i%side, i/side; x%15 == 7 && y%15 == 7 {
			m.Objects = append(m.Objects, tilemap.Object{Class: ClassSpawn, At: tilemap.Center(x, y)})
		}
	}
	return m
}

// mob is a crowd of random players who fire about once a second.
func mob(t testing.TB, players int) (*bench, func()) {
	s := Settings{Mode: ModeCrowd, TimeLimit: maxTimeLimit, Seed: 7, Map: square(tilemap.MaxSide)}
	b := newBench(t, s, players)
	whims := make([]*whim, players+1)
	for id := range whims {
		whims[id] = newWhim(uint64(id))
	}
	return b, func() {
		for _, id := range b.Seats() {
			c := whims[id].next(b.Tick() + 1)
			c.Held = 0
			if c.Press[0] = b.cmds[id].Press[0]; (int(b.Tick())+int(id))%60 == 0 {
				c.Press[0]++
			}
			if now := b.Tick(); now > 12 {
				c.View = protocol.View{A: now - 8, B: now - 7, Frac: uint16(id) % 256}
			}
			b.cmds[id] = c
		}
		b.step()
		b.clear()
	}
}

// Who is near is found through the grid as by asking everyone.
func TestAroundMissesNobody(t *testing.T) {
	b, step := mob(t, 300)
	found := 0
	for range 120 {
		step()
		b.w.file()
		for id := range protocol.PlayerID(300) {
			from := b.player(id + 1).pos
			to, reach := from.Add(fixed.Angle(uint16(id)*999).Unit(fixed.FromInt(200))), fixed.FromInt(int(id%90))
			near := b.w.around(from, to, reach)
			if !slices.IsSorted(near) {
				t.Fatalf("%v is out of order", near)
			}
			for _, other := range b.w.order {
				p := &b.w.seats[other].player
				if _, hit := strike(from, to, p.pos, reach); hit && p.alive && !slices.Contains(near, other) {
					t.Fatalf("player %d is %d units away and not found", other, distance(from, p.pos).Floor())
				}
			}
			found += len(near)
		}
	}
	if found < 10_000 {
		t.Errorf("only %d were near", found)
	}
}

// Nobody is hit whom the shooter was not sent: a ray ends as far within what he is shown as he can have
// come since the snapshot that he shot at was taken.
func TestRaysEndWithinReach(t *testing.T) {
	crowd, small := Settings{Mode: ModeCrowd}, Settings{Mode: ModeFFA}
	const rewound = 46 // ticks: replication.MaxRewind
	way := topSpeed*rewound + (dashSpeed-topSpeed)*dashTicks
	for w := Blaster; w <= WeaponCount; w++ {
		info := WeaponInfo(w)
		if info.Pellets == 0 {
			continue
		}
		if far := crowd.rayLength(info) + playerRadius + way; far > fixed.FromInt(crowdReach) {
			t.Errorf("a %s reaches %d units from where its shooter was shown %d", info.Name, far.Floor(), crowdReach)
		}
		if small.rayLength(info) != info.Range {
			t.Errorf("the %s is shorter in a small match", info.Name)
		}
	}
}

// The board shows who leads; the row of everyone else is his own, and both say how he stands.
func TestTheBoardOfACrowd(t *testing.T) {
	b, step := mob(t, 40)
	for id := range protocol.PlayerID(40) {
		b.player(id + 1).points = int32(id * 7 % 40)
	}
	step()
	ents := b.Snapshot().Entities()
	var board []protocol.PlayerID
	for i := range ents {
		e := &ents[i]
		if e.Kind != KindScore {
			continue
		}
		id := protocol.PlayerID(e.Row[ScorePlayer])
		switch e.Owner {
		case 0:
			board = append(board, id)
		case id:
		default:
			t.Errorf("the row of player %d is that of %d", id, e.Owner)
		}
		if got := Standing(b.Snapshot(), id); got.Score != int(b.player(id).points) {
			t.Errorf("player %d stands at %d, want %d", id, got.Score, b.player(id).points)
		}
	}
	want := slices.Clone(b.w.crowd.board[:])
	if points := func(id protocol.PlayerID) int32 { return b.player(id).points }; points(want[0]) != 39 || points(want[9]) != 30 {
		t.Errorf("%v lead, with %d to %d points", want, points(want[0]), points(want[9]))
	}
	if slices.Sort(want); !slices.Equal(board, want) {
		t.Errorf("%v are on the board, want %v", board, want)
	}
}

// An eye is where its player is, where he died, and where he is about to enter.
func TestEyeFollows(t *testing.T) {
	b, step := mob(t, 3)
	at := func(id protocol.PlayerID) fixed.Vec {
		x, y, ok := b.Eye(id)
		if !ok {
			t.Fatalf("player %d has no eye", id)
		}
		return fixed.Vec{X: fixed.FromWire(x), Y: fixed.FromWire(y)}
	}
	p := b.player(2)
	if step(); distance(at(2), p.pos) > fixed.One {
		t.Error("not where he is")
	}
	b.w.crowd.board[0] = 2
	if at(0) != at(2) {
		t.Error("who looks on does not look at who leads")
	}
	p.safeEnd, p.health = 0, 0
	if step(); p.alive {
		t.Fatal("he lives")
	}
	died := p.pos
	for !p.alive {
		want := died
		if p.respawn.Sub(b.w.tick) < spawnNotice {
			want = p.spawnAt
		}
		if distance(at(2), want) > fixed.One {
			t.Fatalf("%d ticks before he enters he looks from %v", p.respawn.Sub(b.w.tick), at(2))
		}
		step()
	}
	if _, _, ok := b.Eye(4); ok {
		t.Error("a free seat has an eye")
	}
}

// Everybody enters armed with what client and server have dealt alike: see TestConformance for that.
func TestACrowdIsArmed(t *testing.T) {
	b, _ := mob(t, 200)
	var dealt [WeaponCount + 1]int
	for _, id := range b.Seats() {
		p := b.player(id)
		dealt[p.weapon]++
		if p.owned != 1|1<<(p.weapon-1) || p.ammo[p.weapon-1] != int32(weapons[p.weapon].MaxAmmo) {
			t.Errorf("player %d owns %b and has %v", id, p.owned, p.ammo)
		}
	}
	for w := Shotgun; w <= Rail; w++ {
		if dealt[w] < 20 {
			t.Errorf("%d of 200 have a %s", dealt[w], weapons[w].Name)
		}
	}
}

func TestACrowdAllocatesNothing(t *testing.T) {
	_, step := mob(t, 400)
	for range 1500 {
		step()
	}
	if n := testing.AllocsPerRun(100, step); n > 0 {
		t.Errorf("%v allocations in a tick", n)
	}
}

// BenchmarkCrowd is a tick of a thousand who run about, and fire once a second: their step, what is
// published and what is kept of it.
func BenchmarkCrowd(b *testing.B) {
	_, step := mob(b, MaxCrowd)
	for range 120 {
		step()
	}
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
}
