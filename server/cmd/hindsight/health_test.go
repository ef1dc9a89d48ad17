package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheckTarget(t *testing.T) {
	for _, tt := range []struct {
		cmd  healthcheckCmd
		want string // the URL, or a part of the error
		name string // the server name TLS asks for, "-" for no TLS settings
	}{
		{healthcheckCmd{}, "http://127.0.0.1:8080/healthz", "-"},
		{healthcheckCmd{Addr: ":9000"}, "http://127.0.0.1:9000/healthz", "-"},
		{healthcheckCmd{Addr: "0.0.0.0:80"}, "http://127.0.0.1:80/healthz", "-"},
		{healthcheckCmd{Addr: "[::]:80"}, "http://[::1]:80/healthz", "-"},
		{healthcheckCmd{Addr: "10.0.0.7:80"}, "http://10.0.0.7:80/healthz", "-"},
		{healthcheckCmd{TLSCert: "c.pem"}, "https://127.0.0.1:8080/healthz", ""},
		{healthcheckCmd{TLSDomain: []string{"play.example.org"}}, "https://127.0.0.1:443/healthz", "play.example.org"},
		{healthcheckCmd{TLSDomain: []string{"play.example.org"}, Addr: ":8443"}, "https://127.0.0.1:8443/healthz", "play.example.org"},
		{healthcheckCmd{URL: "https://play.example.org/readyz", TLSCert: "c.pem"}, "https://play.example.org/readyz", "-"},
		{healthcheckCmd{URL: "play.example.org"}, "--url", "-"},
		{healthcheckCmd{Addr: "nowhere"}, "--addr", "-"},
	} {
		got, secure, err := tt.cmd.target()
		if err != nil {
			got = err.Error()
		}
		if got != tt.want && !(err != nil && strings.Contains(got, tt.want)) {
			t.Errorf("%+v asks for %s, want %s", tt.cmd, got, tt.want)
		}
		name := "-"
		if secure != nil {
			name = secure.ServerName
		}
		if name != tt.name {
			t.Errorf("%+v asks TLS for %q, want %q", tt.cmd, name, tt.name)
		}
	}
}

// The program's exit code is what Docker and systemd look at.
func TestHealthcheck(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
		case "/slow":
			<-r.Context().Done()
		default:
			http.Error(w, "stopping", http.StatusServiceUnavailable)
		}
	})
	plain, secure := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer plain.Close()
	defer secure.Close()
	addr := secure.Listener.Addr().String()
	for _, tt := range []struct {
		args []string
		fail string // in what is printed, "" for success
	}{
		{[]string{"--addr", plain.Listener.Addr().String()}, ""},
		{[]string{"HINDSIGHT_ADDR=" + plain.Listener.Addr().String()}, ""},
		{[]string{"HINDSIGHT_ADDR=" + addr, "HINDSIGHT_TLS_CERT=cert.pem"}, ""},
		{[]string{"HINDSIGHT_ADDR=" + addr, "HINDSIGHT_TLS_DOMAIN=play.example.org"}, ""},
		{[]string{"--url", plain.URL + "/healthz"}, ""},
		{[]string{"--url", plain.URL + "/readyz"}, "stopping"},
		{[]string{"--url", plain.URL + "/slow", "--timeout", "100ms"}, "within 100ms"},
		{[]string{"--url", "https://" + addr + "/healthz"}, "certificate"}, // who a stranger is matters
		{[]string{"--addr", "127.0.0.1:1"}, "refused"},
	} {
		out, err := program(t, append([]string{"healthcheck"}, tt.args...)...).CombinedOutput()
		if (err != nil) != (tt.fail != "") || !strings.Contains(string(out), tt.fail) {
			t.Errorf("healthcheck %v: %v, %q; want %q", tt.args, err, out, tt.fail)
		}
	}
}
