package maps

import (
	"hindsight/game/games/arena"
	"hindsight/game/sim/rng"
	"hindsight/game/sim/tilemap"
)

// The town is the ground of a crowd: nine by nine blocks between streets. It is laid out here rather than
// drawn, since it is as large as a map can be: a thousand players have 260 units to themselves each way,
// and some sixty lie within reach of each. A rim of wall, wider than half a screen, keeps the view on the
// middle of it. All distances are in tiles.
const (
	townSide  = tilemap.MaxSide
	townRim   = 13 // solid ground around the streets
	townBlock = 17 // along a block's side
	townRoad  = 8  // across a street
	townRows  = 9  // blocks along a side
	townPitch = townBlock + townRoad
	townSeed  = 7 // which building stands where
)

// The kinds of block.
const (
	blockHall    = iota // walls with a door in each side, open within
	blockPool           // a hall around water, through which one shoots but does not walk
	blockPassage        // two houses with a lane between them
	blockGarden         // open ground around water
	blockPillars        // open ground with four pillars
	blockKinds
)

// Town returns the map of a crowd.
func Town() *tilemap.Map {
	m := &tilemap.Map{Name: "town", Title: "Town", W: townSide, H: townSide, Tiles: make([]tilemap.Tile, townSide*townSide)}
	fill(m, 0, 0, townSide, townSide, tilemap.Wall)
	const open = townRows*townPitch + townRoad
	fill(m, townRim, townRim, open, open, tilemap.Floor)
	for row := range townRows {
		for col := range townRows {
			kind := rng.Pick(rng.Mix(townSeed, uint64(col), uint64(row)), blockKinds)
			build(m, townRim+townRoad+col*townPitch, townRim+townRoad+row*townPitch, kind)
		}
	}
	furnish(m)
	return m
}

// fill lays tiles over a rectangle.
func fill(m *tilemap.Map, x, y, w, h int, t tilemap.Tile) {
	for ty := y; ty < y+h; ty++ {
		for tx := x; tx < x+w; tx++ {
			m.Tiles[ty*m.W+tx] = t
		}
	}
}

// build puts up a block. Its four quarters mirror each other, so that no side of it is the better one.
func build(m *tilemap.Map, x, y, kind int) {
	const side, mid, door = townBlock, townBlock / 2, 5
	switch kind {
	case blockHall, blockPool:
		fill(m, x, y, side, side, tilemap.Wall)
		fill(m, x+1, y+1, side-2, side-2, tilemap.Floor)
		fill(m, x+mid-door/2, y, door, side, tilemap.Floor)
		fill(m, x, y+mid-door/2, side, door, tilemap.Floor)
		if kind == blockPool {
			fill(m, x+mid-2, y+mid-2, 5, 5, tilemap.Low)
		}
	case blockPassage:
		fill(m, x, y, side, side, tilemap.Wall)
		fill(m, x+mid-1, y, 3, side, tilemap.Floor)
	case blockGarden:
		fill(m, x+3, y+3, side-6, side-6, tilemap.Low)
	case blockPillars:
		for _, at := range [...][2]int{{2, 2}, {side - 6, 2}, {2, side - 6}, {side - 6, side - 6}} {
			fill(m, x+at[0], y+at[1], 4, 4, tilemap.Wall)
		}
	}
}

// furnish puts a spawn point on every crossing and halfway to the next, and the pickups that there can
// be: one kind after another, in blocks that lie as far apart as they can.
func furnish(m *tilemap.Map) {
	const half = townPitch / 2
	for row := range townRows + 1 {
		for col := range townRows + 1 {
			x, y := townRim+townRoad/2+col*townPitch, townRim+townRoad/2+row*townPitch
			place(m, arena.ClassSpawn, x, y)
			if col < townRows {
				place(m, arena.ClassSpawn, x+half, y)
			}
		}
	}
	kinds := [...]struct {
		class  string
		weapon uint8
	}{
		{arena.ClassHealth, 0}, {arena.ClassArmour, 0}, {arena.ClassWeapon, arena.Rocket}, {arena.ClassHealth, 0},
		{arena.ClassWeapon, arena.Rail}, {arena.ClassMega, 0}, {arena.ClassWeapon, arena.Plasma}, {arena.ClassArmour, 0},
	}
	const step = townRows * townRows / arena.MaxPickups // blocks from one to the next
	for i := range arena.MaxPickups {
		block := i * step
		x, y := townRim+townRoad+block%townRows*townPitch, townRim+townRoad+block/townRows*townPitch
		k := &kinds[i%len(kinds)]
		var props []tilemap.Prop
		if k.weapon != 0 {
			props = []tilemap.Prop{{Name: "weapon", Value: int32(k.weapon)}}
		}
		place(m, k.class, x+townBlock/2, y-2, props...) // in the street above the block, where nothing is built
	}
}

func place(m *tilemap.Map, class string, tx, ty int, props ...tilemap.Prop) {
	m.Objects = append(m.Objects, tilemap.Object{Class: class, At: tilemap.Center(tx, ty), Props: props})
}
