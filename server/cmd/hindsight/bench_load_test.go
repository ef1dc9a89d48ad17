package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"hindsight/server/load"
)

// parseFlags reads a command line.
func parseFlags(t *testing.T, args ...string) (*commands, error) {
	t.Helper()
	var c commands
	parser, err := kong.New(&c, kong.Vars{"settings": "", "limits": ""})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return &c, err
}

func TestLoadFlagsAreALoad(t *testing.T) {
	c, err := parseFlags(t, "bench", "load", "--clients=500,1000", "--rooms-of=8", "--rate=30", "--inputs=60", "--warmup=1s", "--seconds=2.5", "--cores=-1,-1", "--bots=3")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Bench.Load.config()
	if err != nil || got.Clients != 500 || got.RoomsOf != 8 || got.Rate != 30 || got.Inputs != 60 || got.Warm != time.Second ||
		got.Measure != 2500*time.Millisecond || got.ServerCore != -1 || got.ClientCore != -1 || got.Bots != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, args := range [][]string{
		{"--clients=0"}, {"--clients=500,99999"}, {"--rooms-of=33"}, {"--rate=25"}, {"--inputs=5"}, {"--seconds=0"}, {"--rounds=0"}, {"--cores=1"}, {"--json", "--bench"},
	} {
		c, err := parseFlags(t, append([]string{"bench", "load"}, args...)...)
		if err == nil {
			_, err = c.Bench.Load.config()
		}
		if err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

func TestStormFlagsAreAStorm(t *testing.T) {
	c, err := parseFlags(t, "bench", "storm", "--clients=9000", "--players=320", "--rooms-of=16", "--seconds=2", "--stay", "--cores=-1,1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Bench.Storm.config()
	if err != nil || got.Idle != 9000 || got.Players != 320 || got.RoomsOf != 16 || got.Calm != 2*time.Second || !got.Stay ||
		got.ServerCore != -1 || got.ClientCore != 1 || got.Program == "" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, args := range [][]string{{"--clients=0"}, {"--clients=99999"}, {"--players=0"}, {"--rooms-of=1"}, {"--seconds=0"}, {"--cores=1"}} {
		c, err := parseFlags(t, append([]string{"bench", "storm"}, args...)...)
		if err == nil {
			_, err = c.Bench.Storm.config()
		}
		if err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

// A few clients, real processes: that each figure is there, not how large it is.
func TestBenchFloorMeasuresBoth(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
	out, err := program(t, "bench", "floor", "--clients=6", "--rooms-of=4", "--rounds=1", "--warmup=200ms", "--seconds=2", "--cores=-1,-1", "--bots=1", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var r load.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(r.Loads) != 1 || len(r.Loads[0].Server) != 1 || len(r.Loads[0].Floor) != 1 {
		t.Fatalf("%s", out)
	}
	l := r.Loads[0]
	s, f := l.Server[0], l.Floor[0]
	for name, v := range map[string]float64{
		"the ratio": l.Ratio, "CPU": s.CPU, "the floor's CPU": f.CPU, "bytes": s.Bytes, "the rate": s.Rate, "inputs": s.Inputs,
		"the gap": s.GapP50, "snapshots": s.Compose, "ticks": s.Tick.P50, "load": s.ServerLoad,
	} {
		if v <= 0 {
			t.Errorf("%s: %v", name, v)
		}
	}
	if s.Clients != 6 || s.Floor || !f.Floor || f.Tick != nil || len(s.Lost) > 0 || s.Bots == nil || s.Bots.Bots != 1 {
		t.Errorf("%s", out)
	}
	if difference := s.Bytes - f.Bytes; difference < -1 || difference > 1 {
		t.Errorf("the floor's frames have %v bytes, the server's %v", f.Bytes, s.Bytes)
	}
}

func TestBenchBytesOfATraceAndOfTheArena(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "two.pbt")
	// Two players, a second and a tenth at 60 Hz, who stand still.
	b := []byte("PBT1\x02\x00\x3c\x00\x42\x00\x00\x00")
	b = append(b, make([]byte, 66*2*10)...)
	if err := os.WriteFile(trace, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := program(t, "bench", "bytes", "--trace", trace, "--json").Output()
	var all []struct {
		Source   string
		Players  int
		Total    float64 `json:"bytes_per_second"`
		Entities float64
	}
	if err != nil || json.Unmarshal(out, &all) != nil || len(all) != 1 || all[0].Players != 2 || all[0].Total <= 0 || all[0].Entities > 10 { // a bit for each
		t.Errorf("%s, %v", out, err)
	}
	out, err = program(t, "bench", "bytes", "--players=2", "--seconds=1", "--bench").Output()
	if err != nil || !slices.Contains(strings.Fields(string(out)), "B/s") {
		t.Errorf("%s, %v", out, err)
	}
}
