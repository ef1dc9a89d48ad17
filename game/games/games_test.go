package games

import "testing"

func TestGamesAreFoundByName(t *testing.T) {
	for _, d := range All {
		if Find(d.Name) != d {
			t.Errorf("%q is not found, or a second game has its name", d.Name)
		}
		if err := d.Schema.Validate(); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
	if Find("") != nil {
		t.Error("found a game without a name")
	}
}
