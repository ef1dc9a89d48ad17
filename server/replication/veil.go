package replication

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Veil keeps from players what walls hide: what a client is not sent no cheat can draw.
type Veil interface {
	// Hides reports whether a player may not know of what another has, or does, at a place, in 1/16 unit.
	// Of what is nobody's, or his own, he may. It may be asked from several goroutines.
	Hides(viewer, owner protocol.PlayerID, x, y int32) bool
}

// askAgain is after how many ticks a veil is asked again about an entity that it did not hide: two thirds
// of lingerTicks, half a second, are left to it even if it went out of sight right after.
const askAgain = lingerTicks / 3

// ShowUnveiled has a peer's next snapshot of a world show what a veil does not hide, and tell of what
// happens there. It is to be composed with the same scratch, and before that is used for another peer.
func (p *Peer) ShowUnveiled(sc *Scratch, v Veil, s *delta.Schema, now *delta.Snapshot) {
	p.Seen = p.eye.Unveiled(sc, v, s, now, p.player)
	p.hearing = Hearing{Veil: v, Me: p.player}
	p.Hearing = &p.hearing
}

// Unveiled returns what of a snapshot a veil does not hide from a player, for Peer.Seen: ascending
// indices, the scratch's own, and not nil. What has been shown stays for lingerTicks, so that nobody
// flickers at a corner.
func (e *Eye) Unveiled(sc *Scratch, v Veil, s *delta.Schema, now *delta.Snapshot, me protocol.PlayerID) []int32 {
	if sc.seen == nil {
		sc.seen = []int32{}
	}
	seen, next := sc.seen[:0], sc.sightings[:0]
	known, ents := e.known, now.Entities()
	for i := range ents {
		t := &ents[i]
		k := &s.Kinds[t.Kind]
		if !k.Positioned || t.Owner == 0 || t.Owner == me {
			seen = append(seen, int32(i))
			continue
		}
		for len(known) > 0 && known[0].id < t.ID {
			known = known[1:]
		}
		was := sighting{id: t.ID, birth: t.Birth}
		held := len(known) > 0 && known[0].id == t.ID && known[0].birth == t.Birth
		if held {
			was = known[0]
		}
		if age := now.Tick.Sub(was.near); !held || age >= askAgain {
			x, y := k.Place(now.Tick, t.Row)
			if !v.Hides(me, t.Owner, x, y) {
				was.near = now.Tick
			} else if !held || age > lingerTicks {
				continue
			}
		}
		seen, next = append(seen, int32(i)), append(next, was)
	}
	e.known = append(e.known[:0], next...)
	sc.seen, sc.sightings = seen, next
	return seen
}
