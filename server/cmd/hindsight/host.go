package main

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	clientweb "hindsight/client-web"
	"hindsight/server"
)

// hostFlags are the flags of everything that listens: serve and lobby.
type hostFlags struct {
	Addr      string `help:"Public address, host:port: browser client, game socket, lobby. Default :8080, with --tls-domain :443." placeholder:"HOST:PORT"`
	AdminAddr string `help:"Admin address, for metrics and profiles. It has no password: keep it private. \"off\" for none." default:"127.0.0.1:8081"`

	MapsDir string            `help:"Folder with maps of your own, Tiled *.tmj files." type:"existingdir" placeholder:"DIR"`
	Set     map[string]string `help:"Settings of the game (their defaults in brackets). ${settings}." placeholder:"KEY=VALUE;..."`

	DataDir          string        `help:"Folder that keeps what the server remembers. Default hindsight in the user's data folder (XDG_DATA_HOME, or ~/.local/share)." placeholder:"DIR" group:"Lobby"`
	Database         string        `help:"Where players, ratings and results are kept: an SQLite file, or postgres://USER:PASSWORD@HOST/NAME. Default hindsight.db in --data-dir." placeholder:"FILE|URL" group:"Lobby"`
	Words            string        `help:"File with more words that names and chat may not hold, one on each line; !word for one that is allowed although it contains another." type:"existingfile" placeholder:"FILE" group:"Lobby"`
	FillAfter        time.Duration `help:"How long people who queue wait for people before bots fill their match." default:"20s" group:"Lobby"`
	PublicURL        string        `name:"public-url" help:"Address that players use, such as https://play.example.org. Needed with --oidc-issuer. Default that of the first --tls-domain." placeholder:"URL" group:"Lobby"`
	OIDCIssuer       string        `name:"oidc-issuer" help:"Another site that players may sign in by way of, by OpenID Connect, such as https://accounts.google.com. Register PUBLIC-URL/api/v1/oidc/callback with it." placeholder:"URL" group:"Lobby"`
	OIDCClientID     string        `name:"oidc-client-id" help:"What that site knows this server as." placeholder:"ID" group:"Lobby"`
	OIDCClientSecret string        `name:"oidc-client-secret" help:"The secret that goes with it; give it in the environment rather than here." placeholder:"SECRET" group:"Lobby"`
	Token            string        `help:"Secret that game servers and their lobby share, 22 characters at least, such as openssl rand -hex 16 prints. Give it in the environment rather than here." placeholder:"SECRET" group:"Lobby"`

	Limit      map[string]string `help:"Bounds of what clients may cost, their defaults behind them; a rate such as 30/10s is 30 at once and one more every 10 seconds. ${limits}." placeholder:"NAME=VALUE;..."`
	Origin     []string          `help:"Web page of another host that may connect, and show this one in a frame, such as https://example.org, or * for any. Also your own, behind a proxy that does not pass the Host header on. May be given several times." placeholder:"URL"`
	TrustProxy []string          `help:"Address or network of a reverse proxy whose X-Forwarded-For is believed. May be given several times." placeholder:"CIDR"`

	TLSCert     string   `help:"PEM file with a certificate, its chain after it: https and wss instead of http and ws. Read again within a second of its change." placeholder:"FILE" group:"TLS"`
	TLSKey      string   `help:"PEM file with the certificate's private key." placeholder:"FILE" group:"TLS"`
	TLSDomain   []string `help:"Name to get a certificate for by ACME, whose authority must reach this server on port 443 or 80 of that name. May be given several times. You accept the authority's terms." placeholder:"NAME" group:"TLS"`
	TLSCache    string   `help:"Folder that keeps the certificates got by ACME. Default certificates in --data-dir." placeholder:"DIR" group:"TLS"`
	TLSEmail    string   `help:"Where the authority may write to when there is a problem with a certificate." placeholder:"ADDRESS" group:"TLS"`
	TLSACME     string   `name:"tls-acme" help:"ACME directory of the authority. Default Let's Encrypt; https://acme-staging-v02.api.letsencrypt.org/directory is for trying out." placeholder:"URL" group:"TLS"`
	TLSHTTPAddr string   `name:"tls-http-addr" help:"Address of a plain listener that sends browsers to https on port 443, and answers the authority. Default :80 with --tls-domain, otherwise none; \"off\" for none." placeholder:"HOST:PORT" group:"TLS"`

	LogLevel  string `help:"Least important messages to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`
	LogFormat string `help:"Form of the log: text, json, or auto, which is text on a terminal." enum:"auto,text,json" default:"auto"`
}

