package maps

import (
	"testing"

	"hindsight/game/games/arena"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// The town has room for everyone, and all of it can be walked to.
func TestTown(t *testing.T) {
	m := Town()
	picks, spawns, err := arena.Layout(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(picks) != arena.MaxPickups || len(spawns) < 150 {
		t.Errorf("%d pickups and %d spawns", len(picks), len(spawns))
	}
	s := arena.Settings{Mode: arena.ModeCrowd, TimeLimit: maxTime * arena.TickRate, Warmup: maxWarmup * arena.TickRate, ScoreLimit: maxScore, Map: m}
	blob := arena.EncodeStart(s)
	if _, err := arena.DecodeStart(blob); err != nil || len(blob) > protocol.MaxStartBytes*7/8 {
		t.Errorf("%v, %d bytes: they have to leave room for names in a Start", err, len(blob))
	}
	reached := flood(m, spawns[0].At.X, spawns[0].At.Y)
	for i, tile := range m.Tiles {
		if tile == tilemap.Floor && !reached[i] {
			t.Fatalf("column %d, row %d cannot be walked to", i%m.W, i/m.W)
		}
	}
	for i := range picks {
		if !m.Free(picks[i].At, rules.Radius) {
			t.Errorf("pickup %d lies where nobody can stand", i)
		}
	}
}

// flood returns the floor tiles that can be walked to from a place.
func flood[N ~int32](m *tilemap.Map, x, y N) []bool {
	reached := make([]bool, len(m.Tiles))
	for todo := []int{int(y>>13)*m.W + int(x>>13)}; len(todo) > 0; {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[i] || m.Tiles[i] != tilemap.Floor {
			continue
		}
		reached[i] = true
		todo = append(todo, i-1, i+1, i-m.W, i+m.W)
	}
	return reached
}

// A crowd plays in the town, an hour long and without limits, and nowhere else.
func TestRotationOfACrowd(t *testing.T) {
	r, err := NewRotation(map[string]string{"mode": "crowd"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		start := r.Match(n, 5)
		s, err := arena.DecodeStart(start.Blob)
		if err != nil || s.Mode != arena.ModeCrowd || s.Map.Name != "town" || s.TimeLimit != 3600*arena.TickRate || s.ScoreLimit != 0 || s.Warmup != 0 {
			t.Errorf("%v: mode %d, %d ticks to %d", err, s.Mode, s.TimeLimit, s.ScoreLimit)
		}
		if start.Mode != "crowd" || start.Map != "town" || start.Title != "Town, crowd" {
			t.Errorf("match %d is %q, mode %q on %q", n, start.Title, start.Mode, start.Map)
		}
	}
}
