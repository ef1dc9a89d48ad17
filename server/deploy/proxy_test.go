// Package deploy_test puts a real server behind real proxies, nginx and HAProxy, with the very files
// that are shipped here, and plays through them.
//
// A proxy that is not installed skips its tests; HINDSIGHT_TEST_PROXIES=required makes that a failure.
package deploy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// proxy is a proxy and its shipped configuration.
type proxy struct {
	name string
	file string
	// idle is the line that bounds silence, without its value and with it.
	idle, idleValue string
	// configure writes what the proxy needs into a folder and returns the command line. The
	// configuration is edited for ports, certificate and time-out only.
	configure func(t *testing.T, s site) []string
}

// site is where a proxy listens and leads.
type site struct {
	dir           string
	conf          string // the shipped configuration, with the idle time-out of the test
	plain, secure string // addresses the proxy listens on
	server        string // address of the server behind it
}

var proxies = []proxy{
	{"nginx", "nginx.conf", "proxy_read_timeout    ", "60s", configureNginx},
	{"haproxy", "haproxy.cfg", "timeout tunnel       ", "60s", configureHAProxy},
}

// eachProxy runs a test behind every proxy there is.
func eachProxy(t *testing.T, test func(t *testing.T, p proxy)) {
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			if _, err := exec.LookPath(p.name); err != nil {
				if os.Getenv("HINDSIGHT_TEST_PROXIES") == "required" {
					t.Fatalf("%s is not installed: %v", p.name, err)
				}
				t.Skipf("SKIPPED: %s is not installed; apt-get install %s", p.name, p.name)
			}
			test(t, p)
		})
	}
}

// edit replaces text of a configuration, which must be there.
func edit(t *testing.T, conf string, edits ...string) string {
	t.Helper()
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(conf, edits[i]) {
			t.Fatalf("the shipped configuration has no %q", edits[i])
		}
		conf = strings.ReplaceAll(conf, edits[i], edits[i+1])
	}
	return conf
}

// configureNginx puts the site into the smallest nginx.conf there can be, with no file outside dir.
func configureNginx(t *testing.T, s site) []string {
	site := edit(t, s.conf,
		"    listen [::]:80;\n", "", "    listen [::]:443 ssl;\n", "", // not every machine has IPv6
		"listen 80;", "listen "+s.plain+";", "listen 443 ssl;", "listen "+s.secure+" ssl;",
		"/etc/letsencrypt/live/play.example.org/fullchain.pem", certFile,
		"/etc/letsencrypt/live/play.example.org/privkey.pem", certFile,
		"127.0.0.1:8080", s.server)
	paths := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		paths += "    " + kind + "_temp_path " + filepath.Join(s.dir, kind) + ";\n"
	}
	write(t, filepath.Join(s.dir, "site.conf"), site)
	write(t, filepath.Join(s.dir, "nginx.conf"), "daemon off;\nmaster_process off;\npid "+filepath.Join(s.dir, "pid")+
		";\nerror_log stderr notice;\nevents {}\nhttp {\n    access_log off;\n"+paths+"    include site.conf;\n}\n")
	return []string{"nginx", "-e", "stderr", "-p", s.dir, "-c", filepath.Join(s.dir, "nginx.conf")}
}

func configureHAProxy(t *testing.T, s site) []string {
	conf := edit(t, s.conf,
		"log /dev/log local0", "log stderr format raw local0",
		"    user haproxy\n    group haproxy\n", "", // only root can become somebody else
		"maxconn 20000", "maxconn 200", // as many file descriptors as any machine grants
		"bind :80\n", "bind "+s.plain+"\n", "bind :443 ", "bind "+s.secure+" ",
		"/etc/haproxy/certs/play.example.org.pem", certFile,
		"127.0.0.1:8080", s.server)
	file := filepath.Join(s.dir, "haproxy.cfg")
	write(t, file, conf)
	return []string{"haproxy", "-db", "-f", file}
}

// running is a proxy that can be stopped and started again on the same addresses.
type running struct {
	t    *testing.T
	site site
	args []string
	cmd  *exec.Cmd
	log  strings.Builder // of all runs; read after stop
}

// start runs a proxy in front of a server. An idle time-out of "" leaves the shipped one.
func (p proxy) start(t *testing.T, server, idle string) *running {
	t.Helper()
	shipped, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	s := site{dir: t.TempDir(), conf: string(shipped), plain: free(t), secure: free(t), server: server}
	if idle != "" {
		s.conf = edit(t, s.conf, p.idle+p.idleValue, p.idle+idle)
	}
	r := &running{t: t, site: s, args: p.configure(t, s)}
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", p.name, r.log.String())
		}
	})
	r.start()
	return r
}

// start starts the proxy and waits until it listens.
func (r *running) start() {
	r.t.Helper()
	r.cmd = exec.Command(r.args[0], r.args[1:]...)
	r.cmd.Stdout, r.cmd.Stderr = &r.log, &r.log
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	await(r.t, "the proxy to listen", func() bool {
		for _, addr := range []string{r.site.plain, r.site.secure} {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				return false
			}
			_ = c.Close()
		}
		return true
	})
}

// stop ends the proxy as an init system does, all its connections with it.
func (r *running) stop() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(patience, func() { _ = r.cmd.Process.Kill() })
	_ = r.cmd.Wait() // by a signal
	late.Stop()
	r.cmd = nil
}

// await polls for a condition that another process or goroutine brings about.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// free returns a loopback address that nobody listens on, for a program that cannot choose itself.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certFile holds the proxies' certificate and key. The bots verify it as they would any other: it
// is the only authority this process trusts.
var certFile string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "hindsight-deploy-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	certFile = filepath.Join(dir, "cert.pem")
	if err := os.WriteFile(certFile, selfSigned(), 0o600); err != nil {
		panic(err)
	}
	_ = os.Setenv("SSL_CERT_FILE", certFile) // crypto/x509 reads it when it verifies for the first time
	return m.Run()
}

// selfSigned is a certificate for this machine, and its key, in PEM.
func selfSigned() []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
}
