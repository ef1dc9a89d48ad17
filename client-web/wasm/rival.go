//go:build js && wasm

package main

import "hindsight/game/netcode"

// rival is a client on a second connection, which the page opens when the first has gone silent.
// Both live side by side, so that the first may yet recover; the rival takes its place with its first
// picture of the match. Nil while there is none.
var rival *netcode.Client

// challenge makes the rival and returns its first frame: a Hello with the newest resume token, which
// may be one that an earlier rival was welcomed with. That one is forgotten.
//
//go:wasmexport challenge
func challenge(now float64) int32 {
	cfg, w := config, client.Welcome()
	if rival != nil && rival.Welcome().Token != "" {
		w = rival.Welcome()
	}
	cfg.Ticket = "" // it was shown
	cfg.Room, cfg.Token = w.Room, w.Token
	rival = netcode.New(cfg)
	return give(rival.Hello(micros(now)))
}

// The answers of receiveRival beside the length of a complaint.
const (
	rivalWaits = 0
	rivalWon   = -1
)

// receiveRival takes in a frame of the second connection, as receive does of the first. It returns
// rivalWon when the rival has become the client.
//
//go:wasmexport receiveRival
func receiveRival(now float64, n int32) int32 {
	if err := rival.Receive(micros(now), input[:n]); err != nil {
		return complaint(err)
	}
	if !rival.Joined() {
		return rivalWaits
	}
	replace(rival)
	return rivalWon
}
