package delta

import (
	"hindsight/protocol/wire"
)

// Track is what both sides know of the way a mover is going, beside its row: from it either foresees
// the next snapshot, and only what comes otherwise is sent. It follows from the rows alone, by the
// same integer arithmetic on both sides, and belongs to the entity, not to a client: what was foreseen
// and what came is the same for all, so its code is shared. The zero value is at rest.
//
// On a straight way it keeps the velocity to a fraction of what a row can say and a phase between two
// values of it, so that nothing needs to be sent for as long as the way is straight (Bernier, "Latency
// Compensating Methods", 2001, calls it dead reckoning; the phase lock is what quantised rows need).
// At a turn both begin anew with the last step.
type Track struct {
	v     [2]int32 // velocity of x and y, 1/32 of a unit per snapshot
	p     [2]int8  // what was lost by rounding to the row, -16 to 15 of 1/32
	turn  int32    // the last step of the heading
	mood  uint8
	fresh bool // new in the snapshot that is being decoded
}

// The moods: what the mover did last. They choose the code of what it does next.
const (
	moodRest   = iota // as foreseen, without velocity
	moodSteady        // as foreseen
	moodNear          // off by one at most
	moodTurned        // far off
	moodTwice         // far off twice running
	moodWild          // more often
	moods
)

// The ways a mover came from where it was foreseen.
const (
	wayForeseen = iota
	wayNear     // x and y are off by at most one, and one of them is
	wayFar
)

const (
	phaseBits = 5
	half      = 1 << (phaseBits - 1)
	// gain is how much of what the phase was off by is taken for a fault of the velocity, in 1/16.
	gain     = 5
	farthest = 1 << 20 // a longer step leaves this as velocity
)

// Moves reports whether entities of kind k are movers, which have a code in every snapshot.
func (k *Kind) Moves() bool {
	return k.Positioned && k.Motion == nil && k.Fields[0].Mode == Lerp && k.Fields[1].Mode == Lerp
}

// heading returns the field that is a mover's heading, nil for none.
func (k *Kind) heading() *Field {
	if len(k.Fields) > 2 && k.Fields[2].Mode == Turn {
		return &k.Fields[2]
	}
	return nil
}

// rest is the first field of a mover that is not foreseen.
func (k *Kind) rest() int {
	if k.heading() != nil {
		return 3
	}
	return 2
}

// foreseen returns where the track leads from x (axis 0) or y (axis 1).
func (t *Track) foreseen(axis int, from int32) int32 {
	return from + (int32(t.p[axis])+t.v[axis]+half)>>phaseBits
}

// heading returns where the track leads from heading a: seven eighths of the last step further.
func (t *Track) heading(f *Field, a int32) int32 { return f.apply(a, (7*t.turn+4)>>3) }

// follow takes in that the mover came from one place to another, and how that compares with what was
// foreseen.
func (t *Track) follow(way int, moved [2]int32) {
	if way == wayFar {
		for i, m := range moved {
			t.v[i], t.p[i] = min(max(m, -farthest), farthest)<<phaseBits, 0
		}
		t.mood = min(max(t.mood, moodNear)+1, moodWild)
		return
	}
	for i, m := range moved {
		p := int32(t.p[i]) + t.v[i] - m<<phaseBits
		in := min(max(p, -half), half-1)
		t.p[i] = int8(in)
		t.v[i] = min(max(t.v[i]+(gain*(in-p)+8)>>4, -farthest<<phaseBits), farthest<<phaseBits)
	}
	switch {
	case way == wayNear:
		t.mood = moodNear
	case t.v == [2]int32{}:
		t.mood, t.p = moodRest, [2]int8{}
	default:
		t.mood = moodSteady
	}
}

// A track is sent with a row that does not continue another: mood, then unless it rests phase and
// velocity of x, the same of y, then the last step of the heading, if there is one.
const (
	moodBits     = 3
	velocityBits = 12
)

// turnBits is the order of the code of a heading's step.
func (f *Field) turnBits() int {
	if f.Turn == 256 {
		return 2
	}
	return 10
}

func (t *Track) put(w *wire.Bits, k *Kind) {
	w.Put(uint32(t.mood), moodBits)
	if t.mood != moodRest {
		for i := range t.v {
			w.Put(uint32(int32(t.p[i])+half), phaseBits)
			w.Signed(t.v[i], velocityBits)
		}
	}
	if f := k.heading(); f != nil {
		w.Signed(t.turn, f.turnBits())
	}
}

func (t *Track) get(r *wire.BitReader, k *Kind) {
	*t = Track{mood: uint8(r.Get(moodBits))}
	if t.mood >= moods {
		r.Fail("unknown mood")
		t.mood = moodRest
	}
	if t.mood != moodRest {
		for i := range t.v {
			t.p[i] = int8(int32(r.Get(phaseBits)) - half)
			if t.v[i] = r.Signed(velocityBits); t.v[i] < -farthest<<phaseBits || t.v[i] > farthest<<phaseBits {
				r.Fail("velocity out of range")
				t.v[i] = 0
			}
		}
	}
	if f := k.heading(); f != nil {
		if t.turn = r.Signed(f.turnBits()); t.turn < -f.Turn/2 || t.turn >= f.Turn/2 {
			r.Fail("turn out of range")
			t.turn = 0
		}
	}
}
