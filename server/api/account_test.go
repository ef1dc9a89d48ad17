package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hindsight/server/identity"
	"hindsight/server/throttle"
)

const secret = "correct horse"

func TestGuestsBecomeAccounts(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	if !me.Player.Guest || me.Player.Name != "Ann" || me.Player.Tag == 0 || me.Device == "" {
		t.Fatalf("the guest is %+v", me)
	}
	var same signedIn
	r.ask("POST", "sessions", "", map[string]string{"device": me.Device}).is(200, "").ok(&same)
	if same.Player.ID != me.Player.ID || same.Device != "" {
		t.Errorf("the next session is %+v", same)
	}
	var account signedIn
	r.ask("POST", "accounts", "", map[string]string{"login": "ann@example.org", "password": secret, "device": me.Device}).is(201, "").ok(&account)
	if account.Player.ID != me.Player.ID || account.Player.Guest || account.Device == me.Device {
		t.Errorf("the account is %+v", account)
	}
	r.ask("POST", "sessions", "", map[string]string{"device": me.Device}).is(401, "unknown_device")

	// Another device, on which a guest has played: the guest becomes part of the account.
	other := r.guest("")
	r.play(other.Player.ID, r.guest("").Player.ID)
	var in signedIn
	r.ask("POST", "login", "", map[string]string{"login": "ANN@example.org", "password": secret, "device": other.Device}).is(200, "").ok(&in)
	var list struct{ Matches []matchJSON }
	r.ask("GET", "players/"+account.Player.ID+"/matches", "", nil).ok(&list)
	if in.Player.ID != account.Player.ID || len(list.Matches) != 1 {
		t.Errorf("signed in as %+v with %d matches", in.Player, len(list.Matches))
	}

	// Another password signs the others out.
	r.ask("POST", "password", "", map[string]string{"login": "ann@example.org", "password": secret, "new": "battery staple", "device": in.Device}).is(204, "")
	r.ask("POST", "sessions", "", map[string]string{"device": account.Device}).is(401, "unknown_device")
	r.ask("POST", "login", "", map[string]string{"login": "ann@example.org", "password": secret}).is(401, "wrong_login")
	for range 2 {
		r.ask("DELETE", "devices", "", map[string]string{"device": in.Device}).is(204, "")
	}
	r.ask("POST", "sessions", "", map[string]string{"device": in.Device}).is(401, "unknown_device")
}

func TestAccountRefusals(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	account := func(login, password, device string) map[string]string {
		return map[string]string{"login": login, "password": password, "device": device}
	}
	var in signedIn
	r.ask("POST", "accounts", "", account("ann", secret, me.Device)).is(201, "").ok(&in)
	for _, tt := range []struct {
		path   string
		body   any
		status int
		code   string
	}{
		{"accounts", account("ann", secret, ""), 409, "taken"},
		{"accounts", account("bob", secret, in.Device), 409, "has_account"},
		{"accounts", account("bob", secret, me.Device), 401, "unknown_device"},
		{"accounts", account("a b", secret, ""), 400, "invalid_login"},
		{"accounts", account("bob", "short", ""), 400, "invalid_password"},
		{"accounts", account("bob", "password1", ""), 400, "invalid_password"},
		{"accounts", account("bob", strings.Repeat("x", 300), ""), 400, "invalid_password"},
		{"login", account("ann", "wrong horse", ""), 401, "wrong_login"},
		{"login", account("nobody", secret, ""), 401, "wrong_login"},
		{"guests", map[string]string{"name": "x"}, 400, "invalid_name"},
		{"guests", map[string]string{"name": "Server"}, 400, "invalid_name"},
		{"guests", map[string]string{"name": "fuck you"}, 400, "invalid_name"},
		{"sessions", map[string]string{"device": "hsd_nothing"}, 401, "unknown_device"},
		{"sessions", nil, 401, "unknown_device"},
		{"password", map[string]string{"login": "ann", "password": secret, "new": "short"}, 400, "invalid_password"},
	} {
		r.ask("POST", tt.path, "", tt.body, "X-From", "10.5.0."+tt.code[:1]).is(tt.status, tt.code)
	}
}

func TestMe(t *testing.T) {
	r := newRig(t)
	me, other := r.guest("Ann"), r.guest("Bob")
	var is meJSON
	r.ask("GET", "me", me.Session, nil).is(200, "").ok(&is)
	if is.Player.Name != "Ann" || string(is.Settings) != "{}" {
		t.Errorf("I am %+v with %s", is.Player, is.Settings)
	}
	r.ask("PATCH", "me", me.Session, `{"settings":{"volume":0.25}}`).is(200, "").ok(&is)
	if string(is.Settings) != `{"volume":0.25}` || is.Session != "" {
		t.Errorf("the settings are %s", is.Settings)
	}
	r.ask("PATCH", "me", me.Session, map[string]string{"name": "Brisk Heron", "device": me.Device}).is(200, "").ok(&is)
	s, err := identity.Verify(r.ring, is.Session, r.now())
	if err != nil || s.Name != "Brisk Heron" || is.Player.Name != "Brisk Heron" || string(is.Settings) != `{"volume":0.25}` {
		t.Errorf("renamed: %+v, session %+v (%v)", is, s, err)
	}
	r.ask("PATCH", "me", me.Session, map[string]string{"name": "Brisk Heron", "device": other.Device}).is(403, "wrong_device")
	r.ask("PATCH", "me", me.Session, map[string]string{"name": "Brisk Heron"}).is(401, "unknown_device")
	r.ask("PATCH", "me", me.Session, `{"settings":[1]}`).is(400, "invalid_settings")
	r.ask("PATCH", "me", me.Session, `{"settings":null}`).is(400, "invalid_settings")
	r.ask("PATCH", "me", me.Session, map[string]string{"name": " ", "device": me.Device}).is(400, "invalid_name")
}