// Validate checks what kong cannot.
func (c *hostFlags) Validate() error {
	for _, o := range c.Origin {
		if u, err := url.Parse(o); o != "*" && (err != nil || u.Host == "" || u.Path != "" || (u.Scheme != "http" && u.Scheme != "https")) {
			return fmt.Errorf("--origin is %q, want a scheme and a host, such as https://example.org, or *", o)
		}
	}
	if c.FillAfter < time.Second {
		return fmt.Errorf("--fill-after is %v, want 1s at least", c.FillAfter)
	}
	for name, value := range c.Limit {
		if err := new(server.Config).SetLimit(name, value); err != nil {
			return fmt.Errorf("--limit: %w", err)
		}
	}
	_, err := c.proxies()
	return err
}

// proxies reads --trust-proxy.
func (c *hostFlags) proxies() ([]netip.Prefix, error) {
	var nets []netip.Prefix
	for _, s := range c.TrustProxy {
		if a, err := netip.ParseAddr(s); err == nil {
			nets = append(nets, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		n, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("--trust-proxy is %q, want an address or a network, such as 10.0.0.0/8", s)
		}
		nets = append(nets, n)
	}
	return nets, nil
}

// config is what the flags say. A server that keeps nothing opens no database.
func (c *hostFlags) config(part server.Part) (server.Config, error) {
	proxies, err := c.proxies()
	if err != nil {
		return server.Config{}, err
	}
	var own fs.FS
	if c.MapsDir != "" {
		own = os.DirFS(c.MapsDir)
	}
	words, err := c.filter()
	if err != nil {
		return server.Config{}, err
	}
	database := ""
	if part != server.GameServer {
		if database, err = c.database(); err != nil {
			return server.Config{}, err
		}
	}
	cfg := server.Config{
		Part: part, Token: c.Token,
		Addr: c.Addr, AdminAddr: c.AdminAddr,
		Settings: c.Set, Maps: own,
		TLS: server.TLS{
			Cert: c.TLSCert, Key: c.TLSKey, Domains: c.TLSDomain, ACME: c.TLSACME,
			Cache: c.certificates(), Email: c.TLSEmail, HTTPAddr: c.TLSHTTPAddr,
		},
		Database: database, Filter: words, FillAfter: c.FillAfter, PublicURL: c.publicURL(),
		OIDC:    server.OIDC{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, Secret: c.OIDCClientSecret},
		Origins: c.Origin, Proxies: proxies,
		Client: clientweb.Files(), Version: version, Log: newLog(c.LogFormat, c.LogLevel),
	}
	for name, value := range c.Limit {
		if err := cfg.SetLimit(name, value); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// run serves until it is told to stop.
func (c *hostFlags) run(cfg server.Config) error {
	s, err := server.New(cfg)
	if err != nil {
		return err
	}
	if err := s.Listen(); err != nil {
		return err
	}
	banner(os.Stdout, c.places(s.Addr()), s.AdminAddr())
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() { // ends with the program
		<-signals
		stop()
		<-signals
		s.Hurry()
	}()
	return s.Run(ctx)
}

// places are the addresses to open in a browser.
func (c *hostFlags) places(public net.Addr) []string {
	switch {
	case len(c.TLSDomain) > 0:
		var names []string
		for _, d := range c.TLSDomain {
			names = append(names, "https://"+d)
		}
		return names
	case c.TLSCert != "":
		return places("https", public)
	}
	return places("http", public)
}
