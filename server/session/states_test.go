package session

import (
	"bytes"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room"
)

// step is one thing that happens to a session.
type step struct {
	name string
	sent []byte // by the client

	// What the session does about it before it has a seat, and in it: a code that it ends with, or 0.
	stranger, seated protocol.CloseCode
	// The rest is what it does besides.
	sits    bool // the stranger has a seat afterwards
	heard   int  // messages that its seat hears
	pongs   int
	panics  bool               // the seat does
	removed protocol.CloseCode // the room ends the session of whoever is seated
}

// ofClient is the code of the client's own close frame in steps.
const ofClient = protocol.CloseNormal

// steps are the alphabet of FuzzStates.
func steps() []step {
	var enc frame.Encoder
	hello := func(game string, version uint32) []byte {
		return masked(data, enc.Hello(nil, &frame.Hello{Version: version, Game: game, Name: "ann"}))
	}
	payload := enc.Input(nil, &frame.Input{Commands: []protocol.Command{{Tick: 7}}})
	input := masked(data, payload)
	const wrong = protocol.CloseWrongState
	return []step{
		{name: "hello", sent: hello("arena", protocol.Version), seated: wrong, sits: true},
		{name: "hello to a full room", sent: hello("full", protocol.Version), stranger: protocol.CloseRoomFull, seated: wrong},
		{name: "hello of another version", sent: hello("arena", protocol.Version+1), stranger: protocol.CloseVersion, seated: wrong},
		{name: "input", sent: input, stranger: wrong, heard: 1},
		{name: "input in fragments", sent: append(masked(0x02, payload[:3]), masked(0x80, payload[3:])...), stranger: wrong, heard: 1},
		{name: "chat", sent: masked(data, enc.Chat(nil, &frame.Chat{Text: "hi"})), stranger: wrong, heard: 1},
		{name: "chat of nothing", sent: masked(data, enc.Chat(nil, &frame.Chat{Text: "\u200b"})), stranger: wrong},
		{name: "report", sent: masked(data, enc.Report(nil, &frame.Report{Span: 4000, Frames: 60})), stranger: wrong, heard: 1},
		{name: "ping", sent: masked(ping, []byte("x")), pongs: 1},
		{name: "pong", sent: masked(pong, nil)},
		{name: "text", sent: masked(text, []byte("x")), stranger: protocol.CloseUnsupported, seated: protocol.CloseUnsupported},
		{name: "noise", sent: masked(data, []byte{0xc1}), stranger: protocol.CloseBadMessage, seated: protocol.CloseBadMessage},
		{name: "half an input", sent: masked(data, payload[:len(payload)-1]), stranger: wrong, seated: protocol.CloseBadMessage},
		{name: "a server's frame", sent: masked(data, enc.Welcome(nil, &frame.Welcome{})), stranger: protocol.CloseBadMessage, seated: protocol.CloseBadMessage},
		{name: "broken WebSocket", sent: masked(0x83, nil), stranger: protocol.CloseProtocol, seated: protocol.CloseProtocol},
		{name: "goodbye", sent: masked(bye, []byte{3, 232}), stranger: ofClient, seated: ofClient},
		{name: "a panic in the seat", sent: input, stranger: wrong, seated: protocol.CloseInternal, panics: true},
		{name: "taken over", removed: protocol.CloseReplaced},
		{name: "the room ends", removed: protocol.CloseRestart},
	}
}

// FuzzStates takes a session through any order of what can happen to one, a step each byte, and compares
// it with the table. The first byte's lowest bit says whether there is a lane. Whatever happened, at the
// end its seat was given back once, its place in the gate is free, and its client has read why.
func FuzzStates(f *testing.F) {
	table := steps()
	for i := range table {
		f.Add([]byte{0, byte(i)})
		f.Add([]byte{1, 0, 3, byte(i), 3})
		f.Add([]byte{0, 8, 0, 5, 4, byte(i), byte(i)})
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) < 2 || len(script) > 60 {
			t.Skip("nothing happens, or no more than in a shorter one")
		}
		var trail []string
		for i := range script[1:] {
			script[1+i] %= byte(len(table))
			trail = append(trail, table[script[1+i]].name)
		}
		want := expect(table, script[1:])
		if got := live(t, table, script[1:], script[0]&1 == 0); got != want {
			t.Errorf("%q:\ngot  %+v\nwant %+v", trail, got, want)
		}
	})
}

// fate is what became of a session.
type fate struct {
	code    protocol.CloseCode
	told    protocol.CloseCode // what the close frame says
	seat    string             // what the seat was told, "" if there was none
	heard   int
	pongs   int
	panics  int
	waiting int // in the gate, when all is over
	open    int
}

// expect says what becomes of a session, by the table.
func expect(table []step, script []byte) fate {
	v, seated := fate{code: cutLine, told: protocol.CloseNormal}, false // gws says 1000 to a line that is cut
	for _, i := range script {
		s := &table[i]
		code := s.stranger
		if seated {
			code = max(s.seated, s.removed)
		}
		if code != 0 {
			v.code, v.told = code, code
			if seated && s.panics {
				v.panics = 1
			}
			break
		}
		if seated {
			v.heard += s.heard
		}
		v.pongs += s.pongs
		seated = seated || s.sits
	}
	if seated {
		v.seat = "left "
		if resumable(v.code) {
			v.seat = "lost "
		}
	}
	return v
}

// live plays it.
func live(t *testing.T, table []step, script []byte, bare bool) fate {
	nc := &pieces{bare: bare}
	for _, i := range script {
		nc.come = append(nc.come, table[i].sent)
	}
	seats := make(chan *fakeSeat, 1)
	rooms := &fakeRooms{seats: seats, refuse: func(_, game string, _ room.Entrant) error {
		if game == "full" {
			return room.Refusal(protocol.CloseRoomFull)
		}
		return nil
	}}
	var seat *fakeSeat
	now := protocol.Micros(0)
	nc.next = func() {
		now += 10 * protocol.Second // so that no budget is overdrawn
		select {
		case seat = <-seats:
		default:
		}
		if s := &table[script[len(script)-len(nc.come)]]; seat != nil {
			seat.panics.Store(s.panics)
			if s.removed != 0 {
				seat.Sender.Close(s.removed)
			}
		}
	}
	before := testutil.ToFloat64(tally.Panics)
	s := nc.play(t, rooms, func() protocol.Micros { return now })
	h := s.handler
	v := fate{code: s.ending(), waiting: h.gate.all.waiting, open: h.gate.all.open + h.Open(), panics: int(testutil.ToFloat64(tally.Panics) - before)}
	if len(seats) > 0 {
		seat = <-seats
	}
	if seat != nil {
		v.seat, v.heard = all(seat.ended), len(seat.inputs)+len(seat.chats)+len(seat.reports)
	}
	for b := nc.written.Bytes(); len(b) >= 2; b = b[2+int(b[1]):] {
		switch b[0] {
		case 0x8a:
			v.pongs++
		case finClose:
			if v.told != 0 || len(b) != 2+int(b[1]) {
				t.Error("something follows the close frame")
			}
			v.told = protocol.CloseCode(uint16(b[2])<<8 | uint16(b[3]))
			if want := v.told.Text(); v.told.Known() && !bytes.Equal(b[4:], []byte(want)) {
				t.Errorf("%d says %q, want %q", v.told, b[4:], want)
			}
		}
	}
	return v
}
