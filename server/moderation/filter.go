// Package moderation keeps chat and names fit to read: a word filter, limits on how fast one may
// speak, players that the operator silenced, and players that a player does not want to hear.
//
//	chat := moderation.NewChat(moderation.ChatConfig{Filter: filter, Mutes: mutes})
//	said := chat.Say(player, line, time.Now())
//	if said.Verdict == moderation.Said { room.Chat(said.Line) }
//
// It judges text that is already clean in the technical sense (one line, within its limits, nothing
// invisible); package session sees to that. It opens no file and no socket, and knows players only by
// their ids. All of its types may be used from any goroutine.
//
// A filter never knows what was meant. This one errs on the side of letting through in chat, where
// players can ignore one another and operators can silence, and on the side of refusing in names,
// which everybody has to see.
package moderation

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	goaway "github.com/TwiN/go-away"
	"golang.org/x/text/unicode/norm"

	"hindsight/server/confusable"
)

// Limits of a word list. Every word of a line is compared with every word of the list, so the list's
// length is what a line of chat costs: with 5000 words, about a millisecond for the longest.
const (
	MaxWords     = 5000
	MaxWordBytes = 256
)

// Filter finds words that are not fit to print. Make one with NewFilter.
type Filter struct {
	words atomic.Pointer[goaway.ProfanityDetector] // read only once stored
}

// NewFilter makes a filter with the built-in English words.
func NewFilter() *Filter {
	f := &Filter{}
	f.words.Store(detector(nil, nil))
	return f
}

// detector makes go-away's detector for more forbidden and more allowed words. Its own default one is
// not used: it is made on first use without a lock.
func detector(forbidden, allowed []string) *goaway.ProfanityDetector {
	return goaway.NewProfanityDetector().WithCustomDictionary(
		slices.Concat(forbidden, goaway.DefaultProfanities),
		slices.Concat(allowed, goaway.DefaultFalsePositives),
		goaway.DefaultFalseNegatives,
	)
}

// Load replaces the operator's words by those of a list: a word on each line, "!word" for one that is
// allowed although it contains a forbidden one; empty lines and lines that begin with # say nothing.
// Case, accents and the usual digits for letters do not matter. After an error the words are as before.
func (f *Filter) Load(list io.Reader) error {
	var forbidden, allowed []string
	lines := bufio.NewScanner(list)
	lines.Buffer(make([]byte, 0, MaxWordBytes), MaxWordBytes)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		if !utf8.ValidString(line) {
			return fmt.Errorf("moderation: line %d is not UTF-8", n)
		}
		word, allow := strings.CutPrefix(line, "!")
		key := plain(word)
		switch {
		case utf8.RuneCountInString(key) < 2:
			return fmt.Errorf("moderation: line %d: %q would match almost anything", n, line)
		case len(forbidden)+len(allowed) >= MaxWords:
			return fmt.Errorf("moderation: more than %d words", MaxWords)
		case allow:
			allowed = append(allowed, key)
		default:
			forbidden = append(forbidden, key)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("moderation: line %d: %w", n+1, err)
	}
	f.words.Store(detector(forbidden, allowed))
	return nil
}

// plain writes a word as go-away writes the text that it looks through.
func plain(word string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		if to, ok := goaway.DefaultCharacterReplacements[r]; ok {
			r = to
		}
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// Clean returns the text with every forbidden word as asterisks, one for each character, and whether
// it had any. It looks at words one by one, and at words spelt out with blanks between the letters;
// not at what the end of one word and the beginning of the next may spell. The number of characters
// does not change, nor does Clean change what it returned.
func (f *Filter) Clean(text string) (string, bool) {
	words := f.words.Load()
	runes := []rune(text)
	changed := false
	mask := func(spans ...span) {
		for _, s := range spans {
			for i := s.from; i < s.to; i++ {
				if !unicode.IsSpace(runes[i]) {
					changed, runes[i] = true, '*'
				}
			}
		}
	}
	var run []span // letters on their own, next to one another
	spelt := func() {
		if len(run) >= 3 && profane(words, string(runes[run[0].from:run[len(run)-1].to])) {
			mask(run...)
		}
		run = run[:0]
	}
	for _, s := range fields(runes) {
		if letters(runes[s.from:s.to]) <= 1 {
			run = append(run, s)
			continue
		}
		spelt()
		if profane(words, string(runes[s.from:s.to])) {
			mask(s)
		}
	}
	spelt()
	if !changed {
		return text, false
	}
	return string(runes), true
}

// Allowed reports that a name has nothing forbidden in it, with blanks left out and however the words
// are divided.
func (f *Filter) Allowed(name string) bool { return !profane(f.words.Load(), name) }

// profane reports that a text without its blanks has a forbidden word in it: as written, with letters
// repeated for stress, or with letters of another script among Latin ones.
func profane(words *goaway.ProfanityDetector, text string) bool {
	if words.IsProfane(text) {
		return true
	}
	if s := unstressed(text); s != text && words.IsProfane(s) {
		return true
	}
	if s := latin(text); s != text {
		return words.IsProfane(s) || words.IsProfane(unstressed(s))
	}
	return false
}

// unstressed returns a text with letters that come three times or more in a row once: "nooo" is "no".
func unstressed(s string) string {
	runes := []rune(s)
	var out []rune
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && unicode.ToLower(runes[j]) == unicode.ToLower(runes[i]) {
			j++
		}
		if j-i >= 3 {
			out = append(out, runes[i])
		} else {
			out = append(out, runes[i:j]...)
		}
		i = j
	}
	return string(out)
}

// latin returns a text that mixes Latin letters with those of other scripts in the Latin letters that
// they pass for, and every other text as it is: a Russian word is not English because its letters
// look so.
func latin(s string) string {
	own, strange := false, false
	for _, r := range s {
		if unicode.IsLetter(r) {
			if unicode.Is(unicode.Latin, r) {
				own = true
			} else {
				strange = true
			}
		}
	}
	if !own || !strange {
		return s
	}
	return strings.Map(confusable.Latin, s)
}

// span is a word in a text.
type span struct{ from, to int }

// fields finds the words between blanks.
func fields(runes []rune) []span {
	var all []span
	for i := 0; i < len(runes); i++ {
		if unicode.IsSpace(runes[i]) {
			continue
		}
		s := span{from: i}
		for i < len(runes) && !unicode.IsSpace(runes[i]) {
			i++
		}
		s.to = i
		all = append(all, s)
	}
	return all
}

// letters counts what can stand for a letter: letters, digits, and signs that go-away reads as one.
func letters(word []rune) int {
	n := 0
	for _, r := range word {
		to, sign := goaway.DefaultCharacterReplacements[r]
		if sign && to != ' ' || !sign && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			n++
		}
	}
	return n
}
