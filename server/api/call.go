package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hindsight/server/identity"
	"hindsight/server/lobby"
	"hindsight/server/throttle"
)

// maxBody is the most bytes in a request's body.
const maxBody = 8 << 10

// call is one request on its way through an operation.
type call struct {
	*API
	w    http.ResponseWriter
	r    *http.Request
	from netip.Addr
	me   identity.Session // who asks; the zero Session where nobody has to say
}

// admit checks what is the same for all operations: the origin, the rate and the session.
func (c *call) admit(r *route) error {
	if c.cross.Check(c.r) != nil {
		return errOrigin
	}
	rate, of := c.writes, "writes"
	if r.method == http.MethodGet {
		rate, of = c.reads, "reads"
	}
	if err := c.slow(rate, of); err != nil {
		return err
	}
	if !r.auth {
		return nil
	}
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return errNoSession
	}
	var err error
	c.me, err = identity.Verify(c.cfg.Ring, strings.TrimSpace(token), c.cfg.Now())
	return err
}

// slow refuses an address that asks too often. Of is the limit's name.
func (c *call) slow(t *throttle.Throttle[netip.Addr], of string) error {
	if c.from.IsLoopback() {
		return nil
	}
	if wait := t.Take(throttle.Network(c.from), c.cfg.Now()); wait > 0 {
		return identity.TooMany{Wait: wait, Of: of}
	}
	return nil
}

func (c *call) ctx() context.Context { return c.r.Context() }

// player is who asks, as the lobby knows it. Loopback has no address to count by.
func (c *call) player() lobby.Player {
	p := lobby.Player{ID: c.me.Player, Name: c.me.Name, Tag: c.me.Tag}
	if !c.from.IsLoopback() {
		p.Address = throttle.Network(c.from).String()
	}
	return p
}

// read reads the body into v. A body that may be left out is one whose fields may all be.
func (c *call) read(v any) error {
	if c.r.ContentLength == 0 {
		return nil
	}
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errMedia
	}
	d := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			return invalid("the body goes on after its JSON value")
		}
	}
	var large *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return errLarge
	case errors.As(err, &kind):
		return invalid("%s is a %s, want %s", kind.Field, kind.Value, article(kind.Type.Kind().String()))
	}
	if text, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return invalid("there is no field %s", text)
	}
	return invalid("the body is not JSON")
}

// article puts a kind of the language into words of JSON.
func article(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number"
	case kind == "slice":
		return "an array"
	case kind == "struct", kind == "map":
		return "an object"
	}
	return "a " + kind
}

// params are a query's parameters, read one by one; the first that is wrong is remembered.
type params struct {
	values url.Values
	err    error
}

// query checks that a query has known parameters only, each once.
func (c *call) query(known ...string) *params {
	q := &params{values: c.r.URL.Query()}
	for key, v := range q.values {
		switch {
		case !contains(known, key):
			q.err = invalid("there is no parameter %q", key)
		case len(v) > 1:
			q.err = invalid("%s is given more than once", key)
		case len(v[0]) > 100:
			q.err = invalid("%s is too long", key)
		}
	}
	return q
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func (q *params) text(key string) string { return q.values.Get(key) }

func (q *params) flag(key string) bool {
	switch v := q.values.Get(key); v {
	case "", "0", "false":
	case "1", "true":
		return true
	default:
		q.err = invalid("%s is %q, want true or false", key, v)
	}
	return false
}

// number reads a whole number within bounds.
func (q *params) number(key string, def, low, high int) int {
	v := q.values.Get(key)
	if v == "" {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		q.err = invalid("%s is %q, want a whole number from %d to %d", key, v, low, high)
		return def
	}
	return n
}

// reply writes an answer.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only when the client is gone
}

// refuse writes a refusal.
func (a *API) refuse(w http.ResponseWriter, err error) {
	f := a.failureOf(err)
	if f.status == http.StatusTooManyRequests || f.status == http.StatusServiceUnavailable {
		f.wait = max(f.wait, time.Second)
		if a.cfg.Refused != nil {
			reason := f.code
			var limit identity.TooMany
			if errors.As(err, &limit) && limit.Of != "" {
				reason = limit.Of
			}
			a.cfg.Refused(reason)
		}
	}
	if f.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((f.wait+time.Second-1)/time.Second)))
	}
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="hindsight"`)
	}
	var body struct {
		Error errorJSON `json:"error"`
	}
	body.Error = errorJSON{f.code, f.text}
	reply(w, f.status, body)
}

// errorJSON is a refusal as it travels: a code for programs and a sentence for people.
type errorJSON struct {
	Code string `json:"code"`
	Text string `json:"text"`
}
