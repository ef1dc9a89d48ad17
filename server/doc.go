// Package server wires one node: rooms, the game socket, the lobby with its database, the browser
// client and the admin pages, in one process that needs no other.
//
//	s, err := server.New(server.Config{})   // the arena on :8080
//	...
//	err = s.Run(ctx)                        // until ctx ends; then it drains
//
// A program with a game of its own passes it in Config.Hosts; nothing here knows the arena, except as
// the default.
//
// # Who owns what
//
//   - A room's goroutine (node, room.Room.Run) owns its match and everything of replication. It
//     never touches a socket, a lock that a client can hold, or the heap once it is warm.
//   - A connection's read goroutine (session) owns its decoder, budgets and seat; its write goroutine
//     owns the sending side of the socket. Between them and the room stand queues with a bound and a
//     stated end: inputs that do not fit are dropped and counted, a snapshot is skipped before it is
//     composed, a frame that must arrive and cannot be kept closes the connection.
//   - The node's goroutine owns no state alone; a mutex guards the list of rooms, and no tick takes it.
//   - The lobby's goroutine (lobby.Run) makes matches and lets what is due expire; its mutex guards
//     rooms, seats, parties and the queue, and is held for no I/O. A loop of this package tells it of
//     the node's rooms. Requests (api) run in the goroutines of net/http, event streams too.
//   - The outbox's goroutine (storage.Outbox.Run) owns what of a finished match the database has not
//     taken; rooms put results in without waiting. Run drains it after the last room has closed.
//   - The shelf's goroutine (replays.Shelf.Run) owns the files of matches that are being recorded.
//     Rooms hand it bytes without waiting: what does not fit cuts that replay off. Run ends it after
//     the last room has closed.
//   - Run owns the database, the listeners and waits for all of the above.
//
// Nothing else starts a goroutine. Whatever ends, ends on its own: a client its connection, a panic in
// a room that room.
package server
