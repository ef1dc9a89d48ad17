// Package replays keeps the replays of matches in a folder, within a bound on space: when it is
// reached the oldest go first.
//
//	shelf, err := replays.Open(replays.Config{Dir: dir, Space: 256 << 20, Log: log})
//	go shelf.Run(ctx)                  // the one goroutine that touches the disk while matches run
//	tape := shelf.Record(label, header)  // a room.Tape, as a match begins
//	shelf.List(…), shelf.Open(id)      // for whoever wants to see them
//
// A room must never wait for a disk. Its tape copies what it is given (some hundred bytes a second)
// and puts it into a bounded queue; when the queue is full, or the disk, that replay ends there, which
// is logged once, and the match goes on. What Run has written is a good file at any moment: after a
// crash the next Open finds it, up to the last second.
//
// # The files
//
//	ID.replay        a replay (package game/replay); the id is random and tells nothing
//	ID.json          what is said of it in lists, and whether it is listed
//	ID.part          a replay that is being recorded
//	repro-ID-N.replay  a reproduction of a mismatch; never listed
//
// Files of other names, and replays without their .json, are somebody else's: they are left alone.
//
// The mutex guards the list; files are written by Run alone, and read by whoever asks.
package replays
