// Package room runs one room: a match after the other, with people and bots in its seats.
//
// One goroutine, in Run, owns everything: it takes joins and inputs from bounded queues, steps the
// game.Match at absolute deadlines and hands each ready connection its snapshot. It never touches a
// socket and never waits for one. Tick is the same step without the goroutine, for tests and the
// laboratory: a room is a machine that is told the time.
package room
