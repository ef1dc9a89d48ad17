package signing

import (
	"errors"
	"strings"
	"testing"

	"hindsight/server/alloctest"
)

// FuzzKeys: whatever a lobby sends for keys, they are ours or nothing changes.
func FuzzKeys(f *testing.F) {
	ring, err := Open(f.Context(), Config{Store: &Memory{}})
	if err != nil {
		f.Fatal(err)
	}
	jwks := string(ring.JWKS())
	for _, seed := range []string{
		jwks, "", "null", `{"keys":[{}]}`, strings.Replace(jwks, "OKP", "EC", 1), `{"keys":[` + strings.Repeat("{},", maxKeys) + `{}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Public
		var err error
		alloctest.Check(t, alloctest.JSON(len(b)), func() { err = p.Set(b) })
		keys := p.keys.Load()
		if err != nil && (!errors.Is(err, ErrKeys) || keys != nil) {
			t.Fatalf("%v, and there are keys: %v", err, keys != nil)
		}
		if err == nil {
			for id, key := range *keys {
				if thumbprint(key) != id {
					t.Errorf("a key by another's name: %q", id)
				}
			}
		}
	})
}