func TestSessions(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	r.ask("GET", "me", "", nil).is(401, "no_session")
	r.ask("GET", "me", me.Session+"x", nil).is(401, "session_ended")
	r.ask("GET", "me", me.Device, nil).is(401, "session_ended")
	r.ask("GET", "me", "", nil, "Authorization", "Basic YTpi").is(401, "no_session")
	r.ask("GET", "me", "", nil, "Cookie", "session="+me.Session).is(401, "no_session")
	r.ask("GET", "me", "", nil, "Authorization", "bearer "+me.Session).is(200, "")
	r.pass(identity.SessionLife + time.Second)
	if a := r.ask("GET", "me", me.Session, nil).is(401, "session_ended"); !strings.HasPrefix(a.head.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("401 without a challenge: %v", a.head)
	}
}

// Whatever is wrong with a request is said, and nothing of it is done.
func TestRequests(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	r.ask("GET", "nothing", "", nil).is(404, "not_found")
	r.ask("GET", "", "", nil).is(404, "not_found")
	if a := r.ask("PUT", "queue", "", nil).is(405, "method_not_allowed"); a.head.Get("Allow") != "DELETE, GET, POST" {
		t.Errorf("Allow: %v", a.head)
	}
	for body, code := range map[string]string{
		`{"nmae":"Ann"}`:                  "invalid",
		`{"name":7}`:                      "invalid",
		`{"name":"Ann"} {}`:               "invalid",
		`{"name":"Ann"}]`:                 "invalid",
		`{"name":`:                        "invalid",
		`[]`:                              "invalid",
		strings.Repeat(" ", 9<<10) + "{}": "too_large",
	} {
		a := r.ask("POST", "guests", "", body)
		if a.code() != code {
			t.Errorf("%.20q: %d %s, want %s", body, a.status, a.body, code)
		}
	}
	r.ask("POST", "guests", "", `{"name":"Ann"}`, "Content-Type", "text/plain").is(415, "not_json")
	r.ask("POST", "guests", "", `{}`, "Content-Type", "application/json; charset=utf-8").is(201, "")
	r.ask("POST", "guests", "", nil).is(201, "")

	// Another site's page is refused what costs something, and shown nothing by the browser else.
	r.ask("POST", "guests", "", `{}`, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").is(403, "cross_origin")
	r.ask("POST", "guests", "", `{}`, "Origin", "https://evil.example").is(403, "cross_origin")
	r.ask("POST", "guests", "", `{}`, "Origin", r.url, "Sec-Fetch-Site", "same-origin").is(201, "")
	if a := r.ask("GET", "rooms", me.Session, nil, "Origin", "https://evil.example"); a.head.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("CORS: %v", a.head)
	}
}

func TestRates(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Limits = Limits{
			Reads: throttle.Rate{Every: time.Hour, Burst: 3}, Writes: throttle.Rate{Every: time.Hour, Burst: 2},
			Rooms: throttle.Rate{Every: time.Hour, Burst: 1}, Codes: throttle.Rate{Every: time.Hour, Burst: 1},
		}
	})
	me := r.guest("Ann")
	times := func(n int, method, path string, body any, from string) {
		t.Helper()
		for range n {
			r.ask(method, path, me.Session, body, "X-From", from).ok(nil)
		}
		a := r.ask(method, path, me.Session, body, "X-From", from).is(429, "too_many")
		if a.head.Get("Retry-After") != "3600" {
			t.Errorf("%s: come back after %q", path, a.head.Get("Retry-After"))
		}
	}
	times(3, "GET", "rooms", nil, "10.0.0.1")
	times(2, "DELETE", "queue", nil, "10.0.0.2")
	times(1, "POST", "rooms", `{}`, "10.0.0.3")
	times(2, "DELETE", "queue", nil, "2001:db8::1")
	r.ask("DELETE", "queue", me.Session, nil, "X-From", "2001:db8::2").is(429, "too_many") // of the same network
	r.ask("POST", "parties/join", me.Session, `{"code":"AAAAAAAA"}`, "X-From", "10.0.0.4").is(404, "party_unknown")
	r.ask("POST", "parties/join", me.Session, `{"code":"AAAAAAAB"}`, "X-From", "10.0.0.4").is(429, "too_many")
	for range 10 { // loopback is exempt
		r.ask("GET", "rooms", "", nil).is(http.StatusOK, "")
	}
	for range 200 {
		if a := r.ask("POST", "guests", "", nil, "X-From", "10.0.1."+"9"); a.status == 429 {
			return
		}
	}
	t.Error("one address makes as many guests as it likes")
}
