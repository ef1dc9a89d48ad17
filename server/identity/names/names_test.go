package names_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hindsight/protocol"
	"hindsight/server/identity/names"
)

func TestCheck(t *testing.T) {
	var rules names.Rules
	for _, c := range []struct {
		raw, want string
		err       error
	}{
		{"Otter", "Otter", nil},
		{"  Swift   Otter ", "Swift Otter", nil},
		{"Ｓｗｉｆｔ", "Swift", nil}, // full width
		{"e\u0301lan", "élan", nil},
		{"Jean-Luc O'Neill", "Jean-Luc O'Neill", nil},
		{"xX_Sniper_Xx", "xX_Sniper_Xx", nil},
		{"Иван", "Иван", nil},
		{"Νίκη", "Νίκη", nil},
		{"王小明", "王小明", nil},
		{"たろうTaro", "たろうTaro", nil},
		{"김철수", "김철수", nil},
		{"नरेन्द्र", "नरेन्द्र", nil},
		{"علي", "علي", nil},
		{strings.Repeat("x", protocol.MaxNameRunes), strings.Repeat("x", protocol.MaxNameRunes), nil},

		{"", "", names.ErrLength},
		{"   ", "", names.ErrLength},
		{"x", "", names.ErrLength},
		{strings.Repeat("x", protocol.MaxNameRunes+1), "", names.ErrLength},
		{strings.Repeat("x", 10_000), "", names.ErrLength},
		{strings.Repeat("𠀀", protocol.MaxNameRunes), "", names.ErrLength}, // too many bytes
		{"a\xff", "", names.ErrLength},
		{"--", "", names.ErrCharacters},
		{"1234", "", names.ErrCharacters},
		{"a#1234", "", names.ErrCharacters},
		{"<img onerror>", "", names.ErrCharacters},
		{"bob\u202Eecila", "", names.ErrCharacters}, // right-to-left override
		{"bob\u200B", "", names.ErrCharacters},      // zero width
		{"bob\tbob", "", names.ErrCharacters},
		{"bob\x00", "", names.ErrCharacters},                     // NUL
		{"bob\x1b[31m", "", names.ErrCharacters},                 // terminal colours
		{"\u3164\u3164", "", names.ErrCharacters},                // blank letters
		{"b\u0301\u0301\u0301\u0301ob", "", names.ErrCharacters}, // a tower of accents
		{"bob🙂", "", names.ErrCharacters},
		{"٣٤ علي", "", names.ErrCharacters}, // digits that are not 0 to 9
		{"Otteр", "", names.ErrScripts},     // a Cyrillic er
		{"ΑdaM", "", names.ErrScripts},      // a Greek alpha
		{"ᎪᎠᎪ", "", names.ErrScripts},       // Cherokee for ADA

		{"Admin", "", names.ErrReserved},
		{"4DM1N", "", names.ErrReserved},
		{"a.d.m.i.n", "", names.ErrReserved},
		{"admin 7", "", names.ErrReserved},
		{"Server Staff", "", names.ErrReserved},
		{"The Moderator", "", names.ErrReserved},
		{"Modérator", "", names.ErrReserved},
		{"mod", "", names.ErrReserved},
		{"Mod Squad", "Mod Squad", nil},
		{"Badminton", "Badminton", nil},
		{"Robot", "Robot", nil},
		{"Observer", "Observer", nil},
	} {
		got, err := rules.Check(c.raw)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%+.40q: %q, %v; want %q, %v", c.raw, got, err, c.want, c.err)
		}
	}
}

func TestOperatorsRules(t *testing.T) {
	rules := names.Rules{
		Reserved: []string{"Big Boss", ""},
		Allowed:  func(name string) bool { return name != "Grumpy" },
	}
	for name, want := range map[string]error{
		"B1g_B0ss": names.ErrReserved, "Boss": nil, "Grumpy": names.ErrRefused, "Happy": nil,
	} {
		if _, err := rules.Check(name); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", name, err, want)
		}
	}
}

// TestCheckProperties: a name that passes is within the limits, passes again unchanged, and has a
// skeleton to be told apart by.
func TestCheckProperties(t *testing.T) {
	var rules names.Rules
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\pL\pM0-9 '._-]{1,24}`)).Draw(t, "raw")
		name, err := rules.Check(raw)
		if err != nil {
			return
		}
		if n := utf8.RuneCountInString(name); n > protocol.MaxNameRunes || len(name) > protocol.MaxNameBytes || !utf8.ValidString(name) {
			t.Fatalf("%q passed", name)
		}
		if again, err := rules.Check(name); again != name || err != nil {
			t.Fatalf("%q became %q, %v", name, again, err)
		}
		if n := len(names.Skeleton(name)); n == 0 || n > names.MaxSkeletonBytes {
			t.Fatalf("%q has a skeleton of %d bytes", name, n)
		}
	})
}

func TestFull(t *testing.T) {
	for _, c := range []struct {
		name string
		tag  int
		full string
	}{
		{"Otter", 42, "Otter#0042"}, {"Otter", 9999, "Otter#9999"}, {"王", 1, "王#0001"},
	} {
		if got := names.Full(c.name, c.tag); got != c.full {
			t.Errorf("%q, want %q", got, c.full)
		}
		if name, tag, ok := names.Split(c.full); name != c.name || tag != c.tag || !ok {
			t.Errorf("%q: %q, %d, %v", c.full, name, tag, ok)
		}
	}
	if got := names.Full("Otter", 0); got != "Otter" {
		t.Errorf("without a tag: %q", got)
	}
	for _, s := range []string{"", "Otter", "Otter#", "Otter#12", "Otter#12345", "Otter#0000", "Otter#-001", "Otter#+001", "Otter#1e10"} {
		if _, _, ok := names.Split(s); ok {
			t.Errorf("%q has a tag", s)
		}
	}
	for range 1000 {
		if tag := names.Tag(); tag < 1 || tag > names.MaxTag {
			t.Fatalf("drew %d", tag)
		}
	}
}
