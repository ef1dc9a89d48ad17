//go:build js && wasm

package main

import (
	"hindsight/game/games"
	"hindsight/protocol/delta"
)

// namedRow is a sort of row and the names of its cells.
type namedRow struct {
	id     uint8
	name   string
	fields []string
}

// describe returns a record of all names: the game and its tick rate; the fields of the picture's
// head, of the stats and of the own row; then entity kinds and events as id, name and fields; then
// constants as name and value; then weapons as name and greatest ammunition. src/schema.ts reads it.
//
//go:wasmexport describe
func describe() int32 {
	game := games.All[0]
	r := &texts
	r.reset()
	r.str(game.Name)
	r.num(int32(game.TickRate))
	r.strs(headNames)
	r.strs(statNames())
	r.strs(fieldNames(&game.Schema.Own))
	r.num(int32(len(game.Schema.Kinds)))
	for i := range game.Schema.Kinds {
		k := &game.Schema.Kinds[i]
		r.num(int32(i))
		r.str(k.Name)
		r.strs(fieldNames(k))
	}
	r.num(int32(len(arenaEvents)))
	for _, e := range arenaEvents {
		r.num(int32(e.id))
		r.str(e.name)
		r.strs(e.fields)
	}
	r.num(int32(len(arenaConstants)))
	for _, c := range arenaConstants {
		r.str(c.name)
		r.num(c.value)
	}
	describeWeapons(r)
	return give(r.b)
}

func fieldNames(k *delta.Kind) []string {
	names := make([]string, len(k.Fields))
	for i := range k.Fields {
		names[i] = k.Fields[i].Name
	}
	return names
}
