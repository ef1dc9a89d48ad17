package tmj

import (
	"encoding/json"
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/server/alloctest"
)

var rules = Rules{Classes: []string{"spawn", "health"}, Spawn: "spawn", MinSpawns: 2, Radius: fixed.FromInt(14)}

// yard is a map that is right: walls round a floor with a pool, two spawns and a health. Tests spoil
// a copy of it.
const yard = `{
 "type": "map", "version": "1.10", "orientation": "orthogonal", "infinite": false,
 "width": 8, "height": 8, "tilewidth": 32, "tileheight": 32,
 "properties": [{"name": "title", "type": "string", "value": "The \"Yard\""}],
 "tilesets": [{"firstgid": 1, "name": "ground", "tilecount": 4, "tiles": [
  {"id": 0, "type": "floor"}, {"id": 1, "type": "wall"}, {"id": 2, "class": "low"}]}],
 "layers": [
  {"type": "tilelayer", "name": "walls", "width": 8, "height": 8, "data": [
   2,2,2,2,2,2,2,2,
   2,1,1,1,1,1,1,2,
   2,1,1,1,1,1,1,2,
   2,1,1,3,3,1,1,2,
   2,1,1,3,3,1,1,2,
   2,1,1,1,1,1,1,2,
   2,1,1,1,1,1,1,2,
   2,2,2,2,2,2,2,2147483650]},
  {"type": "group", "name": "things", "layers": [
   {"type": "objectgroup", "name": "objects", "objects": [
    {"id": 1, "name": "", "type": "spawn", "point": true, "x": 48, "y": 48.5},
    {"id": 2, "name": "", "class": "spawn", "x": 192, "y": 192, "width": 16, "height": 16,
     "properties": [{"name": "team", "type": "int", "value": 2}]},
    {"id": 3, "name": "", "type": "health", "gid": 4, "x": 48, "y": 208, "width": 32, "height": 32}]}]}]
}`

func fsWith(text string) fs.FS {
	return fstest.MapFS{"maps/yard.tmj": &fstest.MapFile{Data: []byte(text)}}
}

func TestLoad(t *testing.T) {
	m, err := Load(fsWith(yard), "maps/yard.tmj", rules)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "yard" || m.Title != `The "Yard"` || m.W != 8 || m.H != 8 {
		t.Errorf("got %q %q %dx%d", m.Name, m.Title, m.W, m.H)
	}
	for _, c := range []struct {
		tx, ty int
		want   tilemap.Tile
	}{{0, 0, tilemap.Wall}, {7, 7, tilemap.Wall}, {1, 1, tilemap.Floor}, {3, 4, tilemap.Low}} {
		if got := m.At(c.tx, c.ty); got != c.want {
			t.Errorf("tile %d,%d = %d, want %d", c.tx, c.ty, got, c.want)
		}
	}
	want := []tilemap.Object{
		{Class: "spawn", At: fixed.Vec{X: 48 * 256, Y: 48*256 + 128}},
		{Class: "spawn", At: fixed.Vec{X: 200 * 256, Y: 200 * 256}, Props: []tilemap.Prop{{Name: "team", Value: 2}}},
		{Class: "health", At: fixed.Vec{X: 64 * 256, Y: 192 * 256}},
	}
	if !reflect.DeepEqual(m.Objects, want) {
		t.Errorf("objects %+v,\nwant    %+v", m.Objects, want)
	}
}

func TestLoadExternalTileset(t *testing.T) {
	at, end := strings.Index(yard, `"name": "ground"`), strings.Index(yard, `}],
 "layers"`)
	outside := yard[:at] + `"source": "../sets/ground.tsj"` + yard[end:]
	files := fstest.MapFS{
		"maps/yard.tmj":   &fstest.MapFile{Data: []byte(outside)},
		"sets/ground.tsj": &fstest.MapFile{Data: []byte("{" + yard[at:end] + "}")},
	}
	got, err := Load(files, "maps/yard.tmj", rules)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Load(fsWith(yard), "maps/yard.tmj", rules)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the map differs from the one with the tileset embedded")
	}
	delete(files, "sets/ground.tsj")
	if _, err := Load(files, "maps/yard.tmj", rules); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "sets/ground.tsj") {
		t.Errorf("missing tileset: %v", err)
	}
}

