package server

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hindsight/protocol"
)

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign returns a certificate in DER. Its parent may be itself.
func sign(t *testing.T, template, parent *x509.Certificate, pub *ecdsa.PublicKey, by *ecdsa.PrivateKey) []byte {
	t.Helper()
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(90*24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, by)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// selfSigned writes a certificate for this machine, and its key, to files. The serial number tells one
// from another.
func selfSigned(t *testing.T, dir string, serial int64) TLS {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der := sign(t, template, template, &key.PublicKey, key)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	files := TLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	write(t, files.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	return files
}

// written counts what write has written.
var written atomic.Int64

// write writes a file that looks different from what was there: the clocks of file systems are coarse.
func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, time.Time{}, time.Unix(written.Add(1), 0)); err != nil {
		t.Fatal(err)
	}
}

// trusting returns the settings of a client that takes the certificate in the file for an authority.
func trusting(t *testing.T, file string) *tls.Config {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		t.Fatalf("%s holds no certificate", file)
	}
	return &tls.Config{RootCAs: pool, ServerName: "localhost"}
}

// handshake connects and returns what was agreed on.
func handshake(addr net.Addr, c *tls.Config) (tls.ConnectionState, error) {
	d := &net.Dialer{Timeout: patience}
	conn, err := tls.DialWithDialer(d, "tcp", addr.String(), c)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	return conn.ConnectionState(), nil
}

func TestTLS(t *testing.T) {
	n := start(t, Config{Bots: 1, TLS: selfSigned(t, t.TempDir(), 1)})
	if resp, _ := n.get("/"); resp.StatusCode != http.StatusOK || resp.ProtoMajor != 1 {
		t.Errorf("the page: %s %s", resp.Proto, resp.Status)
	}
	p := n.join()
	n.stop()
	p.stopped(t, protocol.CloseRestart)
}

// HTTP/2 has no place for the game socket, old TLS is not spoken, and who forgot the s is told.
func TestTLSNegotiation(t *testing.T) {
	n := start(t, Config{TLS: selfSigned(t, t.TempDir(), 1)})
	modern := n.trust.Clone()
	modern.NextProtos = []string{"h2", "http/1.1"}
	if s, err := handshake(n.Addr(), modern); err != nil || s.NegotiatedProtocol != "http/1.1" || s.Version != tls.VersionTLS13 {
		t.Errorf("a browser gets %q over TLS %x: %v", s.NegotiatedProtocol, s.Version, err)
	}
	for version, ok := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true} {
		old := n.trust.Clone()
		old.MinVersion, old.MaxVersion = version, version
		if _, err := handshake(n.Addr(), old); (err == nil) != ok {
			t.Errorf("TLS %x: %v", version, err)
		}
	}
	n.url = strings.Replace(n.url, "https", "http", 1)
	if resp, body := n.get("/"); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "HTTPS") {
		t.Errorf("without TLS: %s %q", resp.Status, body)
	}
	if n.headers < handshakeTime {
		t.Errorf("a handshake must be over after %v", n.headers)
	}
}

// A renewed certificate is served without a restart; files that do not fit together never are.
func TestCertificateReload(t *testing.T) {
	dir := t.TempDir()
	files := selfSigned(t, dir, 1)
	var log bytes.Buffer
	c, err := newCertFiles(files.Cert, files.Key, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	serves := func(when string, serial int64) {
		t.Helper()
		c.looked = time.Time{} // long ago
		got, err := c.get(nil)
		if err != nil || got.Leaf.SerialNumber.Int64() != serial {
			t.Errorf("%s: %v, certificate %v, want %d", when, err, got.Leaf.SerialNumber, serial)
		}
	}
	serves("at first", 1)
	read := func(name string) []byte {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	newer := selfSigned(t, t.TempDir(), 2)
	write(t, files.Cert, read(newer.Cert))
	serves("between the two files", 1)
	if !strings.Contains(log.String(), "the old one still is") {
		t.Errorf("nobody was told:\n%s", &log)
	}
	write(t, files.Key, read(newer.Key))
	serves("after both", 2)
	write(t, files.Cert, []byte("nonsense"))
	serves("after an accident", 2)
	if err := os.Remove(files.Key); err != nil {
		t.Fatal(err)
	}
	serves("without a key", 2)
	selfSigned(t, dir, 3)
	serves("after a repair", 3)

	was := log.Len()
	serves("unchanged", 3)
	if log.Len() != was {
		t.Error("files that did not change were read again")
	}
	selfSigned(t, dir, 4)
	if got, err := c.get(nil); err != nil || got.Leaf.SerialNumber.Int64() != 3 {
		t.Errorf("the files were looked at again at once: %v %v", got.Leaf.SerialNumber, err)
	}
}

// The running server takes up a new certificate by itself.
func TestCertificateReloadServed(t *testing.T) {
	dir := t.TempDir()
	n := start(t, Config{TLS: selfSigned(t, dir, 1)})
	renewed := trusting(t, selfSigned(t, dir, 2).Cert)
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		s, err := handshake(n.Addr(), renewed)
		if err == nil && s.PeerCertificates[0].SerialNumber.Int64() == 2 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the new certificate is never served: %v", err)
		}
	}
}

