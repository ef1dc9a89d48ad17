package password

import (
	"errors"
	"testing"

	"hindsight/server/alloctest"
)

// FuzzParse reads damaged rows: a hash is one that String writes, within the bounds, or none.
func FuzzParse(f *testing.F) {
	good := hash{Cost: DefaultCost, salt: make([]byte, saltBytes), sum: make([]byte, sumBytes)}.String()
	for _, seed := range []string{
		good, good + "$", good[:len(good)-1], "", "$$$$$", "$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var h hash
		var err error
		alloctest.Check(t, alloctest.Earned(len(s)), func() { h, err = parse(s) })
		switch {
		case err != nil:
			if !errors.Is(err, ErrHash) {
				t.Errorf("%q: an error of another kind: %v", s, err)
			}
		case h.String() != s || !h.sound():
			t.Errorf("%q was read as %q", s, h)
		}
	})
}
