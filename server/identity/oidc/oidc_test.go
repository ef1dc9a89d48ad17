package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"hindsight/server/identity"
	"hindsight/server/identity/oidc"
	"hindsight/server/identity/signing"
)

const (
	clientID = "arena"
	password = "client secret"
	back     = "https://arena.test/api/v1/login/fake"
)

// issuer is another site, in this process. It checks what a site has to check.
type issuer struct {
	t    *testing.T
	http *httptest.Server
	key  *ecdsa.PrivateKey

	down  atomic.Bool
	asked atomic.Int32          // for its endpoints
	codes map[string]url.Values // what was asked for when a code was given out
	// spoil may change the claims of the next id token, and how it is signed.
	spoil func(claims jwt.MapClaims) (jwt.SigningMethod, any)
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("POST /token", i.token)
	i.http = httptest.NewServer(mux)
	t.Cleanup(i.http.Close)
	return i
}

func (i *issuer) reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		i.t.Error(err)
	}
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	i.asked.Add(1)
	if i.down.Load() {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	i.reply(w, http.StatusOK, map[string]any{
		"issuer": i.http.URL, "authorization_endpoint": i.http.URL + "/authorize", "token_endpoint": i.http.URL + "/token",
		"jwks_uri": i.http.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"},
	})
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := i.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		i.t.Error(err)
		return
	}
	encode := base64.RawURLEncoding.EncodeToString
	i.reply(w, http.StatusOK, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "alg": "ES256", "x": encode(point[1:33]), "y": encode(point[33:]),
	}}})
}

