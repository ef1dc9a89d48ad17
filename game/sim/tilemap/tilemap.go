// Package tilemap is the ground a match is played on: a grid of square tiles and a list of placed
// objects, with the questions that rules ask of it (can I stand here, where does this shot stop,
// how far does this step get). All answers are integers and equal on every machine.
//
// A Map is made by package tmj from a file of the Tiled editor, or by Parse from the compact bytes
// inside a match's start blob. It is immutable once made and may be shared by any number of
// worlds; no query allocates.
//
// What an object means is the game's business: it has a class, a place and a few integers.
package tilemap

import "hindsight/game/sim/fixed"

// Tile sizes. A coordinate's tile is its Num shifted right by tileShift.
const (
	TileSize            = 32 // units along a tile's side
	tileShift           = 13
	tileNum   fixed.Num = 1 << tileShift // a tile's side as a Num
)

// Limits of a map, both included. Parse and the Tiled loader refuse anything else.
const (
	MinSide       = 8   // tiles along a side
	MaxSide       = 256 // tiles along a side: 8192 units
	MaxObjects    = 512
	MaxProps      = 8  // integers in one object
	MaxNameBytes  = 32 // a map's, a class's or a property's name
	MaxTitleBytes = 64
)

// Tile is what a square of the ground does to bodies and shots.
type Tile uint8

// The tiles.
const (
	Floor Tile = iota // stops nothing
	Wall              // stops bodies and shots
	Low               // stops bodies, lets shots and eyes pass: water, a chasm, a railing
	Tiles             // how many there are
)

// Map is a map. The zero value has no tiles: all of it is outside, and outside is Wall.
type Map struct {
	Name  string // a short id, as in file names
	Title string // for people
	W, H  int    // tiles
	Tiles []Tile // W*H of them, row by row
	// Objects are in the order of the file. Every position is within the map.
	Objects []Object
}

// Object is something placed on the map: a spawn point, an item.
type Object struct {
	Class string
	At    fixed.Vec
	Props []Prop
}

// Prop is a named integer of an Object.
type Prop struct {
	Name  string
	Value int32
}

// Int returns the property of that name, or def if the object has none.
func (o *Object) Int(name string, def int32) int32 {
	for i := range o.Props {
		if o.Props[i].Name == name {
			return o.Props[i].Value
		}
	}
	return def
}

// TileOf returns the column or row in which a coordinate lies.
func TileOf(n fixed.Num) int { return int(n >> tileShift) }

// Center returns the middle of a tile.
func Center(tx, ty int) fixed.Vec {
	return fixed.Vec{X: fixed.Num(tx)<<tileShift + tileNum/2, Y: fixed.Num(ty)<<tileShift + tileNum/2}
}

// Size returns the map's extent: the corner opposite to the origin, just outside.
func (m *Map) Size() fixed.Vec {
	return fixed.Vec{X: fixed.Num(m.W) << tileShift, Y: fixed.Num(m.H) << tileShift}
}

// At returns the tile in that column and row; outside the map it is Wall.
func (m *Map) At(tx, ty int) Tile {
	if uint(tx) >= uint(m.W) || uint(ty) >= uint(m.H) {
		return Wall
	}
	return m.Tiles[ty*m.W+tx]
}

// Solid reports whether the tile stops bodies.
func (m *Map) Solid(tx, ty int) bool { return m.At(tx, ty) != Floor }

// BlocksShot reports whether the tile stops shots and sight.
func (m *Map) BlocksShot(tx, ty int) bool { return m.At(tx, ty) == Wall }

// Hash returns a digest of the whole map, names included: FNV-1a of its binary form. It allocates.
func (m *Map) Hash() uint64 {
	h := uint64(14695981039346656037)
	for _, b := range m.AppendBinary(nil) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}