// Every mistake is refused with an error that names the file and what is wrong.
func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"not JSON", `"type": "map",`, `"type": "map"`, "not JSON, line 2"},
		{"a number as text", `"width": 8, "height": 8, "tilewidth"`, `"width": "8", "height": 8, "tilewidth"`, "line 3: Width is a string, want a int"},
		{"a tileset", `"type": "map"`, `"type": "tileset"`, `type is "tileset"`},
		{"isometric", "orthogonal", "isometric", "want orthogonal"},
		{"infinite", `"infinite": false`, `"infinite": true`, "the map is infinite"},
		{"small tiles", `"tilewidth": 32`, `"tilewidth": 16`, "tiles are 16x32 pixels"},
		{"too small", `"width": 8, "height": 8, "tilewidth"`, `"width": 8, "height": 7, "tilewidth"`, "8x7 tiles, want 8 to 256"},
		{"too large", `"width": 8, "height": 8, "tilewidth"`, `"width": 257, "height": 8, "tilewidth"`, "257x8 tiles"},
		{"a title that is a number", `"The \"Yard\""`, `7`, `property "title" is the string 7, want a string`},
		{"a title without end", `The \"Yard\"`, strings.Repeat("long ", 20), "too long"},
		{"no tileset", `"tilesets": [`, `"other": [`, "no tileset"},
		{"a tileset from 0", `"firstgid": 1`, `"firstgid": 0`, "ascending order from 1"},
		{"an XML tileset", `"name": "ground"`, `"source": "ground.tsx"`, "is in XML"},
		{"a tileset elsewhere", `"name": "ground"`, `"source": "../../ground.tsj"`, "outside the folder"},
		{"a missing tileset", `"name": "ground"`, `"source": "ground.tsj"`, "tileset maps/ground.tsj: open maps/ground.tsj"},
		{"no tile layer", `"tilelayer"`, `"imagelayer"`, "no tile layer"},
		{"a strange layer", `"tilelayer"`, `"hologram"`, `layer "walls" has type "hologram"`},
		{"a shifted layer", `"name": "walls"`, `"name": "walls", "offsetx": 16`, `layer "walls" is shifted by 16, 0`},
		{"a layer of another size", `"name": "walls", "width": 8`, `"name": "walls", "width": 9`, "is 9x8 tiles, the map 8x8"},
		{"a tile missing", "2,1,1,3,3,1,1,2", "2,1,1,3,3,1,1", "63 tiles, want 64"},
		{"compressed data", `"name": "walls"`, `"name": "walls", "encoding": "base64", "compression": "zlib"`, "saved as base64 zlib"},
		{"data that is no list", `"data": [`, `"data": "2", "x": [`, "not a list"},
		{"a tile of no tileset", "2,1,1,3,3,1,1,2", "2,1,1,3,9,1,1,2", `tile 9 is in no tileset (layer "walls", column 4, row 3)`},
		{"an unknown tile class", `"class": "low"`, `"class": "lava"`, `tile class "lava" is unknown, want floor, wall, low`},
		{"an open border", "2,1,1,3,3,1,1,2", "1,1,1,3,3,1,1,2", "border is open at column 0, row 3"},
		{"an unknown object", `"type": "health"`, `"type": "heatlh"`, `class "heatlh" is unknown, want one of spawn, health`},
		{"an object without class", `"type": "health"`, `"type": ""`, `class "" is unknown`},
		{"an object outside", `"x": 48, "y": 208`, `"x": 480, "y": 208`, "lies outside the map"},
		{"an object left of the map", `"x": 48, "y": 208`, `"x": -48, "y": 208`, "lies outside the map"},
		{"an object in a wall", `"x": 48, "y": 208`, `"x": 0, "y": 208`, "health at column 0, row 6"},
		{"an object too near a wall", `"x": 48, "y": 208`, `"x": 28, "y": 208`, "needs 14 pixels each way"},
		{"an object in the water", `"x": 48, "y": 208`, `"x": 112, "y": 144`, "inside or too near"},
		{"a coordinate that is none", `"x": 48, "y": 208`, `"x": 1e3, "y": 208`, "1e3 is not a coordinate"},
		{"a rotated box", `"x": 48, "y": 208`, `"rotation": 45, "x": 48, "y": 208`, "it is rotated"},
		{"a polygon", `"x": 48, "y": 208`, `"polygon": [{"x": 0, "y": 0}, {"x": 9, "y": 4}], "x": 48, "y": 208`, "it is a polygon"},
		{"a text property", `"type": "int", "value": 2`, `"type": "string", "value": "2"`, `property "team" is the string "2", want an int`},
		{"a huge property", `"type": "int", "value": 2`, `"type": "int", "value": 4294967296`, "want an int"},
		{"too few spawns", `"class": "spawn"`, `"class": "health"`, `1 objects of class "spawn", want at least 2`},
		{"an island", "2,1,1,3,3,1,1,2", "2,3,3,3,3,3,3,2", "no way leads from spawn at column 1, row 1 to spawn at column 6, row 6, health"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spoilt := strings.Replace(yard, c.old, c.new, 1)
			if spoilt == yard {
				t.Fatalf("%q is not in the map", c.old)
			}
			_, err := Load(fsWith(spoilt), "maps/yard.tmj", rules)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "map maps/yard.tmj: ") {
				t.Errorf("error %v\nwant one about %q", err, c.want)
			}
		})
	}
	if _, err := Load(fsWith(yard), "nowhere.tmj", rules); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
}

func TestPixels(t *testing.T) {
	for text, want := range map[string]pixels{
		"0": 0, "1": 256, "-1": -256, "1.5": 384, "-0.25": -64, "12.003906": 3073, "7.9999999": 2048,
	} {
		var p pixels
		if err := json.Unmarshal([]byte(text), &p); err != nil || p != want {
			t.Errorf("%s = %d, %v, want %d", text, p, err, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(yard))
	f.Add([]byte(strings.Replace(yard, `"name": "ground"`, `"source": "yard.tmj"`, 1)))
	f.Add([]byte(`{"type":"map","layers":[{"type":"group","layers":[{"type":"group"}]}]}`))
	f.Add([]byte(strings.Replace(yard, "Yard", strings.Repeat("\x8c", 4000), 1)))
	if _, err := Load(fsWith(yard), "maps/yard.tmj", rules); err != nil { // package encoding/json learns the types
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m *tilemap.Map
		var err error
		files := fsWith(string(b))
		alloctest.Check(t, alloctest.JSON(len(b)), func() { m, err = Load(files, "maps/yard.tmj", rules) })
		if err != nil {
			return
		}
		if _, err := tilemap.Parse(m.AppendBinary(nil)); err != nil {
			t.Fatalf("a loaded map does not survive: %v", err)
		}
	})
}
