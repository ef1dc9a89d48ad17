package netcode

import (
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

func TestTheOldestCommandMakesRoomForTheNewest(t *testing.T) {
	var u uplink
	for tick := protocol.Tick(1); tick <= protocol.MaxCommands+3; tick++ {
		u.push(protocol.Command{Tick: tick}, at(tick)+1, 5)
	}
	if u.skipped != 3 || len(u.waiting) != protocol.MaxCommands || u.waiting[0].Tick != 4 {
		t.Errorf("%d skipped, %d waiting from tick %d", u.skipped, len(u.waiting), u.waiting[0].Tick)
	}
}

func TestAFlushedCommandIsRememberedWithItsFrame(t *testing.T) {
	var u uplink
	var enc frame.Encoder
	u.push(protocol.Command{Tick: 7}, at(7)+1, 5)
	u.push(protocol.Command{Tick: 8}, at(8)+2, 6)
	if u.record(8) != nil {
		t.Error("a command that waits counts as sent")
	}
	b := u.flush(nil, &enc, 1000, &frame.Input{Echo: 3})
	var dec frame.Decoder
	var in frame.Input
	if err := dec.Input(b, &in); err != nil || len(in.Commands) != 2 || in.Commands[1].Tick != 8 || in.Echo != 3 {
		t.Fatalf("%+v %v", in, err)
	}
	if s := u.record(8); s == nil || *s != (sentCommand{tick: 8, pos: at(8) + 2, shift: 6, first: 7, at: 1000}) {
		t.Errorf("%+v", s)
	}
	if len(u.waiting) != 0 || u.size != len(b) || u.record(9) != nil || u.record(8+sentRing) != nil || u.record(0) != nil {
		t.Error("what was sent still waits, or what was not is remembered")
	}
}
