package netcode

import (
	"errors"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
)

// record runs a client for a while and returns all that its owner told it.
func record(t testing.TB, cfg simnet.Config, d protocol.Micros) []heardFrame {
	var tape []heardFrame
	a := newAuthority(t, 8, 1)
	p := a.join(cfg, 144, hunt())
	a.join(cfg, 60, hunt())
	p.tape = &tape
	a.run(d)
	return tape
}

// play feeds one item of a tape to a client.
func play(c *Client, h *heardFrame) error {
	if h.bytes != nil {
		return c.Receive(h.now, h.bytes)
	}
	c.Draw(h.now)
	c.Advance(h.now, h.in, 0)
	return nil
}

func TestReceiveAdvanceAndDrawAllocateNothingOnceWarm(t *testing.T) {
	tape := record(t, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Loss: 10_000, Seed: 6}, 60*protocol.Second)
	c := New(Config{Game: course})
	c.Hello(tape[0].now)
	const warm = 4000
	if len(tape) < 10_000 {
		t.Fatalf("a tape of %d", len(tape))
	}
	for i := range tape[:warm] {
		if err := play(c, &tape[i]); err != nil {
			t.Fatal(err)
		}
	}
	i := warm
	n := testing.AllocsPerRun(len(tape)-warm-1, func() {
		if err := play(c, &tape[i]); err != nil {
			t.Fatal(err)
		}
		i++
	})
	if n != 0 {
		t.Errorf("%v allocations per call", n)
	}
	if s := c.Stats(); s.Corrections.Touch == 0 || s.Corrections.Late == 0 || s.Verdicts.Agreed == 0 {
		t.Errorf("the tape is too calm: %+v", s)
	}
}

