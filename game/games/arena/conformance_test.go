package arena_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/gametest"
)

// TestConformance runs the contract's checks in each mode, each on another ground.
func TestConformance(t *testing.T) {
	for _, settings := range []map[string]string{
		{"mode": "ffa", "maps": "warren", "warmup": "2", "time": "60"},
		{"mode": "tdm", "maps": "canals", "warmup": "0", "time": "40", "score": "10"},
		{"mode": "crowd", "time": "40"},
	} {
		t.Run(settings["mode"]+" "+settings["maps"], func(t *testing.T) {
			r, err := maps.NewRotation(settings, nil)
			if err != nil {
				t.Fatal(err)
			}
			gametest.Run(t, arena.Game, r.Match(0, 1))
		})
	}
	t.Run("crowd warren", func(t *testing.T) { // where a few are a crowd
		gametest.Run(t, arena.Game, startOn(t, "warren", arena.ModeCrowd, 1))
	})
}

var update = flag.Bool("update", false, "write testdata/match.hash anew, after a change of the rules or the bots")

// TestMatchHash plays 60,000 ticks with 16 bots, on every map, and 3000 of a crowd, and compares the digests of all their
// states with those in testdata. The same file is checked natively and as WASM:
//
//	GOOS=js GOARCH=wasm go test -exec "$(go env GOROOT)/lib/wasm/go_js_wasm_exec" -run MatchHash .
func TestMatchHash(t *testing.T) {
	const file, perMap, every = "testdata/match.hash", 15000, 3000
	var got strings.Builder
	for i, name := range maps.Names {
		mode := uint8(i % 2)
		digests, err := gametest.Play(arena.Game, startOn(t, name, mode, uint64(i+1)), 16, perMap, every)
		if err != nil {
			t.Fatal(err)
		}
		for j, d := range digests {
			fmt.Fprintf(&got, "%s mode %d tick %5d %016x\n", name, mode, (j+1)*every, d)
		}
	}
	// A crowd, where forty are one.
	digests, err := gametest.Play(arena.Game, startOn(t, "plaza", arena.ModeCrowd, 5), 40, 3000, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for j, d := range digests {
		fmt.Fprintf(&got, "plaza mode %d tick %5d %016x\n", arena.ModeCrowd, (j+1)*1000, d)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wants, gots := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	for i, line := range gots {
		if i >= len(wants) || line != wants[i] {
			t.Fatalf("line %d is %q, not as in %s: if the rules or the bots were meant to change, run with -update", i+1, line, file)
		}
	}
}
