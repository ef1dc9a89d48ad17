package moderation_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hindsight/server/moderation"
)

func TestClean(t *testing.T) {
	f := moderation.NewFilter()
	for in, want := range map[string]string{
		"":                               "",
		"good game":                      "good game",
		"Scunthorpe assassin class":      "Scunthorpe assassin class",
		"this hit the pass it":           "this hit the pass it", // across words
		"grass bass, glass!":             "grass bass, glass!",
		"what the fuck":                  "what the ****",
		"FUCK you":                       "**** you",
		"sh1t happens":                   "**** happens",
		"f u c k this":                   "* * * * this",
		"f.u.c.k":                        "*******",
		"f. u. c. k. all":                "** ** ** ** all",
		"fuuuuck":                        "*******",
		"fùck":                           "****",
		"fu\u0441k it":                   "**** it", // a Cyrillic es
		"fuck \U0001D15E fuck fuck\tend": "**** \U0001D15E **** ****\tend",
		"pass xpassy shit pass":          "pass xpassy **** pass",
		"a b c d":                        "a b c d",
		"хорошо играешь":                 "хорошо играешь",
	} {
		got, changed := f.Clean(in)
		if got != want || changed != (in != want) {
			t.Errorf("%q became %q (changed %v), want %q", in, got, changed, want)
		}
	}
}

func TestAllowed(t *testing.T) {
	f := moderation.NewFilter()
	for name, want := range map[string]bool{
		"Swift Otter": true, "Scunthorpe": true, "Cassandra": true, "Иван": true,
		"Fuck": false, "F u c k": false, "5h1t": false, "xX_shit_Xx": false, "Sh It": false,
	} {
		if got := f.Allowed(name); got != want {
			t.Errorf("%q allowed: %v", name, got)
		}
	}
}

func TestLoad(t *testing.T) {
	f := moderation.NewFilter()
	list := "\ufeff# of this server\n\n  Grumbl  \n1488\nКозёл\n!Grumblings\n!Shitake\n"
	if err := f.Load(strings.NewReader(list)); err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"grumbl":       "******",
		"GRÜMBL!":      "*******",
		"grumblings":   "grumblings",
		"14 88 1488":   "14 88 ****",
		"ты козёл":     "ты *****",
		"ты козел":     "ты *****",
		"shitake soup": "shitake soup",
		"shit":         "****",
	} {
		if got, _ := f.Clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	for name, bad := range map[string]string{
		"one letter": "x",
		"only signs": "!-_-",
		"not UTF-8":  "a\xff\xfe",
		"long":       strings.Repeat("x", moderation.MaxWordBytes+10),
	} {
		if err := f.Load(strings.NewReader("fine\n" + bad)); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
	if got, _ := f.Clean("fine grumbl"); got != "fine ******" {
		t.Errorf("after a list that was refused: %q", got)
	}
	if err := f.Load(strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.Clean("grumbl"); got != "grumbl" {
		t.Errorf("after an empty list: %q", got)
	}
}

// TestCleanProperties: whatever the text, Clean keeps its length, is done in one go, and touches
// nothing that it reports as fine.
func TestCleanProperties(t *testing.T) {
	f := moderation.NewFilter()
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-z]{1,3}[ .]?|fuck|pass|sh1t|ß|\x{1D15E}|İ|é){0,20}`))
	rapid.Check(t, func(t *rapid.T) {
		in := text.Draw(t, "text")
		out, changed := f.Clean(in)
		if changed == (in == out) {
			t.Fatalf("%q became %q, changed %v", in, out, changed)
		}
		if utf8.RuneCountInString(in) != utf8.RuneCountInString(out) {
			t.Fatalf("%q became %q", in, out)
		}
		if again, changed := f.Clean(out); changed {
			t.Fatalf("%q became %q, then %q", in, out, again)
		}
	})
}

func TestFilterConcurrent(t *testing.T) {
	f := moderation.NewFilter()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if got, _ := f.Clean("what the fuck"); got != "what the ****" {
					t.Errorf("%q", got)
				}
				if err := f.Load(strings.NewReader("grumbl")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkClean cleans the longest line there is, by the longest list there is.
func BenchmarkClean(b *testing.B) {
	f := moderation.NewFilter()
	var list strings.Builder
	for i := range moderation.MaxWords {
		fmt.Fprintf(&list, "word%dx\n", i)
	}
	if err := f.Load(strings.NewReader(list.String())); err != nil {
		b.Fatal(err)
	}
	line := strings.Repeat("good game ", 16)
	b.ReportAllocs()
	for b.Loop() {
		f.Clean(line)
	}
}
