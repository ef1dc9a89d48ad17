package signing_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"hindsight/server/identity/signing"
)

const kind = "test"

func open(t *testing.T, store signing.Store) *signing.Ring {
	t.Helper()
	r, err := signing.Open(t.Context(), signing.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func claims(now time.Time, life time.Duration) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{Subject: "p", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life))}
}

func sign(t *testing.T, r *signing.Ring, c jwt.Claims) string {
	t.Helper()
	token, err := r.Sign(kind, c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func verify(r *signing.Ring, token string, now time.Time) error {
	return r.Verify(kind, token, &jwt.RegisteredClaims{}, now)
}

func TestTimes(t *testing.T) {
	r := open(t, &signing.Memory{})
	now := time.Unix(1_800_000_000, 0)
	token := sign(t, r, claims(now, time.Minute))
	for _, c := range []struct {
		name string
		at   time.Duration
		want error
	}{
		{"at once", 0, nil},
		{"last second", time.Minute - time.Nanosecond, nil},
		{"at its end", time.Minute, signing.ErrExpired},
		{"a year later", 365 * 24 * time.Hour, signing.ErrExpired},
		{"clock behind", -signing.MaxSkew, nil},
		{"issued in the future", -signing.MaxSkew - time.Second, signing.ErrForged},
	} {
		if got := verify(r, token, now.Add(c.at)); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestForgeries holds everything that is not a token of ours to one answer.
func TestForgeries(t *testing.T) {
	store := &signing.Memory{}
	r := open(t, store)
	now := time.Now()
	good := sign(t, r, claims(now, time.Minute))
	keys, err := store.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own := keys[0]
	_, strange, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// forge builds a token by hand, with everything under the forger's control.
	forge := func(m jwt.SigningMethod, key any, c jwt.Claims, header map[string]any) string {
		tok := jwt.NewWithClaims(m, c)
		tok.Header["typ"], tok.Header["kid"] = kind, own.ID
		for k, v := range header {
			tok.Header[k] = v
		}
		s, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	c := claims(now, time.Minute)
	if err := verify(r, forge(jwt.SigningMethodEdDSA, own.Private, c, nil), now); err != nil {
		t.Fatalf("the forger's tools do not even make a good token: %v", err)
	}
	parts := strings.Split(good, ".")
	endless, unborn := c, c
	endless.ExpiresAt, unborn.IssuedAt = nil, nil
	for name, token := range map[string]string{
		"empty":              "",
		"dots":               "..",
		"4 KB":               strings.Repeat("a", 4096),
		"4 KB after a token": good + strings.Repeat("a", 4096),
		"line end":           good + "\n",
		"blank":              " " + good,
		"padding":            good + "==",
		"no signature":       parts[0] + "." + parts[1] + ".",
		"two parts":          parts[0] + "." + parts[1],
		"four parts":         good + "." + parts[2],
		"none":               forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, c, nil),
		"HS256 by public":    forge(jwt.SigningMethodHS256, []byte(own.Public()), c, nil),
		"strange key":        forge(jwt.SigningMethodEdDSA, strange, c, nil),
		"unknown kid":        forge(jwt.SigningMethodEdDSA, own.Private, c, map[string]any{"kid": "other"}),
		"kid not a string":   forge(jwt.SigningMethodEdDSA, own.Private, c, map[string]any{"kid": 7}),
		"no kid":             forge(jwt.SigningMethodEdDSA, own.Private, c, map[string]any{"kid": nil}),
		"other kind":         forge(jwt.SigningMethodEdDSA, own.Private, c, map[string]any{"typ": "JWT"}),
		"crit":               forge(jwt.SigningMethodEdDSA, own.Private, c, map[string]any{"crit": []string{"exp"}}),
		"no end":             forge(jwt.SigningMethodEdDSA, own.Private, endless, nil),
		"no beginning":       forge(jwt.SigningMethodEdDSA, own.Private, unborn, nil),
		"not an object":      forge(jwt.SigningMethodEdDSA, own.Private, jwt.RegisteredClaims{}, nil),
	} {
		if err := verify(r, token, now); !errors.Is(err, signing.ErrForged) {
			t.Errorf("%s: %v, want ErrForged", name, err)
		}
	}
	if err := r.Verify("other", good, &jwt.RegisteredClaims{}, now); !errors.Is(err, signing.ErrForged) {
		t.Errorf("a token of another kind: %v", err)
	}
}

// TestBitFlips: no token with one bit changed is good.
func TestBitFlips(t *testing.T) {
	r := open(t, &signing.Memory{})
	now := time.Now()
	token := []byte(sign(t, r, claims(now, time.Minute)))
	for i := range token {
		for bit := range 8 {
			token[i] ^= 1 << bit
			if err := verify(r, string(token), now); !errors.Is(err, signing.ErrForged) {
				t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
			}
			token[i] ^= 1 << bit
		}
	}
	if err := verify(r, string(token), now); err != nil {
		t.Fatal(err)
	}
}

func TestSignRefuses(t *testing.T) {
	r := open(t, &signing.Memory{})
	now := time.Now()
	for name, c := range map[string]jwt.RegisteredClaims{
		"no end":       {IssuedAt: jwt.NewNumericDate(now)},
		"no beginning": {ExpiresAt: jwt.NewNumericDate(now)},
		"too long":     claims(now, signing.DefaultTokenLife+time.Second),
	} {
		if _, err := r.Sign(kind, c); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

// TestRotation follows two nodes with one store through a rotation, in virtual time. At every
// moment each verifies what the other signed, and a token lives its whole life.
func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &signing.Memory{}
		ctx, cancel := context.WithCancel(t.Context())
		a, b := open(t, store), open(t, store)
		fail := func(err error) { t.Error(err) }
		go a.Run(ctx, fail)
		time.Sleep(17 * time.Second) // out of step
		go b.Run(ctx, fail)

		life := signing.DefaultTokenLife
		kids := map[string]bool{}
		type issued struct {
			token string
			ends  time.Time
		}
		var living []issued
		for range 2 * 24 * 35 { // half hours in 35 days
			time.Sleep(30 * time.Minute)
			now := time.Now()
			token := sign(t, a, claims(now, life))
			kids[header(t, token)] = true
			living = append(living, issued{token, now.Truncate(time.Second).Add(life)})
			for living[0].ends.Compare(now) <= 0 {
				living = living[1:]
			}
			for _, i := range []int{0, len(living) / 2, len(living) - 1} {
				if err := verify(b, living[i].token, now); err != nil {
					t.Fatalf("%v: %v", now, err)
				}
			}
		}
		cancel()
		synctest.Wait()
		if len(kids) != 2 {
			t.Errorf("%d keys signed in 35 days, want 2", len(kids))
		}
		if keys, _ := store.SigningKeys(t.Context()); len(keys) != 1 {
			t.Errorf("%d keys kept, want only the one that signs", len(keys))
		}
	})
}

// TestLead: a new key is published before it signs.
func TestLead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &signing.Memory{}
		r := open(t, store)
		old := header(t, sign(t, r, claims(time.Now(), time.Minute)))
		time.Sleep(time.Hour)
		if err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(signing.DefaultLead - time.Second)
		if got := header(t, sign(t, r, claims(time.Now(), time.Minute))); got != old {
			t.Errorf("the new key signs before its time")
		}
		time.Sleep(time.Second)
		if got := header(t, sign(t, r, claims(time.Now(), time.Minute))); got == old {
			t.Errorf("the new key does not sign")
		}
	})
}

