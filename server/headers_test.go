package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// directives splits a policy: what each directive allows, in order.
func directives(policy string) map[string]string {
	m := map[string]string{}
	for d := range strings.SplitSeq(policy, ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(d), " ")
		m[name] = sources
	}
	return m
}

// Every answer has the headers, whatever it is about: an error page is a page too.
func TestHeaders(t *testing.T) {
	files := fstest.MapFS{
		"index.html":       {Data: []byte("<!doctype html><title>x</title>")},
		"hindsight.wasm":   {Data: []byte("\x00asm\x01\x00\x00\x00")},
		"wasm_exec.js":     {Data: []byte("0")},
		"assets/a-12ab.js": {Data: []byte("0")},
		"icon.svg":         {Data: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
	}
	n := start(t, Config{Client: files})
	ops := "http://" + n.AdminAddr().String()
	for _, tt := range []struct {
		method, url string
		code        int
		kind        string // how the Content-Type begins
	}{
		{"GET", n.url + "/", 200, "text/html"},
		{"GET", n.url + "/?room=x&party=y", 200, "text/html"},
		{"GET", n.url + "/replay", 200, "text/html"},
		{"GET", n.url + "/replay/x", 200, "text/html"},
		{"GET", n.url + "/hindsight.wasm", 200, "application/wasm"},
		{"GET", n.url + "/wasm_exec.js", 200, "application/javascript"},
		{"GET", n.url + "/assets/a-12ab.js", 200, "application/javascript"},
		{"GET", n.url + "/icon.svg", 200, "image/svg+xml"},
		{"GET", n.url + "/healthz", 200, "text/plain"},
		{"GET", n.url + "/readyz", 200, "text/plain"},
		{"GET", n.url + "/version", 200, "application/json"},
		{"GET", n.url + "/ws", 426, "text/plain"},
		{"GET", n.url + "/api/v1/rooms", 200, "application/json"},
		{"GET", n.url + "/api/v1/me", 401, "application/json"},
		{"GET", n.url + "/api/v1/rooms/<script>", 404, "application/json"},
		{"POST", n.url + "/api/v1/guests", 201, "application/json"},
		{"DELETE", n.url + "/api/v1/rooms", 405, "application/json"},
		{"GET", n.url + "/api/v2/<script>", 404, "text/plain"},
		{"GET", n.url + "/nothing/<script>", 404, "text/plain"},
		{"POST", n.url + "/", 405, "text/plain"},
		{"GET", n.url + "/metrics", 404, "text/plain"},
		{"GET", ops + "/", 200, "text/plain"},
		{"GET", ops + "/metrics", 200, "text/plain"},
		{"GET", ops + "/debug/pprof/", 200, "text/html"},
		{"GET", ops + "/debug/pprof/<script>", 404, "text/plain"},
		{"GET", ops + "/nothing", 404, "text/plain"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		what := tt.method + " " + req.URL.Path
		if kind := resp.Header.Get("Content-Type"); resp.StatusCode != tt.code || !strings.HasPrefix(kind, tt.kind) {
			t.Errorf("%s: %s of %q, want %d of %q", what, resp.Status, kind, tt.code, tt.kind)
		}
		d := directives(resp.Header.Get("Content-Security-Policy"))
		for name, want := range map[string]string{
			"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
		} {
			if d[name] != want {
				t.Errorf("%s: %s is %q, want %q", what, name, d[name], want)
			}
		}
		shared := "same-origin"
		if req.URL.Path == "/healthz" {
			shared = "cross-origin" // pages of other servers measure by it how far away this one is
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": shared, "Strict-Transport-Security": "", "Access-Control-Allow-Origin": "", "Server": "",
		} {
			if is := resp.Header.Get(name); is != want {
				t.Errorf("%s: %s is %q, want %q", what, name, is, want)
			}
		}
		if here := strings.HasPrefix(tt.url, n.url); here && !strings.Contains(resp.Header.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: the page may use what it has no use for", what)
		}
	}
}

// A page takes scripts and styles from files of its server only, compiles no text, makes no markup of
// text, and connects to other servers only where there are some.
func TestPolicy(t *testing.T) {
	secret := strings.Repeat("x", 22)
	for _, tt := range []struct {
		name            string
		config          Config
		connect, frames string
	}{
		{"alone", Config{}, "'self'", "'none'"},
		{"with game servers", Config{Token: secret}, "'self' ws: wss: http: https:", "'none'"},
		{"shown elsewhere", Config{Origins: []string{"https://a.example", "https://b.example"}}, "'self'", "https://a.example https://b.example"},
		{"shown anywhere", Config{Origins: []string{"https://a.example", "*"}}, "'self'", "*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := directives(start(t, tt.config).policy())
			want := map[string]string{
				"default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval'", "style-src": "'self'", "img-src": "'self'",
				"font-src": "'self'", "connect-src": tt.connect, "base-uri": "'none'", "form-action": "'none'",
				"frame-ancestors": tt.frames, "require-trusted-types-for": "'script'", "trusted-types": "'none'",
			}
			for name := range want {
				if got[name] != want[name] {
					t.Errorf("%s is %q, want %q", name, got[name], want[name])
				}
			}
			if len(got) != len(want) {
				t.Errorf("the policy is %v, want %v", got, want)
			}
		})
	}
}

// Over TLS a browser is told to insist on it.
func TestStrictTransport(t *testing.T) {
	web := httptest.NewTLSServer(secured("default-src 'none'", http.NotFoundHandler()))
	defer web.Close()
	resp, err := web.Client().Get(web.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if is := resp.Header.Get("Strict-Transport-Security"); is != remembered {
		t.Errorf("it is told %q", is)
	}
}
