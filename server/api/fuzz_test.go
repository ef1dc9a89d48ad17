package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hindsight/server/alloctest"
)

// body has every kind of field that requests have.
type body struct {
	Name     string            `json:"name"`
	Player   *string           `json:"player"`
	Settings map[string]string `json:"settings"`
	Locked   *bool             `json:"locked"`
	Bots     int               `json:"bots"`
	Players  []string          `json:"players"`
}

// FuzzBody reads a request's body and parameters, as every operation does: what is wrong is told in
// words of ours, and costs what was sent.
func FuzzBody(f *testing.F) {
	for _, s := range [][2]string{
		{"", ""}, {"limit=3&free=1", `{"name":"x","settings":{"mode":"tdm"},"bots":3,"locked":true,"players":["a"]}`}, {"limit=3&limit=4", `{}{}`},
		{"%zz;&q=%00", `{"bots":1e999}`}, {"free=maybe", `{"else":0}`}, {"limit=-1", `{"settings":[]}`}, {"q=" + strings.Repeat("x", 101), "\xff"},
		{"", `{"players":[` + strings.Repeat(`"",`, 2000) + `""]}`}, {"", strings.Repeat(`[`, 5000)}, {"", `{"name":"` + strings.Repeat("x", maxBody) + `"}`},
		{"", `{"` + strings.Repeat("\xd6", 4000) + `":1}`},
	} {
		f.Add(s[0], s[1])
	}
	call := func(query, sent string) (body, error) {
		r := httptest.NewRequest(http.MethodPost, Root+"rooms", strings.NewReader(sent))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/json")
		c := &call{w: httptest.NewRecorder(), r: r}
		var b body
		err := c.read(&b)
		if q := c.query("limit", "free", "q"); err == nil {
			q.number("limit", 10, 1, 100)
			q.flag("free")
			err = q.err
		}
		return b, err
	}
	if _, err := call("limit=1", `{"name":"x","settings":{},"players":[]}`); err != nil { // package encoding/json learns the types
		f.Fatal(err)
	}
	api := new(API)
	f.Fuzz(func(t *testing.T, query, sent string) {
		if len(query) > 8<<10 {
			t.Skip("longer than a request's head may be")
		}
		var b body
		var err error
		// All of it is bounded by maxBody.
		alloctest.Check(t, alloctest.JSON(len(query)+len(sent)), func() { b, err = call(query, sent) })
		if err == nil {
			if _, err := json.Marshal(b); err != nil {
				t.Errorf("%q was taken as %+v: %v", sent, b, err)
			}
			return
		}
		if fail := api.failureOf(err); fail.status < 400 || fail.status >= 500 {
			t.Errorf("%q %q: %d, %v", query, sent, fail.status, err)
		}
	})
}
