package frame_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/server/alloctest"
)

// fuzzOne seeds a target with every golden frame and checks what holds of all input: no panic,
// ErrBad or success, bounded memory, and that what was accepted survives another trip. Decode
// returns the value; encode, which may be nil, writes it again.
func fuzzOne[T any](f *testing.F, decode func(*frame.Decoder, []byte, *T) error, encode func(*frame.Encoder, *T) []byte) {
	for _, g := range golden {
		f.Add(readGolden(f, g.name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d frame.Decoder
		var e frame.Encoder
		var v, again T
		var err error
		alloctest.Check(t, alloctest.Earned(len(b)), func() { err = decode(&d, b, &v) })
		if err != nil {
			if !errors.Is(err, frame.ErrBad) && !errors.Is(err, frame.ErrVersion) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		if err := decode(&d, encode(&e, &v), &again); err != nil || !reflect.DeepEqual(v, again) {
			t.Errorf("%v: became\n%+v, was\n%+v", err, again, v)
		}
	})
}

func FuzzHello(f *testing.F) {
	fuzzOne(f, (*frame.Decoder).Hello, func(e *frame.Encoder, v *frame.Hello) []byte { return e.Hello(nil, v) })
}

func FuzzInput(f *testing.F) {
	fuzzOne(f, (*frame.Decoder).Input, func(e *frame.Encoder, v *frame.Input) []byte { return e.Input(nil, v) })
}

func FuzzChat(f *testing.F) {
	fuzzOne(f, (*frame.Decoder).Chat, func(e *frame.Encoder, v *frame.Chat) []byte { return e.Chat(nil, v) })
}

func FuzzReport(f *testing.F) {
	fuzzOne(f, (*frame.Decoder).Report, func(e *frame.Encoder, v *frame.Report) []byte { return e.Report(nil, v) })
}

func FuzzWelcome(f *testing.F) {
	fuzzOne(f, (*frame.Decoder).Welcome, func(e *frame.Encoder, v *frame.Welcome) []byte { return e.Welcome(nil, v) })
}

func FuzzStart(f *testing.F) {
	fuzzOne(f, (*frame.Decoder).Start, func(e *frame.Encoder, v *frame.Start) []byte { return e.Start(nil, v) })
}

// FuzzSnapshot reads every input, a string of bits, as a snapshot without a base and as one after each
// of the examples, and sends what came out on.
func FuzzSnapshot(f *testing.F) {
	s := exampleSchema()
	var before [][]byte
	for _, x := range exampleSnapshots() {
		if x.name != "" {
			_, b := snapshotBytes(x.name)
			before = append(before, b)
			f.Add(b[4 : 4+int(b[3])])
		}
	}
	// Memory that lasts, as a client's does: what a snapshot needs is bounded by MaxEntities and
	// the schema, not by its own length.
	var client far
	for i := range client.snaps {
		for id := range protocol.EntityID(protocol.MaxEntities) {
			client.snaps[i].Add(id+1, 0, 0, 0, len(s.Own.Fields))
		}
	}
	f.Fuzz(func(t *testing.T, bits []byte) {
		if len(bits) > protocol.MaxFrame {
			return
		}
		b := append([]byte{0x92, 0x12, 0xc5, byte(len(bits) >> 8), byte(len(bits))}, bits...)
		for n := range len(before) + 1 {
			client.dec, client.schema = frame.Decoder{}, s
			for _, x := range before[:n] {
				if err := client.receive(x); err != nil {
					t.Fatal(err)
				}
			}
			var err error
			alloctest.Check(t, 64<<10+64*len(b), func() { err = client.receive(b) })
			if err != nil {
				if !errors.Is(err, frame.ErrBad) {
					t.Errorf("error of another kind: %v", err)
				}
				continue
			}
			sent := snapshotExample{header: client.header, cur: client.now(), own: client.body.Own, events: client.body.Events}
			again := far{schema: s}
			if err := again.receive(newLine(s).send(&sent)); err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(client.now().Entities(), again.now().Entities(), alike) ||
				!slices.Equal(client.body.Own, again.body.Own) || !slices.Equal(client.body.Events, again.body.Events) {
				t.Errorf("became\n%+v %+v, was\n%+v %+v", again.now().Entities(), again.body, client.now().Entities(), client.body)
			}
		}
	})
}

func alike(a, b delta.Entity) bool { return a.Same(&b) && slices.Equal(a.Row, b.Row) }
