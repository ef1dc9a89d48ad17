package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"hindsight/protocol"
	"hindsight/server/lab"
)

// parseBench reads a command line of bench netcode.
func parseBench(t *testing.T, args ...string) *benchNetcodeCmd {
	t.Helper()
	var c commands
	parser, err := kong.New(&c, kong.Vars{"settings": "", "limits": ""})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"bench", "netcode"}, args...)); err != nil {
		t.Fatal(err)
	}
	return &c.Bench.Netcode
}

func TestBenchFlagsAreACell(t *testing.T) {
	c := parseBench(t, "--rtt=120ms", "--jitter=5ms", "--loss=0.1", "--stall=2s", "--rate=160", "--fps=10", "--clients=4", "--minutes=2", "--seed=9")
	got, err := c.cell()
	want := lab.Cell{
		RTT: 120_000, Jitter: 5_000, Loss: 1_000, Stall: 2 * protocol.Second, Rate: 160_000, FPS: 10,
		Players: 4, Play: 120 * protocol.Second, Seed: 9,
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, args := range [][]string{
		{"--rtt=-1ms"}, {"--loss=60"}, {"--loss=-1"}, {"--fps=0"}, {"--clients=0"}, {"--clients=33"},
		{"--minutes=0.1"}, {"--stall=30s"}, {"--rate=-1"}, {"--out=x"},
	} {
		if _, err := parseBench(t, args...).cell(); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

// smallReport plays a few cells of a quarter of a minute.
var smallReport = sync.OnceValues(func() (*benchReport, error) {
	c := &benchNetcodeCmd{Minutes: 0.25, Clients: 2, FPS: 60, Matrix: true, Seed: 1}
	base, err := c.cell()
	if err != nil {
		return nil, err
	}
	r := &benchReport{cmd: c}
	var cells []lab.Cell
	for _, cell := range lab.Matrix(base) {
		if cell.RTT == 50_000 && cell.Jitter == 0 && cell.Loss <= 1_000 && cell.Stall <= 500_000 && cell.Rate == 0 {
			cells = append(cells, cell)
		}
	}
	if err := r.run(context.Background(), cells, nil); err != nil {
		return nil, err
	}
	// The trials themselves are package lab's to test.
	o := lab.Outage{Length: lab.OutageLengths[0], Tries: 1, Recovered: 1, After: 300_000}
	r.trials = []*lab.Trials{{Cell: base, Crowd: r.cells[0], Outages: []lab.Outage{o}}}
	return r, nil
})

func TestAReportIsWholeAndKeepsWhatPeopleWrote(t *testing.T) {
	r, err := smallReport()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "RESULTS.md")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(first, "By hand.\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(second) != string(first)+"By hand.\n" {
		t.Error("a second report lost what was written by hand")
	}
	for _, p := range r.plots() {
		if svg, err := os.ReadFile(filepath.Join(dir, plotsDir, p.file)); err != nil || !bytes.HasPrefix(svg, []byte("<svg ")) {
			t.Errorf("%s: %v", p.file, err)
		}
		if !bytes.Contains(second, []byte("("+plotsDir+"/"+p.file+")")) {
			t.Errorf("the report does not show %s", p.file)
		}
	}
}

func TestEveryMetricIsReported(t *testing.T) {
	r, err := smallReport()
	if err != nil {
		t.Fatal(err)
	}
	all := sorted(r.outside(), r.trials[0].Figures())
	for _, c := range r.cells {
		all = sorted(all, c.Figures())
	}
	have := map[int]bool{}
	for i := range all {
		f := &all[i]
		have[f.Metric] = true
		if f.Name == "" || len(f.Values) == 0 && f.Note == "" {
			t.Errorf("metric %d says nothing: %+v", f.Metric, f)
		}
	}
	for n := 1; n <= 28; n++ {
		if !have[n] {
			t.Errorf("metric %d is missing", n)
		}
	}
	b, err := json.Marshal(r.document())
	if err != nil || !json.Valid(b) {
		t.Errorf("%v", err)
	}
	var table strings.Builder
	if r.print(&table); !strings.Contains(table.String(), "Hit agreement") {
		t.Errorf("the table is\n%s", table.String())
	}
}

func TestARealClockMeasuresTicks(t *testing.T) {
	for d := 200 * time.Millisecond; ; d *= 2 { // a busy machine may not come to a tick in so short a time
		r, err := runClock(t.Context(), d, 4)
		if err != nil {
			t.Fatal(err)
		}
		if r.late.N > 0 {
			if r.took.N != r.late.N || len(r.figures()) != 2 {
				t.Errorf("%d ticks, %d durations, %d figures", r.late.N, r.took.N, len(r.figures()))
			}
			return
		}
	}
}

func TestNumbersHaveTheDigitsThatMatter(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 3: "3", 0.0625: "0.062", 2.345: "2.35", 23.45: "23.4", 234.5: "234", 99.987: "99.987", 100: "100"} {
		if got := valueText(v); got != want {
			t.Errorf("%v reads %s, want %s", v, got, want)
		}
	}
}
