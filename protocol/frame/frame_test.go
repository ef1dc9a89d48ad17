package frame_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// TestInputRoundTrip sends random inputs of every size of tick and lead.
func TestInputRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	var enc frame.Encoder
	var d frame.Decoder
	var got frame.Input
	for range 3000 {
		in := randomInput(rng)
		b := enc.Input(nil, &in)
		if len(b) > protocol.MaxInboundFrame {
			t.Fatalf("%d bytes, more than a client may send", len(b))
		}
		if err := d.Input(b, &got); err != nil || !reflect.DeepEqual(got, in) {
			t.Fatalf("seed %d: %v: got\n%+v, want\n%+v", seed, err, got, in)
		}
	}
}

func randomInput(rng *rand.Rand) frame.Input {
	tick := protocol.Tick(1 + rng.Uint32()>>rng.IntN(32))
	in := frame.Input{Hidden: rng.IntN(2) == 0}
	for range 1 + rng.IntN(protocol.MaxCommands) {
		c := protocol.Command{
			Tick:  tick,
			MoveX: int8(rng.IntN(255) - 127), MoveY: int8(rng.IntN(255) - 127),
			Aim: uint16(rng.Uint32()), Held: protocol.Buttons(rng.Uint32()),
			Select: uint8(rng.IntN(3)), Press: [2]uint8{uint8(rng.Uint32()), uint8(rng.IntN(2))},
		}
		if a := tick.Add(-1 - rng.IntN(4096)); rng.IntN(4) > 0 && a > 0 && a < tick {
			c.View = protocol.View{A: a, B: a.Add(rng.IntN(9)), Frac: uint16(rng.IntN(protocol.MaxFrac))}
			if c.View.B < a {
				c.View.B = a
			}
		}
		if rng.IntN(8) == 0 {
			c = protocol.Command{Tick: tick}
		}
		in.Commands = append(in.Commands, c)
		next := tick.Add(1 + rng.IntN(3))
		if next < tick {
			break
		}
		tick = next
	}
	if rng.IntN(4) > 0 {
		in.Echo = in.Commands[0].Tick.Add(20 - rng.IntN(100))
	}
	return in
}

