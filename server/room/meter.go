package room

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// Meter receives what one room measures. It is called from the room's goroutine, in its ticks, and must
// neither block nor allocate; Report alone is called from those of connections.
type Meter interface {
	// Flush says that another second has passed, or that the room is at its end: what was gathered is
	// to be handed on.
	Flush()

	// Tick reports a tick: how late it began and how long the whole of it took. Of ticks that were
	// made up for together the lateness is that of the first.
	Tick(late, took protocol.Micros)
	// Overrun reports ticks that were given up because the room could not keep its schedule.
	Overrun(ticks int)
	// Encode reports how long composing the snapshots of a tick took, for all connections together.
	Encode(took protocol.Micros)

	// Command reports what became of n commands.
	Command(f Fate, n int)
	// Arrival reports how early a command came that was for a tick to come; late is negative.
	Arrival(margin protocol.Micros)
	// Used reports how long a command waited from its arrival to its tick.
	Used(waited protocol.Micros)
	// View reports what was found wrong with the view of a command that was used.
	View(c game.Clamp)
	// Shot reports a rewound shot.
	Shot(s *game.Shot)

	// Snapshot reports a snapshot given to a connection, Skipped one that was left out.
	Snapshot(bytes int, parts replication.Parts)
	Skipped()
	// Sent reports how long the snapshot before took from being given until the kernel had it.
	Sent(waited protocol.Micros)
	// RoundTrip reports a person's round trip, once a second. It includes the client's wait until its
	// next input.
	RoundTrip(rtt protocol.Micros)
	// Report hands on what a client says, trimmed to what it can know. It is not kept.
	Report(r *frame.Report)
}

// NoMeter measures nothing. Embedded, it lets a Meter leave out what it has no use for.
type NoMeter struct{}

func (NoMeter) Flush()                          {}
func (NoMeter) Tick(_, _ protocol.Micros)       {}
func (NoMeter) Overrun(int)                     {}
func (NoMeter) Encode(protocol.Micros)          {}
func (NoMeter) Command(Fate, int)               {}
func (NoMeter) Arrival(protocol.Micros)         {}
func (NoMeter) Used(protocol.Micros)            {}
func (NoMeter) View(game.Clamp)                 {}
func (NoMeter) Shot(*game.Shot)                 {}
func (NoMeter) Snapshot(int, replication.Parts) {}
func (NoMeter) Skipped()                        {}
func (NoMeter) Sent(protocol.Micros)            {}
func (NoMeter) RoundTrip(protocol.Micros)       {}
func (NoMeter) Report(*frame.Report)            {}
