// Package confusable tells which texts look alike, after Unicode Technical Standard #39.
//
// Skeleton gives texts that a player could take for one another the same key: "Otter", "ОТТЕR" with
// Cyrillic letters, "0tter", "O t t e r" and "Ötter" have one. It is for comparing, never for
// showing.
//
// The standard's table has some six thousand lines for all of Unicode. This one has the letters of
// the Latin, Greek, Cyrillic and Armenian scripts that pass for a Latin letter or a digit in common
// fonts, and the Latin letters that the decomposition of accents leaves over. That is enough because
// names are of one script and of letters in current use only (package names); the bold, fraktur and
// full-width alphabets fall to NFKD. Where the standard is careful this package is coarse: case,
// accents, blanks and punctuation never tell two texts apart, nor do i, l and 1.
package confusable

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// lookalikes are the letters that pass for a Latin letter, upper or lower case as it may be.
// Capitals are listed where they look like the capital, small letters where they look like the
// small one: Greek Η passes for H, but η for n.
var lookalikes = map[rune]string{
	'a': "АаΑαɑᴀ",
	'b': "ВвЬьΒβʙƀƅ",
	'c': "СсϹϲᴄƈ",
	'd': "ԀԁđĐɗᴅ",
	'e': "ЕеЄєҼҽΕεɛᴇɇ",
	'f': "ƒꜰϜϝ",
	'g': "ԌԍɡɢǥɠցԳ",
	'h': "НнҺһΗհʜħĦ",
	'i': "ІіΙιıɪɩ",
	'j': "ЈјͿϳյʝȷᴊ",
	'k': "КкҚқΚκᴋƙ",
	'l': "ӀӏłŁʟƚɫǀוןا",
	'm': "МмΜᴍ",
	'n': "ПпΝηոՈɴɲŋ",
	'o': "ОоΟοσՕօøØᴏѳѲɵסه",
	'p': "РрΡρҎҏᴘƥ",
	'q': "ԚԛգզԳɋ",
	'r': "ГгʀɾɍᴦԻ",
	's': "ЅѕՏꜱʂ",
	't': "ТтΤτᴛŧŦƭ",
	'u': "ЦцυμսՍᴜʋʉ",
	'v': "νѴѵᴠ",
	'w': "ШшѠѡԜԝωաᴡɯ",
	'x': "ХхҲҳΧχ",
	'y': "УуҮүΥγʏɏƴ",
	'z': "ΖᴢƶƵʐ",
	'3': "ЗзӠӡƷʒɜ",
	'6': "б",
}

// spelt are the letters that pass for more than one.
var spelt = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'þ': "p", 'Þ': "p", 'ð': "d", 'Ð': "d",
	'ю': "lo", 'Ю': "lo", 'ы': "bl", 'Ы': "bl",
}

// latin is lookalikes the other way round.
var latin = func() map[rune]rune {
	m := map[rune]rune{}
	for to, from := range lookalikes {
		for _, r := range from {
			m[r] = to
		}
	}
	return m
}()

// pairs are Latin letters that run together.
var pairs = strings.NewReplacer("rn", "m", "vv", "w")

// Skeleton returns the key of a text's looks: small letters and digits. Two texts with one skeleton
// look alike. The skeleton of a skeleton is itself.
func Skeleton(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if long, ok := spelt[r]; ok {
			for _, r := range long {
				b.WriteRune(merge(r))
			}
			continue
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '|' || r == '!' || r == '$' || r == '@' {
			b.WriteRune(merge(Latin(r)))
		}
	}
	return norm.NFC.String(pairs.Replace(b.String())) // composed: Hangul in a third of the bytes
}

// Latin returns the Latin letter or digit, in lower case, that a rune passes for, and other runes in
// lower case.
func Latin(r rune) rune {
	if l, ok := latin[r]; ok {
		return l
	}
	r = unicode.ToLower(r)
	if l, ok := latin[r]; ok {
		return l
	}
	return r
}

// merge makes one of what looks alike among Latin letters, digits and signs.
func merge(r rune) rune {
	switch r {
	case 'i', '1', '|', '!':
		return 'l'
	case '0':
		return 'o'
	case '$':
		return 's'
	case '@':
		return 'a'
	}
	return r
}

// leet are digits written for letters. They do not look alike, but are read alike.
var leet = strings.NewReplacer("3", "e", "4", "a", "5", "s", "6", "g", "7", "t", "8", "b", "9", "g")

// Spoken is the skeleton of a text in which digits stand for letters: "4dm1n" is spoken as "admin"
// is. It is coarser still: for words that must not be said at all.
func Spoken(s string) string { return pairs.Replace(leet.Replace(Skeleton(s))) }
