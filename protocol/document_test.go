package protocol_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"hindsight/protocol"
)

var update = flag.Bool("update", false, "rewrite the tables of PROTOCOL.md that are facts of the code")

// checkTable compares the rows of a table of PROTOCOL.md with what they should be. The table is the
// one with the given head and rule in its first two lines.
func checkTable(t *testing.T, head, rule string, want []string) {
	t.Helper()
	text, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	before, table, ok := strings.Cut(string(text), "\n"+head+"\n"+rule+"\n")
	if !ok {
		t.Fatalf("PROTOCOL.md has no table %q", head)
	}
	n := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		n += len(line)
	}
	rows := strings.Join(want, "\n") + "\n"
	if table[:n] == rows {
		return
	}
	if !*update {
		t.Errorf("PROTOCOL.md has\n%s\nit should have (-update writes it)\n%s", table[:n], rows)
		return
	}
	text = []byte(before + "\n" + head + "\n" + rule + "\n" + rows + table[n:])
	if err := os.WriteFile("PROTOCOL.md", text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDocumentedCloseCodes(t *testing.T) {
	var codes []protocol.CloseCode
	protocol.CloseCodes(func(c protocol.CloseCode) { codes = append(codes, c) })
	slices.Sort(codes)
	actions := map[protocol.Action]string{protocol.Retry: "retry", protocol.Rejoin: "rejoin", protocol.Stop: "stop"}
	var want []string
	for _, c := range codes {
		want = append(want, fmt.Sprintf("| %d | %s | %s |", c, actions[c.Action()], c.Text()))
	}
	checkTable(t, "| Code | Action | Text |", "|-----:|--------|------|", want)
}

func TestDocumentedLimits(t *testing.T) {
	var want []string
	for _, l := range []struct {
		name  string
		value int
		about string
	}{
		{"MaxInboundFrame", protocol.MaxInboundFrame, "bytes in a frame from a client; more closes with 1009"},
		{"MaxFrame", protocol.MaxFrame, "bytes in a frame from a server"},
		{"MaxCommands", protocol.MaxCommands, "commands in an Input"},
		{"MaxPlayers", protocol.MaxPlayers, "seats in a room, and the largest player id"},
		{"MaxEntities", protocol.MaxEntities, "entities in a snapshot, and the largest entity id"},
		{"MaxKinds", protocol.MaxKinds, "kinds in a schema"},
		{"MaxFields", protocol.MaxFields, "fields in a kind"},
		{"MaxEvents", protocol.MaxEvents, "events in a snapshot"},
		{"MaxEventArgs", protocol.MaxEventArgs, "integers in an event"},
		{"MaxNotices", protocol.MaxNotices, "notices in a snapshot"},
		{"MaxReportRow", protocol.MaxReportRow, "fields of the row in a report"},
		{"MaxStartBytes", protocol.MaxStartBytes, "bytes in a start blob"},
	} {
		want = append(want, fmt.Sprintf("| %s | %d | %s |", l.name, l.value, l.about))
	}
	checkTable(t, "| Limit | Value | |", "|---|---:|---|", want)
}
