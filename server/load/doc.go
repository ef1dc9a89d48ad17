// Package load measures what a whole server costs: real processes, real sockets, each process on a core
// of its own.
//
//	run.go, report.go          a run: rounds of a server under load, what they came to
//	process.go, platform*.go   processes and what the system knows of them: CPU time, memory
//	scrape.go, histogram.go    what a server says of itself, and quantiles
//	swarm*.go, hands.go        the client process: thousands of light clients in one loop
//	storm*.go, idlers*.go      a crowd that does nothing, is cut, and comes back all at once
//	floor.go                   plain gws sending ready-made frames: what the library alone costs
//	trace.go, bytes.go         the size of snapshots, of a recorded movement and of the arena
//
// A light client speaks the whole protocol (handshake, Hello, commands with echo and view for ticks to
// come, pongs) but looks only at the head of a snapshot, so that a core carries thousands of them and the
// server under test is what gets full first. What players would feel is measured with the full client:
// packages bots and lab.
//
// Time on a shared machine is worth little by itself. The floor is therefore measured in the same run, in
// turns with the server (A B A B), by the same clients, and the ratio of neighbours is the figure to
// quote. A run opens no port but on loopback and leaves no process behind.
package load
