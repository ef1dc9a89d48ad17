package frame_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// A stranger is a client written from PROTOCOL.md alone: any msgpack library, no code of ours but
// the schema, and the tables of the page itself. If it and ours disagree, the document or the code is
// wrong. It trusts its input.
type stranger struct {
	schema *delta.Schema
	heads  []map[string]int // code to symbol, by mood
	sizes  map[string]int

	tick, span, lead, margin int64
	own                      []int64
	entities                 []strange // ascending by id
	events                   int

	bits string // what is left to read
	log  func(bits, meaning string)
}

type strange struct {
	id, kind, owner, birth int64
	row                    []int64
	mood, turn             int64
	vx, vy, px, py         int64
}

// lengthsOf finds a row of a table of code lengths in the page.
func lengthsOf(page, first string) (n []int) {
	_, row, ok := strings.Cut(page, "\n| "+first+" |")
	if !ok {
		panic("the page has no table with " + first)
	}
	row, _, _ = strings.Cut(row, "\n")
	for _, word := range strings.FieldsFunc(row, func(r rune) bool { return r == ' ' || r == '|' }) {
		v, err := strconv.Atoi(word)
		if err != nil {
			panic(err)
		}
		n = append(n, v)
	}
	return n
}

// codeOf makes the words of a canonical code (section 5).
func codeOf(lengths []int) map[string]int {
	code, next := map[string]int{}, 0
	for n := 1; n <= slices.Max(lengths); n++ {
		next <<= 1
		for symbol, l := range lengths {
			if l == n {
				code[fmt.Sprintf("%0*b", n, next)] = symbol
				next++
			}
		}
	}
	return code
}

func newStranger(s *delta.Schema) *stranger {
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		panic(err)
	}
	us := &stranger{schema: s, sizes: codeOf(lengthsOf(string(text), "size"))}
	for mood := range 6 {
		us.heads = append(us.heads, codeOf(lengthsOf(string(text), fmt.Sprint("mood ", mood))))
	}
	return us
}

// take reads n bits.
func (s *stranger) take(n int, meaning string) int64 {
	v := int64(0)
	for _, b := range s.bits[:n] {
		v = v<<1 | int64(b-'0')
	}
	s.say(s.bits[:n], meaning, v)
	s.bits = s.bits[n:]
	return v
}

func (s *stranger) say(bits, meaning string, v int64) {
	if s.log != nil && meaning != "" {
		s.log(bits, fmt.Sprintf(meaning, v))
	}
}

// number reads number(k), section 2.
func (s *stranger) number(k int, meaning string) int64 {
	zeroes := strings.IndexByte(s.bits, '1')
	all := s.bits[:2*zeroes+1+k]
	v, err := strconv.ParseInt(all, 2, 64)
	if err != nil {
		panic(err)
	}
	v -= 1 << k
	s.say(all, meaning, v)
	s.bits = s.bits[len(all):]
	return v
}

func zagzig(u int64) int64 {
	if u%2 == 1 {
		return -(u + 1) / 2
	}
	return u / 2
}

// quiet calls f without a log and logs what it read as one.
func (s *stranger) quiet(meaning string, f func() int64) int64 {
	log, was := s.log, s.bits
	s.log = nil
	v := f()
	s.log = log
	s.say(was[:len(was)-len(s.bits)], meaning, v)
	return v
}

func (s *stranger) signed(k int, meaning string) int64 {
	return s.quiet(meaning, func() int64 { return zagzig(s.number(k, "")) })
}

// below reads a number of n bits without its first.
func (s *stranger) below(n int64) int64 {
	if n <= 1 {
		return n
	}
	return 1<<(n-1) | s.take(int(n-1), "")
}

func (s *stranger) sized(meaning string) int64 {
	return s.quiet(meaning, func() int64 { return zagzig(s.below(s.number(2, ""))) })
}

func (s *stranger) code(c map[string]int, meaning string) int64 {
	for n := 1; ; n++ {
		if v, ok := c[s.bits[:n]]; ok {
			s.say(s.bits[:n], meaning, int64(v))
			s.bits = s.bits[n:]
			return int64(v)
		}
	}
}

// more reads the bit before a part that may be missing.
func (s *stranger) more(meaning string) bool { return s.bits != "" && s.take(1, meaning) == 1 }

