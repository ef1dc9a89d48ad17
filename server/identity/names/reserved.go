package names

import (
	"slices"
	"strings"
	"unicode"

	"hindsight/server/confusable"
)

// staff are words that speak for the host. A name may not have one among its words.
var staff = spoken(
	"admin", "admins", "administrator", "moderator", "moderators", "operator", "gamemaster", "staff",
	"support", "official", "system", "sysadmin", "server", "console", "webmaster", "hindsight",
)

// taken are names that mean something else, in a line of chat or in a program. A name may not be one.
var taken = spoken(
	"mod", "gm", "dev", "root", "owner", "host", "bot", "npc", "everyone", "everybody", "all", "team", "here",
	"you", "me", "nobody", "anonymous", "unknown", "player", "players", "guest", "spectator", "null", "nil",
	"undefined", "none", "deleted", "banned", "help",
)

// spoken returns the words as they sound.
func spoken(words ...string) []string {
	for i, w := range words {
		words[i] = confusable.Spoken(w)
	}
	return words
}

// reserved reports that a name speaks for the host, by its looks or its sound: "Adm1n", "S E R V E R",
// "аdmin" with a Cyrillic letter, "Server Staff", "admin_7".
func (r *Rules) reserved(name string) bool {
	whole := confusable.Spoken(name)
	number := confusable.Spoken(strings.TrimRight(name, "0123456789 -_.'"))
	match := func(words []string, s string) bool { return s != "" && slices.Contains(words, s) }
	for _, s := range []string{whole, number} {
		if match(staff, s) || match(taken, s) {
			return true
		}
		for _, w := range r.Reserved {
			if k := confusable.Spoken(w); k != "" && k == s {
				return true
			}
		}
	}
	for word := range strings.FieldsFuncSeq(name, func(c rune) bool { return !unicode.In(c, unicode.L, unicode.M, unicode.N) }) {
		if match(staff, confusable.Spoken(word)) || match(staff, confusable.Spoken(strings.TrimRight(word, "0123456789"))) {
			return true
		}
	}
	return false
}
