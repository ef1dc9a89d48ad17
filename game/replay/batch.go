package replay

import (
	"hindsight/game"
	"hindsight/protocol"
)

// batchInputs is how many inputs are put aside at most: 4 KB of them, eight ticks of 16 players.
const batchInputs = 128

// batch is the inputs of the last ticks, put aside until they are coded. Its ticks have the same seats.
type batch struct {
	ticks, seats int
	inputs       []aside
	late         []game.Late // of all of them
	at, lateAt   int         // of those that next returns
}

// aside is an input that was put aside, in half of its size.
type aside struct {
	command        protocol.Command
	player         protocol.PlayerID
	clamp          game.Clamp
	late           uint8 // late commands
	astray, looked bool
}

// add puts a tick's inputs aside.
func (b *batch) add(t *game.Turn) {
	b.ticks++
	b.seats = len(t.Inputs)
	for i := range t.Inputs {
		in := &t.Inputs[i]
		b.inputs = append(b.inputs, aside{in.Command, in.Player, in.Clamp, uint8(len(in.Late)), in.Astray, t.Looked(in.Player)})
		b.late = append(b.late, in.Late...)
	}
}

// next returns the inputs one by one, and whether the tick depended on their view.
func (b *batch) next() (game.Input, bool) {
	a := &b.inputs[b.at]
	b.at++
	from := b.lateAt
	b.lateAt += int(a.late)
	return game.Input{Player: a.player, Command: a.command, Clamp: a.clamp, Astray: a.astray, Late: b.late[from:b.lateAt]}, a.looked
}

// empty keeps the memory.
func (b *batch) empty() { *b = batch{inputs: b.inputs[:0], late: b.late[:0]} }
