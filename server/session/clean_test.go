package session

import (
	"strings"
	"testing"
	"unicode/utf8"

	"hindsight/protocol"
	"hindsight/server/alloctest"
)

func TestCleanName(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "Ann", "Ann"},
		{"umlauts and kana", "Jörg ゆうき", "Jörg ゆうき"},
		{"empty", "", nameless},
		{"blank", " \t\r\n ", nameless},
		{"inner space", "  a \u00a0 \n b  ", "a b"},
		{"markup stays text", "<img onerror=x>", "<img onerror=x>"},
		{"NUL and escape", "a\x00b\x1b[0mc\x7f\u0085d", "ab[0mc d"},
		{"bidirectional override", "\u202egnp\u2066.exe\u2069", "gnp.exe"},
		{"zero widths", "a\u200bd\u200dm\ufeffi\u2060n\u00ad", "admin"},
		{"blank letters", "\u3164\u115f\u1160\uffa0\u2800", nameless},
		{"not UTF-8", "a\xffb\xc3", "ab"},
		{"replacement character", "a\ufffdb", "ab"},
		{"private use", "\ue000x\U000f0000", "x"},
		{"line separators", "a\u2028b\u2029c", "a b c"},
		{"tags", "x\U000e0041\U000e007f", "x"},
		{"marks that belong", "e\u0323\u0302", "e\u0323\u0302"},
		{"marks that climb", "a" + strings.Repeat("\u0301", 50) + "b", "a\u0301\u0301\u0301b"},
		{"marks on nothing", "\u0301\u0301", nameless},
		{"twenty", strings.Repeat("x", 21), strings.Repeat("x", 20)},
		{"bytes before runes", strings.Repeat("𝔸", 20), strings.Repeat("𝔸", 16)},
		{"no blank left at the end", strings.Repeat("x", 19) + " y", strings.Repeat("x", 19)},
	} {
		if got := cleanName(tt.in); got != tt.want {
			t.Errorf("%s: cleanName(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestCleanChat(t *testing.T) {
	for in, want := range map[string]string{
		"\u200b": "", "gg  wp": "gg wp",
		strings.Repeat("é", 200): strings.Repeat("é", protocol.MaxChatRunes),
	} {
		if got := cleanChat(in); got != want {
			t.Errorf("cleanChat(%q) = %q, want %q", in, got, want)
		}
	}
}

// Whatever goes in, what comes out of either keeps the promises that the room and the wire rely on, and
// cleaning it again changes nothing.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"Ann", "a\u0301\u0301\u0301\u0301", "\xff\xfe", " x ", strings.Repeat("𝔸 ", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var got, chat string
		alloctest.Check(t, alloctest.Earned(len(in)), func() { got = cleanName(in) })
		alloctest.Check(t, alloctest.Earned(len(in)), func() { chat = cleanChat(in) })
		if !utf8.ValidString(chat) || utf8.RuneCountInString(chat) > protocol.MaxChatRunes || strings.ContainsFunc(chat, invisible) || cleanChat(chat) != chat {
			t.Errorf("cleanChat(%q) = %q", in, chat)
		}
		if !utf8.ValidString(got) || got == "" || len(got) > protocol.MaxNameBytes || utf8.RuneCountInString(got) > protocol.MaxNameRunes {
			t.Errorf("cleanName(%q) = %q", in, got)
		}
		if strings.TrimSpace(got) != got || strings.ContainsFunc(got, invisible) {
			t.Errorf("cleanName(%q) = %q: not trimmed or not clean", in, got)
		}
		if again := cleanName(got); again != got {
			t.Errorf("cleanName(%q) = %q, and again %q", in, got, again)
		}
	})
}
