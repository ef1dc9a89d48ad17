package protocol

import "math/bits"

// PlayerSet is a set of players. The zero value is the empty set; it is a plain value of a few words,
// so that a room of eight pays nothing for there being rooms of a thousand.
type PlayerSet [MaxPlayers/64 + 1]uint64

// Has reports whether a player is in the set.
func (s *PlayerSet) Has(id PlayerID) bool {
	return id <= MaxPlayers && s[id/64]>>(id%64)&1 == 1
}

// Add puts a player in. It panics if there can be no such player.
func (s *PlayerSet) Add(id PlayerID) { s[id/64] |= 1 << (id % 64) }

// Remove takes a player out. It panics if there can be no such player.
func (s *PlayerSet) Remove(id PlayerID) { s[id/64] &^= 1 << (id % 64) }

// Next returns the lowest player above id, 0 if there is none. Next(0) is the first:
//
//	for id := s.Next(0); id != 0; id = s.Next(id) {
func (s *PlayerSet) Next(id PlayerID) PlayerID {
	id++
	for i := int(id / 64); i < len(s); i++ {
		if w := s[i] >> (id % 64); w != 0 {
			return id + PlayerID(bits.TrailingZeros64(w))
		}
		id = PlayerID(i+1) * 64
	}
	return 0
}
