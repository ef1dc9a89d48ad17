package signing

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Public is a set of public keys that came from elsewhere, as JWKS writes them: it verifies the
// tokens of a Ring and can sign none. The zero value believes nothing. It is safe for use by many
// goroutines.
type Public struct {
	keys atomic.Pointer[map[string]ed25519.PublicKey] // by id; the map is replaced, never changed
}

// ErrKeys says that a set of keys is not one of a Ring.
var ErrKeys = errors.New("signing: not a set of our public keys")

// Set puts a JWKS in place of all keys there were. After an error nothing has changed.
func (p *Public) Set(jwks []byte) error {
	var set struct {
		Keys []struct {
			Kty, Crv, X, Kid, Use, Alg string
		}
	}
	if err := json.Unmarshal(jwks, &set); err != nil {
		return fmt.Errorf("%w: %w", ErrKeys, err)
	}
	if len(set.Keys) == 0 || len(set.Keys) > maxKeys {
		return fmt.Errorf("%w: %d keys", ErrKeys, len(set.Keys))
	}
	keys := make(map[string]ed25519.PublicKey, len(set.Keys))
	for _, k := range set.Keys {
		x, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
		switch {
		case err != nil || len(x) != ed25519.PublicKeySize:
			return fmt.Errorf("%w: key %q is damaged", ErrKeys, k.Kid)
		case k.Kty != "OKP" || k.Crv != "Ed25519" || k.Use != "sig" || k.Alg != method.Alg() || k.Kid != thumbprint(x):
			return fmt.Errorf("%w: key %q is of another kind", ErrKeys, k.Kid)
		}
		keys[k.Kid] = x
	}
	p.keys.Store(&keys)
	return nil
}

// Verify is Ring.Verify.
func (p *Public) Verify(kind, token string, claims jwt.Claims, now time.Time) error {
	return verify(p.public, kind, token, claims, now)
}

func (p *Public) public(id string) (ed25519.PublicKey, bool) {
	keys := p.keys.Load()
	if keys == nil {
		return nil, false
	}
	k, ok := (*keys)[id]
	return k, ok
}
