// Package session is one WebSocket connection: from the handshake, through Hello, to the last byte.
//
//	h := session.New(session.Config{Rooms: lobby})
//	mux.Handle("/ws", h)
//	...
//	h.Shutdown(ctx) // closes what is open and waits for it
//
// A session trusts nothing it reads. It bounds bytes, frames, time and memory of its own client, and
// whatever that client does ends, at worst, this one connection with a code from protocol.CloseCode;
// no other text ever leaves. It knows rooms only by the three small interfaces it uses: a Finder
// that gives out seats, the room.Seat it then speaks for, and the room.Sender it is to the room.
//
// # States
//
//	waiting --Hello--> joined --> closed
//
// Waiting lasts at most Limits.Hello. Anything but a Hello there, or a second one later, is
// CloseWrongState. Closed is reached by one door: fail, or gws itself, decides on a code, the read
// goroutine ends, tells the seat (Lost if the code says "retry", else Leave) and lingers until the
// client has read the close frame.
//
// # Goroutines
//
// Two for each connection, or none; see Transport. The reader runs gws's ReadLoop and owns the decoder,
// the seat and the budgets; every close frame is written by it, except for one that a failing write
// leaves to the writer. The room never waits for either.
//
// With goroutines, one reads, and the other takes from the outbox what the room's goroutine put there,
// writes it, and has the ping timer. That is how it is with TLS, and outside Linux.
//
// On a polled connection the reader is a coroutine of package poll: where it is said here that the
// read goroutine owns something, or does it, that is the poller's goroutine: the coroutine runs in it.
// Messages that are whole when they come go past gws, see lane, and the coroutine reads what is left. It
// waits for nothing but the socket; see aside. The writer is the room's goroutine itself, whose writes do
// not wait, and go past gws as well, see direct; what the kernel had no room for follows from the poller's
// goroutine, which also pings.
//
// A panic in any of them ends the connection that it was about, with CloseInternal if there is still
// somebody to tell, is counted and logged with its stack, and is no other connection's concern: see survive.
// Its seat is given back and its place in the gate is freed all the same.
//
// # Why gws is wrapped
//
// Of gws 1.8.9 this is known, and covered here: a frame with a negative length panics in ReadLoop
// (read), writes to a peer that does not read block for ever (guard.Write, poll.Conn), zero-length fragments and
// pings are unlimited (guard.Read, OnPing), close texts carry addresses (guard.closeFrame), a close
// races with the peer's bytes and is lost to a reset (guard.linger), a frame in the handshake's packet
// is dropped (upgrade), and it checks neither the origin nor the key (check).
package session
