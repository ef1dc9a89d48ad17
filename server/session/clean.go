package session

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"hindsight/protocol"
)

// nameless is what a player without a printable name is called.
const nameless = "Player"

// maxMarks is how many combining marks may follow one another. Written languages stack up to three;
// text that climbs over its neighbours stacks dozens.
const maxMarks = 3

// cleanName makes a player's name of whatever a client sent: clean text within MaxNameRunes and
// MaxNameBytes, and never empty.
func cleanName(s string) string {
	if s = Clean(s, protocol.MaxNameRunes, protocol.MaxNameBytes); s == "" {
		return nameless
	}
	return s
}

// cleanChat makes a line of chat of whatever a client sent. Nothing printable gives "".
func cleanChat(s string) string {
	return Clean(s, protocol.MaxChatRunes, protocol.MaxChatBytes)
}

// Clean returns s as one line of valid UTF-8 of at most that many runes and bytes: runs of white
// space become one blank, none at the ends; characters that print nothing, or that change how
// others print (controls, bidirectional overrides, zero widths, blank letters, private use) are left
// out, and so are combining marks beyond maxMarks in a row or without a letter to stand on.
func Clean(s string, maxRunes, maxBytes int) string {
	var b strings.Builder
	runes, marks, gap := 0, maxMarks, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap, marks = b.Len() > 0, maxMarks
			continue
		case invisible(r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		more, size := 1, utf8.RuneLen(r)
		if gap {
			more, size = more+1, size+1
		}
		if runes+more > maxRunes || b.Len()+size > maxBytes {
			break
		}
		if gap {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		runes, gap = runes+more, false
	}
	return b.String()
}

// invisible reports that a rune prints nothing, or only acts on its neighbours. U+FFFD is among
// them because it is what an invalid byte reads as.
func invisible(r rune) bool {
	switch r {
	case utf8.RuneError,
		'\u115f', '\u1160', '\u3164', '\uffa0', // Hangul fillers: letters that print nothing
		'\u2800', // Braille without a dot
		'\u034f': // combining grapheme joiner
		return true
	}
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
}
