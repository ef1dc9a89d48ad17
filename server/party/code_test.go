package party

import (
	"strings"
	"testing"

	"hindsight/server/alloctest"
)

// FuzzCode: however people write a code, it is read as one of ours, always the same, or as none.
func FuzzCode(f *testing.F) {
	for _, s := range []string{"0123ABCD", "o1il-2345", " abcd efgh ", "ABCDEFGU", "", "----", strings.Repeat("A", 9), "ABCDEFG\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, written string) {
		var code string
		alloctest.Check(t, alloctest.Earned(len(written)), func() { code = canonical(written) })
		if code == "" {
			return
		}
		if len(code) != CodeLength || strings.Trim(code, alphabet) != "" || canonical(code) != code || canonical(strings.ToLower(code)) != code {
			t.Errorf("%q was read as %q", written, code)
		}
	})
}
