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
	"strings"
	"testing"

	"hindsight/protocol/delta"
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
	{"snapshot-full", "Snapshot without a base", func() []byte { return snapshotBytes("snapshot-full") }},
	{"snapshot-delta", "Snapshot with one of everything", func() []byte { return snapshotBytes("snapshot-delta") }},
	{"snapshot-idle", "Snapshot in which nothing changed", func() []byte { return snapshotBytes("snapshot-idle") }},
}

func snapshotBytes(name string) []byte {
	x := exampleSnapshots()[name]
	return encodeSnapshot(exampleSchema(), &x)
}

func goldenPath(name string) string { return filepath.Join("testdata", "golden", name+".hex") }

// readGolden returns the bytes of a golden file: hex, with comments from # to the end of the line.
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
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
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

	for name, x := range exampleSnapshots() {
		b := readGolden(t, name)
		var body frame.Body
		var got delta.Snapshot
		h, err := d.Header(b)
		if err == nil {
			err = d.Body(exampleSchema(), x.base, x.ownBefore, &body, &got)
		}
		check(name, frame.TypeSnapshot, h, x.header, err)
		if !slices.Equal(body.Own, x.own) || !slices.Equal(body.Events, x.events) || !slices.Equal(body.Notices, x.notices) {
			t.Errorf("%s is\n%+v, want\n%+v", name, body, x)
		}
		if got.Tick != x.cur.Tick || !reflect.DeepEqual(got.Entities(), x.cur.Entities()) {
			t.Errorf("%s holds %+v, want %+v", name, got.Entities(), x.cur.Entities())
		}
	}
}
