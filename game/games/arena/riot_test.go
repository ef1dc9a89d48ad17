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

// riotShort is how many ticks TestRiotHash plays on each map unless it is told.
const riotShort = 10000

var riotTicks = flag.Int("riot", riotShort, "ticks that TestRiotHash plays on each map")

// TestRiotHash has 16 seats on every map give random and hostile inputs, come and go, and compares
// digests of all the states on the way with those in testdata, which hold for every machine. The short
// run is a part of every test; ten million ticks, natively and then as WASM, are
//
//	go test ./game/games/arena -run RiotHash -riot 2500000 -timeout 0 -v
//	GOOS=js GOARCH=wasm go test -exec "$(go env GOROOT)/lib/wasm/go_js_wasm_exec" \
//		./game/games/arena -run RiotHash -riot 2500000 -timeout 0 -v
//
// After a change of the rules, -update keeps what was played: run the first line with it.
func TestRiotHash(t *testing.T) {
	const file = "testdata/riot.hash"
	old, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	var lines strings.Builder
	for i, name := range maps.Names {
		mode := uint8(i % 2)
		each := func(tick int, digest uint64) {
			key := fmt.Sprintf("%s mode %d tick %7d ", name, mode, tick)
			line := fmt.Sprintf("%s%016x\n", key, digest)
			lines.WriteString(line)
			switch known := strings.Contains(string(old), key); {
			case *update:
			case known && !strings.Contains(string(old), line):
				t.Fatalf("%q is not as in %s: if the rules were meant to change, run with -update", strings.TrimSpace(line), file)
			case !known && tick <= riotShort:
				t.Fatalf("%q is not in %s: run with -update", key, file)
			case tick > riotShort:
				t.Logf("%s (known: %v)", strings.TrimSpace(line), known)
			}
		}
		start := startOn(t, name, mode, uint64(i+1))
		if err := gametest.Riot(arena.Game, start, 16, uint64(i+1), marks(*riotTicks), each); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(lines.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// marks returns the ticks up to last at which digests are compared: 1000, 2000, 5000, 10,000 and so on.
func marks(last int) (at []int) {
	for decade := 1000; decade <= last; decade *= 10 {
		for _, n := range [...]int{1, 2, 5} {
			if decade*n < last {
				at = append(at, decade*n)
			}
		}
	}
	return append(at, last)
}
