package server

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"hindsight/game/games/arena"
	"hindsight/server/bots"
	"hindsight/server/mono"
)

// Players on real sockets move the families that a live server is watched by: what it measures itself,
// and what its clients report.
func TestPlayingMovesTheMetrics(t *testing.T) {
	n := start(t, Config{Bots: 4})
	swarm, err := bots.New(bots.Config{URL: n.url, Game: arena.Game, Clients: 3, Skill: 5, Now: mono.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); swarm.Run(ctx) }()
	defer func() { stop(); <-ended }()

	missing := []string{
		`hindsight_client_reports_total`,
		`hindsight_client_predictions_total{outcome="confirmed"}`,
		`hindsight_client_verdicts_total{verdict="agreed"}`,
		`hindsight_client_frame_seconds_count`,
		`hindsight_client_view_delay_seconds_sum`,
		`hindsight_client_round_trip_seconds_count`,
		`hindsight_input_margin_seconds_count`,
		`hindsight_input_wait_seconds_count`,
		`hindsight_command_views_total{reason="none"}`,
		`hindsight_round_trip_seconds_count`,
		`hindsight_send_wait_seconds_count`, // the kernel takes most at once, which is no wait
		`hindsight_tick_encode_seconds_sum`,
		`hindsight_snapshot_part_bytes_total{part="own"}`,
		`hindsight_snapshot_part_bytes_total{part="entities"}`,
		`hindsight_snapshot_part_bytes_total{part="rest"}`,
		`hindsight_received_bytes_total{type="input"}`,
		`hindsight_received_bytes_total{type="report"}`,
	}
	var text string
	for end := time.Now().Add(4 * patience); len(missing) > 0; time.Sleep(20 * time.Millisecond) {
		text = n.metrics()
		for len(missing) > 0 && value(text, missing[0]) > 0 {
			missing = missing[1:]
		}
		if time.Now().After(end) {
			t.Fatalf("after %v of play these have not moved: %q", 4*patience, missing)
		}
	}
	if bugs := value(text, `hindsight_client_predictions_total{outcome="unknown"}`); bugs != 0 {
		t.Errorf("%v predictions were wrong for no reason", bugs)
	}
}

// metrics returns the page of the admin listener.
func (n *running) metrics() string {
	n.t.Helper()
	resp, err := http.Get("http://" + n.admin.Addr().String() + "/metrics")
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return string(b)
}

// value returns the number of a line of metrics, -1 if there is no such line.
func value(text, line string) float64 {
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(line) + ` (\S+)$`).FindStringSubmatch(text)
	if m == nil {
		return -1
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return -1
	}
	return v
}