// receive applies a snapshot (sections 4 and 5).
func (s *stranger) receive(b []byte) {
	var f []any
	if err := msgpack.Unmarshal(b, &f); err != nil {
		panic(err)
	}
	s.bits = ""
	for _, x := range f[1].([]byte) {
		s.bits += fmt.Sprintf("%08b", x)
	}
	skipped, ticks := s.header()
	fresh := map[int64]bool{}
	if s.take(1, "somebody is gone or new: %d") == 1 {
		s.news(fresh)
	}
	for i := range s.entities {
		e := &s.entities[i]
		switch {
		case fresh[e.id] || !s.mover(e):
		case !skipped:
			s.move(e)
		case s.take(1, fmt.Sprintf("entity %d comes whole: ", e.id)+"%d") == 1:
			s.whole(e)
		}
	}
	if s.more("changes of others follow: %d") {
		s.changes(fresh, skipped)
	}
	s.drift(ticks, 1)
	if s.more("own row follows: %d") {
		s.change(&s.schema.Own, s.own, 0)
	}
	s.drift(ticks, 3)
	s.events = 0
	if s.more("events follow: %d") {
		for n := s.number(0, "events - 1: %d"); n >= 0; n-- {
			s.event()
		}
	}
	if s.bits != "" {
		s.say(s.bits, "nothing more: %d", 0)
	}
	if strings.Trim(s.bits, "0") != "" || len(s.bits) > 7 {
		panic("left over: " + s.bits)
	}
}

func (s *stranger) header() (skipped bool, ticks int64) {
	if s.take(1, "header as usual: %d") == 1 {
		s.tick += s.span
		return false, s.span
	}
	if s.take(1, "a difference: %d") == 0 {
		s.tick, s.span, s.lead, s.margin, ticks = s.number(12, "tick %d"), 1, 0, 0, 0
		s.own, s.entities = make([]int64, len(s.schema.Own.Fields)), nil
	} else {
		if s.take(1, "span as before: %d") == 0 {
			s.span = s.number(2, "span - 1: %d") + 1
		}
		s.tick, ticks = s.tick+s.span, s.span
		if s.take(4, "tick modulo 16: %d") != s.tick%16 {
			panic("another base")
		}
		skipped = s.take(1, "skipped: %d") == 1
	}
	s.lead = int64(int32(s.lead + s.signed(0, "lead changes by %d")))
	s.margin = int64(int32(s.margin + s.signed(3, "margin changes by %d")))
	s.number(2, "late %d")
	s.number(2, "wait %d")
	s.number(0, "cause %d")
	return skipped, ticks
}

func (s *stranger) mover(e *strange) bool {
	k := &s.schema.Kinds[e.kind]
	return k.Positioned && k.Motion == nil && k.Fields[0].Mode == delta.Lerp && k.Fields[1].Mode == delta.Lerp
}

// heading is the circle of a mover's heading, 0 for none.
func (s *stranger) heading(e *strange) int64 {
	if f := s.schema.Kinds[e.kind].Fields; len(f) > 2 && f[2].Mode == delta.Turn {
		return int64(f[2].Turn)
	}
	return 0
}

func (s *stranger) news(fresh map[int64]bool) {
	slot, left := int64(-1), s.entities
	s.entities = nil
	gone := map[int64]bool{}
	for n := s.number(0, "%d gone"); n > 0; n-- {
		slot += 1 + s.number(3, "gap of slots %d")
		gone[slot] = true
	}
	for i, e := range left {
		if !gone[int64(i)] {
			s.entities = append(s.entities, e)
		}
	}
	id := int64(0)
	for n := s.number(0, "%d new"); n > 0; n-- {
		id += 1 + s.number(6, "gap of ids %d")
		e := strange{id: id, kind: s.take(len(fmt.Sprintf("%b", len(s.schema.Kinds)-1)), "kind %d"), owner: s.number(2, "owner %d")}
		e.birth = s.tick
		if s.take(1, "born before: %d") == 1 {
			e.birth -= 1 + s.number(7, "age - 1: %d")
		}
		e.row = make([]int64, len(s.schema.Kinds[e.kind].Fields))
		s.whole(&e)
		fresh[id] = true
		s.entities = append(s.entities, e)
	}
	slices.SortFunc(s.entities, func(a, b strange) int { return int(a.id - b.id) })
}

// width is how many bits the range of a field needs, 33 if it has none.
func width(f *delta.Field) int {
	switch {
	case f.Mode == delta.Turn:
		return len(fmt.Sprintf("%b", f.Turn-1))
	case f.Min == 0 && f.Max == 0:
		return 33
	case f.Min == f.Max:
		return 0
	}
	return len(fmt.Sprintf("%b", int64(f.Max)-int64(f.Min)))
}

func lowest(f *delta.Field) int64 {
	if f.Mode == delta.Turn {
		return 0
	}
	return int64(f.Min)
}

