// Package poll carries many TCP connections on few goroutines: what came in is read 240 times a second,
// and a write never waits.
//
//	p := poll.New(0)
//	c, err := p.Adopt(tcp) // takes the connection out of Go's poller; on error it is as it was
//	c.Run(owner, func() {  // returns at once
//		ws.ReadLoop()      // over c, as over any net.Conn
//		_ = c.Close()
//	})
//
// # What it is for
//
// A goroutine that waits for one input costs twice what the input does: a wake-up, and a second
// read(2) that only hears that nothing more is there. A game takes its inputs at ticks anyway. So a
// connection here is no longer in Go's poller but in an epoll set of ours, which is asked, without
// waiting, once in a Period; whoever has sent something is read then, all in one go, and nobody is
// woken for it.
//
// What comes is read into one buffer of the shard's, of a connection once in a poll, and the owner has
// the first look at it: what Owner.Take takes costs no more than that. The rest is for the reader, which
// is not written for polls: gws's ReadLoop wants a Read that waits. It gets one. What Run is given runs
// as a coroutine (iter.Pull): a Read that finds nothing leaves it, and the poll that finds something
// goes on with it.
//
// # Who owns what
//
// A Poller is a number of shards. A shard is one goroutine, an epoll set and the connections in it;
// it begins with its first connection and ends with its last, so an idle process has none. All
// coroutines of a shard, and the calls of Owner, run in that goroutine, one at a time: what they do
// holds up the others, so they may take a lock for a moment but wait for nothing. What has to wait
// goes through Conn.Aside, which only the coroutine can call. Read, Aside, CloseWrite and, after Run,
// Close belong to the coroutine; all else may be called from any goroutine.
//
// # What it costs
//
// Two wake-ups less for each message. An input lies in the kernel until the next poll: half a Period
// on average, and at most one and what a poll is late. Its time of arrival is therefore the poll's, which
// is also the first moment anybody could have used it: margins come out 2 ms smaller, and round trips as
// much longer, than on a connection with a goroutine of its own, and are wrong by no more than a Period.
// TCP gives no time stamps to do better with. A deadline is noticed within Sweeps polls, a wake-up within
// one. BENCHMARK.md has what is saved.
//
// All shards poll at the same moments, multiples of a Period on their clock, or just before: so they
// share a wake-up with each other and with the rooms whose ticks fall on such moments, for which they read
// what they will use.
//
// # When something panics
//
// What a shard does for one connection, the calls of Owner and the coroutine included, is contained: the
// owner is told, the connection ends, and the shard goes on with the others. What is left of a poll is the
// order in which it does that, where no byte of a client's has a say; nor has it in package alarm. A panic
// there is our own broken promise to every connection, and ends the process.
//
// # What it never does
//
// It never waits in Write: what the kernel does not take is kept, up to MaxRest and until its patience or
// the write deadline is over, and sent when there is room. It never speaks TLS, never runs outside Linux
// (on amd64 and arm64), and never takes a connection that it cannot serve: Adopt says no, and leaves it
// alone. It knows nothing of WebSocket, whose frames its owner and the reader tell apart.
package poll

import "time"

const (
	// Period is the time between two polls: 240 a second, four to a tick.
	Period = time.Second / 240
	// Sweeps is how many polls it takes to look at every connection's deadlines.
	Sweeps = 16
	// MaxRest is how much of what was written is kept for a kernel that does not take it, in bytes.
	MaxRest = 256 << 10
)

// Owner is told what happens to a connection outside of its coroutine. Its methods are called in the
// shard's goroutine and must not wait.
type Owner interface {
	// Take is given what has come, before the reader, which waits for it in Read. It returns how much of it,
	// from its beginning, it has dealt with; the reader gets the rest. It may write over what it takes, and
	// keeps nothing of b.
	Take(b []byte) int
	// Drained says that the kernel has taken all that was written, after it had not for so long.
	Drained(held time.Duration)
	// Broken says that it never will: the peer is gone, or the write deadline has passed, which is
	// os.ErrDeadlineExceeded. Nothing more can be written.
	Broken(err error)
	// Visit is called every Sweeps polls, at time now.
	Visit(now time.Time)
	// Panicked says that one of the other methods has panicked, or the reader, which is over then, or what
	// the shard does for this connection. It must see to it that a reader that goes on ends, and must not
	// panic.
	Panicked(cause any, stack []byte)
}
