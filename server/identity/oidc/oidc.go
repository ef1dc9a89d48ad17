// Package oidc signs players in by way of another site that speaks OpenID Connect: Google, Microsoft,
// Keycloak, or the host's own.
//
//	site, err := oidc.New(oidc.Config{Name: "google", Issuer: "https://accounts.google.com", …})
//	begun, err := site.Begin(ctx)                        // set begun.Cookie, redirect to begun.URL
//	who, err := site.Finish(ctx, cookie, r.URL.Query())  // at RedirectURL
//	device, player, err := service.Enter(ctx, from, who, device)
//
// It is the authorization code flow with PKCE (RFC 7636), state and nonce. What has to be remembered
// between the two halves travels in a cookie that the server signs, so any node can finish what another
// began, and a flood of beginnings takes no memory. The cookie must be HttpOnly, SameSite=Lax and, on
// https, Secure and named with the prefix "__Host-": that the browser that finishes is the one that
// began is what keeps somebody from being signed in as somebody else. It is of use once: the other site
// takes a code once.
//
// The other site is asked for its endpoints at the first sign-in, not at the start: a server starts
// whether it is up or not. What a player is called there is taken from the nickname, never from the
// full name.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"hindsight/server/identity"
	"hindsight/server/identity/signing"
)

// CookieKind tells the cookies' tokens from others of the same keys.
const CookieKind = "hs-oidc"

// Patience is how long a player may take at the other site.
const Patience = 10 * time.Minute

// siteTimeout bounds one request to the other site.
const siteTimeout = 10 * time.Second

// Errors of Begin and Finish. More may be wrapped with them that is for the log and not for the player.
var (
	// ErrFlow: the cookie and the query do not belong together, or it took too long. Begin again.
	ErrFlow = errors.New("oidc: the sign-in has to be started again")
	// ErrDenied: the player, or the other site, said no.
	ErrDenied = errors.New("oidc: the other site did not let you in")
	// ErrSite: the other site cannot be reached or does not do what it should.
	ErrSite = errors.New("oidc: the other site is in trouble")
)

// Config is how this server is known to another site. All but Secret, Scopes, Client and Now are required.
type Config struct {
	Name        string // of the site, short: "google"
	Issuer      string // where its /.well-known/openid-configuration is; https, or on this machine
	ClientID    string
	Secret      string // the client's; "" for a public client, which has only PKCE
	RedirectURL string // where it sends the player back to; registered with it
	// Scopes are asked for besides "openid"; nil means "profile".
	Scopes []string
	// Ring signs the cookies.
	Ring *signing.Ring
	// Client speaks to the site; nil means one that waits 10 seconds.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Site is another site. Its methods may be called from any goroutine.
type Site struct {
	cfg Config // immutable

	turn   chan struct{} // holds one value while somebody asks the site; what follows belongs to its holder
	known  *endpoints    // nil until the site has answered
	failed error         // what came of asking last
	asked  time.Time     // when
}

// endpoints are what a site says of itself.
type endpoints struct {
	oauth    oauth2.Config
	verifier *gooidc.IDTokenVerifier
}

// New checks the settings. It asks the site nothing.
func New(cfg Config) (*Site, error) {
	for what, s := range map[string]string{"name": cfg.Name, "client id": cfg.ClientID} {
		if s == "" {
			return nil, fmt.Errorf("oidc: no %s", what)
		}
	}
	if cfg.Ring == nil {
		return nil, errors.New("oidc: no ring")
	}
	if err := errors.Join(safe(cfg.Issuer), safe(cfg.RedirectURL)); err != nil {
		return nil, err
	}
	if cfg.Scopes == nil {
		cfg.Scopes = []string{"profile"}
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: siteTimeout}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Site{cfg: cfg, turn: make(chan struct{}, 1)}, nil
}

// safe checks that a URL is one that nobody on the way can read or change.
func safe(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("oidc: %q is not a URL to use here", s)
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()):
		return nil
	}
	return fmt.Errorf("oidc: %q is neither https nor on this machine", s)
}

// Name is the site's, from Config.
func (s *Site) Name() string { return s.cfg.Name }

// askAgain is how soon a site that did not answer is asked again. Until then everyone is told the same,
// at once, instead of waiting for it one after another.
const askAgain = 5 * time.Second

// endpoints asks the site for its endpoints, until it has answered once.
func (s *Site) endpoints(ctx context.Context) (*endpoints, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.known != nil {
		return s.known, nil
	}
	if now := s.cfg.Now(); s.failed == nil || now.Sub(s.asked) >= askAgain {
		p, err := gooidc.NewProvider(s.context(ctx), s.cfg.Issuer)
		if err == nil {
			s.know(ctx, p)
			return s.known, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err() // the caller's impatience says nothing of the site
		}
		s.failed, s.asked = fmt.Errorf("%w: %w", ErrSite, err), now
	}
	return nil, s.failed
}

