package netcode

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// smoothing hides corrections: the difference between where the own avatar was drawn and where it
// should have been is added to what is drawn and halves every 60 ms. Only the picture is smoothed,
// never the state.
type smoothing struct {
	x, y int64           // in 1/65536 of a wire position, so that the decay has room
	now  protocol.Micros // up to which the offset has decayed
}

const (
	// smoothMax is the error beyond which sliding looks worse than jumping: two bodies.
	smoothMax = 64 * 16 // 64 units in wire positions
	// smoothDecay is 2^(-1/60) with 16 fractional bits: the half-life is 60 steps of 1 ms.
	smoothDecay = 64783
	smoothGone  = protocol.Second // after which nothing is left
)

// place is where an entity was drawn.
type place struct {
	id    protocol.EntityID
	birth protocol.Tick
	x, y  int32
}

// placeOf returns the place of the first positioned entity in s: the avatar.
func placeOf(schema *delta.Schema, s *delta.Snapshot) (p place, ok bool) {
	for i := range s.Entities() {
		if e := &s.Entities()[i]; schema.Kinds[e.Kind].Positioned {
			return place{e.ID, e.Birth, e.Row[0], e.Row[1]}, true
		}
	}
	return place{}, false
}

// add takes in that a correction moved the avatar.
func (s *smoothing) add(from, to place) {
	if from.id != to.id || from.birth != to.birth {
		s.x, s.y = 0, 0 // another avatar: nothing to slide from
		return
	}
	s.x += int64(from.x-to.x) << 16
	s.y += int64(from.y-to.y) << 16
	const most = smoothMax << 16
	if s.x > most || s.x < -most || s.y > most || s.y < -most {
		s.x, s.y = 0, 0
	}
}

// advance lets the offset decay up to now.
func (s *smoothing) advance(now protocol.Micros) {
	if s.x == 0 && s.y == 0 || now-s.now > smoothGone {
		s.x, s.y, s.now = 0, 0, now
		return
	}
	for ; now-s.now >= protocol.Millisecond; s.now += protocol.Millisecond {
		s.x = s.x * smoothDecay / 65536 // towards zero
		s.y = s.y * smoothDecay / 65536
	}
}

// offset is what to add to a drawn position.
func (s *smoothing) offset() (x, y int32) { return int32(s.x / 65536), int32(s.y / 65536) }