func TestRevoke(t *testing.T) {
	r := open(t, &signing.Memory{})
	now := time.Now()
	token := sign(t, r, claims(now, time.Minute))
	if err := r.Revoke(t.Context(), header(t, token)); err != nil {
		t.Fatal(err)
	}
	if err := verify(r, token, now); !errors.Is(err, signing.ErrForged) {
		t.Errorf("a token of a revoked key: %v", err)
	}
	if err := verify(r, sign(t, r, claims(now, time.Minute)), now); err != nil {
		t.Errorf("after a revocation: %v", err)
	}
}

// TestJWKS: a stranger who knows only the published set can check a token.
func TestJWKS(t *testing.T) {
	r := open(t, &signing.Memory{})
	token := sign(t, r, claims(time.Now(), time.Minute))
	var set struct {
		Keys []struct{ Kty, Crv, X, Kid, D string }
	}
	if err := json.Unmarshal(r.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 1 || set.Keys[0].Kid != header(t, token) || set.Keys[0].D != "" {
		t.Fatalf("published %s", r.JWKS())
	}
	x, err := base64.RawURLEncoding.DecodeString(set.Keys[0].X)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return ed25519.PublicKey(x), nil }); err != nil {
		t.Error(err)
	}
}

type broken struct{ signing.Memory }

func (*broken) SigningKeys(context.Context) ([]signing.Key, error) {
	return []signing.Key{{ID: "k", Private: []byte("short")}}, nil
}

func TestOpenRefuses(t *testing.T) {
	for name, cfg := range map[string]signing.Config{
		"no store":    {},
		"bad times":   {Store: &signing.Memory{}, Lead: time.Second},
		"damaged key": {Store: &broken{}},
	} {
		if _, err := signing.Open(t.Context(), cfg); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// header returns a token's kid.
func header(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	b, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	var h struct{ Kid string }
	if err := json.Unmarshal(b, &h); err != nil {
		t.Fatal(err)
	}
	return h.Kid
}