func BenchmarkSecondOfPlay(b *testing.B) {
	tape := record(b, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Loss: 10_000, Seed: 6}, 60*protocol.Second)
	b.ReportAllocs()
	for b.Loop() {
		c := New(Config{Game: course})
		c.Hello(tape[0].now)
		for i := range tape {
			if err := play(c, &tape[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/60, "ns/second-of-play")
}

func TestFramesOutOfOrderAreRefused(t *testing.T) {
	tape := record(t, clean(20*ms), 2*protocol.Second)
	var frames [][]byte
	for i := range tape {
		if tape[i].bytes != nil {
			frames = append(frames, tape[i].bytes)
		}
	}
	welcome, start, first, second, third := frames[0], frames[1], frames[2], frames[3], frames[4]
	var enc frame.Encoder
	badStart := enc.Start(nil, &frame.Start{Title: "x", Blob: []byte{1}})
	badRates := enc.Welcome(nil, &frame.Welcome{Version: 1, Player: 1, TickRate: 60, SnapshotEvery: 61})
	hello := enc.Hello(nil, &frame.Hello{Version: protocol.Version})

	tests := []struct {
		name   string
		frames [][]byte
		want   error
	}{
		{"in order", [][]byte{welcome, start, first, second, third}, nil},
		{"a new match", [][]byte{welcome, start, first, second, start, first}, nil},
		{"start before welcome", [][]byte{start}, ErrOrder},
		{"snapshot before start", [][]byte{welcome, first}, ErrOrder},
		{"two welcomes", [][]byte{welcome, welcome}, ErrOrder},
		{"a client's frame", [][]byte{hello}, ErrOrder},
		{"the same snapshot again", [][]byte{welcome, start, first, first}, ErrBase},
		{"a snapshot left out", [][]byte{welcome, start, first, third}, frame.ErrBad},
		{"a delta first", [][]byte{welcome, start, second}, frame.ErrBad},
		{"a delta after a new match", [][]byte{welcome, start, first, start, second}, ErrBase},
		{"garbage", [][]byte{welcome, {0xc1, 1, 2}}, frame.ErrBad},
		{"nothing", [][]byte{{}}, frame.ErrBad},
		{"cut short", [][]byte{welcome, start, first[:len(first)-1]}, frame.ErrBad},
		{"a start the game refuses", [][]byte{welcome, badStart}, ErrStart},
		{"impossible rates", [][]byte{badRates}, ErrRates},
	}
	for _, tt := range tests {
		c := New(Config{Game: course})
		c.Hello(0)
		var err error
		for i, f := range tt.frames {
			if err != nil {
				t.Errorf("%s: frame %d already failed: %v", tt.name, i-1, err)
			}
			err = c.Receive(protocol.Micros(i+1)*20*ms, f)
		}
		if !errors.Is(err, tt.want) || err == nil != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// A server is not trusted more than it needs to be: whatever it sends, the client refuses or plays.
func TestNoFrameMakesAClientPanic(t *testing.T) {
	tape := record(t, clean(20*ms), 3*protocol.Second)
	n := uint32(1)
	for round := range 300 {
		c := New(Config{Game: course})
		c.Hello(tape[0].now)
		for i := range tape {
			h := tape[i]
			if n = n*1664525 + 1013904223; h.bytes != nil && n>>24 < 8 {
				h.bytes = append([]byte(nil), h.bytes...)
				h.bytes[int(n>>8)%len(h.bytes)] ^= byte(1 << (n & 7))
			}
			if err := play(c, &h); err != nil {
				break
			}
		}
		c.Draw(tape[len(tape)-1].now + protocol.Micros(round))
		c.Stats()
	}
}

func TestReconnectingKeepsTheSeatAndUsesTheNewestToken(t *testing.T) {
	a := newAuthority(t, 4)
	p := a.join(clean(50*ms), 144, hunt())
	a.run(10 * protocol.Second)
	token, before := p.client.token, *p.client.Stats()
	if token == "" || token != p.client.Welcome().Token {
		t.Fatalf("token %q", token)
	}
	// The first connection dies; a second later the owner tries again.
	p.asleep = pause{a.now, a.now + protocol.Second}
	a.run(protocol.Second)
	hello := p.client.Hello(a.now + p.skew)
	var h frame.Hello
	if err := p.dec.Hello(hello, &h); err != nil || h.Token != token || h.Room != "course-1" || h.Game != "course" {
		t.Fatalf("%+v %v", h, err)
	}
	if p.client.Joined() || p.client.Advance(a.now+p.skew, Controls{}, 0) != nil {
		t.Error("still joined after Hello")
	}
	if pic := p.client.Draw(a.now + p.skew); len(pic.Scene.Entities()) != 0 || pic.View != (protocol.View{}) {
		t.Error("something is drawn without a connection")
	}
	a.reconnect(p, clean(100*ms))
	a.run(400 * ms)
	if !p.client.Joined() || p.client.token == token {
		t.Fatalf("joined %v, token %q", p.client.Joined(), p.client.token)
	}
	absent := p.absent
	a.run(20 * protocol.Second)
	s := p.client.Stats()
	if s.Corrections.Unknown != 0 || s.Verdicts.Denied != 0 || p.absent > absent+1 || s.Connections != 3 {
		t.Errorf("%d late inputs, %+v", p.absent-absent, *s)
	}
	if d := s.RTT - 100*ms; d < -ms || d > ms {
		t.Errorf("RTT %d on the new connection", s.RTT)
	}
	if s.Verdicts.Agreed <= before.Verdicts.Agreed+40 {
		t.Errorf("%d shots agreed before and %d after", before.Verdicts.Agreed, s.Verdicts.Agreed)
	}
}

func TestTheNextMatchBeginsAnew(t *testing.T) {
	a := newAuthority(t, 4)
	p := a.join(clean(50*ms), 144, hunt())
	a.run(20 * protocol.Second)
	first, n := p.client.Start()
	if n != 1 || first.Title != "course" || len(first.Blob) != 3 {
		t.Fatalf("start %+v, %d", first, n)
	}
	before := *p.client.Stats()
	a.next()
	a.run(20 * protocol.Second)
	if _, n := p.client.Start(); n != 2 {
		t.Errorf("%d starts", n)
	}
	s := p.client.Stats()
	if tick := p.client.Draw(a.now + p.skew).Tick; tick > 1220 || tick < 1195 {
		t.Errorf("tick %d after twenty seconds of the match", tick)
	}
	if s.Corrections.Unknown != 0 || s.Verdicts.Denied != 0 || s.Verdicts.Agreed < before.Verdicts.Agreed+50 {
		t.Errorf("%+v", *s)
	}
}

func TestSightIsTheLastPicture(t *testing.T) {
	a := newAuthority(t, 4)
	checked := 0
	p := a.join(clean(50*ms), 144, nil)
	p.hands = func(p *peer, pic *Picture) Controls {
		s := p.client.Sight()
		if p.client.Joined() {
			if s.Me != p.id || s.Scene != pic.Scene || len(s.Own) != len(pic.Own) || s.Tick != p.client.predict.last+1 {
				t.Fatalf("%+v", s)
			}
			checked++
		}
		press := [2]uint8{250, 4} // what the owner's counters stand at when the match begins
		if checked > 50 {
			press = [2]uint8{2, 5}
		}
		in := ControlsOf(protocol.Command{Tick: s.Tick, MoveX: 5, Aim: 9, Held: 1, Select: 2, Press: press})
		in.Counted = false // they are a person's
		return in
	}
	a.run(2 * protocol.Second)
	c := p.held
	if checked < 100 || c.MoveX != 5 || c.Aim != 9 || c.Held != 1 || c.Select != 2 || c.Press != [2]uint8{8, 1} || c.View.A == 0 {
		t.Errorf("%d sights; the authority got %+v", checked, c)
	}
}

func TestOnesOwnEntityIsDrawnAsPredicted(t *testing.T) {
	a := newAuthority(t, 2)
	p := a.join(clean(200*ms), 144, nil)
	q := a.join(clean(20*ms), 144, idle)
	p.hands = func(*peer, *Picture) Controls { return Controls{MoveX: 100} }
	a.run(3 * protocol.Second)
	pic := p.client.Draw(a.now + p.skew)
	mine, theirs := pic.Scene.Find(protocol.EntityID(p.id)), pic.Scene.Find(protocol.EntityID(q.id))
	if mine == nil || theirs == nil || len(pic.Scene.Entities()) != 4 {
		t.Fatalf("scene %+v", pic.Scene.Entities())
	}
	if got, newest := mine.Row[0], pic.Own[0]/16; got > newest+1 || got < newest-pic.Own[2]/16-1 {
		t.Errorf("drawn at %d, predicted at %d with speed %d", got, newest, pic.Own[2]/16)
	}
	truth := a.match.Snapshot().Find(protocol.EntityID(p.id)).Row[0]
	if ahead := mine.Row[0] - truth; ahead < 3*pic.Own[2]/16 {
		t.Errorf("only %d/16 units ahead of the authority", ahead)
	}
}

func TestSayFitsWhatTheProtocolAllows(t *testing.T) {
	tests := []struct{ in, want string }{
		{"hello", "hello"},
		{strings.Repeat("x", 500), strings.Repeat("x", protocol.MaxChatRunes)},
		{strings.Repeat("😀", 200), strings.Repeat("😀", protocol.MaxChatBytes/4)},
		{"a\xffb", "ab"},
	}
	c := New(Config{Game: course})
	if c.Say("too early") != nil {
		t.Error("said something before the Welcome")
	}
	c.welcomed = true
	var dec frame.Decoder
	for _, tt := range tests {
		var chat frame.Chat
		if err := dec.Chat(c.Say(tt.in), &chat); err != nil || chat.Text != tt.want {
			t.Errorf("%q became %q, %v", tt.in, chat.Text, err)
		}
	}
	if c.Say("") != nil || c.Say("\xff") != nil {
		t.Error("said nothing aloud")
	}
}
