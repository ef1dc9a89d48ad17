package metrics

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"hindsight/game"
	"hindsight/protocol"
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
	if n := testing.AllocsPerRun(100, func() {
		m.TickSeconds.Observe(.003)
		m.LateSeconds.Observe(.0004)
		m.InputsUsed.Inc()
		m.Clamps[game.ClampEcho].Inc()
		m.Closed(protocol.CloseNormal)
		m.BytesOut.Add(900)
	}); n > 0.1 { // a native bucket is made when it is first hit
		t.Errorf("%v allocations a tick, want none", n)
	}
}
