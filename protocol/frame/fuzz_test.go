package frame_test

import (
	"errors"
	"reflect"
	"runtime"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
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
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := decode(&d, b, &v)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+8*len(b)); got > most {
			t.Errorf("%d bytes allocated for %d", got, len(b))
		}
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

// FuzzSnapshot reads every input against no base and against the bases of the examples, whichever
// it names, and sends what came out on as the server would.
func FuzzSnapshot(f *testing.F) {
	for _, g := range golden {
		f.Add(readGolden(f, g.name))
	}
	s, examples := exampleSchema(), exampleSnapshots()
	// Memory that lasts, as a client's does: what a snapshot needs is bounded by MaxEntities and
	// the schema, not by its own length.
	var snap, again delta.Snapshot
	for id := range protocol.EntityID(protocol.MaxEntities) {
		snap.Add(id+1, 0, 0, 0, len(s.Own.Fields))
		again.Add(id+1, 0, 0, 0, len(s.Own.Fields))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d frame.Decoder
		var body, body2 frame.Body
		var before, after runtime.MemStats
		h, err := d.Header(b)
		if err != nil {
			return
		}
		x := examples["snapshot-delta"]
		if h.Base == examples["snapshot-idle"].base.Tick {
			x = examples["snapshot-idle"]
		}
		runtime.ReadMemStats(&before)
		err = d.Body(s, x.base, x.ownBefore, &body, &snap)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+40*len(b)); got > most {
			t.Errorf("%d bytes allocated for %d", got, len(b))
		}
		if err != nil {
			if !errors.Is(err, frame.ErrBad) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		sent := snapshotExample{header: h, base: x.base, ownBefore: x.ownBefore, cur: &snap, own: body.Own, events: body.Events, notices: body.Notices}
		if h.Base == 0 {
			sent.base = nil
		} else {
			for i := range snap.Entities() { // a rebirth may look like a change: send a snapshot in full
				e := &snap.Entities()[i]
				if was := x.base.Find(e.ID); was != nil && (!was.Same(e) || was.Owner != e.Owner) {
					return
				}
			}
		}
		if _, err := d.Header(encodeSnapshot(s, &sent)); err != nil {
			t.Fatal(err)
		}
		if err := d.Body(s, x.base, x.ownBefore, &body2, &again); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(snap.Entities(), again.Entities()) || !reflect.DeepEqual(body.Own, body2.Own) || len(body.Events) != len(body2.Events) {
			t.Errorf("became\n%+v %+v, was\n%+v %+v", again.Entities(), body2, snap.Entities(), body)
		}
	})
}
