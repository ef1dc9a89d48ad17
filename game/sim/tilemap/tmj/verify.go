package tmj

import (
	"fmt"
	"strings"

	"hindsight/game/sim/tilemap"
)

// verify checks what can only be seen once the whole map is there.
func verify(m *tilemap.Map, rules *Rules) error {
	for i := range m.W * m.H {
		tx, ty := i%m.W, i/m.W
		if (tx == 0 || ty == 0 || tx == m.W-1 || ty == m.H-1) && !m.Solid(tx, ty) {
			return fail("the border is open at column %d, row %d: draw walls all round", tx, ty)
		}
	}
	spawns := 0
	for i := range m.Objects {
		o := &m.Objects[i]
		if !m.Free(o.At, rules.Radius) {
			return fail("%s is inside or too near something solid: a player needs %d pixels each way", where(o), rules.Radius.Floor())
		}
		if o.Class == rules.Spawn {
			spawns++
		}
	}
	if want := max(rules.MinSpawns, 1); spawns < want {
		return fail("%d objects of class %q, want at least %d", spawns, rules.Spawn, want)
	}
	if err := connected(m, rules); err != nil {
		return err
	}
	return binary(m)
}

// connected checks that one can walk from the first spawn to every object. Tiles that share a side
// are connected, since a body is at most as wide as a tile.
func connected(m *tilemap.Map, rules *Rules) error {
	reached := make([]bool, len(m.Tiles))
	var open []int
	visit := func(tx, ty int) {
		if i := ty*m.W + tx; !m.Solid(tx, ty) && !reached[i] {
			reached[i] = true
			open = append(open, i)
		}
	}
	var from *tilemap.Object
	for i := range m.Objects {
		if o := &m.Objects[i]; o.Class == rules.Spawn {
			from = o
			break
		}
	}
	visit(tilemap.TileOf(from.At.X), tilemap.TileOf(from.At.Y))
	for len(open) > 0 {
		tx, ty := open[len(open)-1]%m.W, open[len(open)-1]/m.W
		open = open[:len(open)-1]
		visit(tx+1, ty)
		visit(tx-1, ty)
		visit(tx, ty+1)
		visit(tx, ty-1)
	}
	var lost []string
	for i := range m.Objects {
		o := &m.Objects[i]
		if !reached[tilemap.TileOf(o.At.Y)*m.W+tilemap.TileOf(o.At.X)] {
			lost = append(lost, where(o))
		}
	}
	if len(lost) > 0 {
		return fail("no way leads from %s to %s: open a passage", where(from), strings.Join(lost[:min(len(lost), 4)], ", "))
	}
	return nil
}

// where names an object by what the editor's status bar shows.
func where(o *tilemap.Object) string {
	return fmt.Sprintf("%s at column %d, row %d", o.Class, tilemap.TileOf(o.At.X), tilemap.TileOf(o.At.Y))
}

// binary checks that the map survives the way to a client.
func binary(m *tilemap.Map) error {
	if _, err := tilemap.Parse(m.AppendBinary(nil)); err != nil {
		return fail("%w", err)
	}
	return nil
}
