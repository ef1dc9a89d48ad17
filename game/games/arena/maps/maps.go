// Package maps holds the arena's maps, drawn with the Tiled editor, and the order in which a server
// plays them. Only servers and tests link it: a client is sent each map in the start blob.
//
// To draw a map open any *.tmj here in Tiled and save it under another name; what the tiles and
// objects mean is said in packages tmj and arena (Layout). A server started with a folder of the
// host's own maps checks them all and says what is wrong with which.
package maps

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/game/sim/tilemap/tmj"
)

//go:embed *.tmj
var files embed.FS

// Names lists the built-in maps in the order of play.
var Names = []string{"foundry", "canals", "warren", "plaza"}

// Host is the arena for a server to host.
var Host = game.Host{
	Definition:  arena.Game,
	NewRotation: NewRotation,
	Settings:    Settings,
	Seats:       arena.MaxPlayers,
	Modes: []game.Mode{
		{Name: "ffa", Title: "Free-for-all", Players: 8},
		{Name: "tdm", Title: "Team deathmatch", Teams: 2, Players: 8},
	},
	Maps: list,
}

// list returns the names of all maps in the order of play.
func list(extra fs.FS) ([]string, error) {
	all, err := loadAll(extra)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	return names, nil
}

// rules is what the arena wants of a map.
var rules = tmj.Rules{
	Classes: []string{
		arena.ClassSpawn, arena.ClassHealth, arena.ClassMega, arena.ClassArmour,
		arena.ClassWeapon, arena.ClassAmmo,
	},
	Spawn:     arena.ClassSpawn,
	MinSpawns: 8,
	Radius:    fixed.FromInt(15), // a player's 14 and a little air
}

// Load returns a built-in map.
func Load(name string) (*tilemap.Map, error) { return load(files, name+".tmj") }

// load reads a map and checks all that the arena will ask of it.
func load(fsys fs.FS, file string) (*tilemap.Map, error) {
	m, err := tmj.Load(fsys, file, rules)
	if err != nil {
		return nil, err
	}
	_, spawns, err := arena.Layout(m)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", file, err)
	}
	for _, team := range [...]uint8{arena.TeamRed, arena.TeamBlue} {
		n := 0
		for _, s := range spawns {
			if s.Team == team || s.Team == arena.TeamNone {
				n++
			}
		}
		if n < rules.MinSpawns/2 {
			return nil, fmt.Errorf("map %s: %d spawns for team %d, want at least %d with property team %d or none",
				file, n, team, rules.MinSpawns/2, team)
		}
	}
	// The largest settings there can be, so that no setting makes the blob fail later.
	blob := arena.EncodeStart(arena.Settings{TimeLimit: maxTime * arena.TickRate, Warmup: maxWarmup * arena.TickRate, ScoreLimit: maxScore, Map: m})
	if _, err := arena.DecodeStart(blob); err != nil {
		return nil, fmt.Errorf("map %s: %w", file, err)
	}
	return m, nil
}

// loadAll returns the built-in maps and those of the host, which come after and replace built-in
// ones of the same name.
func loadAll(extra fs.FS) ([]*tilemap.Map, error) {
	var all []*tilemap.Map
	for _, name := range Names {
		m, err := Load(name)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	if extra == nil {
		return all, nil
	}
	own, err := fs.Glob(extra, "*.tmj")
	if err != nil {
		return nil, fmt.Errorf("maps of the host: %w", err)
	}
	for _, file := range own {
		m, err := load(extra, file)
		if err != nil {
			return nil, err
		}
		if i := find(all, strings.TrimSuffix(path.Base(file), ".tmj")); i >= 0 {
			all[i] = m
		} else {
			all = append(all, m)
		}
	}
	return all, nil
}

// find returns the index of the map of that name, or -1.
func find(all []*tilemap.Map, name string) int {
	return slices.IndexFunc(all, func(m *tilemap.Map) bool { return m.Name == name })
}
