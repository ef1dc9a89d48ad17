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
	"hindsight/server/session"
)

// serveCmd runs a server.
type serveCmd struct {
	Addr      string `help:"Public address, host:port: browser client, game socket, lobby. Default :8080, with --tls-domain :443." placeholder:"HOST:PORT"`
	AdminAddr string `help:"Admin address, for metrics and profiles. It has no password: keep it private. \"off\" for none." default:"127.0.0.1:8081"`

	Bots     int               `help:"Seats of a room that bots fill while fewer people are there." default:"6"`
	BotSkill int               `help:"Skill of the bots, 1 (beginner) to 5 (expert); 0 for a mixture." default:"0"`
	Set      map[string]string `help:"Settings of the game (their defaults in brackets). ${settings}." placeholder:"KEY=VALUE;..."`
	MapsDir  string            `help:"Folder with maps of your own, Tiled *.tmj files." type:"existingdir" placeholder:"DIR"`

	Rooms         int           `help:"Most rooms open at once." default:"64"`
	Players       int           `help:"Seats of a room; 0 for as many as the game has." default:"0"`
	SnapshotEvery int           `help:"Ticks between two snapshots, 1 to 6. More saves bytes and costs delay." default:"1"`
	SeatHold      time.Duration `help:"How long the seat of a lost connection is kept." default:"30s"`

	DataDir          string `help:"Folder that keeps what the server remembers. Default hindsight in the user's data folder (XDG_DATA_HOME, or ~/.local/share)." placeholder:"DIR" group:"Lobby"`
	Database         string `help:"Where players, ratings and results are kept: an SQLite file, or postgres://USER:PASSWORD@HOST/NAME. Default hindsight.db in --data-dir." placeholder:"FILE|URL" group:"Lobby"`
	WalkIn           bool   `help:"Let people sit down who do not come from the lobby: bots, and links to a room. No history is kept of them." default:"true" negatable:"" group:"Lobby"`
	Words            string `help:"File with more words that names and chat may not hold, one on each line; !word for one that is allowed although it contains another." type:"existingfile" placeholder:"FILE" group:"Lobby"`
	PublicURL        string `name:"public-url" help:"Address that players use, such as https://play.example.org. Needed with --oidc-issuer. Default that of the first --tls-domain." placeholder:"URL" group:"Lobby"`
	OIDCIssuer       string `name:"oidc-issuer" help:"Another site that players may sign in by way of, by OpenID Connect, such as https://accounts.google.com. Register PUBLIC-URL/api/v1/oidc/callback with it." placeholder:"URL" group:"Lobby"`
	OIDCClientID     string `name:"oidc-client-id" help:"What that site knows this server as." placeholder:"ID" group:"Lobby"`
	OIDCClientSecret string `name:"oidc-client-secret" help:"The secret that goes with it; give it in the environment rather than here." placeholder:"SECRET" group:"Lobby"`

	Origin         []string      `help:"Web page of another host that may connect, such as https://example.org, or * for any. Also your own, behind a proxy that does not pass the Host header on. May be given several times." placeholder:"URL"`
	TrustProxy     []string      `help:"Address or network of a reverse proxy whose X-Forwarded-For is believed. May be given several times." placeholder:"CIDR"`
	MaxConnections int           `help:"Most connections at once." default:"10000"`
	MaxPerAddress  int           `help:"Most connections from one IPv4 address or IPv6 /64 network; loopback is exempt." default:"64"`
	Drain          time.Duration `help:"How long players may play on after SIGTERM or Ctrl+C, such as 2m. They are told, new ones are refused; a second signal hurries." default:"0s"`

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
func (c *serveCmd) Validate() error {
	for _, r := range []struct {
		flag          string
		is, low, high int
	}{
		{"bots", c.Bots, 0, 64}, {"bot-skill", c.BotSkill, 0, 5}, {"rooms", c.Rooms, 1, 10_000},
		{"players", c.Players, 0, 64}, {"snapshot-every", c.SnapshotEvery, 1, 6},
		{"max-connections", c.MaxConnections, 1, 1_000_000}, {"max-per-address", c.MaxPerAddress, 1, 1_000_000},
	} {
		if r.is < r.low || r.is > r.high {
			return fmt.Errorf("--%s is %d, want %d to %d", r.flag, r.is, r.low, r.high)
		}
	}
	if c.Drain < 0 || c.SeatHold < time.Second {
		return fmt.Errorf("--drain is %v and --seat-hold %v, want 0s and 1s at least", c.Drain, c.SeatHold)
	}
	for _, o := range c.Origin {
		if u, err := url.Parse(o); o != "*" && (err != nil || u.Host == "" || u.Path != "" || (u.Scheme != "http" && u.Scheme != "https")) {
			return fmt.Errorf("--origin is %q, want a scheme and a host, such as https://example.org, or *", o)
		}
	}
	_, err := c.proxies()
	return err
}

// proxies reads --trust-proxy.
func (c *serveCmd) proxies() ([]netip.Prefix, error) {
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

// Run serves until it is told to stop.
func (c *serveCmd) Run() error {
	proxies, err := c.proxies()
	if err != nil {
		return err
	}
	var own fs.FS
	if c.MapsDir != "" {
		own = os.DirFS(c.MapsDir)
	}
	log := newLog(c.LogFormat, c.LogLevel)
	words, err := c.filter()
	if err != nil {
		return err
	}
	database, err := c.database()
	if err != nil {
		return err
	}
	s, err := server.New(server.Config{
		Addr: c.Addr, AdminAddr: c.AdminAddr,
		Settings: c.Set, Maps: own, MaxRooms: c.Rooms, MaxPlayers: c.Players,
		Bots: c.Bots, BotSkill: c.BotSkill, SnapshotEvery: c.SnapshotEvery, SeatHold: c.SeatHold,
		TLS: server.TLS{
			Cert: c.TLSCert, Key: c.TLSKey, Domains: c.TLSDomain, ACME: c.TLSACME,
			Cache: c.certificates(), Email: c.TLSEmail, HTTPAddr: c.TLSHTTPAddr,
		},
		Database: database, TicketsOnly: !c.WalkIn, Filter: words, PublicURL: c.publicURL(),
		OIDC:    server.OIDC{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, Secret: c.OIDCClientSecret},
		Origins: c.Origin, Proxies: proxies, Drain: c.Drain,
		Limits: session.Limits{Connections: c.MaxConnections, PerAddress: c.MaxPerAddress},
		Client: clientweb.Files(), Version: version, Log: log,
	})
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
func (c *serveCmd) places(public net.Addr) []string {
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
