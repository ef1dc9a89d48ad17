package names_test

import (
	"testing"
	"unicode/utf8"

	"hindsight/protocol"
	"hindsight/server/alloctest"
	"hindsight/server/identity/names"
)

// FuzzCheck: a name that is taken is one that the wire can carry, is its own best form, and is told from
// its tag again.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"Otter", "  Swift   Otter ", "Ｓｗｉｆｔ", "e\u0301lan", "Jean-Luc O'Neill", "Иван", "たろうTaro", "김철수", "a\xff", "b\u0301\u0301\u0301\u0301ob", "Otteр", "adm1n"} {
		f.Add(s)
	}
	var rules names.Rules
	_, _ = rules.Check("Otter") // tables are built once
	f.Fuzz(func(t *testing.T, raw string) {
		alloctest.Check(t, alloctest.Earned(len(raw)), func() {
			name, err := rules.Check(raw)
			if err != nil {
				return
			}
			if !utf8.ValidString(name) || len(name) > protocol.MaxNameBytes || utf8.RuneCountInString(name) > protocol.MaxNameRunes {
				t.Errorf("Check(%q) = %q", raw, name)
			}
			if again, err := rules.Check(name); again != name || err != nil {
				t.Errorf("Check(%q) = %q, and again %q, %v", raw, name, again, err)
			}
			if n, tag, ok := names.Split(names.Full(name, 7)); n != name || tag != 7 || !ok {
				t.Errorf("%q: told from its tag as %q, %d, %v", name, n, tag, ok)
			}
		})
	})
}
