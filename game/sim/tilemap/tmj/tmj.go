// Package tmj reads maps drawn with the Tiled editor (its JSON format, *.tmj) into tilemaps. Servers
// and tests use it; clients get their maps over the wire and never link it.
//
// How a map is drawn:
//
//   - The map is orthogonal, finite, of 32x32 pixel tiles. One pixel is one unit.
//   - A tile's class in its tileset is what it is: "floor", "wall" or "low". A tile without a class
//     is decoration. Where tile layers overlap, wall wins over low, low over floor; an empty square
//     is floor. The border of the map is wall or low all round.
//   - An object's class is what it is, its middle is where it is, and its properties are integers.
//     A class that Rules does not list is an error, so that a slip of the pen does not become an
//     item that is silently missing. A tile object without a class has its tile's.
//   - The map's custom property "title" is its name for people; the file's name is its id.
//   - Layers are saved as CSV; tilesets are embedded or saved as .tsj beside the map.
//
// The loader is strict and its errors are for the person drawing: they name the file, the layer or
// the object, what is wrong and what would be right.
package tmj

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
)

// Rules is what a game wants of a map beyond being well-formed.
type Rules struct {
	// Classes lists the object classes the game knows.
	Classes []string
	// Spawn is the class of which there must be at least MinSpawns objects. Zero means one.
	Spawn     string
	MinSpawns int
	// Radius is that of the body that must fit at every object and be able to walk from each to
	// every other; at most half a tile.
	Radius fixed.Num
}

// maxFileBytes bounds a file before it is read: the largest map allowed is 65,536 tiles.
const maxFileBytes = 4 << 20

// ErrMap is wrapped by every error about what a file says, as opposed to reading it.
var ErrMap = errors.New("bad map")

// Load reads the map in the file of that name and checks it against the rules.
func Load(fsys fs.FS, name string, rules Rules) (*tilemap.Map, error) {
	m, err := load(fsys, name, rules)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", name, err)
	}
	return m, nil
}

func load(fsys fs.FS, name string, rules Rules) (*tilemap.Map, error) {
	var f file
	if err := readJSON(fsys, name, &f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	sets, err := readTilesets(fsys, path.Dir(name), f.Tilesets)
	if err != nil {
		return nil, err
	}
	id := strings.TrimSuffix(path.Base(name), path.Ext(name))
	m := &tilemap.Map{Name: id, Title: id, W: f.Width, H: f.Height, Tiles: make([]tilemap.Tile, f.Width*f.Height)}
	for _, p := range f.Properties {
		if p.Name == "title" {
			if m.Title, err = p.text(); err != nil {
				return nil, err
			}
		}
	}
	if len(m.Name) > tilemap.MaxNameBytes || len(m.Title) > tilemap.MaxTitleBytes {
		return nil, fail("file name %q or title %q is too long, want at most %d and %d bytes",
			m.Name, m.Title, tilemap.MaxNameBytes, tilemap.MaxTitleBytes)
	}
	d := drawing{m: m, sets: sets, rules: &rules}
	if err := d.layers(f.Layers, 0); err != nil {
		return nil, err
	}
	if d.tileLayers == 0 {
		return nil, fail("no tile layer: draw the walls in one")
	}
	return m, verify(m, &rules)
}

func fail(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrMap, fmt.Errorf(format, args...))
}

// check refuses kinds of map that tilemap has no notion of.
func (f *file) check() error {
	switch {
	case f.Type != "map":
		return fail("type is %q, want %q: is this a Tiled map saved as JSON (.tmj)?", f.Type, "map")
	case f.Orientation != "orthogonal":
		return fail("orientation is %q, want orthogonal", f.Orientation)
	case f.Infinite:
		return fail("the map is infinite: clear Map > Map Properties > Infinite")
	case f.TileWidth != tilemap.TileSize || f.TileHeight != tilemap.TileSize:
		return fail("tiles are %dx%d pixels, want %dx%d", f.TileWidth, f.TileHeight, tilemap.TileSize, tilemap.TileSize)
	case min(f.Width, f.Height) < tilemap.MinSide || max(f.Width, f.Height) > tilemap.MaxSide:
		return fail("the map is %dx%d tiles, want %d to %d each way", f.Width, f.Height, tilemap.MinSide, tilemap.MaxSide)
	}
	return nil
}

// drawing is a map in the making.
type drawing struct {
	m          *tilemap.Map
	sets       []tileset // by ascending first gid
	rules      *Rules
	tileLayers int
}

// maxGroups bounds how deep layer groups may nest.
const maxGroups = 8

