package metrics

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Every collector has a name of ours and passes the linter that Prometheus ships: units, suffixes
// and help texts as dashboards expect them.
func TestNames(t *testing.T) {
	reg := prometheus.NewRegistry()
	New(reg)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(families) < 20 {
		t.Errorf("only %d metric families are registered", len(families))
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "hindsight_") {
			t.Errorf("%s does not begin with hindsight_", f.GetName())
		}
	}
	problems, err := testutil.GatherAndLint(reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

var update = flag.Bool("update", false, "rewrite the table of README.md")

// The table of README.md lists every family, with its help text for a meaning.
func TestDocumented(t *testing.T) {
	reg := prometheus.NewRegistry()
	New(reg)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	const head = "\n| Metric | Kind | By | Meaning |\n|---|---|---|---|\n"
	var rows strings.Builder
	for _, f := range families {
		if f.GetHelp() == "" {
			t.Errorf("%s has no help text", f.GetName())
		}
		labels := ""
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = l.GetName()
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s | %s |\n", f.GetName(), strings.ToLower(f.GetType().String()), labels, f.GetHelp())
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, table, ok := strings.Cut(string(text), head)
	if !ok {
		t.Fatalf("README.md has no table of metrics")
	}
	end := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		end += len(line)
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(before+head+rows.String()+table[end:]), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table[:end] != rows.String() {
		t.Errorf("the table of README.md is\n%s\nit should be (-update writes it)\n%s", table[:end], &rows)
	}
}

// What a client reports moves the families that are made of reports, and no other.
func TestClientReport(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg)
	m.Client.Report(&frame.Report{
		Span: 4000, RTT: 208, Delay: 120, Frames: 58, FrameMean: 67, FrameWorst: 240, Underruns: 3, Extrapolated: 200, Confirmed: 57,
		Corrected: [frame.Corrections]uint16{1, 2, 0, 4}, Verdicts: [frame.Verdicts]uint16{6, 1, 2, 3}, Hitches: [frame.Hitches]uint16{4, 3, 2, 1},
	})
	moved := []string{
		`hindsight_client_reports_total 1`,
		`hindsight_client_predictions_total{outcome="confirmed"} 57`,
		`hindsight_client_predictions_total{outcome="late_input"} 1`,
		`hindsight_client_predictions_total{outcome="touched"} 2`,
		`hindsight_client_predictions_total{outcome="unknown"} 4`,
		`hindsight_client_verdicts_total{verdict="agreed"} 6`,
		`hindsight_client_verdicts_total{verdict="denied"} 1`,
		`hindsight_client_verdicts_total{verdict="excused"} 2`,
		`hindsight_client_verdicts_total{verdict="lost"} 3`,
		`hindsight_hitches_total{cause="client_frame"} 4`,
		`hindsight_hitches_total{cause="server_tick"} 3`,
		`hindsight_hitches_total{cause="send_wait"} 2`,
		`hindsight_hitches_total{cause="network"} 1`,
		`hindsight_client_underruns_total 3`,
		`hindsight_client_extrapolated_seconds_total 0.05`,
		`hindsight_client_frame_seconds_sum 0.01675`,
		`hindsight_client_frame_worst_seconds_sum 0.06`,
		`hindsight_client_view_delay_seconds_sum 0.03`,
		`hindsight_client_round_trip_seconds_sum 0.052`,
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		text := gather(t, reg, f.GetName())
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			number := line[strings.LastIndexByte(line, ' ')+1:]
			if strings.HasPrefix(line, "#") || number == "0" || strings.Contains(line, "_bucket{") || strings.Contains(line, "_count ") {
				continue
			}
			if i := slices.Index(moved, line); i >= 0 {
				moved = slices.Delete(moved, i, i+1)
			} else {
				t.Errorf("a report moved %s", line)
			}
		}
	}
	if len(moved) > 0 {
		t.Errorf("a report did not move %q", moved)
	}
	m.Client.Report(&frame.Report{Span: 4000, RTT: 100}) // in the background
	if text := gather(t, reg, "hindsight_client_frame_seconds"); !strings.Contains(text, "hindsight_client_frame_seconds_count 1") {
		t.Errorf("a page that drew nothing has a frame time:\n%s", text)
	}
}

func TestReceivedByType(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg)
	for kind := range frame.Type(32) {
		m.Received(kind, 100+int(kind))
	}
	text := gather(t, reg, "hindsight_received_bytes_total")
	for _, want := range []string{`{type="hello"} 101`, `{type="input"} 102`, `{type="chat"} 103`, `{type="report"} 104`} {
		if !strings.Contains(text, want) {
			t.Errorf("want a line with %s in\n%s", want, text)
		}
	}
}

func TestClosedByCode(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := New(reg)
	m.Closed(protocol.CloseHeartbeat)
	m.Closed(protocol.CloseHeartbeat)
	m.Closed(1006)
	m.Closed(3999) // a client may close with anything from 3000 to 4999
	m.Refused(protocol.CloseRoomFull)
	m.Refused(1)
	m.Denied(DenyOrigin)
	m.Clamps[game.ClampAge].Inc()

	for name, want := range map[string]string{
		"hindsight_closes_total":            `hindsight_closes_total{code="4408"} 2`,
		"hindsight_joins_refused_total":     `hindsight_joins_refused_total{code="4503"} 1`,
		"hindsight_handshakes_denied_total": `hindsight_handshakes_denied_total{reason="origin"} 1`,
		"hindsight_view_clamps_total":       `hindsight_view_clamps_total{reason="age"} 1`,
	} {
		if text := gather(t, reg, name); !strings.Contains(text, want) {
			t.Errorf("%s: want a line %q in\n%s", name, want, text)
		}
	}
	if text := gather(t, reg, "hindsight_closes_total"); !strings.Contains(text, `{code="cut"} 2`) {
		t.Errorf("codes off the list do not count as cut:\n%s", text)
	}
}

func gather(t *testing.T, reg *prometheus.Registry, name string) string {
	t.Helper()
	b, err := testutil.CollectAndFormat(reg, expfmt.TypeTextPlain, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a tick counts allocates nothing.
func TestTickAllocatesNothing(t *testing.T) {
	m := New(nil)
	report := frame.Report{Frames: 60, FrameMean: 67}
	times := []int32{3000, 400}
	if n := testing.AllocsPerRun(100, func() {
		m.TickSeconds.Add(times)
		m.InputsUsed.Inc()
		m.Clamps[game.ClampEcho].Inc()
		m.Closed(protocol.CloseNormal)
		m.BytesOut.Add(900)
		m.Received(frame.TypeInput, 20)
		m.Client.Report(&report)
	}); n > 0.1 { // a native bucket is made when it is first hit
		t.Errorf("%v allocations a tick, want none", n)
	}
}
