package sight_test

import (
	"testing"

	"hindsight/game/games/arena/maps"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/rng"
	"hindsight/game/sim/sight"
	"hindsight/game/sim/tilemap"
)

func built(t testing.TB) (all []*tilemap.Map) {
	t.Helper()
	for _, name := range []string{"canals", "foundry", "plaza", "warren"} {
		m, err := maps.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func somewhere(r *rng.Rand, m *tilemap.Map) fixed.Vec {
	for {
		p := fixed.Vec{X: fixed.Num(r.Intn(int(m.Size().X))), Y: fixed.Num(r.Intn(int(m.Size().Y)))}
		if m.Free(p, 14*fixed.One) {
			return p
		}
	}
}

func TestWhoCanBeSeenIsNeverHidden(t *testing.T) {
	for _, m := range built(t) {
		l := sight.New(m)
		r, hidden, n := rng.New(1), 0, 200_000
		for range n {
			a, b := somewhere(&r, m), somewhere(&r, m)
			may := l.May(a, b)
			if may != l.May(b, a) {
				t.Fatalf("%s: %v and %v do not agree", m.Name, a, b)
			}
			if !may {
				hidden++
				if m.Sight(a, b) {
					t.Fatalf("%s: %v sees %v, which is hidden", m.Name, a, b)
				}
			}
		}
		t.Logf("%s (%dx%d): %d %% of pairs hidden", m.Name, m.W, m.H, hidden*100/n)
	}
}

func BenchmarkNew(b *testing.B) {
	for _, m := range built(b) {
		b.Run(m.Name, func(b *testing.B) {
			for b.Loop() {
				sight.New(m)
			}
		})
	}
}

// Who steps round a corner was known before: each may walk for a while, as fast as people run, and so may
// both at once.
func TestNobodyComesUnannounced(t *testing.T) {
	const body = 14 * fixed.One
	for _, m := range built(t) {
		l, r := sight.New(m), rng.New(2)
		step := func(p fixed.Vec, units int) fixed.Vec {
			n := func() fixed.Num { return fixed.Num(r.Intn(2*units+1)-units) * fixed.One }
			for range 2 { // round a corner, that is
				p, _, _ = m.Slide(p, fixed.Vec{X: n() / 2, Y: n() / 2}, body)
			}
			return p
		}
		for range 100_000 {
			a, b := somewhere(&r, m), somewhere(&r, m)
			if l.May(a, b) {
				continue
			}
			if there := step(a, 60); m.Sight(there, b) {
				t.Fatalf("%s: %v walks to %v and sees %v, who was hidden", m.Name, a, there, b)
			}
			if x, y := step(a, 40), step(b, 40); m.Sight(x, y) {
				t.Fatalf("%s: %v and %v walk to %v and %v and see each other", m.Name, a, b, x, y)
			}
		}
	}
}

// A wall is no place to hide in, and a map that is too large hides nothing.
func TestTheImpossible(t *testing.T) {
	field := func(w int) *tilemap.Map {
		m := &tilemap.Map{W: w, H: 8, Tiles: make([]tilemap.Tile, w*8)}
		for y := range m.H {
			m.Tiles[y*w+50] = tilemap.Wall
		}
		return m
	}
	a, b := tilemap.Center(1, 4), tilemap.Center(98, 4)
	if l := sight.New(&tilemap.Map{W: 100, H: 8, Tiles: make([]tilemap.Tile, 800)}); !l.May(a, b) {
		t.Error("nothing lies between them")
	}
	l := sight.New(field(100))
	if l.May(a, b) || l.May(tilemap.Center(40, 4), tilemap.Center(60, 4)) {
		t.Error("a wall lies between them")
	}
	if !l.May(tilemap.Center(50, 4), b) || !l.May(b, tilemap.Center(50, 4)) || !l.May(a, fixed.Vec{X: -fixed.One}) {
		t.Error("who is where nobody can be is hidden")
	}
	if !sight.New(field(1+sight.MaxTiles/8)).May(a, b) {
		t.Error("a map that is too large hides somebody")
	}
}

func BenchmarkMay(b *testing.B) {
	m := built(b)[1]
	l, r := sight.New(m), rng.New(3)
	at := make([]fixed.Vec, 1024)
	for i := range at {
		at[i] = somewhere(&r, m)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.May(at[i&1023], at[(i*7+3)&1023])
	}
}
