package maps

import (
	"strings"
	"testing"

	"hindsight/game/games/arena"
	"hindsight/server/alloctest"
)

// FuzzSettings opens rooms with settings that players make up: they are refused, or every match of the
// rotation can be played.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{
		"", "maps=warren,canals\nmode=tdm\nscore=3\ntime=60\nwarmup=0", "mode=crowd", "mode=mixed\nmaps=,", "time=1e3", "score=-1", "else=1",
		"maps=" + strings.Repeat("warren,", 100) + "warren",
	} {
		f.Add(text)
	}
	all, err := loadAll(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		settings := map[string]string{}
		for line := range strings.SplitSeq(text, "\n") {
			key, value, _ := strings.Cut(line, "=")
			settings[key] = value
		}
		// Half a megabyte is more than a match in town takes, which is drawn anew for it.
		alloctest.Check(t, 512<<10+alloctest.Earned(len(text)), func() {
			r, err := rotate(settings, all)
			if err != nil {
				return
			}
			if _, err := arena.DecodeStart(r.Match(1, 1).Blob); err != nil {
				t.Errorf("%q: a match that cannot be played: %v", text, err)
			}
		})
	})
}
