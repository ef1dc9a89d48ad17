package load

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

const testTick = protocol.Second / 60

// authority is the server's end of a line in virtual time: it sends snapshots of nothing and sees what
// comes for which tick.
type authority struct {
	t      *testing.T
	enc    frame.Encoder
	dec    frame.Decoder
	in     frame.Input
	origin protocol.Micros // when tick 0 was due
	base   protocol.Tick
	heard  protocol.Tick
	margin protocol.Micros
	views  replication.Views

	commands, late, clamped int
}

func (a *authority) start(h *hands) {
	a.base, a.heard = 0, 0
	a.views = replication.Views{}
	if snapshot, err := h.receive(0, a.enc.Start(nil, &frame.Start{Tick: 0, Title: "test", Press: [2]uint8{7, 9}})); err != nil || snapshot {
		a.t.Fatal(snapshot, err)
	}
}

// send gives the hands the snapshot of tick t.
func (a *authority) send(h *hands, now protocol.Micros, t protocol.Tick) {
	a.t.Helper()
	head := frame.Header{Tick: t, Base: a.base, Heard: a.heard, Margin: int32(a.margin * 4 / protocol.Millisecond)}
	b := a.enc.Snapshot(nil, &head, frame.Rows{}, nil, nil)
	if snapshot, err := h.receive(now, b); err != nil || !snapshot {
		a.t.Fatalf("tick %d: snapshot %v, %v", t, snapshot, err)
	}
	a.base = t
	a.views.Sent(t)
}

// take looks at an input frame that arrives now.
func (a *authority) take(now protocol.Micros, in *frame.Input) {
	a.t.Helper()
	if err := a.dec.Input(a.enc.Input(nil, in), &a.in); err != nil {
		a.t.Fatalf("%+v: %v", in, err)
	}
	for i := range a.in.Commands {
		c := &a.in.Commands[i]
		a.heard = max(a.heard, c.Tick)
		a.margin = a.origin + protocol.Micros(c.Tick)*testTick - now
		a.commands++
		if a.margin < 0 {
			a.late++
		}
		if _, clamp := a.views.Check(c.Tick, c.Tick, a.in.Echo, c.View); clamp != 0 {
			a.clamped++
		}
	}
}

// play lets hands play for that many ticks, at so many messages a second and ticks to a snapshot.
func (a *authority) play(h *hands, messages, every, ticks int, delay protocol.Micros, jitter func() protocol.Micros) {
	a.t.Helper()
	began := a.origin
	next := began + 777
	for t := 1; t <= ticks; t++ {
		for now := a.origin + protocol.Micros(t)*testTick; next < now; next += protocol.Second / protocol.Micros(messages) {
			var in frame.Input
			if h.input(next, &in) {
				a.take(next+delay+jitter(), &in)
			}
		}
		if t%every == 0 {
			a.send(h, a.origin+protocol.Micros(t)*testTick+delay+jitter(), protocol.Tick(t))
		}
	}
}

func still() protocol.Micros { return 0 }

func TestCommandsComeInTimeForEveryTick(t *testing.T) {
	for _, messages := range []int{60, 30, 20} {
		for _, every := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%d messages, a snapshot every %d", messages, every), func(t *testing.T) {
				a := &authority{t: t, origin: 5 * protocol.Second}
				h := newHands(3, 60, messages)
				a.start(h)
				a.play(h, messages, every, 600, 2*protocol.Millisecond, still)
				if a.commands < 580 || a.late > 30 || a.clamped > 10 {
					t.Errorf("of 600 ticks %d had a command, %d came late, %d views were changed", a.commands, a.late, a.clamped)
				}
			})
		}
	}
}

func TestEveryInputDecodesWhateverTheLineDoes(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 1))
		a := &authority{t: t, origin: protocol.Micros(rng.IntN(1_000_000))}
		h := newHands(int(seed), 60, 30)
		for match := range 3 {
			a.start(h)
			a.play(h, 30, 3, 300, 0, func() protocol.Micros {
				if rng.IntN(50) == 0 {
					return protocol.Micros(rng.IntN(500_000))
				}
				return 0
			})
			a.origin += protocol.Micros(match+1) * 7 * protocol.Second
		}
	}
}

func TestHandsRefuseWhatDoesNotFollow(t *testing.T) {
	var enc frame.Encoder
	snapshot := func(tick, base protocol.Tick) []byte {
		return enc.Snapshot(nil, &frame.Header{Tick: tick, Base: base}, frame.Rows{}, nil, nil)
	}
	h := newHands(0, 60, 30)
	if _, err := h.receive(0, snapshot(1, 0)); err != errOrder {
		t.Errorf("a snapshot before a match: %v", err)
	}
	if _, err := h.receive(0, enc.Start(nil, &frame.Start{})); err != nil {
		t.Fatal(err)
	}
	if _, err := h.receive(0, snapshot(3, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.receive(0, enc.Start(nil, &frame.Start{})); err != nil {
		t.Fatal(err)
	}
	if _, err := h.receive(0, snapshot(9, 3)); err != errBase {
		t.Errorf("a snapshot that follows one of the match before: %v", err)
	}
	if _, err := h.receive(0, enc.Hello(nil, &frame.Hello{})); err != errOrder {
		t.Errorf("a Hello from a server: %v", err)
	}
}
