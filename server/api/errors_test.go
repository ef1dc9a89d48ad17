package api

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hindsight/server/identity"
	"hindsight/server/lobby"
	"hindsight/server/matchmaking"
	"hindsight/server/moderation"
	"hindsight/server/node"
	"hindsight/server/party"
	"hindsight/server/ticket"
)

// Whatever others refuse is told as the tables say, however deep it is wrapped.
func TestEveryRefusalHasItsAnswer(t *testing.T) {
	d := readDocument(t)
	type want struct {
		err    error
		status int
		code   string
	}
	wants := []want{
		{identity.TooMany{Wait: 3 * time.Second}, 429, "too_many"},
		{node.SettingsError{Err: errors.New("mode is none of ours")}, 400, "invalid_settings"},
		{lobby.Silenced{Verdict: moderation.Muted}, 403, "muted"},
		{lobby.Silenced{Verdict: moderation.TooFast, Wait: time.Second}, 429, "too_fast"},
		{lobby.Silenced{Verdict: moderation.Repeated, Wait: time.Second}, 429, "repeated"},
		{matchmaking.ErrTooLarge, 409, "party_too_large"},
		{party.ErrNotLeader, 403, "party_not_leader"},
		{errLarge, 413, "too_large"},
	}
	for _, row := range table {
		wants = append(wants, want{row.err, row.status, row.code})
	}
	ticket.Refusals(func(r ticket.Refusal) { wants = append(wants, want{r, r.Status(), r.Code()}) })
	a := new(API)
	for _, w := range wants {
		rec := httptest.NewRecorder()
		a.refuse(rec, fmt.Errorf("deep: %w", fmt.Errorf("inside: %w", w.err)))
		body := rec.Body.String()
		d.check(t, w.code, "Refusal", rec.Body.Bytes())
		if rec.Code != w.status || !strings.Contains(body, `"`+w.code+`"`) {
			t.Errorf("%v is told as %d %s, want %d %s", w.err, rec.Code, body, w.status, w.code)
		}
		if strings.Contains(body, "deep") || strings.Contains(body, `"text":""`) {
			t.Errorf("%v is told as %s", w.err, body)
		}
		if wait := rec.Header().Get("Retry-After"); (rec.Code == 429 || rec.Code == 503) && wait == "" {
			t.Errorf("%s: %d and Retry-After %q", w.code, rec.Code, wait)
		}
	}
}

// What nobody foresaw is logged, and players are told nothing of it.
func TestFaultsStayInside(t *testing.T) {
	var log bytes.Buffer
	a := &API{cfg: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	rec := httptest.NewRecorder()
	a.refuse(rec, errors.New("the disk at /secret is on fire"))
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "secret") || !strings.Contains(log.String(), "/secret") {
		t.Errorf("told %d %s, logged %s", rec.Code, rec.Body, &log)
	}
}
