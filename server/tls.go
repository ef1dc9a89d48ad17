package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/time/rate"
)

// TLS is how the public listener is encrypted. The zero value is not at all, which is right behind a
// reverse proxy and in a private network. Either Cert and Key are set, or Domains.
type TLS struct {
	// Cert and Key are PEM files: the chain of certificates, the server's own first, and its private
	// key. They are read again when they have changed.
	Cert, Key string

	// Domains are the names to get certificates for, from the authority at ACME [Let's Encrypt], by
	// whose terms the host is then bound. It connects to port 443 or 80 of each name to see who is there.
	Domains []string
	ACME    string
	// Email is where the authority may write to when there is a problem, or "".
	Email string
	// Cache is the folder that keeps certificates and the account
	// [hindsight/certificates in the user's folder for caches]. It must outlive the program: an
	// authority gives out only a few certificates a week.
	Cache string

	// HTTPAddr is the address of a plain listener that sends browsers to https on port 443, and
	// answers the authority [":80" with Domains, else none]; AdminOff for none.
	HTTPAddr string
}

// handshakeTime is how long TLS and a request's header may take. A thousand players who come back in
// the same second cost a core half a second of handshakes; nobody should be turned away for that.
const handshakeTime = 10 * time.Second

// encryption is what a TLS makes of the public listener.
type encryption struct {
	config   *tls.Config
	httpAddr string       // "" for no plain listener
	plain    http.Handler // of the plain listener
}

// encrypt checks the settings and reads the certificates. It returns nil for no encryption.
func encrypt(c TLS, log *slog.Logger) (*encryption, error) {
	e := &encryption{httpAddr: c.HTTPAddr, plain: http.HandlerFunc(toHTTPS)}
	switch {
	case len(c.Domains) > 0 && (c.Cert != "" || c.Key != ""):
		return nil, errors.New("certificates come from --tls-cert and --tls-key, or for --tls-domain from an authority, not both")
	case (c.Cert == "") != (c.Key == ""):
		return nil, errors.New("--tls-cert and --tls-key go together: one has the certificate, the other its private key")
	case c.Cert != "":
		files, err := newCertFiles(c.Cert, c.Key, log)
		if err != nil {
			return nil, err
		}
		e.config = &tls.Config{GetCertificate: files.get}
	case len(c.Domains) > 0:
		m, err := newAuthority(c)
		if err != nil {
			return nil, err
		}
		e.config = &tls.Config{GetCertificate: complaining(m.GetCertificate, c.Domains, log), NextProtos: []string{acme.ALPNProto}}
		if e.httpAddr == "" {
			e.httpAddr = ":80"
		}
		if e.httpAddr != AdminOff {
			e.plain = m.HTTPHandler(e.plain)
		}
		log.Info("certificates come by ACME, when the first visitor does", "domains", c.Domains, "cache", c.Cache)
	case c.HTTPAddr != "" && c.HTTPAddr != AdminOff:
		return nil, errors.New("--tls-http-addr sends browsers to https, which needs --tls-cert or --tls-domain")
	default:
		return nil, nil
	}
	e.config.MinVersion = tls.VersionTLS12
	// A frame is of use only when all of it is there, and should be one record and one system call.
	e.config.DynamicRecordSizingDisabled = true
	if e.httpAddr == AdminOff {
		e.httpAddr = ""
	}
	return e, nil
}

// newAuthority returns what gets certificates for c.Domains.
func newAuthority(c TLS) (*autocert.Manager, error) {
	for _, d := range c.Domains {
		if net.ParseIP(d) != nil || !strings.Contains(strings.Trim(d, "."), ".") || strings.ContainsAny(d, "/:*@ ") {
			return nil, fmt.Errorf("--tls-domain is %q, want a name that leads here from the internet, such as play.example.org", d)
		}
	}
	if c.Cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("--tls-cache is needed, a folder to keep certificates in: %w", err)
		}
		c.Cache = filepath.Join(dir, "hindsight", "certificates")
	}
	if err := writable(c.Cache); err != nil {
		return nil, fmt.Errorf("certificates cannot be kept; choose another folder with --tls-cache: %w", err)
	}
	return &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(c.Cache),
		HostPolicy: autocert.HostWhitelist(c.Domains...),
		Client:     &acme.Client{DirectoryURL: c.ACME, UserAgent: "hindsight"},
		Email:      c.Email,
	}, nil
}

// writable makes a folder that only its owner may look into, and tries it.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "try-*")
	if err != nil {
		return err
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

type certificateFor = func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// complaining logs, now and then, why there is no certificate for one of our names. Others are asked
// for by every scanner of the internet, and are no news.
func complaining(get certificateFor, domains []string, log *slog.Logger) certificateFor {
	now := rate.NewLimiter(rate.Every(time.Minute), 3)
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := get(hello)
		ours := func(d string) bool { return strings.EqualFold(d, hello.ServerName) }
		if err != nil && slices.ContainsFunc(domains, ours) && now.Allow() {
			log.Warn("no certificate", "domain", hello.ServerName, "error", err)
		}
		return cert, err
	}
}

// toHTTPS sends a browser to the same page over TLS. Anything but reading would have sent its secrets
// by now, and is refused so that somebody notices.
func toHTTPS(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		plain(w, http.StatusBadRequest, "use https\n")
		return
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
		if strings.Contains(name, ":") {
			host = "[" + name + "]"
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusPermanentRedirect)
}
