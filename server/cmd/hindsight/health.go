package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// healthcheckCmd asks a server how it is. It shares the names of serve's flags, and so the environment:
// in a container, the check needs no more settings than the server had.
type healthcheckCmd struct {
	URL     string        `help:"What to ask for; it must answer with 200. Default: /healthz of the server on this machine that the other flags, or the environment, describe." placeholder:"URL"`
	Timeout time.Duration `help:"How long the answer may take." default:"2s"`

	Addr      string   `help:"The server's --addr." placeholder:"HOST:PORT"`
	TLSCert   string   `help:"The server's --tls-cert." placeholder:"FILE"`
	TLSDomain []string `help:"The server's --tls-domain." placeholder:"NAME"`
}

// Run succeeds when the answer is 200.
func (c *healthcheckCmd) Run() error {
	u, secure, err := c.target()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: secure, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s did not answer within %v", u, c.Timeout)
	} else if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // only to say what was wrong
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s: %q", u, resp.Status, text)
	}
	return nil
}

// target returns what to ask for, and how to take the answerer's certificate. A server on this very
// machine has proven who it is by being there; its certificate is for the name that players use, which
// leads elsewhere, and need not be known to a machine without certificate authorities.
func (c *healthcheckCmd) target() (string, *tls.Config, error) {
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return "", nil, fmt.Errorf("--url is %q, want http or https and a host, such as http://localhost:8080/healthz", c.URL)
		}
		return c.URL, nil, nil
	}
	scheme, addr := "http", c.Addr
	var secure *tls.Config
	if c.TLSCert != "" || len(c.TLSDomain) > 0 {
		scheme, secure = "https", &tls.Config{InsecureSkipVerify: true}
	}
	if len(c.TLSDomain) > 0 {
		secure.ServerName = c.TLSDomain[0]
	}
	switch {
	case addr == "" && len(c.TLSDomain) > 0:
		addr = ":443"
	case addr == "":
		addr = ":8080"
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil, fmt.Errorf("--addr is %q, want host:port: %w", addr, err)
	}
	switch ip, _ := netip.ParseAddr(host); {
	case host == "", ip == netip.IPv4Unspecified():
		host = "127.0.0.1"
	case ip == netip.IPv6Unspecified():
		host = "::1"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/healthz", secure, nil
}
