// Package game is the contract between a game and the engine that runs it, and Match, the engine's
// pure half: one match stepped tick by tick.
//
// A game is a Definition: a schema of what is networked, a World that the authority steps, a
// Predictor that its own player's client steps, and a Bot. The engine does everything else from
// these four: delta, interpolation, rewind, prediction, replay.
//
// The rules a game must keep, which package gametest checks:
//   - A World is a function of its start blob, its seats and its inputs. It uses integers, its own
//     seeded rng, and no clock, float, map iteration, goroutine or package variable that changes.
//   - Predictor and World step one player by the same code, so that an own row that both computed
//     from the same row, command and told facts is equal in every field.
//   - Step, Publish, Own and the Predictor allocate nothing once warm.
//
// World, Predictor, Bot and Match each belong to one goroutine. None of them does I/O.
package game

import (
	"io/fs"

	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Definition is one game. It is immutable and shared by all matches.
type Definition struct {
	// Name is the game's id on the wire and in URLs: lower-case letters, digits and dashes.
	Name string
	// TickRate is the simulation rate in Hz.
	TickRate int
	// MaxPlayers is the most seats any match can have, at most protocol.MaxPlayers; see Sized.
	MaxPlayers int
	Schema     *delta.Schema
	// Looks says that the World calls Turn.Look for every player whose view had a part in a tick.
	// Replays then leave the other views out, which are half of what there is to keep.
	Looks bool

	// NewWorld starts a match from a start blob made by a Rotation.
	NewWorld func(start []byte) (World, error)
	// NewPredictor makes the client's half of the rules for the player with id me. The start blob
	// comes from a server and is checked like any input.
	NewPredictor func(start []byte, me protocol.PlayerID) (Predictor, error)
	// NewBot makes a player. Skill is 1 (beginner) to 5 (expert); equal arguments and equal sights
	// give equal commands.
	NewBot func(start []byte, me protocol.PlayerID, skill int, seed uint64) (Bot, error)
	// Standing reads how a player is doing from a snapshot, for summaries and results.
	Standing func(s *delta.Snapshot, id protocol.PlayerID) Standing
}

// Standing is how a player is doing in a match. What a game does not have stays 0.
type Standing struct {
	Team, Score, Kills, Deaths, Assists int
}

// Host is what a server needs beyond the rules: how matches follow one another. It is apart from
// Definition because it reads maps, and clients need no map reader.
type Host struct {
	*Definition
	// NewRotation checks settings (the keys are the game's own, such as "mode" or "maps") and
	// returns the order of matches. Extra holds maps of the host's own, or is nil. An error names
	// the setting or the file and says what would be right.
	NewRotation func(settings map[string]string, extra fs.FS) (Rotation, error)

	// The rest is for lobbies and help, and may be empty.

	// Seats is the most seats of a room that a player opens, 0 for Definition.MaxPlayers.
	Seats int

	// Settings are the keys that NewRotation knows.
	Settings []Setting
	// Modes are the values of the setting "mode" that players can queue for.
	Modes []Mode
	// Maps returns the names that the setting "maps" may list, those of extra included.
	Maps func(extra fs.FS) ([]string, error)
}

// Setting is a key of a game's settings.
type Setting struct {
	Key, Help string
}

// Mode is a way to play a game.
type Mode struct {
	// Name is the mode's id, as Start.Mode says it; Title is for people.
	Name, Title string
	// Teams is how many there are, 0 where everyone plays for himself.
	Teams int
	// Players is how many people make a full match of those who queue.
	Players int
}

// Rotation gives the n-th match of a room, n from 0 without end. Rooms share it: Match changes nothing.
type Rotation interface {
	Match(n int, seed uint64) Start
}

// Start is a match about to begin.
type Start struct {
	// Title says what is played, for people: "Foundry, team deathmatch".
	Title string
	// Mode and Map name what is played, for lists and records; "" where a game has only one. They
	// stay on the server.
	Mode, Map string
	// Blob is all that a World and a Predictor need (mode, limits, map, seed), in the game's own
	// encoding, at most protocol.MaxStartBytes. It goes to every client.
	Blob []byte
	// Walls are what players cannot see through, if its World is a Viewer; nil is nothing. A server
	// then sends a player nothing of what others have and do behind them (see package sight), but what
	// has no place. The rules do not know of it. It stays on the server.
	Walls *tilemap.Map
}

// Joiner is what a World is told of somebody who joins.
type Joiner struct {
	Bot bool
	// Team is the team that was promised, counted from 1; 0 leaves it to the game, which also knows
	// best if it has no such team.
	Team uint8
}

// World is the authority's state of one match.
type World interface {
	// Join seats a player before the next Step. The id is free.
	Join(id protocol.PlayerID, j Joiner)
	// Leave takes a player out before the next Step.
	Leave(id protocol.PlayerID)
	// Step advances by one tick: it reads the turn's inputs and appends its events and shots.
	Step(t *Turn)
	// Publish adds every networked entity to s, in ascending id order.
	Publish(s *delta.Snapshot)
	// Own fills row, which has one cell for each field of Schema.Own, with all that player's
	// prediction needs.
	Own(id protocol.PlayerID, row []int32)
	// Hash returns a digest of the whole state; equal states have equal hashes on every machine.
	Hash() uint64
	// Over reports that the match is finished, its final scoreboard shown, and the next may start.
	Over() bool
}

// Cloner is a World that can be copied. It lets a replay be played backwards from copies made on the
// way; without it every step back runs the match again from its start.
type Cloner interface {
	World
	// Clone returns a World of the same state that shares nothing with the original that changes.
	Clone() World
}

// Sized is a World with seats for fewer players than its game has at most.
type Sized interface {
	World
	// Seats returns how many there are. It is the same all match long, and in all matches of a Rotation.
	Seats() int
}

// Viewer is a World in which not everything is to be shown to everybody: it may be too large for that,
// and walls may hide things (see Start.Walls).
type Viewer interface {
	World
	// Reach is how far from his eye a player is sent what has a place, in units; 0 is as far as there is
	// anything. It is the same all match long.
	Reach() int32
	// Eye returns from where a seated player is to be shown the world, in 1/16 unit: where he is, where
	// he died, where he is about to enter. Player 0 is whoever looks on. It reports false if that is
	// nowhere yet.
	Eye(id protocol.PlayerID) (x, y int32, ok bool)
}

// Allied is a Viewer with players who know of each other whatever is between them.
type Allied interface {
	Viewer
	// Allies reports whether two seated players are such.
	Allies(a, b protocol.PlayerID) bool
}

// Sited is a Viewer with cells in its own rows that say how things fare that have a place and lie where all
// could see them, such as an item that is there or was taken. Behind a wall a player keeps the
// value that he last saw; prediction has to do with it, and the cell is Told.
type Sited interface {
	Viewer
	// Sites returns them. They are the same all match long.
	Sites() []Site
}

// Site is a cell of the own row that is about a place, in 1/16 unit.
type Site struct {
	Cell int
	X, Y int32
}

// Predictor is one player's own part of the rules, run ahead of the authority by a client.
type Predictor interface {
	// Load sets the state to the authority's own row after tick t.
	Load(t protocol.Tick, own []int32)
	// Step advances by one tick.
	Step(g *Guess)
	// Save fills own with the present state, as World.Own would.
	Save(own []int32)
	// Publish adds to s the predicted entities in ascending id order, in the kinds and with the ids
	// under which World publishes them: the avatar and whatever else is Private.
	Publish(s *delta.Snapshot)
}

// Guess is one predicted tick.
type Guess struct {
	Command protocol.Command
	// Scene is what the player saw when giving the command. It is nil when the tick is predicted
	// again after a correction: then nothing is to be fired or shown a second time.
	Scene *delta.Snapshot
	// Events collects what the player should see and hear at once, and a Verdict event for every
	// rewound shot, if Scene is not nil.
	Events []protocol.Event
}

// Emit appends an event, unless this tick was predicted before.
func (g *Guess) Emit(e protocol.Event) {
	if g.Scene != nil {
		e.Tick = g.Command.Tick
		g.Events = append(g.Events, e)
	}
}

// Bot is a player's mind. It sees what a client sees and answers what a client sends.
type Bot interface {
	// Think returns the command for s.Tick. Tick and View of the answer are set by the caller.
	Think(s *Sight) protocol.Command
}

// Sibling is a Bot that can make others for the same match, which share with it what never changes: a
// thousand bots need one map.
type Sibling interface {
	Bot
	// Sibling makes a bot as Definition.NewBot would of the same start.
	Sibling(me protocol.PlayerID, skill int, seed uint64) (Bot, error)
}

// Sight is what a player sees at one moment. All of it is the caller's and valid during the call.
type Sight struct {
	// Tick is the tick that the command being decided is for.
	Tick protocol.Tick
	Me   protocol.PlayerID
	// Own is the (predicted) own row.
	Own []int32
	// Scene holds the entities as they are drawn; one's own are the predicted ones, if any.
	Scene *delta.Snapshot
	// Events are those that became known since the last Think.
	Events []protocol.Event
}
