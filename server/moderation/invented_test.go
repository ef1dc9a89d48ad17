package moderation

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A newcomer's page invents a name. One that is refused would be the first thing he sees: "Solar Seal 7"
// and "Panda 55" were, by what they spell without blanks.
func TestInventedNamesAreAllowed(t *testing.T) {
	source, err := os.ReadFile("../../client-web/src/names.ts")
	if err != nil {
		t.Fatal(err)
	}
	adjectives, rest, _ := strings.Cut(string(source), "const animals")
	animals, _, _ := strings.Cut(rest, "];")
	words := func(list string) (found []string) {
		for _, m := range regexp.MustCompile(`'([A-Z][a-z]+)'`).FindAllStringSubmatch(list, -1) {
			found = append(found, m[1])
		}
		return found
	}
	f, tried := NewFilter(), 0
	for _, adjective := range words(adjectives) {
		for _, animal := range words(animals) {
			for n := 1; n < 50; n++ {
				tried++
				if name := fmt.Sprintf("%s %s %d", adjective, animal, n); !f.Allowed(name) {
					t.Errorf("%q is refused", name)
				}
			}
		}
	}
	if tried < 10_000 {
		t.Errorf("only %d names were tried", tried)
	}
}
