package maps

import (
	"fmt"
	"io/fs"
	stdmaps "maps"
	"slices"
	"strconv"
	"strings"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/sim/tilemap"
)

// Bounds of the settings; times in seconds.
const (
	minTime, maxTime = 10, 3600
	maxWarmup        = 300
	maxScore         = 10000
)

// The defaults. A team gathers points faster than one player.
const (
	defaultTime     = 300
	defaultWarmup   = 10
	defaultScore    = 25
	defaultScoreTDM = 60
)

// modes lists the values of the setting "mode".
var modes = []string{"mixed", "ffa", "tdm", "crowd"}

// Settings says what each setting means, for a server's help. The keys are in alphabetical order.
var Settings = []game.Setting{
	{Key: "maps", Help: "maps in order of play, separated by commas (all of them)"},
	{Key: "mode", Help: "ffa (free-for-all), tdm (team deathmatch), mixed, which alternates, or crowd (up to 1000 in one town) (mixed)"},
	{Key: "score", Help: "points that end a match, 0 for no limit (25, in teams 60)"},
	{Key: "time", Help: "length of a match in seconds, 10 to 3600 (300)"},
	{Key: "warmup", Help: "length of the warm-up in seconds, 0 to 300 (10)"},
}

// rotation plays its maps in turn.
type rotation struct {
	mode         string // one of modes
	time, warmup int    // seconds
	score        int    // -1 for the mode's default
	maps         []*tilemap.Map
}

// NewRotation is the arena's game.Host.NewRotation. See Settings for the keys; extra may hold *.tmj
// files of the host's own.
func NewRotation(settings map[string]string, extra fs.FS) (game.Rotation, error) {
	all, err := loadAll(extra)
	if err != nil {
		return nil, fmt.Errorf("arena: %w", err)
	}
	return rotate(settings, all)
}

// rotate reads the settings; all are the maps there are.
func rotate(settings map[string]string, all []*tilemap.Map) (game.Rotation, error) {
	for _, key := range slices.Sorted(stdmaps.Keys(settings)) {
		if !known(key) {
			return nil, fmt.Errorf("arena: there is no setting %q, want one of maps, mode, score, time, warmup", key)
		}
	}
	r := &rotation{mode: modes[0]}
	if mode, ok := settings["mode"]; ok {
		if !slices.Contains(modes, mode) {
			return nil, fmt.Errorf("arena: mode is %q, want ffa, tdm, mixed or crowd", mode)
		}
		r.mode = mode
	}
	var err error
	time, warmup, score := defaultTime, defaultWarmup, -1
	if r.mode == "crowd" {
		time, warmup, score = maxTime, 0, 0 // nobody waits for its end
	}
	if r.time, err = number(settings, "time", time, minTime, maxTime); err != nil {
		return nil, err
	}
	if r.warmup, err = number(settings, "warmup", warmup, 0, maxWarmup); err != nil {
		return nil, err
	}
	if r.score, err = number(settings, "score", score, 0, maxScore); err != nil {
		return nil, err
	}
	if r.mode == "crowd" {
		r.maps = []*tilemap.Map{Town()}
		return r, nil
	}
	r.maps, err = choose(all, settings["maps"])
	return r, err
}

func known(key string) bool {
	return slices.ContainsFunc(Settings, func(s game.Setting) bool { return s.Key == key })
}

// number reads a setting that is a whole number; def stands for a missing one and need not lie
// within the bounds.
func number(settings map[string]string, key string, def, lo, hi int) (int, error) {
	text, ok := settings[key]
	if !ok {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("arena: %s is %q, want a whole number from %d to %d", key, text, lo, hi)
	}
	return n, nil
}

// choose returns the maps of a comma-separated list, all if it is empty.
func choose(all []*tilemap.Map, list string) ([]*tilemap.Map, error) {
	if strings.TrimSpace(list) == "" {
		return all, nil
	}
	var chosen []*tilemap.Map
	for _, name := range strings.Split(list, ",") {
		i := find(all, strings.TrimSpace(name))
		if i < 0 {
			names := make([]string, len(all))
			for i, m := range all {
				names[i] = m.Name
			}
			return nil, fmt.Errorf("arena: there is no map %q, want some of %s", strings.TrimSpace(name), strings.Join(names, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// Match returns the n-th match. In mixed mode modes alternate, and after each round through the
// maps they change places, so that every map is played in both.
func (r *rotation) Match(n int, seed uint64) game.Start {
	m := r.maps[n%len(r.maps)]
	s := arena.Settings{
		Mode: arena.ModeFFA, TimeLimit: r.time * arena.TickRate, Warmup: r.warmup * arena.TickRate,
		ScoreLimit: r.score, Seed: seed, Map: m,
	}
	round := n / len(r.maps)
	if r.mode == "tdm" || r.mode == "mixed" && (n%len(r.maps)+round)%2 == 1 {
		s.Mode = arena.ModeTDM
	}
	if r.mode == "crowd" {
		s.Mode = arena.ModeCrowd
	}
	mode, title := "ffa", "free-for-all"
	switch s.Mode {
	case arena.ModeTDM:
		mode, title = "tdm", "team deathmatch"
	case arena.ModeCrowd:
		mode, title = "crowd", "crowd"
	}
	if s.ScoreLimit < 0 {
		s.ScoreLimit = defaultScore
		if s.Mode == arena.ModeTDM {
			s.ScoreLimit = defaultScoreTDM
		}
	}
	start := game.Start{Title: m.Title + ", " + title, Mode: mode, Map: m.Name, Blob: arena.EncodeStart(s)}
	if s.Mode != arena.ModeCrowd { // whose town is too large for a table of its lines of sight
		start.Walls = m
	}
	return start
}
