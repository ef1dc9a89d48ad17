package frame_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hindsight/protocol/frame"
)

var update = flag.Bool("update", false, "rewrite the golden frames")

// golden are the frames that PROTOCOL.md shows, and what each is about.
var golden = []struct {
	name, about string
	encode      func() []byte
}{
	{"hello", "Hello of a newcomer to any room", func() []byte { return new(frame.Encoder).Hello(nil, &exampleHello) }},
	{"welcome", "Welcome to seat 2", func() []byte { return new(frame.Encoder).Welcome(nil, &exampleWelcome) }},
	{"start", "Start of a match with a bot and a person", func() []byte { return new(frame.Encoder).Start(nil, &exampleStart) }},
	{"input", "Input of one command, all that a player usually does at once", func() []byte { return new(frame.Encoder).Input(nil, &exampleInput) }},
	{"inputs", "Input of two commands without views, page hidden", func() []byte { return new(frame.Encoder).Input(nil, &exampleInputs) }},
	{"chat", "Chat", func() []byte { return new(frame.Encoder).Chat(nil, &exampleChat) }},
	{"report", "Report of a second with a stall", func() []byte { return new(frame.Encoder).Report(nil, &exampleReport) }},
	{"report-mismatch", "Report of a wrong prediction that nothing explains", func() []byte { return new(frame.Encoder).Report(nil, &exampleMismatch) }},
	{"snapshot-full", "Snapshot without a base", func() []byte { return lastOf(snapshotBytes("snapshot-full")) }},
	{"snapshot-delta", "Snapshot with one of everything", func() []byte { return lastOf(snapshotBytes("snapshot-delta")) }},
	{"snapshot-idle", "Snapshot in which all went on as it was", func() []byte { return lastOf(snapshotBytes("snapshot-idle")) }},
	{"snapshot-skipped", "Snapshot after one that was not sent", func() []byte { return lastOf(snapshotBytes("snapshot-skipped")) }},
}

func lastOf(_ [][]byte, b []byte) []byte { return b }

func goldenPath(name string) string { return filepath.Join("testdata", "golden", name+".hex") }

// readGolden returns the bytes of a golden file: hex, with comments from # to the end of the line. A
// line that begins with | is bits.
func readGolden(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(goldenPath(name))
	if err != nil {
		tb.Fatal(err)
	}
	return unhex(tb, string(text))
}

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	var digits, bits strings.Builder
	full := func() { // the bits before are at their end
		for ; bits.Len()%8 > 0; bits.WriteByte('0') {
		}
		for b := range slices.Chunk([]byte(bits.String()), 8) {
			v, err := strconv.ParseUint(string(b), 2, 8)
			if err != nil {
				tb.Fatal(err)
			}
			fmt.Fprintf(&digits, "%02x", v)
		}
		bits.Reset()
	}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.Join(strings.Fields(line), "")
		if drawn, ok := strings.CutPrefix(line, "|"); ok {
			bits.WriteString(drawn)
			continue
		}
		full()
		digits.WriteString(line)
	}
	full()
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for _, g := range golden {
		got := g.encode()
		if *update {
			var text strings.Builder
			fmt.Fprintf(&text, "# %s\n", g.about)
			for row := range slices.Chunk(got, 16) {
				fmt.Fprintf(&text, "% x\n", row)
			}
			if err := os.WriteFile(goldenPath(g.name), []byte(text.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := readGolden(t, g.name); !bytes.Equal(got, want) {
			t.Errorf("%s is\n% x, want\n% x", g.name, got, want)
		}
	}
	files, err := filepath.Glob(goldenPath("*"))
	if err != nil || len(files) != len(golden) {
		t.Errorf("%d golden files for %d frames (%v)", len(files), len(golden), err)
	}
}

// TestDocument checks that the worked examples of PROTOCOL.md are the golden frames, byte for byte,
// and that none is missing.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	blocks := strings.Split(string(text), "```hex ")
	for _, block := range blocks[1:] {
		name, rest, _ := strings.Cut(block, "\n")
		body, _, closed := strings.Cut(rest, "```")
		if !closed {
			t.Fatalf("block %s has no end", name)
		}
		shown[name] = true
		if got, want := unhex(t, body), readGolden(t, name); !bytes.Equal(got, want) {
			t.Errorf("PROTOCOL.md shows %s as\n% x, it is\n% x", name, got, want)
		}
	}
	for _, g := range golden {
		if !shown[g.name] {
			t.Errorf("PROTOCOL.md does not show %s", g.name)
		}
	}
}

// TestGoldenDecodes reads every golden frame back into the value it was made of.
func TestGoldenDecodes(t *testing.T) {
	var d frame.Decoder
	check := func(name string, typ frame.Type, got, want any, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is\n%+v, want\n%+v", name, got, want)
		}
		if got, err := d.Type(readGolden(t, name)); got != typ || err != nil {
			t.Errorf("%s is of type %d (%v), want %d", name, got, err, typ)
		}
	}
	var hello frame.Hello
	check("hello", frame.TypeHello, &hello, &exampleHello, d.Hello(readGolden(t, "hello"), &hello))
	var welcome frame.Welcome
	check("welcome", frame.TypeWelcome, &welcome, &exampleWelcome, d.Welcome(readGolden(t, "welcome"), &welcome))
	var start frame.Start
	check("start", frame.TypeStart, &start, &exampleStart, d.Start(readGolden(t, "start"), &start))
	var input frame.Input
	check("input", frame.TypeInput, &input, &exampleInput, d.Input(readGolden(t, "input"), &input))
	check("inputs", frame.TypeInput, &input, &exampleInputs, d.Input(readGolden(t, "inputs"), &input))
	var chat frame.Chat
	check("chat", frame.TypeChat, &chat, &exampleChat, d.Chat(readGolden(t, "chat"), &chat))

	var report frame.Report
	check("report-mismatch", frame.TypeReport, &report, &exampleMismatch, d.Report(readGolden(t, "report-mismatch"), &report))
	report.Row = nil
	check("report", frame.TypeReport, &report, &exampleReport, d.Report(readGolden(t, "report"), &report))

	f := far{schema: exampleSchema()}
	for _, x := range exampleSnapshots() {
		if x.name == "" {
			continue
		}
		err := f.receive(readGolden(t, x.name))
		check(x.name, frame.TypeSnapshot, f.header, x.header, err)
		if !slices.Equal(f.body.Own, x.own) || !slices.Equal(f.body.Events, x.events) || !slices.Equal(f.body.Notices, x.notices) {
			t.Errorf("%s is\n%+v, want\n%+v", x.name, f.body, x)
		}
		if got := f.now(); got.Tick != x.cur.Tick || !reflect.DeepEqual(got.Entities(), x.cur.Entities()) {
			t.Errorf("%s holds %+v, want %+v", x.name, got.Entities(), x.cur.Entities())
		}
	}
}
