package delta

import (
	"fmt"
	"math/bits"

	"hindsight/protocol"
	"hindsight/protocol/wire"
)

// Coder appends encoded entities and rows to strings of bits. The zero value is ready.
//
// Its methods panic if a field is outside the range its schema gives: that is a bug in the game,
// and the client would refuse the frame.
type Coder struct {
	// Census counts what is written, nil for nothing; see Census.
	Census *Census
}

// Move appends how a mover came from prev, as it was in the base snapshot of which t is the track, to
// cur, and makes t the track as of cur. It panics if the two are not the same entity: then a Spawn is
// due.
func (c *Coder) Move(w *wire.Bits, k *Kind, tick protocol.Tick, prev, cur *Entity, t *Track) {
	mustBeSame(k, prev, cur)
	a, b := prev.Row[:len(k.Fields)], cur.Row[:len(k.Fields)]
	code := &headCodes[t.mood]
	if rest := k.rest(); differ(a[rest:], b[rest:]) {
		code.put(w, headAlso)
		c.Census.head(t, headAlso)
		k.change(w, rest, a, b, tick)
	}
	off := [2]int32{b[0] - t.foreseen(0, a[0]), b[1] - t.foreseen(1, a[1])}
	way := wayOf(off)
	token, excess := 0, uint32(0)
	f := k.heading()
	if f != nil {
		if !f.fits(b[2]) {
			k.unfit(2, b[2])
		}
		token, excess = f.token(f.difference(t.heading(f, a[2]), b[2]))
	}
	head := way*tokens + token
	code.put(w, head)
	c.Census.head(t, head)
	switch way {
	case wayNear:
		w.Put(uint32(3*(off[0]+1)+off[1]+1)-boolean(off[0] > 0 || off[0] == 0 && off[1] > 0), 3)
	case wayFar:
		for i, v := range off {
			if !k.Fields[i].fits(b[i]) {
				k.unfit(i, b[i])
			}
			putFar(w, v)
			c.Census.size(v)
		}
	}
	if f != nil {
		f.putExcess(w, token, excess)
		t.turn = f.difference(a[2], b[2])
	}
	t.follow(way, [2]int32{b[0] - a[0], b[1] - a[1]})
}

// Change appends what changed since prev of an entity that is no mover. It reports false, and writes
// nothing, if nothing did. It panics if the two are not the same entity: then a Spawn is due.
func (c *Coder) Change(w *wire.Bits, k *Kind, tick protocol.Tick, prev, cur *Entity) bool {
	mustBeSame(k, prev, cur)
	a, b := prev.Row[:len(k.Fields)], cur.Row[:len(k.Fields)]
	if !differ(a, b) {
		return false
	}
	k.change(w, 0, a, b, tick)
	return true
}

// Whole appends the whole row of an entity that the receiver holds as of an earlier snapshot than the
// one before, with the track it has now. What it is, whose and since when must be as it was then.
func (c *Coder) Whole(w *wire.Bits, k *Kind, tick protocol.Tick, cur *Entity, t *Track) {
	for i := range k.Fields {
		if v := cur.Row[i]; k.Fields[i].fits(v) {
			k.Fields[i].putWhole(w, v, tick)
		} else {
			k.unfit(i, v)
		}
	}
	if k.Moves() {
		t.put(w, k)
	}
}

// Spawn appends an entity that is new to the receiver, but for its id. One of the same id that the
// receiver holds must be gone.
func (c *Coder) Spawn(w *wire.Bits, s *Schema, tick protocol.Tick, cur *Entity, t *Track) {
	k := &s.Kinds[cur.Kind]
	if cur.ID == 0 || cur.Birth > tick {
		panic(fmt.Sprintf("delta: %s %d, born at %d, cannot be in the frame of tick %d", k.Name, cur.ID, cur.Birth, tick))
	}
	w.Put(uint32(cur.Kind), s.kindBits())
	w.Number(uint32(cur.Owner), ownerOrder)
	age := uint32(tick - cur.Birth)
	if w.Flag(age > 0); age > 0 {
		w.Number(age-1, ageOrder)
	}
	c.Whole(w, k, tick, cur, t)
}

// List writes the places of a list: how many there are, then before each what is between it and the
// one before.
type List struct {
	w     *wire.Bits
	order int
	next  int // the lowest that the next place can be
}

// BeginGone begins the list of the slots of n entities that are gone.
func BeginGone(w *wire.Bits, n int) List {
	w.Number(uint32(n), countOrder)
	return List{w, slotOrder, 0}
}

// BeginNew begins the list of the ids of n new entities, each to be followed by its Spawn.
func BeginNew(w *wire.Bits, n int) List {
	w.Number(uint32(n), countOrder)
	return List{w, idOrder, 1}
}