func (s *stranger) whole(e *strange) {
	k := &s.schema.Kinds[e.kind]
	for i := range k.Fields {
		f := &k.Fields[i]
		switch n := width(f); {
		case f.Tick:
			e.row[i] = int64(int32(s.tick + s.signed(4, f.Name+" is the tick + %d")))
		case n <= 16:
			e.row[i] = lowest(f) + s.take(n, f.Name+" %d")
		default:
			e.row[i] = s.sized(f.Name + " %d")
		}
	}
	if !s.mover(e) {
		return
	}
	if e.mood = s.take(3, "mood %d"); e.mood == 0 {
		e.px, e.py, e.vx, e.vy = 0, 0, 0, 0
	} else {
		e.px, e.vx = s.take(5, "px + 16 is %d")-16, s.signed(12, "vx %d")
		e.py, e.vy = s.take(5, "py + 16 is %d")-16, s.signed(12, "vy %d")
	}
	if n := s.heading(e); n == 256 {
		e.turn = s.signed(2, "turn %d")
	} else if n == 65536 {
		e.turn = s.signed(10, "turn %d")
	}
}

// around brings a step on a circle into the shorter way.
func around(v, n int64) int64 { return (v%n+n+n/2)%n - n/2 }

func (s *stranger) move(e *strange) {
	k := &s.schema.Kinds[e.kind]
	x, y, n := e.row[0], e.row[1], s.heading(e)
	head := s.code(s.heads[e.mood], fmt.Sprintf("entity %d, mood %d: head ", e.id, e.mood)+"%d")
	if head == 36 {
		first := 2
		if n > 0 {
			first = 3
		}
		s.change(k, e.row, first)
		head = s.code(s.heads[e.mood], "head proper %d")
	}
	way, token := head/12, head%12
	dx, dy := int64(0), int64(0)
	switch way {
	case 1:
		both := s.take(3, "near: %d")
		if both > 3 {
			both++
		}
		dx, dy = both/3-1, both%3-1
	case 2:
		dx = s.quiet("x is far off: %d", func() int64 { return zagzig(s.below(s.code(s.sizes, ""))) })
		dy = s.quiet("y is far off: %d", func() int64 { return zagzig(s.below(s.code(s.sizes, ""))) })
	}
	e.row[0] = int64(int32(x + (e.px+e.vx+16)>>5 + dx))
	e.row[1] = int64(int32(y + (e.py+e.vy+16)>>5 + dy))
	if n > 0 {
		fine := map[int64]int{256: 0, 65536: 8}[n]
		off := int64(0)
		if token == 11 {
			off = s.quiet("heading is off by %d", func() int64 { return zagzig(11<<fine + s.number(3+fine, "")) })
		} else {
			off = zagzig(token<<fine | s.take(fine, map[bool]string{true: "fine part %d"}[fine > 0]))
		}
		was := e.row[2]
		e.row[2] = ((was+(7*e.turn+4)>>3+off)%n + n) % n
		e.turn = around(e.row[2]-was, n)
	}
	s.follow(e, way, int64(int32(e.row[0]-x)), int64(int32(e.row[1]-y)))
}

func (s *stranger) follow(e *strange, way, mx, my int64) {
	const most = 1 << 20
	if way == 2 {
		e.vx, e.vy, e.px, e.py = 32*min(max(mx, -most), most), 32*min(max(my, -most), most), 0, 0
		e.mood = min(max(e.mood, 2)+1, 5)
		return
	}
	axis := func(p, v, m int64) (int64, int64) {
		q := p + v - 32*m
		p = min(max(q, -16), 15)
		return p, min(max(v+(5*(p-q)+8)>>4, -32*most), 32*most)
	}
	e.px, e.vx = axis(e.px, e.vx, mx)
	e.py, e.vy = axis(e.py, e.vy, my)
	switch {
	case way == 1:
		e.mood = 2
	case e.vx == 0 && e.vy == 0:
		e.mood, e.px, e.py = 0, 0, 0
	default:
		e.mood = 1
	}
}

func (s *stranger) changes(fresh map[int64]bool, skipped bool) {
	var others []*strange
	for i := range s.entities {
		if e := &s.entities[i]; !fresh[e.id] && !s.mover(e) {
			others = append(others, e)
		}
	}
	slot := int64(-1)
	for n := s.number(0, "changes - 1: %d"); n >= 0; n-- {
		slot += 1 + s.number(2, "gap of slots %d")
		if e := others[slot]; skipped {
			s.whole(e)
		} else {
			s.change(&s.schema.Kinds[e.kind], e.row, 0)
		}
	}
}

func (s *stranger) change(k *delta.Kind, row []int64, from int) {
	at := from - 1
	for n := s.number(0, "fields - 1: %d"); n >= 0; n-- {
		at += 1 + int(s.number(0, "gap of fields %d"))
		f := &k.Fields[at]
		switch w := width(f); {
		case f.Tick:
			row[at] = int64(int32(s.tick + s.signed(4, f.Name+" is the tick + %d")))
		case w <= 8:
			row[at] = lowest(f) + s.take(w, f.Name+" %d")
		default:
			order := int(f.Bits)
			if order == 0 {
				order = 3
			}
			row[at] += s.signed(order, f.Name+" changes by %d")
			if n := int64(f.Turn); f.Mode == delta.Turn {
				row[at] = (row[at]%n + n) % n
			} else {
				row[at] = int64(int32(row[at]))
			}
		}
	}
}

