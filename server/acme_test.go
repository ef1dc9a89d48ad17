package server

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// fakeACME is an authority for one name that checks who is there as RFC 8555 and 8737 say, and
// believes everything else.
type fakeACME struct {
	*httptest.Server
	t         *testing.T
	name      string
	challenge string // its type
	key       *ecdsa.PrivateKey
	root      *x509.Certificate

	secure, plain string // where the name leads; set before the first request
	valid         atomic.Bool
	leaf          []byte // owned by the handler of finalize, then of cert
}

const challengeToken = "an-unguessable-token"

func newACME(t *testing.T, name, challenge string) *fakeACME {
	t.Helper()
	a := &fakeACME{t: t, name: name, challenge: challenge, key: newKey(t)}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true}
	var err error
	if a.root, err = x509.ParseCertificate(sign(t, template, template, &a.key.PublicKey, a.key)); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		a.reply(w, http.StatusOK, map[string]any{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order"})
	})
	mux.HandleFunc("/nonce", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/account", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", a.URL+"/account/1")
		a.reply(w, http.StatusCreated, map[string]any{"status": "valid"})
	})
	mux.HandleFunc("/order", func(w http.ResponseWriter, _ *http.Request) { a.order(w, http.StatusCreated) })
	mux.HandleFunc("/order/1", func(w http.ResponseWriter, _ *http.Request) { a.order(w, http.StatusOK) })
	mux.HandleFunc("/authz", func(w http.ResponseWriter, _ *http.Request) { a.authorization(w) })
	mux.HandleFunc("/challenge", func(w http.ResponseWriter, r *http.Request) {
		a.valid.Store(a.look(r.Context()))
		a.reply(w, http.StatusOK, a.challengeJSON())
	})
	mux.HandleFunc("/finalize", a.finalize)
	mux.HandleFunc("/cert", func(w http.ResponseWriter, _ *http.Request) {
		for _, der := range [][]byte{a.leaf, a.root.Raw} {
			_ = pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: der})
		}
	})
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Replay-Nonce", "nonce")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *fakeACME) reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (a *fakeACME) order(w http.ResponseWriter, status int) {
	w.Header().Set("Location", a.URL+"/order/1")
	o := map[string]any{
		"status": "pending", "finalize": a.URL + "/finalize", "authorizations": []string{a.URL + "/authz"},
		"identifiers": []map[string]string{{"type": "dns", "value": a.name}},
	}
	switch {
	case a.leaf != nil:
		o["status"], o["certificate"] = "valid", a.URL+"/cert"
	case a.valid.Load():
		o["status"] = "ready"
	}
	a.reply(w, status, o)
}

func (a *fakeACME) authorization(w http.ResponseWriter) {
	a.reply(w, http.StatusOK, map[string]any{
		"status": a.challengeJSON()["status"], "identifier": map[string]string{"type": "dns", "value": a.name},
		"challenges": []any{a.challengeJSON()},
	})
}

func (a *fakeACME) challengeJSON() map[string]any {
	status := "pending"
	if a.valid.Load() {
		status = "valid"
	}
	return map[string]any{"type": a.challenge, "url": a.URL + "/challenge", "token": challengeToken, "status": status}
}

// look connects to where the name leads, and reports whether the answer proves that it is ours.
func (a *fakeACME) look(ctx context.Context) bool {
	if a.challenge == "http-01" {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.plain+"/.well-known/acme-challenge/"+challengeToken, nil)
		if err != nil {
			return false
		}
		req.Host = a.name
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		http.DefaultClient.CloseIdleConnections()
		return err == nil && strings.HasPrefix(string(b), challengeToken+".")
	}
	d := tls.Dialer{Config: &tls.Config{ServerName: a.name, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true}}
	conn, err := d.DialContext(ctx, "tcp", a.secure)
	if err != nil {
		return false
	}
	defer conn.Close()
	for _, e := range conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Extensions {
		if e.Id.String() == "1.3.6.1.5.5.7.1.31" { // acmeIdentifier
			return true
		}
	}
	return false
}

// finalize signs what was asked for.
func (a *fakeACME) finalize(w http.ResponseWriter, r *http.Request) {
	var jws struct{ Payload string }
	var body struct{ CSR string }
	if err := json.NewDecoder(r.Body).Decode(&jws); err != nil {
		a.t.Error(err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(jws.Payload)
	if err == nil {
		err = json.Unmarshal(payload, &body)
	}
	der, err2 := base64.RawURLEncoding.DecodeString(body.CSR)
	csr, err3 := x509.ParseCertificateRequest(der)
	if err != nil || err2 != nil || err3 != nil {
		a.t.Errorf("finalize: %v %v %v", err, err2, err3)
		return
	}
	a.leaf = sign(a.t, &x509.Certificate{SerialNumber: big.NewInt(7), DNSNames: csr.DNSNames}, a.root, csr.PublicKey.(*ecdsa.PublicKey), a.key)
	a.order(w, http.StatusOK)
}

// With nothing but a name, a server gets itself a certificate on the first visit, by either challenge,
// and after a restart still has it.
func TestDomain(t *testing.T) {
	const name = "play.example.org"
	for _, challenge := range []string{"tls-alpn-01", "http-01"} {
		t.Run(challenge, func(t *testing.T) {
			a := newACME(t, name, challenge)
			roots := x509.NewCertPool()
			roots.AddCert(a.root)
			c := Config{
				Addr: "127.0.0.1:0", AdminAddr: AdminOff, Log: slog.New(slog.DiscardHandler),
				TLS: TLS{Domains: []string{name}, ACME: a.URL, Cache: t.TempDir(), HTTPAddr: "127.0.0.1:0"},
			}
			visit := func(run string) {
				s, stop := runs(t, c)
				defer stop()
				a.secure, a.plain = s.Addr().String(), s.plain.Addr().String()
				got, err := handshake(s.Addr(), &tls.Config{RootCAs: roots, ServerName: name})
				if err != nil {
					t.Fatalf("%s run: %v", run, err)
				}
				if n := got.PeerCertificates[0].SerialNumber.Int64(); n != 7 {
					t.Errorf("%s run: certificate %d", run, n)
				}
				if _, err := handshake(s.Addr(), &tls.Config{RootCAs: roots, ServerName: "other.example.org"}); err == nil {
					t.Errorf("%s run: there is a certificate for a name that is not ours", run)
				}
			}
			visit("first")
			a.Close() // from here on nobody gives certificates
			visit("second")
		})
	}
}

// A host who cannot get a certificate reads why in the log.
func TestDomainRefused(t *testing.T) {
	refuse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates"}`)
	}))
	defer refuse.Close()
	var log bytes.Buffer
	s, stop := runs(t, Config{
		Addr: "127.0.0.1:0", AdminAddr: AdminOff, Log: slog.New(slog.NewTextHandler(&log, nil)),
		TLS: TLS{Domains: []string{"play.example.org"}, ACME: refuse.URL, Cache: t.TempDir(), HTTPAddr: AdminOff},
	})
	if _, err := handshake(s.Addr(), &tls.Config{ServerName: "play.example.org"}); err == nil {
		t.Error("a handshake without a certificate")
	}
	_, _ = handshake(s.Addr(), &tls.Config{ServerName: "scanner.example.org"})
	stop()
	if text := log.String(); !strings.Contains(text, "too many certificates") || strings.Contains(text, "scanner") {
		t.Errorf("the log says\n%s", text)
	}
}

// runs runs a server until stop is called, which waits for its end.
func runs(t *testing.T, c Config) (s *Server, stop func()) {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
