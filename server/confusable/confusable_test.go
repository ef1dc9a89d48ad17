package confusable_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"hindsight/server/confusable"
)

func TestAlike(t *testing.T) {
	for _, group := range [][]string{
		{"Swift Otter", "swiftotter", "SWIFT_OTTER", "Sw1ft 0tter", "Świft Öttér", "Swіft Оttеr", "𝓢𝔀𝓲𝓯𝓽 𝓞𝓽𝓽𝓮𝓻", "ＳｗｉｆｔＯｔｔｅｒ", "swlft o.t.t.e.r"},
		{"Admin", "admln", "ADM|N", "аdmіn", "a d m i n", "@dmin", "ɑdᴍɪɴ"},
		{"Illusion", "lllusion", "1llusion", "іllusіоn"},
		{"modern", "modem", "modeRN"},
		{"www", "vvww", "шшш"},
		{"ΝΟΚ", "nok", "NOK", "NОК"},
		{"cap", "сар"}, // all Cyrillic
		{"Strasse", "Straße"},
		{"łukasz", "lukasz"},
	} {
		want := confusable.Skeleton(group[0])
		for _, s := range group[1:] {
			if got := confusable.Skeleton(s); got != want {
				t.Errorf("%q has the skeleton %q, %q has %q", s, got, group[0], want)
			}
		}
	}
}

func TestDifferent(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"Otter", "Other", "Marten", "Martin", "Bear", "Bean", "Иван", "Игорь", "Νίκη", "Ελένη", "王小明", "王大明", "たろう", "はなこ", "علي", "x3", "xe", "player2", "player3"} {
		k := confusable.Skeleton(s)
		if other, ok := seen[k]; ok {
			t.Errorf("%q and %q have one skeleton, %q", s, other, k)
		}
		seen[k] = s
	}
}

func TestSpoken(t *testing.T) {
	for s, want := range map[string]string{"4dm1n": "admin", "S3RV3R": "server", "5y5t3m": "system", "m0d3r4t0r": "moderator"} {
		if confusable.Spoken(s) != confusable.Spoken(want) {
			t.Errorf("%q is spoken %q", s, confusable.Spoken(s))
		}
		if confusable.Skeleton(s) == confusable.Skeleton(want) {
			t.Errorf("%q looks like %q", s, want)
		}
	}
}

// TestSkeletonProperties: whatever the text, its skeleton is its own skeleton, and neither case nor
// blanks of Latin text matter.
func TestSkeletonProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		k := confusable.Skeleton(s)
		if again := confusable.Skeleton(k); again != k {
			t.Fatalf("skeleton %q of %q has the skeleton %q", k, s, again)
		}
		if strings.ContainsFunc(k, unicode.IsSpace) {
			t.Fatalf("blank in %q", k)
		}
		a := rapid.StringMatching(`[A-Za-z0-9 _.'-]{0,20}`).Draw(t, "ascii")
		want := confusable.Skeleton(a)
		for _, v := range []string{strings.ToUpper(a), strings.ToLower(a), strings.ReplaceAll(a, " ", ""), " " + a} {
			if got := confusable.Skeleton(v); got != want {
				t.Fatalf("%q has %q, %q has %q", v, got, a, want)
			}
		}
	})
}
