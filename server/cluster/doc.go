// Package cluster connects game servers with a lobby that runs in another process or on another
// machine.
//
//	link, err := cluster.NewLink(cluster.LinkConfig{Lobby: "https://lobby.example", Token: t, ...})
//	n, err := node.New(node.Config{Name: run, Tickets: ticket.NewVerifier(link.Keys(), run), Result: link.Result, ...})
//	go link.Run(ctx, n)                                            // on each game server
//
//	hub, err := cluster.NewHub(cluster.HubConfig{Lobby: l, Token: t, Keys: ring.JWKS, Store: ...})
//	mux.Handle(cluster.Path, hub)                                  // in the lobby
//
// A Link belongs to a game server. It dials, so that a game server behind a NAT needs no open port
// but the players', and it dials again for as long as it takes. It carries no tick: rooms neither
// wait for it nor notice when the lobby is gone. What outlives a lobby is kept here: the keys that
// tickets are verified with, and the results that it has not stored yet.
//
// A Hub belongs to a lobby. Each connected game server is a Remote there, which is what package
// lobby calls a Node. The Hub keeps no truth: after a restart it knows everything again as soon as
// the game servers have come back.
//
// # Connection
//
// The game server opens a WebSocket at Path with the subprotocol Subprotocol and the secret that
// both sides share, "Authorization: Bearer <token>". A wrong one is answered 401. The secret is
// worth as much as the lobby itself, and passwords of rooms travel beside it: between machines use
// https. Pages cannot connect, since no browser lets a page set that header.
//
// # Messages
//
// A message is one text frame of at most MaxMessage bytes: a JSON object with one field that names
// it, and "id" where an answer is expected. Unknown fields are an error, but for "hello", which must
// be understood by any version of a lobby so that it can say which side is too old. Rooms and specs
// look as package node writes them.
//
//	{"hello":{"protocol":1,"build":"v1","name":"<run>","url":"wss://..","capacity":64,"leaving":false}}
//	    ->  first, within 3 s. Name is the run of the server, which tickets are signed for; url is
//	        where players reach it. One run is connected once: the newest connection wins.
//	{"welcome":{"protocol":1,"build":"v1","keys":{"keys":[..]}}}
//	    <-  the answer to hello; keys is a JWKS (RFC 7517): what tickets are verified with.
//	{"keys":{"keys":[..]}}
//	    <-  other keys, in place of all before.
//	{"list":{"rooms":[..],"more":true,"full":false}}
//	    ->  the open rooms, after welcome and whenever they change. A long list comes in several
//	        messages, all but the last with "more". Full: no more rooms can be opened.
//	{"renew":{}}
//	    ->  the list is as it was: renews the lobby's lease, every second.
//	{"goodbye":{}}
//	    ->  no new players: take the rooms off the list. The connection stays for results.
//	{"result":{"match":"<uuid>","ended":"<RFC 3339>","result":{..}}}
//	    ->  a match was played.
//	{"stored":{"match":"<uuid>"}}
//	    <-  its result is safe. With "refused" it never will be; either way it is not sent again.
//	{"id":7,"create":<spec>}
//	{"id":7,"book":{"room":"..","seats":[".."],"life":15000}}   life in ms
//	{"id":7,"unbook":{"room":"..","seats":[".."]}}
//	{"id":7,"lock":{"room":"..","locked":true}}
//	{"id":7,"kick":{"room":"..","player":3,"code":4403}}
//	{"id":7,"announce":{"room":"..","text":".."}}
//	{"id":7,"close":{"room":".."}}
//	    <-  requests. They may be answered in any order, and each is given up after 1 s.
//	{"id":7,"answer":{"room":{..},"error":{"code":"refused","close":4503,"text":".."}}}
//	    ->  the answer: room for create, error if it failed.
//	{"ping":{}}
//	    <>  every second. Who hears nothing at all for 3 s hangs up.
//
// # Promises
//
// A result is delivered at least once and Store takes a match once, so that a result counts exactly
// once, whichever side restarts when. A request that was not answered in time may have been carried
// out: creating a room twice opens one, and a seat that nobody asks for expires.
//
// Whatever arrives broken, too large or out of order ends this one connection and nothing else.
//
// # Goroutines
//
// Each connection has two on either side: the reader runs gws's ReadLoop and handles messages, the
// writer owns the sending side, takes from a bounded queue and watches for silence. On the game
// server one more looks at the list of rooms and at results, and requests are carried out by at most
// maxAsks at once; in the lobby one more stores results. All of them end with the connection.
package cluster

import "time"

// Names and numbers that both sides agree on.
const (
	// Path is where a lobby listens for game servers.
	Path = "/api/v1/nodes"
	// Subprotocol is the WebSocket subprotocol.
	Subprotocol = "hindsight.node.v1"
	// Version is the version of the messages. Both sides must have the same.
	Version = 1
	// MaxMessage is the most bytes in a message.
	MaxMessage = 256 << 10
)

// Times of a connection.
const (
	beatEvery   = time.Second            // between pings, and between renewals of the list
	silence     = 3 * time.Second        // without any message: the other side is dead or frozen
	writeTime   = 2 * time.Second        // for one frame to leave
	linger      = 500 * time.Millisecond // for the other side to read why it is hung up on
	helloTime   = 3 * time.Second        // for hello, and for welcome
	connectTime = 3 * time.Second        // to dial, encrypt and shake hands
	askTime     = time.Second            // for a request to be carried out
	storeTime   = 10 * time.Second       // for the lobby to store a result
	lookEvery   = 100 * time.Millisecond // between looks at the list of rooms
	resendAfter = 15 * time.Second       // a result that was neither stored nor refused
)

// Bounds of a connection.
const (
	queueLen  = 512  // messages waiting to be written; more end the connection
	maxAsks   = 64   // requests under way on a connection
	window    = 16   // results under way on a connection
	maxRooms  = 4096 // in a list
	partBytes = 128 << 10
	maxSpec   = 32 << 10 // a room's spec, so that a listing fits into a part
	maxLinks  = 1024     // connections to a hub
)
