package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often, at most, the certificate's files are looked at. A look is two stats.
const lookEvery = time.Second

// certFiles is a certificate in two files, which somebody else renews. A handshake that comes after
// they have changed gets the new one; as long as they cannot be used, all get the old one.
type certFiles struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate // guarded by mu, never nil
	stamps  [2]stamp         // guarded by mu: of the files as they were last read, with success or not
	looked  time.Time        // guarded by mu
}

// stamp tells two versions of a file apart.
type stamp struct {
	changed time.Time
	size    int64
}

// newCertFiles reads the files for the first time, when they must be right.
func newCertFiles(cert, key string, log *slog.Logger) (*certFiles, error) {
	f := &certFiles{cert: cert, key: key, log: log, looked: time.Now()}
	f.stamps = f.look()
	c, err := f.read()
	if err != nil {
		return nil, err
	}
	f.current = c
	f.tell("certificate read")
	return f, nil
}

// get is tls.Config.GetCertificate.
func (f *certFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.looked) >= lookEvery {
		f.looked = now
		f.renew()
	}
	return f.current, nil
}

// renew reads the files if they have changed. Between the writing of one and of the other they do not
// belong together; then the other's change leads here again. Its caller holds mu.
func (f *certFiles) renew() {
	stamps := f.look()
	if stamps == f.stamps {
		return
	}
	f.stamps = stamps
	c, err := f.read()
	if err != nil {
		f.log.Warn("the new certificate cannot be used, the old one still is", "error", err)
		return
	}
	f.current = c
	f.tell("certificate read again")
}

// look returns the stamps of both files, zero for one that is not there. Links are followed, because
// that is how certbot renews.
func (f *certFiles) look() (stamps [2]stamp) {
	for i, name := range []string{f.cert, f.key} {
		if info, err := os.Stat(name); err == nil {
			stamps[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return stamps
}

func (f *certFiles) read() (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("the certificate of --tls-cert %s and --tls-key %s: %w", f.cert, f.key, err)
	}
	return &c, nil
}

// tell logs whose certificate it is, and for how long.
func (f *certFiles) tell(what string) {
	leaf := f.current.Leaf
	f.log.Info(what, "names", leaf.DNSNames, "until", leaf.NotAfter)
	if time.Now().After(leaf.NotAfter) {
		f.log.Warn("the certificate has expired: browsers will refuse it", "until", leaf.NotAfter)
	}
}