func TestTLSSettings(t *testing.T) {
	dir := t.TempDir()
	files, other := selfSigned(t, dir, 1), selfSigned(t, t.TempDir(), 2)
	write(t, filepath.Join(dir, "empty.pem"), nil)
	for _, tt := range []struct {
		c    TLS
		want string // in the error
	}{
		{TLS{Cert: files.Cert}, "--tls-key"},
		{TLS{Key: files.Key}, "--tls-cert"},
		{TLS{Cert: files.Cert, Key: files.Key, Domains: []string{"a.example"}}, "not both"},
		{TLS{Cert: files.Cert, Key: other.Key}, "private key does not match"},
		{TLS{Cert: filepath.Join(dir, "gone.pem"), Key: files.Key}, "gone.pem"},
		{TLS{Cert: filepath.Join(dir, "empty.pem"), Key: files.Key}, "empty.pem"},
		{TLS{HTTPAddr: ":80"}, "--tls-http-addr"},
		{TLS{Domains: []string{"localhost"}, Cache: dir}, `"localhost"`},
		{TLS{Domains: []string{"https://play.example.org"}, Cache: dir}, "play.example.org"},
		{TLS{Domains: []string{"10.0.0.7"}, Cache: dir}, `"10.0.0.7"`},
		{TLS{Domains: []string{"*.example.org"}, Cache: dir}, `"*.example.org"`},
		{TLS{Domains: []string{"a.example"}, Cache: files.Cert}, "--tls-cache"}, // a file
	} {
		_, err := encrypt(tt.c, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.c, err, tt.want)
		}
	}
	c := Config{TLS: TLS{Domains: []string{"a.example"}, Cache: dir}}.withDefaults()
	e, err := encrypt(c.TLS, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != ":443" || e.httpAddr != ":80" {
		t.Errorf("with a domain the addresses are %s and %s", c.Addr, e.httpAddr)
	}
}

// The plain listener only leads to the other one.
func TestRedirect(t *testing.T) {
	c := selfSigned(t, t.TempDir(), 1)
	c.HTTPAddr = "127.0.0.1:0"
	n := start(t, Config{TLS: c})
	for _, tt := range []struct {
		method, host, path string
		code               int
		to                 string
	}{
		{"GET", "play.example.org", "/?room=x", http.StatusPermanentRedirect, "https://play.example.org/?room=x"},
		{"HEAD", "play.example.org:8000", "/", http.StatusPermanentRedirect, "https://play.example.org/"},
		{"GET", "[::1]:8000", "/", http.StatusPermanentRedirect, "https://[::1]/"},
		{"GET", "play.example.org", "//evil.example/", http.StatusPermanentRedirect, "https://play.example.org//evil.example/"},
		{"POST", "play.example.org", "/api/v1/login", http.StatusBadRequest, ""},
	} {
		conn, err := net.Dial("tcp", n.plain.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, tt.method+" "+tt.path+" HTTP/1.0\r\nHost: "+tt.host+"\r\n\r\n")
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if to := resp.Header.Get("Location"); resp.StatusCode != tt.code || to != tt.to {
			t.Errorf("%s %s%s: %s to %q, want %d to %q", tt.method, tt.host, tt.path, resp.Status, to, tt.code, tt.to)
		}
		_ = conn.Close()
	}
}
