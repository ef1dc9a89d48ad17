package party

import (
	"fmt"
	"io"
)

// alphabet is that of Douglas Crockford's Base 32 (https://www.crockford.com/base32.html): no I, L
// and O, which look like 1 and 0, and no U, which keeps some words from appearing.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// CodeLength is how many symbols a code has, of 5 bits each. Where there are 10,000 parties, to hit
// any of them takes a hundred million guesses on average, and the caller limits their rate.
const CodeLength = 8

// maxDraws is how often a code is drawn that is taken. Chance does not do that even once; a broken
// source of it does.
const maxDraws = 8

// newCode draws a code that no party has.
func (b *Book) newCode() (string, error) {
	for range maxDraws {
		var bits [CodeLength * 5 / 8]byte
		if _, err := io.ReadFull(b.cfg.Random, bits[:]); err != nil {
			return "", fmt.Errorf("party: drawing a code: %w", err)
		}
		n := uint64(0)
		for _, v := range bits {
			n = n<<8 | uint64(v)
		}
		var code [CodeLength]byte
		for i := range code {
			code[i] = alphabet[n&31]
			n >>= 5
		}
		if b.codes[string(code[:])] == nil {
			return string(code[:]), nil
		}
	}
	return "", ErrBusy
}

// canonical reads a code as people write it: in either case, with blanks and hyphens between, with O
// for 0 and I or L for 1. What cannot be a code becomes empty.
func canonical(code string) string {
	var out [CodeLength]byte
	n := 0
	for i := range len(code) {
		c := code[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		switch {
		case c == ' ' || c == '-':
			continue
		case c == 'O':
			c = '0'
		case c == 'I' || c == 'L':
			c = '1'
		}
		valid := '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' && c != 'U'
		if !valid || n == CodeLength {
			return ""
		}
		out[n] = c
		n++
	}
	if n < CodeLength {
		return ""
	}
	return string(out[:])
}
