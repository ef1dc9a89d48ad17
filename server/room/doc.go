// Package room runs one room: a match after the other, with people and bots in its seats.
//
// One goroutine, in Run, owns everything: it takes joins and inputs from bounded queues, steps the
// game.Match at absolute deadlines and hands each ready connection its snapshot. It never touches a
// socket and never waits for one. A world too large to be shown whole is shown in parts (see crowd), and
// walls keep from each player what is behind them (see veil). Tick is the same step without the
// goroutine, for tests and the laboratory: a room is a machine that is told the time.
package room