// BeginChanges begins the list of the slots of n entities, one at least, that change, of those that were there before
// and are no movers, each to be followed by its Change, or if the receiver's base is an older one by
// its Whole.
func BeginChanges(w *wire.Bits, n int) List {
	w.Number(uint32(n-1), countOrder)
	return List{w, changeOrder, 0}
}

// Next appends a place. They must ascend.
func (l *List) Next(place int) {
	l.w.Number(uint32(place-l.next), l.order)
	l.next = place + 1
}

// Row appends what changed in an own row since prev, the row last sent or zeroes, so many ticks ago,
// beyond what its velocities account for: nothing if there is nothing. Prev becomes cur.
func (c *Coder) Row(w *wire.Bits, k *Kind, tick protocol.Tick, ticks int, prev, cur []int32) {
	a, b := prev[:len(k.Fields)], cur[:len(k.Fields)]
	k.mustFit(b)
	k.drift(a, a, ticks, 1)
	k.drift(a, b, ticks, 3)
	if differ(a, b) {
		k.change(w, 0, a, b, tick)
		copy(a, b)
	}
}

// kindBits is how many bits the number of a kind has.
func (s *Schema) kindBits() int { return bits.Len(uint(len(s.Kinds) - 1)) }

func mustBeSame(k *Kind, prev, cur *Entity) {
	if !prev.Same(cur) {
		panic(fmt.Sprintf("delta: %s %d is not the entity it was: spawn it", k.Name, cur.ID))
	}
}

func differ(a, b []int32) bool {
	b = b[:len(a)]
	for i := range a {
		if a[i] != b[i] {
			return true
		}
	}
	return false
}

func boolean(is bool) uint32 {
	if is {
		return 1
	}
	return 0
}

// wayOf tells how far from what was foreseen x and y are.
func wayOf(off [2]int32) int {
	switch {
	case off == [2]int32{}:
		return wayForeseen
	case off[0] >= -1 && off[0] <= 1 && off[1] >= -1 && off[1] <= 1:
		return wayNear
	}
	return wayFar
}

// token returns that of a heading which is off by v. The steps of a finer circle than 256 are the rest.
func (f *Field) token(v int32) (token int, excess uint32) {
	u := wire.ZigZag(v)
	n := f.fine()
	coarse := u >> n
	if coarse < tokens-1 {
		return int(coarse), u & (1<<n - 1)
	}
	return tokens - 1, u - (tokens-1)<<n
}

// fine is how many bits of a heading's zigzag are not in its token.
func (f *Field) fine() int { return f.width() - 8 }

func (f *Field) putExcess(w *wire.Bits, token int, excess uint32) {
	if token == tokens-1 {
		w.Number(excess, escapeOrder+f.fine())
	} else if n := f.fine(); n > 0 {
		w.Put(excess, n)
	}
}

// change appends the fields, from one on, that differ.
func (k *Kind) change(w *wire.Bits, from int, a, b []int32, tick protocol.Tick) {
	n := 0
	for i := from; i < len(a); i++ {
		if a[i] != b[i] {
			n++
		}
	}
	w.Number(uint32(n-1), countOrder)
	for i := from; n > 0; i++ {
		if a[i] == b[i] {
			continue
		}
		f := &k.Fields[i]
		if !f.fits(b[i]) {
			k.unfit(i, b[i])
		}
		w.Number(uint32(i-from), fieldOrder)
		f.putChange(w, a[i], b[i], tick)
		from, n = i+1, n-1
	}
}

func (f *Field) putChange(w *wire.Bits, a, b int32, tick protocol.Tick) {
	if f.Tick {
		w.Signed(b-int32(tick), tickOrder)
	} else if n := f.width(); n <= narrow {
		w.Put(uint32(b-f.low()), n)
	} else {
		w.Signed(f.difference(a, b), f.order())
	}
}

func (f *Field) putWhole(w *wire.Bits, v int32, tick protocol.Tick) {
	if f.Tick {
		w.Signed(v-int32(tick), tickOrder)
	} else if n := f.width(); n <= wide {
		w.Put(uint32(v-f.low()), n)
	} else {
		w.Sized(v)
	}
}

// mustFit panics if a field of a whole row is out of range.
func (k *Kind) mustFit(row []int32) {
	for i := range k.Fields {
		if !k.Fields[i].fits(row[i]) {
			k.unfit(i, row[i])
		}
	}
}

func (k *Kind) unfit(i int, v int32) {
	f := &k.Fields[i]
	panic(fmt.Sprintf("delta: %s.%s is %d, outside %d to %d (turn %d)", k.Name, f.Name, v, f.Min, f.Max, f.Turn))
}
