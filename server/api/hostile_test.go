package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// evil are values that somebody did not think of.
var evil = []string{
	`null`, `true`, `-1`, `0`, `1e999`, `9223372036854775808`, `0.5`, `""`, `"\u0000"`, `"\ud800"`, "\"\xff\"",
	`"'; DROP TABLE players; --"`, `"../../etc/passwd"`, `"\u202e\u200b"`, `[]`, `{}`, `[[[[]]]]`, `{"a":{"a":{}}}`,
	`"` + strings.Repeat("a", 5000) + `"`, `"` + strings.Repeat("\u0301", 500) + `"`, `[` + strings.Repeat("0,", 2000) + `0]`,
	`"walk"`, `"Ann"`, `"duel"`, `3`,
}

// fields are what bodies have in them.
var fields = []string{
	"name", "login", "password", "old", "new", "device", "game", "mode", "maps", "time", "score", "maxPlayers", "bots",
	"botSkill", "private", "watchers", "locked", "room", "watch", "protocol", "code", "player", "to", "text", "ready", "settings", "flow", "state",
}

// Whatever is asked for, the answer is one of those in the table: never an internal error, never a
// panic, always JSON, and never long.
func TestNoRequestIsAFaultOfOurs(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Refused = func(string) {} })
	guest := r.guest("Ann")
	asked := slices.DeleteFunc(slices.Clone(routes), func(o route) bool { return o.path == "events" }) // a stream does not end
	rapid.Check(t, func(t *rapid.T) {
		o := rapid.SampledFrom(asked).Draw(t, "route")
		id := rapid.SampledFrom([]string{"walk", "x", "%00", "..%2f..", "1'--", "%ff", strings.Repeat("a", 300), "00000000-0000-0000-0000-000000000000"}).Draw(t, "id")
		path := Root + strings.ReplaceAll(o.path, "{id}", id)
		query := url.Values{}
		for range rapid.IntRange(0, 2).Draw(t, "parameters") {
			key := rapid.SampledFrom([]string{"game", "mode", "map", "free", "q", "limit", "before", "period", "code", "state"}).Draw(t, "parameter")
			query.Add(key, strings.Trim(rapid.SampledFrom(evil).Draw(t, "value"), `"`))
		}
		var body strings.Builder
		body.WriteByte('{')
		for i := range rapid.IntRange(0, 4).Draw(t, "fields") {
			if i > 0 {
				body.WriteByte(',')
			}
			body.WriteString(`"` + rapid.SampledFrom(fields).Draw(t, "field") + `":` + rapid.SampledFrom(evil).Draw(t, "value"))
		}
		body.WriteString(rapid.SampledFrom([]string{"}", "}", "}", "", "}}", "}\x00"}).Draw(t, "end"))

		req := httptest.NewRequest(o.method, path+"?"+query.Encode(), strings.NewReader(body.String()))
		req.RemoteAddr = "127.0.0.1:1"
		req.Header.Set("Content-Type", rapid.SampledFrom([]string{"application/json", "application/json", "text/plain"}).Draw(t, "type"))
		if rapid.Bool().Draw(t, "signed in") {
			req.Header.Set("Authorization", "Bearer "+guest.Session)
		}
		w := httptest.NewRecorder()
		r.API.ServeHTTP(w, req)
		switch {
		case w.Code == http.StatusInternalServerError:
			t.Fatalf("%s %s %s: %d %s", o.method, path, body.String(), w.Code, w.Body)
		case w.Body.Len() > 64<<10:
			t.Fatalf("%s %s: an answer of %d bytes", o.method, path, w.Body.Len())
		case w.Code >= 400 && !json.Valid(w.Body.Bytes()):
			t.Fatalf("%s %s: %d %s", o.method, path, w.Code, w.Body)
		}
	})
}
