package signing

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestPublicKeysOfARingVerifyItsTokens(t *testing.T) {
	now := time.Now()
	ring, err := Open(t.Context(), Config{Store: &Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	claims := &jwt.RegisteredClaims{Subject: "ann", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Minute))}
	token, err := ring.Sign("test", claims)
	if err != nil {
		t.Fatal(err)
	}
	var public Public
	check := func(kind, token string, at time.Time) error {
		return public.Verify(kind, token, new(jwt.RegisteredClaims), at)
	}
	if err := check("test", token, now); !errors.Is(err, ErrForged) {
		t.Errorf("without keys: %v", err)
	}
	if err := public.Set(ring.JWKS()); err != nil {
		t.Fatal(err)
	}
	if err := check("test", token, now); err != nil {
		t.Errorf("a good token: %v", err)
	}
	if err := check("other", token, now); !errors.Is(err, ErrForged) {
		t.Errorf("of another kind: %v", err)
	}
	if err := check("test", token, now.Add(2*time.Minute)); !errors.Is(err, ErrExpired) {
		t.Errorf("expired: %v", err)
	}
	if err := check("test", token[:len(token)-4]+"AAAA", now); !errors.Is(err, ErrForged) {
		t.Errorf("forged: %v", err)
	}

	// Keys that are no keys change nothing; others replace those there were.
	jwks := string(ring.JWKS())
	for _, bad := range []string{
		"", "null", `{}`, `{"keys":[]}`, `{"keys":[{}]}`, strings.Replace(jwks, "OKP", "EC", 1),
		strings.Replace(jwks, `"x":"`, `"x":"A`, 1), strings.Replace(jwks, `"kid":"`, `"kid":"A`, 1),
		strings.Replace(jwks, "EdDSA", "none", 1), `{"keys":[` + strings.Repeat("{},", maxKeys) + `{}]}`,
	} {
		if err := public.Set([]byte(bad)); !errors.Is(err, ErrKeys) {
			t.Errorf("Set(%.60q) = %v", bad, err)
		}
	}
	if err := check("test", token, now); err != nil {
		t.Errorf("after damaged keys: %v", err)
	}
	other, err := Open(t.Context(), Config{Store: &Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := public.Set(other.JWKS()); err != nil {
		t.Fatal(err)
	}
	if err := check("test", token, now); !errors.Is(err, ErrForged) {
		t.Errorf("of a key that is gone: %v", err)
	}
}