// A view that the wire cannot say is not sent; the command is.
func TestViewsThatDoNotTravel(t *testing.T) {
	var enc frame.Encoder
	var d frame.Decoder
	for name, v := range map[string]protocol.View{
		"of the command's own tick": {A: 9000, B: 9001, Frac: 7},
		"of the future":             {A: 9001, B: 9002},
		"too old":                   {A: 9000 - 4097, B: 8999},
		"B before A":                {A: 8990, B: 8989},
		"fraction too large":        {A: 8990, B: 8991, Frac: protocol.MaxFrac},
	} {
		in := frame.Input{Commands: []protocol.Command{{Tick: 9000, Aim: 5, Select: 1, View: v}}}
		var got frame.Input
		if err := d.Input(enc.Input(nil, &in), &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c := got.Commands[0]; c.View != (protocol.View{}) || c.Aim != 5 || c.Select != 1 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// TestHeader sends the extremes, among them the ticks whose distance wraps, each after a full one and
// again after itself.
func TestHeader(t *testing.T) {
	for _, h := range []frame.Header{
		{Tick: 1},
		{Tick: 2, Base: 1, Heard: 34, Margin: math.MinInt32, Late: math.MaxUint32, Wait: math.MaxUint16, Cause: 255},
		{Tick: math.MaxUint32, Base: 1, Heard: 0, Margin: math.MaxInt32},
		{Tick: 5, Heard: math.MaxUint32, Margin: math.MinInt32},
		{Tick: 1 << 31, Base: 1<<31 - 1, Heard: 0, Skipped: true},
		{Tick: 7, Base: 6, Heard: 11, Margin: 20},
	} {
		var enc frame.Encoder
		var d frame.Decoder
		send := func(h frame.Header) {
			t.Helper()
			got, err := d.Header(enc.Snapshot(nil, &h, frame.Rows{}, nil, nil))
			if err != nil || got != h {
				t.Errorf("%+v, %v, want %+v", got, err, h)
			}
		}
		if h.Base != 0 {
			send(frame.Header{Tick: h.Base, Heard: h.Base + 4, Margin: -9})
		}
		send(h)
		if h.Tick < math.MaxUint32 {
			h.Base, h.Tick, h.Heard = h.Tick, h.Tick+1, h.Heard+1
			send(h)
			if h.Base == 7 { // all as usual: a bit of the header, one of the scene
				if got := len(enc.Snapshot(nil, &frame.Header{Base: 8, Tick: 9, Heard: 13, Margin: 20}, frame.Rows{}, nil, nil)); got != 5 {
					t.Errorf("a snapshot of nothing has %d bytes, want 5", got)
				}
			}
		}
	}
}

// A difference that does not follow what was written is a bug, and one that follows nothing is refused.
func TestDifferencesFollow(t *testing.T) {
	var enc frame.Encoder
	panics := func(h frame.Header) (did bool) {
		defer func() { did = recover() != nil }()
		enc.Snapshot(nil, &h, frame.Rows{}, nil, nil)
		return false
	}
	if !panics(frame.Header{Tick: 5, Base: 4}) {
		t.Error("a difference from no snapshot was written")
	}
	full := enc.Snapshot(nil, &frame.Header{Tick: 5}, frame.Rows{}, nil, nil)
	next := enc.Snapshot(nil, &frame.Header{Tick: 6, Base: 5}, frame.Rows{}, nil, nil)
	if !panics(frame.Header{Tick: 8, Base: 5}) {
		t.Error("a difference from another snapshot than the last was written")
	}
	var d frame.Decoder
	if _, err := d.Header(next); !errors.Is(err, frame.ErrBad) {
		t.Errorf("a difference from nothing: %v", err)
	}
	for _, b := range [][]byte{full, next} {
		if _, err := d.Header(b); err != nil {
			t.Error(err)
		}
	}
	last := enc.Snapshot(nil, &frame.Header{Tick: math.MaxUint32}, frame.Rows{}, nil, nil)
	if _, err := d.Header(last); err != nil {
		t.Error(err)
	}
	if _, err := d.Header(next); !errors.Is(err, frame.ErrBad) {
		t.Errorf("a tick past the last: %v", err)
	}
}

// TestGone lets go of ids as far apart as they can be.
func TestGone(t *testing.T) {
	s := exampleSchema()
	ids := []protocol.EntityID{1, 2, 127, 128, 300, 301, 2047, protocol.MaxEntities}
	row := make([]int32, 9)
	for n := range ids {
		all, some := rows(7), rows(8)
		for i, id := range ids {
			all.Add(id, 0, 0, 1, 4)
			if i < n {
				some.Add(id, 0, 0, 1, 4)
			}
		}
		l, f := newLine(s), far{schema: s}
		for _, x := range []snapshotExample{{header: frame.Header{Tick: 7}, cur: all, own: row}, {header: frame.Header{Tick: 8}, cur: some, own: row}} {
			if err := f.receive(l.send(&x)); err != nil {
				t.Fatal(err)
			}
		}
		if len(f.now().Entities()) != n {
			t.Errorf("without %v: %d entities left, want %d", ids[n:], len(f.now().Entities()), n)
		}
	}
}

// TestOwnRowInPlace: the own row may be decoded over the one it differs from, and a full snapshot
// takes no notice of what was there.
func TestOwnRowInPlace(t *testing.T) {
	x := exampleSnapshots()
	f := far{schema: exampleSchema(), body: frame.Body{Own: []int32{9, 9, 9, 9, 9, 9, 9, 9, 9}}}
	for range 2 {
		l := newLine(f.schema)
		for i := range x[:3] {
			if err := f.receive(l.send(&x[i])); err != nil || !reflect.DeepEqual(f.body.Own, x[i].own) {
				t.Fatalf("%s: %v, %v, want %v", x[i].name, err, f.body.Own, x[i].own)
			}
		}
	}
}

// TestManyBits: a string of bits may be longer than a byte can say, and has its notices behind it.
func TestManyBits(t *testing.T) {
	s := exampleSchema()
	for _, n := range []int{10, 30, 300} {
		cur := rows(9)
		for id := range protocol.EntityID(n) {
			cur.Add(id+1, 0, 0, 9, 4)[0] = int32(id) * 1000
		}
		x := snapshotExample{header: frame.Header{Tick: 9}, cur: cur, own: make([]int32, 9), notices: []frame.Notice{{Kind: frame.NoticeChat, Text: "gg"}}}
		f := far{schema: s}
		if err := f.receive(newLine(s).send(&x)); err != nil || !reflect.DeepEqual(f.now().Entities(), cur.Entities()) || len(f.body.Notices) != 1 {
			t.Errorf("%d entities: %v, %d, %+v", n, err, len(f.now().Entities()), f.body.Notices)
		}
	}
}

func TestSnapshotRefusesFutureEvents(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	new(frame.Encoder).Snapshot(nil, &frame.Header{Tick: 5}, frame.Rows{}, []protocol.Event{{Tick: 6}}, nil)
}

// TestSizes holds the frames that are sent sixty times a second to what PROTOCOL.md says they cost.
func TestSizes(t *testing.T) {
	for name, most := range map[string]int{"input": 20, "snapshot-idle": 7, "report": 48} {
		if got := len(readGolden(t, name)); got > most {
			t.Errorf("%s has %d bytes, want at most %d", name, got, most)
		}
	}
}

// TestAllocates: the frames of every tick cost no memory on either side. Package replication sees to
// what is encoded once for all.
func TestAllocates(t *testing.T) {
	x := exampleSnapshots()
	l, f := newLine(exampleSchema()), far{schema: exampleSchema()}
	full, next := l.send(&x[0]), l.send(&x[1])
	next = next[:len(next)-13] // without its notices, whose texts are strings
	next[0] = 0x92
	var enc frame.Encoder
	var input frame.Input
	buf := make([]byte, 0, 1024)
	parts := l.rows()
	run := func() {
		if err := f.dec.Input(enc.Input(buf, &exampleInput), &input); err != nil {
			t.Fatal(err)
		}
		h := frame.Header{Tick: 4242}
		enc.Snapshot(buf, &h, parts, x[1].events, nil)
		for _, b := range [][]byte{full, next} {
			if err := f.receive(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(200, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkInputDecode(b *testing.B) {
	in := new(frame.Encoder).Input(nil, &exampleInput)
	var d frame.Decoder
	var got frame.Input
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Input(in, &got); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshotDecode reads a snapshot of everything and a difference from it.
func BenchmarkSnapshotDecode(b *testing.B) {
	x := exampleSnapshots()
	l, f := newLine(exampleSchema()), far{schema: exampleSchema()}
	full, next := l.send(&x[0]), l.send(&x[1])
	b.ReportAllocs()
	for b.Loop() {
		for _, frame := range [][]byte{full, next} {
			if err := f.receive(frame); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkInputEncode(b *testing.B) {
	var enc frame.Encoder
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = enc.Input(buf[:0], &exampleInput)
	}
	b.ReportMetric(float64(len(buf)), "B/frame")
}

func BenchmarkSnapshotEncode(b *testing.B) {
	x := exampleSnapshots()
	l := newLine(exampleSchema())
	l.send(&x[0])
	parts := l.rows()
	var enc frame.Encoder
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = enc.Snapshot(buf[:0], &x[0].header, parts, x[1].events, x[1].notices)
	}
	b.ReportMetric(float64(len(buf)), "B/frame")
}
