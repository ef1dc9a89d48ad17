package moderation_test

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"hindsight/server/moderation"
	"hindsight/server/throttle"
)

var start = time.Unix(1_800_000_000, 0)

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

func TestSay(t *testing.T) {
	ann, bob := uuid.New(), uuid.New()
	mutes := &moderation.Mutes{}
	mutes.Set(moderation.Mute{Player: bob, Since: start, Until: start.Add(time.Minute)})
	c := moderation.NewChat(moderation.ChatConfig{
		Filter: moderation.NewFilter(), Mutes: mutes, Rate: throttle.Rate{Every: time.Second, Burst: 3},
	})
	for i, s := range []struct {
		who  uuid.UUID
		line string
		at   time.Duration
		want moderation.Saying
	}{
		{ann, "oh shit", 0, moderation.Saying{Line: "oh ****"}},
		{ann, "OH SHIT", 0, moderation.Saying{Verdict: moderation.Repeated, Wait: 5 * time.Second}},
		{bob, "hello", 0, moderation.Saying{Verdict: moderation.Muted, Wait: time.Minute}},
		{ann, "again", 0, moderation.Saying{Line: "again"}},
		{ann, "and again", 0, moderation.Saying{Verdict: moderation.TooFast, Wait: time.Second}},
		{ann, "and again", time.Second, moderation.Saying{Line: "and again"}},
		{ann, "and again", 4 * time.Second, moderation.Saying{Verdict: moderation.Repeated, Wait: 2 * time.Second}},
		{ann, "and again", 6 * time.Second, moderation.Saying{Line: "and again"}},
		{ann, ":)", 10 * time.Second, moderation.Saying{Line: ":)"}},
		{ann, ":(", 11 * time.Second, moderation.Saying{Line: ":("}},
		{bob, "hello", time.Minute, moderation.Saying{Line: "hello"}},
	} {
		got := c.Say(s.who, s.line, start.Add(s.at))
		got.Wait = got.Wait.Round(time.Millisecond)
		if got != s.want {
			t.Errorf("line %d: %+v, want %+v", i, got, s.want)
		}
	}
}

func TestMutes(t *testing.T) {
	var l moderation.Mutes
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	l.Set(moderation.Mute{Player: a, Since: start, Until: start.Add(time.Hour), Reason: "spam", By: "eve"})
	l.Set(moderation.Mute{Player: b, Since: start.Add(time.Second)})
	if m, ok := l.Of(a, start); !ok || m.Reason != "spam" || m.By != "eve" {
		t.Errorf("%+v, %v", m, ok)
	}
	if _, ok := l.Of(a, start.Add(time.Hour)); ok {
		t.Error("muted after the hour")
	}
	if _, ok := l.Of(b, start.Add(100*24*time.Hour)); !ok {
		t.Error("a mute for good ended")
	}
	if _, ok := l.Of(c, start); ok {
		t.Error("a stranger is muted")
	}
	if got := l.List(start); len(got) != 2 || got[0].Player != b || got[1].Player != a {
		t.Errorf("listed %+v", got)
	}
	if got := l.List(start.Add(time.Hour)); len(got) != 1 || got[0].Player != b {
		t.Errorf("after the hour %+v", got)
	}
	if !l.Lift(b) || l.Lift(b) || l.Lift(c) {
		t.Error("lifting says what it should not")
	}
	if _, ok := l.Of(b, start); ok {
		t.Error("muted after it was lifted")
	}
}

func TestIgnored(t *testing.T) {
	var l moderation.Ignored
	first := uuid.New()
	if l.Has(first) || !l.Set(first, false) {
		t.Error("the empty list is not empty")
	}
	if !l.Set(first, true) || !l.Set(first, true) || !l.Has(first) {
		t.Error("not on the list")
	}
	for range moderation.MaxIgnored - 1 {
		if !l.Set(uuid.New(), true) {
			t.Fatal("full too early")
		}
	}
	if l.Set(uuid.New(), true) {
		t.Error("longer than its bound")
	}
	if !l.Set(first, true) || !l.Set(first, false) || l.Has(first) || !l.Set(uuid.New(), true) {
		t.Error("a full list cannot be changed")
	}
}