func (s *stranger) drift(ticks, quarters int64) {
	for _, d := range s.schema.Own.Drifts {
		s.own[d.Place] = int64(int32(s.own[d.Place] + s.own[d.Speed]*min(ticks, 65536)*quarters>>2))
	}
}

func (s *stranger) event() {
	s.number(2, "event of kind %d")
	s.take(1, "keep: %d")
	s.number(0, "age %d")
	for n := s.number(1, "%d arguments"); n > 0; n-- {
		s.sized("argument %d")
	}
	s.events++
}

// TestStranger lets a stranger follow a random match in which snapshots are left out.
func TestStranger(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	s := exampleSchema()
	us, l := newStranger(s), newLine(s)
	x := snapshotExample{cur: &delta.Snapshot{}, own: make([]int32, 9)}
	tick := protocol.Tick(rng.Uint32N(100000))
	for n := range 500 {
		tick += 1 + protocol.Tick(rng.IntN(3))
		if n%100 == 0 {
			l = newLine(s)
		}
		x.cur, x.own = randomNext(rng, s, x.cur, tick), slices.Clone(x.own)
		if n%100 > 0 && rng.IntN(5) == 0 {
			l.ents.Pass(x.cur)
			continue
		}
		for i := range x.own {
			x.own[i] = randomValue(rng, &s.Own.Fields[i], x.own[i])
		}
		x.header = frame.Header{Tick: tick, Heard: tick + 4, Margin: int32(rng.IntN(2)), Wait: uint16(rng.IntN(2) * rng.IntN(9))}
		x.events = slices.Repeat([]protocol.Event{{Kind: uint8(rng.IntN(9)), Tick: tick - protocol.Tick(rng.IntN(3)), N: 2, Args: [16]int32{rng.Int32(), -5}}}, rng.IntN(3))
		us.receive(l.send(&x))
		var got []strange
		for _, e := range x.cur.Entities() {
			got = append(got, strange{id: int64(e.ID), kind: int64(e.Kind), owner: int64(e.Owner), birth: int64(e.Birth), row: widen(e.Row)})
		}
		var seen []strange
		for _, e := range us.entities {
			seen = append(seen, strange{id: e.id, kind: e.kind, owner: e.owner, birth: e.birth, row: e.row})
		}
		if !reflect.DeepEqual(got, seen) || !slices.Equal(widen(x.own), us.own) || us.tick != int64(tick) || us.events != len(x.events) {
			t.Fatalf("seed %d: the stranger holds\n%v %v\nand we\n%v %v", seed, seen, us.own, got, x.own)
		}
	}
}

func widen(row []int32) (w []int64) {
	for _, v := range row {
		w = append(w, int64(v))
	}
	return w
}

// randomNext changes, removes and adds entities.
func randomNext(rng *rand.Rand, s *delta.Schema, old *delta.Snapshot, tick protocol.Tick) *delta.Snapshot {
	next := &delta.Snapshot{}
	next.Reset(tick)
	for id := protocol.EntityID(1); id < 300; id += 7 {
		e := old.Find(id)
		var row []int32
		switch {
		case e != nil && rng.IntN(20) > 0:
			row = next.Add(id, e.Kind, e.Owner, e.Birth, len(e.Row))
			copy(row, e.Row)
		case e == nil && rng.IntN(3) == 0:
			kind := uint8(rng.IntN(len(s.Kinds)))
			row = next.Add(id, kind, protocol.PlayerID(rng.IntN(65)), tick-protocol.Tick(rng.IntN(int(min(tick, 200)))), len(s.Kinds[kind].Fields))
		default:
			continue
		}
		k := &s.Kinds[next.Find(id).Kind]
		for i := range row {
			row[i] = randomValue(rng, &k.Fields[i], row[i])
		}
	}
	return next
}

func randomValue(rng *rand.Rand, f *delta.Field, v int32) int32 {
	switch {
	case rng.IntN(2) == 0:
		return v
	case f.Mode == delta.Turn:
		return rng.Int32N(f.Turn)
	case f.Max > 0:
		return f.Min + rng.Int32N(f.Max-f.Min+1)
	case rng.IntN(2) == 0:
		return v + rng.Int32N(64) - 32
	case rng.IntN(2) == 0:
		return v + rng.Int32N(3) - 1
	}
	return int32(rng.Uint32())
}
