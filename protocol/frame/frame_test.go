package frame_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
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

// TestHeader sends the extremes, among them the ticks whose distance wraps.
func TestHeader(t *testing.T) {
	var enc frame.Encoder
	var d frame.Decoder
	for _, h := range []frame.Header{
		{Tick: 1},
		{Tick: 2, Base: 1, Heard: 34, Margin: math.MinInt32, Late: math.MaxUint32, Wait: math.MaxUint16, Cause: 255},
		{Tick: math.MaxUint32, Base: 1, Heard: 0, Margin: math.MaxInt32},
		{Tick: 5, Heard: math.MaxUint32},
		{Tick: 1 << 31, Base: 1<<31 - 1, Heard: 0},
	} {
		got, err := d.Header(enc.Snapshot(nil, &h, delta.Records{}, nil, delta.Records{}, nil, nil))
		if err != nil || got != h {
			t.Errorf("%+v, %v, want %+v", got, err, h)
		}
	}
}

// TestRemovals sends ids as far apart as they can be.
func TestRemovals(t *testing.T) {
	ids := []protocol.EntityID{1, 2, 127, 128, 300, 301, 2047, protocol.MaxEntities}
	base := &delta.Snapshot{}
	base.Reset(7)
	for _, id := range ids {
		base.Add(id, 0, 0, 1, 4)
	}
	var d frame.Decoder
	var body frame.Body
	var got delta.Snapshot
	own := make([]int32, 9)
	for n := range ids {
		h := frame.Header{Tick: 8, Base: 7}
		if _, err := d.Header(new(frame.Encoder).Snapshot(nil, &h, delta.Records{}, ids[n:], delta.Records{}, nil, nil)); err != nil {
			t.Fatal(err)
		}
		if err := d.Body(exampleSchema(), base, own, &body, &got); err != nil || len(got.Entities()) != n {
			t.Errorf("without %v: %v, %d entities left, want %d", ids[n:], err, len(got.Entities()), n)
		}
	}
}

// TestOwnRowInPlace: the own row may be decoded over the one it differs from, and a full snapshot
// takes no notice of what was there.
func TestOwnRowInPlace(t *testing.T) {
	x := exampleSnapshots()
	full, next := x["snapshot-full"], x["snapshot-delta"]
	s := exampleSchema()
	var d frame.Decoder
	body := frame.Body{Own: []int32{9, 9, 9, 9, 9, 9, 9, 9, 9}}
	var a, b delta.Snapshot
	for range 2 {
		if _, err := d.Header(encodeSnapshot(s, &full)); err != nil {
			t.Fatal(err)
		}
		if err := d.Body(s, &b, body.Own, &body, &a); err != nil || !reflect.DeepEqual(body.Own, full.own) {
			t.Fatalf("full: %v, %v, want %v", err, body.Own, full.own)
		}
		if _, err := d.Header(encodeSnapshot(s, &next)); err != nil {
			t.Fatal(err)
		}
		if err := d.Body(s, &a, body.Own, &body, &b); err != nil || !reflect.DeepEqual(body.Own, next.own) {
			t.Fatalf("delta: %v, %v, want %v", err, body.Own, next.own)
		}
	}
}

func TestSnapshotRefusesFutureEvents(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	new(frame.Encoder).Snapshot(nil, &frame.Header{Tick: 5}, delta.Records{}, nil, delta.Records{}, []protocol.Event{{Tick: 6}}, nil)
}

// TestSizes holds the frames that are sent sixty times a second to what PROTOCOL.md says they cost.
func TestSizes(t *testing.T) {
	for name, most := range map[string]int{"input": 20, "snapshot-idle": 16, "report": 48} {
		if got := len(readGolden(t, name)); got > most {
			t.Errorf("%s has %d bytes, want at most %d", name, got, most)
		}
	}
}

// TestAllocates: the frames of every tick cost no memory on either side.
func TestAllocates(t *testing.T) {
	s, x := exampleSchema(), exampleSnapshots()["snapshot-delta"]
	var enc frame.Encoder
	var d frame.Decoder
	var c delta.Coder
	var own, ents delta.Records
	var input frame.Input
	var body frame.Body
	var snap delta.Snapshot
	buf := make([]byte, 0, 1024)
	removed := []protocol.EntityID{40}
	events := x.events
	run := func() {
		if err := d.Input(enc.Input(buf, &exampleInput), &input); err != nil {
			t.Fatal(err)
		}
		own.Reset()
		ents.Reset()
		c.Row(&own, &s.Own, x.ownBefore, x.own)
		was, is := x.base.Entities(), x.cur.Entities()
		c.Delta(&ents, &s.Kinds[0], &was[0], &is[0])
		c.Absolute(&ents, &s.Kinds[0], &is[1])
		c.Spawn(&ents, &s.Kinds[1], x.cur.Tick, &is[2])
		b := enc.Snapshot(buf, &x.header, own, removed, ents, events, nil)
		if _, err := d.Header(b); err != nil {
			t.Fatal(err)
		}
		if err := d.Body(s, x.base, x.ownBefore, &body, &snap); err != nil {
			t.Fatal(err)
		}
	}
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

func BenchmarkSnapshotDecode(b *testing.B) {
	x := exampleSnapshots()["snapshot-delta"]
	s := exampleSchema()
	in := encodeSnapshot(s, &x)
	var d frame.Decoder
	var body frame.Body
	var snap delta.Snapshot
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Header(in); err != nil {
			b.Fatal(err)
		}
		if err := d.Body(s, x.base, x.ownBefore, &body, &snap); err != nil {
			b.Fatal(err)
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
	x := exampleSnapshots()["snapshot-delta"]
	s := exampleSchema()
	is := x.cur.Entities()
	var enc frame.Encoder
	var c delta.Coder
	var own, ents delta.Records
	c.Row(&own, &s.Own, x.ownBefore, x.own)
	for i := range is {
		c.Spawn(&ents, &s.Kinds[is[i].Kind], x.cur.Tick, &is[i])
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = enc.Snapshot(buf[:0], &x.header, own, nil, ents, x.events, x.notices)
	}
	b.ReportMetric(float64(len(buf)), "B/frame")
}
