package frame_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// draw returns the worked examples of snapshots for PROTOCOL.md: what a stranger reads, bit by bit.
func draw() string {
	var out strings.Builder
	line := func(text, about string) { fmt.Fprintf(&out, "%-29s # %s\n", text, about) }
	us := newStranger(exampleSchema())
	us.log = func(bits, meaning string) {
		if bits != "" {
			line("| "+bits, meaning)
		}
	}
	for _, x := range exampleSnapshots() {
		if x.name == "" {
			continue
		}
		_, b := snapshotBytes(x.name)
		fmt.Fprintf(&out, "\n```hex %s\n", x.name)
		line(fmt.Sprintf("%02x 12", b[0]), fmt.Sprintf("array of %d, 0 type: Snapshot", b[0]&15))
		line(fmt.Sprintf("c4 %02x", b[3]), fmt.Sprintf("1 %d bytes of bits:", b[3]))
		us.receive(b)
		for i, n := range x.notices {
			if i == 0 {
				line(fmt.Sprintf("%02x", 0x90+len(x.notices)), fmt.Sprintf("2 %d notices", len(x.notices)))
			}
			line(fmt.Sprintf("94 %02x %02x %02x a%d % x", n.Kind, n.Player, n.Value, len(n.Text), n.Text),
				fmt.Sprintf("kind %d, player %d, value %d, %q", n.Kind, n.Player, n.Value, n.Text))
		}
		out.WriteString("```\n")
	}
	return out.String()
}

// TestDrawn checks that PROTOCOL.md draws the snapshots so; -update makes it.
func TestDrawn(t *testing.T) {
	const page, begin, end = "../PROTOCOL.md", "\n<!-- drawn -->\n", "\n<!-- end -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	drawn, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("PROTOCOL.md has no place for the examples")
	}
	want := draw()
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if drawn != want {
		t.Errorf("PROTOCOL.md draws\n%s\nwant (-update writes it)\n%s", drawn, want)
	}
}