func (d *drawing) layers(layers []layer, depth int) error {
	for i := range layers {
		l := &layers[i]
		if l.OffsetX != 0 || l.OffsetY != 0 {
			return fail("layer %q is shifted by %s, %s pixels: set its offset to 0, 0", l.Name, l.OffsetX.units(), l.OffsetY.units())
		}
		var err error
		switch {
		case l.Type == "tilelayer":
			err = d.tiles(l)
		case l.Type == "objectgroup":
			err = d.objects(l)
		case l.Type == "group" && depth < maxGroups:
			err = d.layers(l.Layers, depth+1)
		case l.Type == "imagelayer": // decoration
		default:
			err = fail("layer %q has type %q, want a tile or object layer", l.Name, l.Type)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// flipped are the bits of a gid that turn or mirror the picture.
const flipped = 0xf0000000

func (d *drawing) tiles(l *layer) error {
	d.tileLayers++
	if l.Width != d.m.W || l.Height != d.m.H {
		return fail("layer %q is %dx%d tiles, the map %dx%d", l.Name, l.Width, l.Height, d.m.W, d.m.H)
	}
	gids, err := l.gids()
	if err != nil {
		return err
	}
	if len(gids) != len(d.m.Tiles) {
		return fail("layer %q has %d tiles, want %d (%dx%d)", l.Name, len(gids), len(d.m.Tiles), l.Width, l.Height)
	}
	for i, gid := range gids {
		if gid &^= flipped; gid == 0 {
			continue
		}
		t, err := d.tile(gid)
		if err != nil {
			return fmt.Errorf("%w (layer %q, column %d, row %d)", err, l.Name, i%l.Width, i/l.Width)
		}
		d.m.Tiles[i] = stronger(d.m.Tiles[i], t)
	}
	return nil
}

// tile returns what a gid stands for.
func (d *drawing) tile(gid uint32) (tilemap.Tile, error) {
	class, ok := d.class(gid)
	if !ok {
		return 0, fail("tile %d is in no tileset", gid)
	}
	switch class {
	case "floor", "":
		return tilemap.Floor, nil
	case "wall":
		return tilemap.Wall, nil
	case "low":
		return tilemap.Low, nil
	}
	return 0, fail("tile class %q is unknown, want floor, wall, low, or none for decoration", class)
}

// class returns the class of a tile in its tileset, "" if it has none.
func (d *drawing) class(gid uint32) (class string, ok bool) {
	for i := len(d.sets) - 1; i >= 0; i-- {
		if s := &d.sets[i]; gid >= s.FirstGID {
			return s.class(gid - s.FirstGID), gid-s.FirstGID < s.TileCount
		}
	}
	return "", false
}

func stronger(a, b tilemap.Tile) tilemap.Tile {
	if a == tilemap.Wall || b == tilemap.Floor {
		return a
	}
	return b
}

func (d *drawing) objects(l *layer) error {
	for i := range l.Objects {
		o := &l.Objects[i]
		placed, err := d.object(o)
		if err != nil {
			return fmt.Errorf("%w (layer %q, object %d %q)", err, l.Name, o.ID, o.Name)
		}
		if len(d.m.Objects) == tilemap.MaxObjects {
			return fail("more than %d objects", tilemap.MaxObjects)
		}
		d.m.Objects = append(d.m.Objects, placed)
	}
	return nil
}

func (d *drawing) object(o *object) (placed tilemap.Object, err error) {
	placed.Class = o.class()
	middle := fixed.Vec{X: fixed.Num(o.X + o.Width/2), Y: fixed.Num(o.Y + o.Height/2)}
	if o.GID != 0 { // a tile object hangs from its lower left corner
		middle.Y -= fixed.Num(o.Height)
		if placed.Class == "" {
			placed.Class, _ = d.class(o.GID &^ flipped)
		}
	}
	placed.At = middle
	size := d.m.Size()
	switch {
	case !slices.Contains(d.rules.Classes, placed.Class):
		return placed, fail("class %q is unknown, want one of %s", placed.Class, strings.Join(d.rules.Classes, ", "))
	case middle.X < 0 || middle.Y < 0 || middle.X >= size.X || middle.Y >= size.Y:
		return placed, fail("its middle lies outside the map")
	case len(o.Polygon)+len(o.Polyline) > 0:
		return placed, fail("it is a polygon, want a point or a rectangle")
	case o.Rotation != 0 && o.Width|o.Height != 0:
		return placed, fail("it is rotated: set its rotation to 0, or use a point")
	case len(o.Properties) > tilemap.MaxProps:
		return placed, fail("%d properties, want at most %d", len(o.Properties), tilemap.MaxProps)
	}
	for _, p := range o.Properties {
		v, err := p.integer()
		if err != nil {
			return placed, err
		}
		placed.Props = append(placed.Props, tilemap.Prop{Name: p.Name, Value: v})
	}
	return placed, nil
}
