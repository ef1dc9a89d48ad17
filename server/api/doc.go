// Package api is the lobby over HTTP: JSON under /api/v1, and one stream of events for each page.
//
//	h, err := api.New(api.Config{Lobby: l, Who: who, Ring: ring, Store: store, Hosts: hosts, From: from})
//	mux.Handle(api.Root, h)
//	...
//	h.Shutdown() // ends the streams
//
// It reads requests and writes answers; what they mean is decided elsewhere. Who somebody is comes
// from package identity, rooms, seats, queues and parties from package lobby, what was played from
// package storage. The document openapi.json, which is served too, describes every operation; a test
// keeps it true.
//
// # Who asks
//
// A request speaks for a player by "Authorization: Bearer" and a session token, and never by a cookie,
// so a page of another site cannot make one in a player's name. Requests that change something are
// refused from other origins all the same, because some of them cost the server something. No CORS
// header is ever sent: pages of this server only.
//
// # What it bounds
//
// Bodies are at most 8 KB of JSON without fields that nobody knows. Each address may ask so often
// (Limits), streams are bounded for each player and in all, and every answer has to be taken within a
// time. What is refused is answered by one table (errors.go) of codes for programs and sentences for
// people, which tell nothing about the inside.
//
// A request is handled in its own goroutine, which net/http owns; an API starts none and holds no lock
// while it asks others.
package api
