package names

import (
	"testing"

	"hindsight/server/moderation"
)

// TestGenerated puts every adjective before every animal. All pass the strictest rules, and no two
// look alike.
func TestGenerated(t *testing.T) {
	rules := Rules{Allowed: moderation.NewFilter().Allowed}
	seen := map[string]string{}
	for _, a := range adjectives {
		for _, b := range animals {
			name := a + " " + b
			if got, err := rules.Check(name); got != name || err != nil {
				t.Errorf("%q: %q, %v", name, got, err)
			}
			if other, ok := seen[Skeleton(name)]; ok {
				t.Errorf("%q looks like %q", name, other)
			}
			seen[Skeleton(name)] = name
		}
	}
	drawn := map[string]bool{}
	for range 1000 {
		name := Generate()
		if _, ok := seen[Skeleton(name)]; !ok {
			t.Fatalf("%q was not checked", name)
		}
		drawn[name] = true
	}
	if len(drawn) < 500 {
		t.Errorf("1000 draws gave %d names", len(drawn))
	}
}
