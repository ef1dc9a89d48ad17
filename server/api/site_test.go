package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"hindsight/server/identity/oidc"
)

// fakeSite is another site that vouches for anyone who asks. What a site has to check is tested in
// package oidc; here it only has to answer.
type fakeSite struct {
	t    *testing.T
	http *httptest.Server
	key  *ecdsa.PrivateKey

	mu     sync.Mutex
	nonces map[string]string // by code; guarded by mu
}

func newSite(t *testing.T) *fakeSite {
	f := &fakeSite{t: t, key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t), nonces: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		f.json(w, map[string]any{
			"issuer": f.http.URL, "authorization_endpoint": f.http.URL + "/authorize", "token_endpoint": f.http.URL + "/token",
			"jwks_uri": f.http.URL + "/keys", "id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("/keys", f.keys)
	mux.HandleFunc("/token", f.token)
	f.http = httptest.NewServer(mux)
	t.Cleanup(f.http.Close)
	return f
}

func (f *fakeSite) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		f.t.Error(err)
	}
}

func (f *fakeSite) keys(w http.ResponseWriter, _ *http.Request) {
	point := must(f.key.PublicKey.Bytes())(f.t) // 4, x, y
	text := base64.RawURLEncoding.EncodeToString
	f.json(w, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "use": "sig", "x": text(point[1:33]), "y": text(point[33:]),
	}}})
}

func (f *fakeSite) token(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	nonce, ok := f.nonces[r.FormValue("code")]
	f.mu.Unlock()
	if !ok {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": f.http.URL, "aud": "us", "sub": r.FormValue("code"), "nonce": nonce, "nickname": "Faraway Fox",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	})
	t.Header["kid"] = "k"
	f.json(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": must(t.SignedString(f.key))(f.t)})
}

// join makes an API one that players may sign in to by way of this site.
func (f *fakeSite) join(c *Config) {
	c.Secure = true
	c.Site = must(oidc.New(oidc.Config{
		Name: "test", Issuer: f.http.URL, ClientID: "us", RedirectURL: "https://play.test" + Root + "oidc/callback",
		Ring: c.Ring, Now: c.Now,
	}))(f.t)
}

// visit is a browser's way there and back. It returns what the page gets and the cookie.
func (f *fakeSite) visit(r *rig) (query, cookie string) {
	a := r.ask("GET", "oidc/start", "", nil)
	there := must(url.Parse(a.head.Get("Location")))(f.t)
	set := must(http.ParseSetCookie(a.head.Get("Set-Cookie")))(f.t)
	if a.status != 303 || !set.HttpOnly || !set.Secure || set.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(set.Name, "__Host-") {
		f.t.Fatalf("start: %d %v", a.status, a.head)
	}
	code := rand.Text()
	f.mu.Lock()
	f.nonces[code] = there.Query().Get("nonce")
	f.mu.Unlock()
	back := r.ask("GET", "oidc/callback?"+url.Values{"code": {code}, "state": {there.Query().Get("state")}}.Encode(), "", nil)
	query, ok := strings.CutPrefix(back.head.Get("Location"), "/#oidc?")
	if !ok || back.status != 303 {
		f.t.Fatalf("callback: %d %v", back.status, back.head)
	}
	return query, set.Name + "=" + set.Value
}

func TestSignInByAnotherSite(t *testing.T) {
	site := newSite(t)
	r := newRig(t, site.join)
	me := r.guest("Ann")
	query, cookie := site.visit(r)
	var in signedIn
	a := r.ask("POST", "oidc", "", map[string]string{"query": query, "device": me.Device}, "Cookie", cookie).is(200, "").ok(&in)
	if in.Player.ID != me.Player.ID || in.Player.Guest || in.Device == me.Device {
		t.Errorf("the guest came back as %+v", in)
	}
	if set, err := http.ParseSetCookie(a.head.Get("Set-Cookie")); err != nil || set.MaxAge >= 0 {
		t.Errorf("the cookie stays: %v", a.head)
	}
	r.ask("POST", "sessions", "", map[string]string{"device": me.Device}).is(401, "unknown_device")

	query, cookie = site.visit(r)
	r.ask("POST", "oidc", "", map[string]string{"query": query}).is(400, "oidc_again")
	r.ask("POST", "oidc", "", map[string]string{"query": "code=x&state=y"}, "Cookie", cookie).is(400, "oidc_again")
	r.ask("POST", "oidc", "", map[string]string{"query": strings.Replace(query, "code=", "error=access_denied&code=", 1)}, "Cookie", cookie).is(403, "oidc_denied")
	site.http.Close()
	r.ask("POST", "oidc", "", map[string]string{"query": query}, "Cookie", cookie).is(502, "oidc_site")
}

func TestNoOtherSite(t *testing.T) {
	r := newRig(t)
	r.ask("GET", "oidc/start", "", nil).is(404, "no_oidc")
	r.ask("GET", "oidc/callback", "", nil).is(404, "no_oidc")
	r.ask("POST", "oidc", "", "{}").is(404, "no_oidc")
}
