// Package games is the list of the games that are built in. A game is added by one line here; a
// program that brings its own passes its Definition to the server itself.
package games

import (
	"hindsight/game"
	"hindsight/game/games/arena"
)

// All are the built-in games, the default first. It must not be changed.
var All = []*game.Definition{arena.Game}

// Find returns the built-in game of that name, or nil.
func Find(name string) *game.Definition {
	for _, d := range All {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Names returns the names of the built-in games, in order.
func Names() []string {
	names := make([]string, len(All))
	for i, d := range All {
		names[i] = d.Name
	}
	return names
}
