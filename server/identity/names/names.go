// Package names says what a player may be called.
//
//	name, err := rules.Check(" Swift  Otter ") // "Swift Otter"
//	names.Full(name, 42)                       // "Swift Otter#0042"
//
// A name is what RFC 8266 (PRECIS) calls a nickname: of NFKC form, blanks as one and not at the
// ends, upper and lower case kept. More narrowly, it consists of letters, combining marks, the
// digits 0 to 9, single blanks and - _ . ', and has a letter. Letters are of one script in daily use
// (Unicode Standard Annex #31, table 5), or of a mixture that is usual: Latin with Japanese, Chinese
// or Korean. That is the "highly restrictive" level of UTS #39, and what makes package confusable's
// short table enough.
//
// Several players may have one name. The tag tells them apart, and a store gives no two players the
// same tag with names of the same skeleton (confusable.Skeleton): nobody's name#tag looks like
// another's. Names that speak for the host are reserved, also when they only look or sound so.
package names

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"hindsight/protocol"
	"hindsight/server/confusable"
)

// MinRunes is the shortest name. The longest is protocol.MaxNameRunes and protocol.MaxNameBytes.
const MinRunes = 2

// MaxTag is the highest tag. 0 is no tag.
const MaxTag = 9999

// maxMarks is how many combining marks may follow one another.
const maxMarks = 3

// Why a name is refused. Each text can be shown to the player.
var (
	ErrLength     = fmt.Errorf("a name has %d to %d characters", MinRunes, protocol.MaxNameRunes)
	ErrCharacters = errors.New("a name has letters, digits, blanks and - _ . ' only, and at least one letter")
	ErrScripts    = errors.New("a name is written in one script")
	ErrReserved   = errors.New("this name is reserved")
	ErrRefused    = errors.New("this name is not allowed here")
)

// Rules decide on names. The zero value has the built-in reserved names only. It is not changed
// after first use, and then its methods may be called from any goroutine.
type Rules struct {
	// Reserved are more names that nobody may have, however spelt.
	Reserved []string
	// Allowed may refuse a name for its meaning; nil allows all. See package moderation.
	Allowed func(name string) bool
}

// Check returns the form of a name that is kept and shown, or why it is refused.
func (r *Rules) Check(raw string) (string, error) {
	if len(raw) > 4*protocol.MaxNameBytes || !utf8.ValidString(raw) {
		return "", ErrLength
	}
	name, err := precis.Nickname.String(raw)
	if err != nil {
		if strings.TrimSpace(raw) == "" {
			return "", ErrLength
		}
		return "", ErrCharacters
	}
	switch n := utf8.RuneCountInString(name); {
	case n < MinRunes, n > protocol.MaxNameRunes, len(name) > protocol.MaxNameBytes:
		return "", ErrLength
	case !plain(name):
		return "", ErrCharacters
	case !oneScript(name):
		return "", ErrScripts
	case r.reserved(name):
		return "", ErrReserved
	case r.Allowed != nil && !r.Allowed(name):
		return "", ErrRefused
	}
	return name, nil
}

// plain reports that a name has only the characters of one, and a letter.
func plain(name string) bool {
	letters, marks := 0, maxMarks
	for _, r := range name {
		switch {
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				return false
			}
			continue
		case unicode.IsLetter(r):
			letters++
			marks = 0
			continue
		case '0' <= r && r <= '9', strings.ContainsRune(" -_.'", r):
			marks = maxMarks
		default:
			return false
		}
	}
	return letters > 0
}

// common are the scripts in daily use; names of others are refused. Those that are used for
// decoration in Latin text, such as Cherokee and Lisu, are not among them.
var common = []string{
	"Latin", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo",
	"Cyrillic", "Greek", "Arabic", "Hebrew", "Armenian", "Georgian", "Ethiopic", "Thaana",
	"Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala",
	"Thai", "Lao", "Tibetan", "Myanmar", "Khmer",
}

// mixtures are scripts that are written together (UTS #39 section 5.2), by their place in common.
var mixtures = []uint32{
	1<<0 | 1<<1 | 1<<2 | 1<<3, // Japanese
	1<<0 | 1<<1 | 1<<5,        // Chinese
	1<<0 | 1<<1 | 1<<4,        // Korean
}

// oneScript reports that a name's letters are of one script or of a mixture that is usual.
func oneScript(name string) bool {
	var used uint32
	for _, r := range name {
		if unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		script := scriptOf(r)
		if script < 0 {
			return false
		}
		used |= 1 << script
	}
	if used&(used-1) == 0 {
		return true
	}
	for _, m := range mixtures {
		if used&^m == 0 {
			return true
		}
	}
	return false
}

// scriptOf returns the place in common of a rune's script, -1 if it has none there.
func scriptOf(r rune) int {
	for i, s := range common {
		if unicode.Is(unicode.Scripts[s], r) {
			return i
		}
	}
	return -1
}

// Full writes a name with its tag. A tag of 0 is left out.
func Full(name string, tag int) string {
	if tag == 0 {
		return name
	}
	return fmt.Sprintf("%s#%04d", name, tag)
}

// Split reads what Full writes. Ok is false if there is no tag at the end.
func Split(full string) (name string, tag int, ok bool) {
	at := strings.LastIndexByte(full, '#')
	if at < 0 || len(full)-at != 5 {
		return full, 0, false
	}
	n, err := strconv.ParseUint(full[at+1:], 10, 16)
	if err != nil || n == 0 {
		return full, 0, false
	}
	return full[:at], int(n), true
}

// Tag draws a tag.
func Tag() int { return 1 + rand.IntN(MaxTag) }

// MaxSkeletonBytes bounds Skeleton for a name that passed Check.
const MaxSkeletonBytes = 2 * protocol.MaxNameBytes

// Skeleton is the key under which a name may have each tag once.
func Skeleton(name string) string { return confusable.Skeleton(name) }
