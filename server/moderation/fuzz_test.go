package moderation

import (
	"strings"
	"testing"
	"unicode/utf8"

	"hindsight/protocol"
	"hindsight/server/alloctest"
)

// FuzzFilter: a line keeps its length, what was taken out stays out, and a line costs no
// more than two megabytes, however it was written: the library takes some nine kilobytes for a look at a
// word, and there are up to 53 words, at each of which it looks up to four times.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"gg wp", "s h i t", "sh\u0301it", "ѕhit", "shiiiiit", "\xff\xfe", "a b c d e f", strings.Repeat("é ", 99), "ﷺﷺﷺ"} {
		f.Add(s)
	}
	filter := NewFilter()
	f.Fuzz(func(t *testing.T, line string) {
		if utf8.RuneCountInString(line) > protocol.MaxChatRunes {
			t.Skip("longer than a line can be")
		}
		alloctest.Check(t, 2<<20, func() {
			clean, changed := filter.Clean(line)
			if utf8.RuneCountInString(clean) != utf8.RuneCountInString(line) || changed == (clean == line) {
				t.Errorf("Clean(%q) = %q, %v", line, clean, changed)
			}
			if again, _ := filter.Clean(clean); again != clean {
				t.Errorf("Clean(%q) = %q, and again %q", line, clean, again)
			}
			filter.Allowed(line)
		})
	})
}
