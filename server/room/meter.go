package room

import (
	"hindsight/game"
	"hindsight/protocol"
)

// Meter receives what rooms measure. It is called from many rooms' goroutines, in their ticks, and
// must neither block nor allocate.
type Meter interface {
	// Tick reports a tick: how late it began and how long the whole of it took.
	Tick(late, took protocol.Micros)
	// Overrun reports ticks that were given up because the room could not keep its schedule.
	Overrun(ticks int)
	// Command reports what became of n commands.
	Command(f Fate, n int)
	// Snapshot reports a snapshot given to a connection, Skipped one that was left out.
	Snapshot(bytes int)
	Skipped()
	// Shot reports a rewound shot.
	Shot(s *game.Shot)
}

type noMeter struct{}

func (noMeter) Tick(_, _ protocol.Micros) {}
func (noMeter) Overrun(int)               {}
func (noMeter) Command(Fate, int)         {}
func (noMeter) Snapshot(int)              {}
func (noMeter) Skipped()                  {}
func (noMeter) Shot(*game.Shot)           {}