// know keeps what a site says of itself. The caller holds the turn.
func (s *Site) know(ctx context.Context, p *gooidc.Provider) {
	keys := s.context(context.WithoutCancel(ctx)) // with which keys are fetched as long as the site is used
	s.known = &endpoints{
		oauth: oauth2.Config{
			ClientID: s.cfg.ClientID, ClientSecret: s.cfg.Secret, Endpoint: p.Endpoint(),
			RedirectURL: s.cfg.RedirectURL, Scopes: append([]string{gooidc.ScopeOpenID}, s.cfg.Scopes...),
		},
		verifier: p.VerifierContext(keys, &gooidc.Config{ClientID: s.cfg.ClientID, Now: s.cfg.Now}),
	}
}

// context makes the libraries use our client.
func (s *Site) context(ctx context.Context) context.Context {
	return gooidc.ClientContext(ctx, s.cfg.Client)
}

// Begun is the first half of a sign-in.
type Begun struct {
	URL     string    // where to send the player
	Cookie  string    // what the player's browser has to bring back
	Expires time.Time // when the cookie is worth nothing any more
}

// flow is what is remembered between the halves. PKCE's verifier is in it for the browser's owner to
// read, who could only use it to finish his own sign-in.
type flow struct {
	jwt.RegisteredClaims
	Site     string `json:"site"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"pkce"`
}

// Begin starts a sign-in.
func (s *Site) Begin(ctx context.Context) (Begun, error) {
	e, err := s.endpoints(ctx)
	if err != nil {
		return Begun{}, err
	}
	now := s.cfg.Now()
	ends := now.Add(Patience)
	f := flow{
		RegisteredClaims: jwt.RegisteredClaims{IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(ends)},
		Site:             s.cfg.Name, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
	}
	cookie, err := s.cfg.Ring.Sign(CookieKind, &f)
	if err != nil {
		return Begun{}, err
	}
	u := e.oauth.AuthCodeURL(f.State, gooidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier))
	return Begun{URL: u, Cookie: cookie, Expires: ends}, nil
}

// Finish ends a sign-in with the cookie of Begin and the query with which the other site sent the
// player back, and returns who it vouches for.
func (s *Site) Finish(ctx context.Context, cookie string, query url.Values) (identity.External, error) {
	var f flow
	if err := s.cfg.Ring.Verify(CookieKind, cookie, &f, s.cfg.Now()); err != nil || f.Site != s.cfg.Name {
		return identity.External{}, ErrFlow
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(f.State)) != 1 {
		return identity.External{}, ErrFlow
	}
	// A site that says who it is (RFC 9207) must be the one that was asked.
	if iss := query.Get("iss"); iss != "" && iss != s.cfg.Issuer {
		return identity.External{}, ErrFlow
	}
	if query.Has("error") {
		return identity.External{}, fmt.Errorf("%w: %.100q", ErrDenied, query.Get("error"))
	}
	if query.Get("code") == "" {
		return identity.External{}, ErrFlow
	}
	return s.exchange(ctx, f, query.Get("code"))
}

// exchange gets an id token for a code and believes it if it is for us and for this sign-in.
func (s *Site) exchange(ctx context.Context, f flow, code string) (identity.External, error) {
	e, err := s.endpoints(ctx)
	if err != nil {
		return identity.External{}, err
	}
	token, err := e.oauth.Exchange(s.context(ctx), code, oauth2.VerifierOption(f.Verifier))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
		return identity.External{}, fmt.Errorf("%w: %w", ErrFlow, err) // used before, or made up
	}
	if err != nil {
		return identity.External{}, fmt.Errorf("%w: %w", ErrSite, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := e.verifier.Verify(s.context(ctx), raw)
	if err != nil {
		return identity.External{}, fmt.Errorf("%w: %w", ErrSite, err)
	}
	var claims struct {
		Party     string `json:"azp"`
		Nickname  string `json:"nickname"`
		Preferred string `json:"preferred_username"`
	}
	if err := id.Claims(&claims); err != nil {
		return identity.External{}, fmt.Errorf("%w: %w", ErrSite, err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1:
		return identity.External{}, fmt.Errorf("%w: another sign-in's token", ErrFlow)
	case len(id.Audience) > 1 && claims.Party != s.cfg.ClientID, claims.Party != "" && claims.Party != s.cfg.ClientID:
		return identity.External{}, fmt.Errorf("%w: a token made for %.100q", ErrSite, claims.Party)
	case id.Subject == "":
		return identity.External{}, fmt.Errorf("%w: a token about nobody", ErrSite)
	}
	who := identity.External{Issuer: s.cfg.Issuer, Subject: id.Subject, Name: claims.Nickname}
	if who.Name == "" {
		who.Name = claims.Preferred
	}
	return who, nil
}
