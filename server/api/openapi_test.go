package api

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"hindsight/server/matchmaking"
	"hindsight/server/party"
	"hindsight/server/ticket"
)

// document is openapi.json.
type document struct {
	Paths      map[string]map[string]operation
	Components struct {
		Schemas   map[string]schema
		Responses map[string]response
	}
}

type operation struct {
	OperationID string
	Summary     string
	Security    []map[string][]string
	Parameters  []struct {
		Name, In string
		Schema   schema
		Example  any
	}
	RequestBody struct {
		Content map[string]struct {
			Schema  schema
			Example map[string]any
		}
	}
	Responses map[string]response
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]struct{ Schema schema }
}

// schema is the part of JSON Schema that the document uses.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 string
	Enum                 []any
	Required             []string
	Properties           map[string]schema
	AdditionalProperties *bool
	Items                *schema
	Minimum, Maximum     *float64
	MinLength, MaxLength *int
	Examples             []any
	Description, Format  string
}

// readDocument reads openapi.json; a keyword that the validator below does not know is an error.
func readDocument(t testing.TB) *document {
	t.Helper()
	d := new(document)
	if err := json.Unmarshal(openAPI, d); err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(openAPI, &raw); err != nil {
		t.Fatal(err)
	}
	for name, text := range raw.Components.Schemas {
		dec := json.NewDecoder(strings.NewReader(string(text)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(new(schema)); err != nil {
			t.Fatalf("schema %s: %v", name, err)
		}
	}
	return d
}

// check compares a text with a schema of the document.
func (d *document) check(t testing.TB, what, name string, text []byte) {
	t.Helper()
	d.compare(t, what, schema{Ref: "#/components/schemas/" + name}, text)
}

func (d *document) compare(t testing.TB, what string, s schema, text []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Errorf("%s: %q is not JSON", what, text)
		return
	}
	if err := d.valid(s, v, "$"); err != nil {
		t.Errorf("%s: %v in %s", what, err, text)
	}
}

// valid says what of a value is not as the schema wants it.
func (d *document) valid(s schema, v any, at string) error {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		target, known := d.Components.Schemas[name]
		if !known {
			return fmt.Errorf("%s: no schema %s", at, name)
		}
		return d.valid(target, v, at)
	}
	if s.Enum != nil && !slices.Contains(s.Enum, v) {
		return fmt.Errorf("%s: %v is none of %v", at, v, s.Enum)
	}
	switch v := v.(type) {
	case map[string]any:
		return d.validObject(s, v, at)
	case []any:
		if s.Type != "array" || s.Items == nil {
			return fmt.Errorf("%s: an array, want %q", at, s.Type)
		}
		for i, x := range v {
			if err := d.valid(*s.Items, x, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	case string:
		if s.Type != "string" || s.MinLength != nil && len(v) < *s.MinLength || s.MaxLength != nil && len(v) > *s.MaxLength {
			return fmt.Errorf("%s: %q, want a %q", at, v, s.Type)
		}
		return nil
	case bool:
		if s.Type != "boolean" {
			return fmt.Errorf("%s: a boolean, want %q", at, s.Type)
		}
		return nil
	case float64:
		whole := v == math.Trunc(v)
		if s.Type != "number" && !(s.Type == "integer" && whole) || s.Minimum != nil && v < *s.Minimum || s.Maximum != nil && v > *s.Maximum {
			return fmt.Errorf("%s: %v, want %q within bounds", at, v, s.Type)
		}
		return nil
	}
	return fmt.Errorf("%s: null", at)
}

func (d *document) validObject(s schema, v map[string]any, at string) error {
	if s.Type != "object" {
		return fmt.Errorf("%s: an object, want %q", at, s.Type)
	}
	for _, key := range s.Required {
		if _, ok := v[key]; !ok {
			return fmt.Errorf("%s: no %s", at, key)
		}
	}
	for key, x := range v {
		p, known := s.Properties[key]
		switch {
		case known:
			if err := d.valid(p, x, at+"."+key); err != nil {
				return err
			}
		case s.AdditionalProperties == nil || !*s.AdditionalProperties:
			return fmt.Errorf("%s: %s is not described", at, key)
		}
	}
	return nil
}

// Every operation of the document is one of ours, and the other way round.
func TestDocumentHasAllRoutes(t *testing.T) {
	d := readDocument(t)
	ours := map[string]route{}
	for _, r := range routes {
		ours[strings.ToLower(r.method)+" /"+r.path] = r
	}
	ids := map[string]bool{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			r, ok := ours[method+" "+path]
			if !ok {
				t.Errorf("%s %s is described but not there", method, path)
				continue
			}
			delete(ours, method+" "+path)
			if _, ok := op.Responses[fmt.Sprint(r.status)]; !ok || (len(op.Security) > 0) != r.auth {
				t.Errorf("%s %s: described as %v, security %v; it is %d, %v", method, path, op.Responses, op.Security, r.status, r.auth)
			}
			if op.OperationID == "" || op.Summary == "" || ids[op.OperationID] {
				t.Errorf("%s %s has no id, no summary or another's", method, path)
			}
			ids[op.OperationID] = true
			if d.Components.Responses[strings.TrimPrefix(op.Responses["default"].Ref, "#/components/responses/")].Content == nil {
				t.Errorf("%s %s says nothing of refusals", method, path)
			}
		}
	}
	for r := range ours {
		t.Errorf("%s is not described", r)
	}
}

// Every code that can be answered is on the document's list. That the list has no others is for its
// readers: codes are never taken off.
func TestDocumentHasAllCodes(t *testing.T) {
	d := readDocument(t)
	list := d.Components.Schemas["Refusal"].Properties["error"].Properties["code"].Enum
	has := func(code string) {
		t.Helper()
		if !slices.Contains(list, any(code)) {
			t.Errorf("the code %q is not described", code)
		}
	}
	for _, row := range table {
		has(row.code)
	}
	ticket.Refusals(func(r ticket.Refusal) { has(r.Code()) })
	for r := matchmaking.ErrQueued; r <= matchmaking.ErrBusy; r++ {
		has(r.Code())
	}
	for r := party.ErrNoParty; r <= party.ErrBusy; r++ {
		has(r.Code())
	}
	for _, f := range []*failure{errPath, errMethod, errOrigin, errNoSession, errMedia, errLarge, errDevice, errStreams, errStopping, errNoSite, errReplay, errSettings} {
		has(f.code)
	}
}

// scene is what an example of the document is about: a player who leads a party of two and has a room.
type scene struct {
	*rig
	me, mate signedIn
	room     string
	party    lobbyParty
}

type lobbyParty struct{ Code, ID string }

func newScene(r *rig, path string) *scene {
	s := &scene{rig: r, me: r.guest(""), mate: r.guest("")}
	var room roomJSON
	r.ask("POST", "rooms", s.me.Session, map[string]any{"game": "walk", "password": "sesame"}).ok(&room)
	s.room = room.ID
	switch {
	case path == "/parties":
	case strings.HasPrefix(path, "/parties"):
		r.ask("POST", "parties", s.me.Session, nil).ok(&s.party)
		if path != "/parties/join" {
			r.ask("POST", "parties/join", s.mate.Session, map[string]string{"code": s.party.Code}).ok(nil)
		}
	case path == "/queue":
		r.ask("POST", "queue", s.mate.Session, map[string]string{"mode": "pairs"}).ok(nil)
	case path == "/login", path == "/password":
		var in signedIn
		r.ask("POST", "accounts", "", map[string]string{"login": s.me.Player.ID, "password": "a long secret", "device": s.me.Device},
			"X-From", "10.9.8.7").ok(&in)
		s.me = in
	}
	return s
}

// fits puts this scene's values in the place of the example's.
func (s *scene) fits(example map[string]any) map[string]any {
	for key, v := range map[string]any{
		"device": s.me.Device, "room": s.room, "code": s.party.Code, "player": s.mate.Player.ID, "login": s.me.Player.ID,
		"game": "walk", "mode": "duel", "maps": nil, "time": nil, "score": nil, // a game without those settings
	} {
		switch _, asked := example[key]; {
		case asked && v == nil:
			delete(example, key)
		case asked:
			example[key] = v
		}
	}
	return example
}

// Every operation's example is answered as described.
func TestExamplesWork(t *testing.T) {
	site := newSite(t)
	r := newRig(t, site.join)
	for path, methods := range r.doc.Paths {
		for method, op := range methods {
			if op.OperationID == "getEvents" { // never ends; see events_test.go
				continue
			}
			t.Run(op.OperationID, func(t *testing.T) {
				s := newScene(r, path)
				url := strings.TrimPrefix(path, "/")
				if strings.HasPrefix(path, "/rooms/") {
					url = strings.ReplaceAll(url, "{id}", s.room)
				}
				if strings.HasPrefix(path, "/replays/") {
					url = strings.ReplaceAll(url, "{id}", r.film(true, "", "Ann"))
				}
				url = strings.ReplaceAll(url, "{id}", s.me.Player.ID)
				var head []string
				query := []string{}
				for _, p := range op.Parameters {
					switch {
					case p.In == "header":
						head = append(head, p.Name, fmt.Sprint(p.Example))
					case p.In == "query" && p.Example != nil:
						query = append(query, p.Name+"="+strings.Replace(fmt.Sprint(p.Example), "arena", "walk", 1))
					}
				}
				if len(query) > 0 {
					url += "?" + strings.Join(query, "&")
				}
				var body any
				if c, ok := op.RequestBody.Content["application/json"]; ok {
					text := must(json.Marshal(c.Example))(t)
					r.doc.compare(t, "example of "+op.OperationID, c.Schema, text)
					body = s.fits(c.Example)
				}
				s.prepare(op.OperationID, site, &body, &head)
				session := ""
				if len(op.Security) > 0 {
					session = s.me.Session
				}
				a := r.ask(strings.ToUpper(method), url, session, body, head...)
				want, ok := op.Responses[fmt.Sprint(a.status)]
				if !ok || a.status >= 400 {
					t.Fatalf("%d %s", a.status, a.body)
				}
				if c, ok := want.Content["application/json"]; ok {
					r.doc.compare(t, op.OperationID, c.Schema, a.body)
				} else if _, file := want.Content["application/octet-stream"]; !file && a.status != 303 && len(a.body) > 0 {
					t.Errorf("answered %s where nothing is described", a.body)
				}
			})
		}
	}
}

// prepare does what must have happened before an operation.
func (s *scene) prepare(id string, site *fakeSite, body *any, head *[]string) {
	switch id {
	case "createAccount":
		(*body).(map[string]any)["login"] = "otter-" + s.me.Player.ID
	case "getQueue":
		s.ask("POST", "queue", s.me.Session, map[string]string{"mode": "duel"}).ok(nil)
	case "getBoard", "listMatches", "listRatings":
		s.play(s.me.Player.ID, s.mate.Player.ID)
	case "joinParty":
		s.me, s.mate = s.mate, s.me
	case "finishOIDC":
		query, cookie := site.visit(s.rig)
		(*body).(map[string]any)["query"] = query
		*head = append(*head, "Cookie", cookie)
	}
	*head = append(*head, "X-From", "10.2."+fmt.Sprint(addresses.Add(1)%250)+".1")
}
