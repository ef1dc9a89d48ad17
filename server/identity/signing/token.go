package signing

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxTokenBytes bounds the tokens that Verify looks at. A longer one is refused unread.
const MaxTokenBytes = 1024

// MaxSkew is how far in the future a token's issuing time may lie, because clocks of nodes differ.
// There is no such grace for its end.
const MaxSkew = 30 * time.Second

// What Verify and Sign return.
var (
	// ErrForged covers everything that is not a token of that kind from this ring: damaged, another
	// algorithm, an unknown key, a wrong signature, a kind that was not asked for. One error, so that
	// it tells a forger nothing.
	ErrForged  = errors.New("signing: not a token of ours")
	ErrExpired = errors.New("signing: token expired")
	ErrNoKey   = errors.New("signing: no key")
)

var method = jwt.SigningMethodEdDSA

// Sign makes a token of a kind. The claims must say when they were issued and when they end, at most
// TokenLife later. The kind is in the header (typ, RFC 8725 section 3.11), so that a token made for
// one purpose is worth nothing for another.
func (r *Ring) Sign(kind string, claims jwt.Claims) (string, error) {
	issued, err1 := claims.GetIssuedAt()
	ends, err2 := claims.GetExpirationTime()
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	if issued == nil || ends == nil || ends.Sub(issued.Time) > r.cfg.TokenLife {
		return "", errors.New("signing: claims without an end within the life of tokens")
	}
	k, err := r.signer()
	if err != nil {
		return "", err
	}
	t := jwt.NewWithClaims(method, claims)
	t.Header["typ"], t.Header["kid"] = kind, k.ID
	return t.SignedString(k.Private)
}

// Verify checks a token of a kind at a time and reads its claims, which are a pointer. After an
// error they hold nothing to rely on.
func (r *Ring) Verify(kind, token string, claims jwt.Claims, now time.Time) error {
	return verify(r.public, kind, token, claims, now)
}

// verify checks a token with the keys that find returns by their id.
func verify(find func(id string) (ed25519.PublicKey, bool), kind, token string, claims jwt.Claims, now time.Time) error {
	if len(token) > MaxTokenBytes || !compact(token) {
		return ErrForged
	}
	p := jwt.NewParser(
		jwt.WithValidMethods([]string{method.Alg()}),
		jwt.WithStrictDecoding(), // the last character of a signature has bits to spare
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	_, err := p.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		typ, _ := t.Header["typ"].(string)
		public, ok := find(id)
		// A header that must be understood (RFC 7515 section 4.1.11) is one that we do not.
		if _, critical := t.Header["crit"]; critical || !ok || typ != kind {
			return nil, ErrForged
		}
		return public, nil
	})
	switch {
	case errors.Is(err, jwt.ErrTokenExpired): // of a signature that was checked before
		return ErrExpired
	case err != nil:
		return ErrForged
	}
	issued, err := claims.GetIssuedAt()
	if err != nil || issued == nil || issued.Sub(now) > MaxSkew {
		return ErrForged
	}
	return nil
}

// compact reports that a token has only the characters of one. The decoder of the standard library
// skips line ends, which would give a token many spellings.
func compact(token string) bool {
	for _, c := range []byte(token) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// JWKS is the set of public keys as RFC 7517 writes it, for services that verify tokens themselves.
func (r *Ring) JWKS() []byte {
	type jwk struct {
		Kty string `json:"kty"`
		Crv string `json:"crv"`
		X   string `json:"x"`
		Kid string `json:"kid"`
		Use string `json:"use"`
		Alg string `json:"alg"`
	}
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	for _, k := range r.all() {
		set.Keys = append(set.Keys, jwk{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(k.Public()), Kid: k.ID, Use: "sig", Alg: method.Alg()})
	}
	b, err := json.Marshal(set)
	if err != nil {
		panic("signing: " + err.Error()) // a struct of strings
	}
	return b
}
