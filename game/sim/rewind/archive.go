package rewind

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// blockTicks is how many ticks in a row are packed as what differs from the first of them, the key. Keys
// is how many blocks there are to the ticks within reach.
const (
	blockTicks = 8
	keys       = Size/blockTicks + 1
)

// archive holds snapshots packed (see encode), as what differs from another: most of what is published
// stays as it is for seconds, and what moves has not gone far in a tenth of one.
type archive struct {
	newest protocol.Tick // packed
	slots  [Size]slot
	keys   [keys]slot
	key    delta.Snapshot // of the block that is being packed
	draft  []uint16       // so that a slot's memory need not be found by doubling

	// What was unpacked last. It is kept, because the shots of a tick are often of the same views.
	out  [2]delta.Snapshot
	turn int            // the one to be used again
	base delta.Snapshot // a key
}

// slot is one packed snapshot; tick 0 is none. Key is the tick of what it differs from, 0 for nothing.
type slot struct {
	tick, key protocol.Tick
	words     []uint16
}

// fill gives the slot its words.
func (s *slot) fill(tick, key protocol.Tick, words []uint16) {
	s.tick, s.key = tick, key
	if n := len(words); n > cap(s.words) {
		s.words = make([]uint16, 0, n+n/8+16)
	}
	s.words = append(s.words[:0], words...)
}

func (a *archive) clear() {
	for i := range a.slots {
		a.slots[i].tick = 0
	}
	for i := range a.keys {
		a.keys[i].tick = 0
	}
	a.forget()
	a.key.Reset(0)
	a.newest = 0
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
	a.newest = o.newest
	a.key.CopyFrom(&o.key)
	for i := range o.slots {
		a.slots[i].fill(o.slots[i].tick, o.slots[i].key, o.slots[i].words)
	}
	for i := range o.keys {
		a.keys[i].fill(o.keys[i].tick, 0, o.keys[i].words)
	}
}

// pack takes in a snapshot, unless it is the one that it took in last.
func (a *archive) pack(s *delta.Snapshot) {
	if s.Tick == a.newest {
		return
	}
	a.newest = s.Tick
	if block := s.Tick / blockTicks; a.key.Tick == 0 || block != a.key.Tick/blockTicks {
		a.key.Reserve(s)
		a.key.CopyFrom(s)
		a.draft = encode(a.draft[:0], nil, s)
		a.keys[block%keys].fill(s.Tick, 0, a.draft)
	}
	a.draft = encode(a.draft[:0], a.key.Entities(), s)
	a.slots[s.Tick%Size].fill(s.Tick, a.key.Tick, a.draft)
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
	key := &a.key
	if p.key != key.Tick {
		k := &a.keys[p.key/blockTicks%keys]
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
