package maps

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"hindsight/game/games/arena"
	"hindsight/game/sim/tilemap"
)

// Every built-in map is fit for its purpose: room for everyone, items to fight for, and no side
// better off than the other.
func TestBuiltIn(t *testing.T) {
	for _, name := range Names {
		t.Run(name, func(t *testing.T) {
			m, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			picks, spawns, err := arena.Layout(m)
			if err != nil {
				t.Fatal(err)
			}
			if len(spawns) < 16 || len(picks) < 12 || len(picks) > 24 {
				t.Errorf("%d spawns and %d pickups, want at least 16 and 12 to 24", len(spawns), len(picks))
			}
			if b := m.AppendBinary(nil); len(b) > 2048 {
				t.Errorf("%d bytes on the wire, want at most 2048", len(b))
			}
			checkFair(t, m)
			checkNoDeadEnds(t, m)
		})
	}
}

// checkFair checks that half a turn maps the ground onto itself, each item onto one of its kind, and
// each spawn onto one of the other team.
func checkFair(t *testing.T, m *tilemap.Map) {
	for i := range m.Tiles {
		if j := len(m.Tiles) - 1 - i; m.Tiles[i] != m.Tiles[j] {
			t.Fatalf("the tile at column %d, row %d has no twin", i%m.W, i/m.W)
		}
	}
	size := m.Size()
	other := map[int32]int32{0: 0, 1: 2, 2: 1}
	for i := range m.Objects {
		o, twins := &m.Objects[i], 0
		for j := range m.Objects {
			p := &m.Objects[j]
			if p.At == size.Sub(o.At) && p.Class == o.Class && p.Int("weapon", 0) == o.Int("weapon", 0) &&
				p.Int("team", 0) == other[o.Int("team", 0)] {
				twins++
			}
		}
		if twins != 1 {
			t.Errorf("%s at %v, %v has %d twins", o.Class, o.At.X.Floor(), o.At.Y.Floor(), twins)
		}
	}
}

// checkNoDeadEnds checks that every floor tile can be left by two sides.
func checkNoDeadEnds(t *testing.T, m *tilemap.Map) {
	for i := range m.Tiles {
		tx, ty, ways := i%m.W, i/m.W, 0
		for _, d := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			if !m.Solid(tx+d[0], ty+d[1]) {
				ways++
			}
		}
		if !m.Solid(tx, ty) && ways < 2 {
			t.Errorf("column %d, row %d is a dead end", tx, ty)
		}
	}
}

// The files open in Tiled: what the editor needs beyond what the loader reads is there, and the
// picture of the tileset is as large as it says.
func TestFilesOpenInTiled(t *testing.T) {
	picture, err := os.ReadFile("ground.png")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names {
		b, err := files.ReadFile(name + ".tmj")
		if err != nil {
			t.Fatal(err)
		}
		var f struct {
			Version, TiledVersion, RenderOrder string
			NextLayerID, NextObjectID          int
			Tilesets                           []struct {
				Image                   string
				ImageWidth, ImageHeight int
				Columns, TileCount      int
				TileWidth, TileHeight   int
			}
			Layers []struct{ ID int }
		}
		if err := json.Unmarshal(b, &f); err != nil {
			t.Fatal(err)
		}
		if f.Version == "" || f.TiledVersion == "" || f.RenderOrder != "right-down" || f.NextLayerID != len(f.Layers)+1 || f.NextObjectID < 2 {
			t.Errorf("%s: the map's own fields are incomplete: %+v", name, f)
		}
		for _, s := range f.Tilesets {
			if s.Image != "ground.png" || s.ImageWidth != cfg.Width || s.ImageHeight != cfg.Height ||
				s.Columns*s.TileWidth != cfg.Width || s.TileCount/s.Columns*s.TileHeight != cfg.Height {
				t.Errorf("%s: tileset %+v, picture %dx%d", name, s, cfg.Width, cfg.Height)
			}
		}
	}
}

