package rewind

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// blockTicks is how many ticks in a row are packed as what differs from the first of them, the key. A
// divisor of Size: so a key's slot is used again only when the last of its block is out of reach.
const blockTicks = Recent

// archive holds snapshots packed (see encode), as what differs from another: most of what is published
// stays as it is for seconds, and what moves has not gone far in a tenth of one.
type archive struct {
	slots [Size]slot
	key   delta.Snapshot // of the block that is being packed
	draft []uint16       // so that a slot's memory need not be found by doubling

	// What was unpacked last. It is kept, because the shots of a tick are often of the same views.
	out  [2]delta.Snapshot
	turn int            // the one to be used again
	base delta.Snapshot // a key
}

// slot is one packed snapshot; tick 0 is none.
type slot struct {
	tick, key protocol.Tick
	words     []uint16
}

func (a *archive) clear() {
	for i := range a.slots {
		a.slots[i].tick = 0
	}
	a.forget()
	a.key.Reset(0)
}

// forget gives up what was unpacked.
func (a *archive) forget() {
	for i := range a.out {
		a.out[i].Reset(0)
	}
	a.base.Reset(0)
}

func (a *archive) copyFrom(o *archive) {
	a.forget()
	a.key.CopyFrom(&o.key)
	for i := range o.slots {
		s, from := &a.slots[i], &o.slots[i]
		s.tick, s.key, s.words = from.tick, from.key, append(s.words[:0], from.words...)
	}
}

// pack takes in a snapshot.
func (a *archive) pack(s *delta.Snapshot) {
	p := &a.slots[s.Tick%Size]
	p.tick, p.key = s.Tick, a.key.Tick
	if a.key.Tick == 0 || s.Tick/blockTicks != a.key.Tick/blockTicks {
		a.key.Reserve(s)
		a.key.CopyFrom(s)
		p.key = s.Tick
		a.draft = encode(a.draft[:0], nil, s)
	} else {
		a.draft = encode(a.draft[:0], a.key.Entities(), s)
	}
	if n := len(a.draft); n > cap(p.words) {
		p.words = make([]uint16, 0, n+n/8+16)
	}
	p.words = append(p.words[:0], a.draft...)
}

// unpack returns the snapshot of tick t, nil if it is not here.
func (a *archive) unpack(t protocol.Tick) *delta.Snapshot {
	p := &a.slots[t%Size]
	if p.tick != t {
		return nil
	}
	for i := range a.out {
		if a.out[i].Tick == t {
			a.turn = i ^ 1
			return &a.out[i]
		}
	}
	dst := &a.out[a.turn]
	a.turn ^= 1
	dst.Reserve(&a.key)
	if p.key == t {
		decode(p.words, nil, dst, t)
		return dst
	}
	key := &a.key
	if p.key != key.Tick {
		k := &a.slots[p.key%Size]
		if k.tick != p.key {
			return nil
		}
		if key = &a.base; key.Tick != p.key {
			key.Reserve(&a.key)
			decode(k.words, nil, key, p.key)
		}
	}
	decode(p.words, key.Entities(), dst, t)
	return dst
}