// authorize is what the player does at the site; it returns the query with which they come back.
func (i *issuer) authorize(to string) url.Values {
	i.t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		i.t.Fatal(err)
	}
	q := u.Query()
	for what, want := range map[string]string{
		"client_id": clientID, "redirect_uri": back, "response_type": "code", "code_challenge_method": "S256", "scope": "openid profile",
	} {
		if q.Get(what) != want {
			i.t.Errorf("%s is %q, want %q", what, q.Get(what), want)
		}
	}
	if len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 || len(q.Get("code_challenge")) != 43 {
		i.t.Errorf("asked with %v", q)
	}
	code := rand.Text()
	i.codes[code] = q
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	code := r.FormValue("code")
	asked, known := i.codes[code]
	delete(i.codes, code)
	challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	user, pass, _ := r.BasicAuth()
	if !known || user != clientID || pass != url.QueryEscape(password) || r.FormValue("redirect_uri") != back ||
		asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) {
		i.reply(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := jwt.MapClaims{
		"iss": i.http.URL, "sub": "42", "aud": clientID, "nonce": asked.Get("nonce"),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		"name": "Ann Smith of 12 Elm Street", "nickname": "ann", "preferred_username": "ann@elm.test",
	}
	method, key := jwt.SigningMethod(jwt.SigningMethodES256), any(i.key)
	if i.spoil != nil {
		if m, k := i.spoil(claims); m != nil {
			method, key = m, k
		}
	}
	t := jwt.NewWithClaims(method, claims)
	t.Header["kid"] = "k"
	id, err := t.SignedString(key)
	if err != nil {
		i.t.Error(err)
	}
	i.reply(w, http.StatusOK, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": id})
}

// newSite makes a site that asks the issuer, with a clock that the test may move.
func newSite(t *testing.T, i *issuer, change func(*oidc.Config)) (*oidc.Site, *time.Time) {
	t.Helper()
	now := time.Now()
	clock := func() time.Time { return now }
	ring, err := signing.Open(t.Context(), signing.Config{Store: &signing.Memory{}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	cfg := oidc.Config{
		Name: "fake", Issuer: i.http.URL, ClientID: clientID, Secret: password, RedirectURL: back, Ring: ring, Now: clock,
		Client: i.http.Client(),
	}
	if change != nil {
		change(&cfg)
	}
	s, err := oidc.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, &now
}

func begin(t *testing.T, s *oidc.Site) oidc.Begun {
	t.Helper()
	b, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSignIn(t *testing.T) {
	i := newIssuer(t)
	s, _ := newSite(t, i, nil)
	b := begin(t, s)
	if len(b.Cookie) > signing.MaxTokenBytes {
		t.Errorf("a cookie of %d bytes", len(b.Cookie))
	}
	query := i.authorize(b.URL)
	got, err := s.Finish(t.Context(), b.Cookie, query)
	if want := (identity.External{Issuer: i.http.URL, Subject: "42", Name: "ann"}); got != want || err != nil {
		t.Fatalf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := s.Finish(t.Context(), b.Cookie, query); !errors.Is(err, oidc.ErrFlow) {
		t.Errorf("the same code again: %v", err)
	}
	if n := i.asked.Load(); n != 1 {
		t.Errorf("asked %d times for its endpoints", n)
	}
}

// TestFlow changes one thing at a time in what the player's browser brings back.
func TestFlow(t *testing.T) {
	i := newIssuer(t)
	s, now := newSite(t, i, nil)
	other, _ := newSite(t, i, func(c *oidc.Config) { c.Name = "other" })
	for name, c := range map[string]struct {
		change func(cookie *string, q url.Values)
		want   error
	}{
		"nothing":       {func(*string, url.Values) {}, nil},
		"its own name":  {func(_ *string, q url.Values) { q.Set("iss", i.http.URL) }, nil},
		"another name":  {func(_ *string, q url.Values) { q.Set("iss", "https://evil.test") }, oidc.ErrFlow},
		"no cookie":     {func(c *string, _ url.Values) { *c = "" }, oidc.ErrFlow},
		"broken cookie": {func(c *string, _ url.Values) { *c = (*c)[:len(*c)-3] + "AAA" }, oidc.ErrFlow},
		// Somebody sends a player a link that ends his own sign-in: the browser has another cookie.
		"another's cookie": {func(c *string, _ url.Values) { *c = begin(t, s).Cookie }, oidc.ErrFlow},
		// The same with the state made to fit: the code was given for another challenge and nonce.
		"another's code":   {func(_ *string, q url.Values) { q.Set("code", i.authorize(begin(t, s).URL).Get("code")) }, oidc.ErrFlow},
		"other site's":     {func(c *string, _ url.Values) { *c = begin(t, other).Cookie }, oidc.ErrFlow},
		"no state":         {func(_ *string, q url.Values) { q.Del("state") }, oidc.ErrFlow},
		"wrong state":      {func(_ *string, q url.Values) { q.Set("state", "x") }, oidc.ErrFlow},
		"no code":          {func(_ *string, q url.Values) { q.Del("code") }, oidc.ErrFlow},
		"made-up code":     {func(_ *string, q url.Values) { q.Set("code", "x") }, oidc.ErrFlow},
		"denied":           {func(_ *string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, oidc.ErrDenied},
		"denied, no state": {func(_ *string, q url.Values) { q.Del("state"); q.Set("error", "access_denied") }, oidc.ErrFlow},
	} {
		b := begin(t, s)
		query := i.authorize(b.URL)
		c.change(&b.Cookie, query)
		if _, err := s.Finish(t.Context(), b.Cookie, query); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	b := begin(t, s)
	*now = now.Add(oidc.Patience + time.Second)
	if _, err := s.Finish(t.Context(), b.Cookie, i.authorize(b.URL)); !errors.Is(err, oidc.ErrFlow) {
		t.Errorf("too late: %v", err)
	}
}

// TestTokens: an id token that is not for us, now and for this sign-in is not believed.
func TestTokens(t *testing.T) {
	i := newIssuer(t)
	s, _ := newSite(t, i, nil)
	set := func(k string, v any) func(jwt.MapClaims) (jwt.SigningMethod, any) {
		return func(c jwt.MapClaims) (jwt.SigningMethod, any) { c[k] = v; return nil, nil }
	}
	strange, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(jwt.MapClaims) (jwt.SigningMethod, any)
		want  error
	}{
		"good":             {nil, nil},
		"for us by name":   {set("azp", clientID), nil},
		"another issuer":   {set("iss", "https://evil.test"), oidc.ErrSite},
		"another client":   {set("aud", "other"), oidc.ErrSite},
		"for several":      {set("aud", []string{clientID, "other"}), oidc.ErrSite},
		"made for another": {set("azp", "other"), oidc.ErrSite},
		"ended":            {set("exp", time.Now().Add(-time.Minute).Unix()), oidc.ErrSite},
		"another nonce":    {set("nonce", "x"), oidc.ErrFlow},
		"no nonce":         {set("nonce", ""), oidc.ErrFlow},
		"nobody":           {set("sub", ""), oidc.ErrSite},
		"strange key":      {func(jwt.MapClaims) (jwt.SigningMethod, any) { return jwt.SigningMethodES256, strange }, oidc.ErrSite},
		"none": {func(jwt.MapClaims) (jwt.SigningMethod, any) {
			return jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
		}, oidc.ErrSite},
		"HS256 by our secret": {func(jwt.MapClaims) (jwt.SigningMethod, any) { return jwt.SigningMethodHS256, []byte(password) }, oidc.ErrSite},
	} {
		i.spoil = c.spoil
		b := begin(t, s)
		who, err := s.Finish(t.Context(), b.Cookie, i.authorize(b.URL))
		if !errors.Is(err, c.want) || err != nil && who != (identity.External{}) {
			t.Errorf("%s: %+v, %v; want %v", name, who, err, c.want)
		}
	}
}

// TestName: the nickname first, then the login there, and never the full name.
func TestName(t *testing.T) {
	i := newIssuer(t)
	s, _ := newSite(t, i, nil)
	for _, c := range []struct {
		drop []string
		want string
	}{{nil, "ann"}, {[]string{"nickname"}, "ann@elm.test"}, {[]string{"nickname", "preferred_username"}, ""}} {
		i.spoil = func(claims jwt.MapClaims) (jwt.SigningMethod, any) {
			for _, k := range c.drop {
				delete(claims, k)
			}
			return nil, nil
		}
		b := begin(t, s)
		if who, err := s.Finish(t.Context(), b.Cookie, i.authorize(b.URL)); who.Name != c.want || err != nil {
			t.Errorf("without %v: %q, %v", c.drop, who.Name, err)
		}
	}
}

// TestDown: a site that is down is asked now and then only, and once it is up, players come in.
func TestDown(t *testing.T) {
	i := newIssuer(t)
	i.down.Store(true)
	s, now := newSite(t, i, nil)
	for range 10 {
		if _, err := s.Begin(t.Context()); !errors.Is(err, oidc.ErrSite) {
			t.Fatal(err)
		}
	}
	if n := i.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	i.down.Store(false)
	*now = now.Add(5 * time.Second)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Begin(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("a player who went away: %v", err)
	}
	b := begin(t, s)
	if _, err := s.Finish(t.Context(), b.Cookie, i.authorize(b.URL)); err != nil {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	i := newIssuer(t)
	ring, err := signing.Open(t.Context(), signing.Config{Store: &signing.Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	good := oidc.Config{Name: "fake", Issuer: i.http.URL, ClientID: clientID, RedirectURL: back, Ring: ring}
	if _, err := oidc.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*oidc.Config){
		"no name":           func(c *oidc.Config) { c.Name = "" },
		"no client":         func(c *oidc.Config) { c.ClientID = "" },
		"no ring":           func(c *oidc.Config) { c.Ring = nil },
		"no issuer":         func(c *oidc.Config) { c.Issuer = "" },
		"plain issuer":      func(c *oidc.Config) { c.Issuer = "http://id.test" },
		"plain return":      func(c *oidc.Config) { c.RedirectURL = "http://arena.test/back" },
		"not a URL":         func(c *oidc.Config) { c.RedirectURL = "::" },
		"localhost as user": func(c *oidc.Config) { c.Issuer = "http://localhost@evil.test" },
	} {
		cfg := good
		change(&cfg)
		if _, err := oidc.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if !strings.HasPrefix(i.http.URL, "http://127.0.0.1") {
		t.Errorf("the fake issuer is at %s", i.http.URL)
	}
}