func TestRotationOrder(t *testing.T) {
	r, err := NewRotation(map[string]string{"maps": "warren, foundry", "time": "120", "warmup": "0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for n := range 5 {
		start := r.Match(n, uint64(n))
		s, err := arena.DecodeStart(start.Blob)
		if err != nil {
			t.Fatal(err)
		}
		if s.Seed != uint64(n) || s.TimeLimit != 120*arena.TickRate || s.Warmup != 0 {
			t.Errorf("match %d: %+v", n, s)
		}
		got = append(got, fmt.Sprintf("%s to %d", start.Title, s.ScoreLimit))
	}
	want := []string{
		"Warren, free-for-all to 25", "Foundry, team deathmatch to 60",
		"Warren, team deathmatch to 60", "Foundry, free-for-all to 25",
		"Warren, free-for-all to 25",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRotationDefaults(t *testing.T) {
	r, err := NewRotation(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n, name := range Names {
		if s, err := arena.DecodeStart(r.Match(n, 1).Blob); err != nil || s.Map.Name != name || s.TimeLimit != 300*arena.TickRate {
			t.Errorf("match %d: %v", n, err)
		}
	}
}

func TestRotationRefuses(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"mode", "ctf", `mode is "ctf", want ffa, tdm, mixed or crowd`},
		{"maps", "foundry,dust", `no map "dust", want some of foundry, canals, warren, plaza`},
		{"maps", "foundry,", `no map ""`},
		{"time", "5m", `time is "5m", want a whole number from 10 to 3600`},
		{"time", "9", "from 10 to 3600"},
		{"score", "-1", "from 0 to 10000"},
		{"warmup", "301", "from 0 to 300"},
		{"gravity", "800", `no setting "gravity", want one of maps, mode, score, time, warmup`},
	} {
		if _, err := NewRotation(map[string]string{c.key: c.value}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: %v, want %q", c.key, c.value, err, c.want)
		}
	}
}

func TestHostsOwnMaps(t *testing.T) {
	warren, err := files.ReadFile("warren.tmj")
	if err != nil {
		t.Fatal(err)
	}
	mine := bytes.Replace(warren, []byte(`"Warren"`), []byte(`"My House"`), 1)
	own := fstest.MapFS{
		"house.tmj":   &fstest.MapFile{Data: mine},
		"foundry.tmj": &fstest.MapFile{Data: mine},
		"notes.txt":   &fstest.MapFile{Data: []byte("not a map")},
	}
	r, err := NewRotation(map[string]string{"mode": "ffa"}, own)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for n := range 5 {
		titles = append(titles, strings.TrimSuffix(r.Match(n, 0).Title, ", free-for-all"))
	}
	if got := strings.Join(titles, ", "); got != "My House, Canals, Warren, Plaza, My House" {
		t.Errorf("maps %s", got)
	}
}

// A map that is well-formed but that the arena cannot be played on is refused by name.
func TestHostsOwnMapsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(object map[string]any)
		want  string
	}{
		{"a wrong class", func(o map[string]any) {
			if o["type"] == "mega" {
				o["type"] = "megahealth"
			}
		}, `map house.tmj: bad map: class "megahealth" is unknown, want one of spawn, health, mega`},
		{"no such weapon", func(o map[string]any) {
			if o["type"] == "weapon" {
				o["properties"] = []any{property("weapon", 9)}
			}
		}, "map house.tmj: arena: bad map: object"},
		{"nowhere for blue", func(o map[string]any) {
			if o["type"] == "spawn" {
				o["properties"] = []any{property("team", 1)}
			}
		}, "map house.tmj: 0 spawns for team 2, want at least 4 with property team 2 or none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := files.ReadFile("warren.tmj")
			if err != nil {
				t.Fatal(err)
			}
			var f map[string]any
			if err := json.Unmarshal(b, &f); err != nil {
				t.Fatal(err)
			}
			for _, o := range f["layers"].([]any)[1].(map[string]any)["objects"].([]any) {
				c.spoil(o.(map[string]any))
			}
			if b, err = json.Marshal(f); err != nil {
				t.Fatal(err)
			}
			_, err = NewRotation(nil, fstest.MapFS{"house.tmj": &fstest.MapFile{Data: b}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant one about %q", err, c.want)
			}
		})
	}
}

func property(name string, value int) map[string]any {
	return map[string]any{"name": name, "type": "int", "value": value}
}
