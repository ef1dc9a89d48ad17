package room

import (
	"fmt"
	"strconv"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// runner is a client that runs, turns and shoots, and takes every snapshot at once.
type runner struct {
	seat   Seat
	dec    frame.Decoder
	bytes  []byte
	input  frame.Input
	index  int
	newest protocol.Tick
	before protocol.Tick
	sent   int
}

func (c *runner) Ready() bool              { return true }
func (c *runner) Waited() protocol.Micros  { return 0 }
func (c *runner) Buffer() []byte           { return c.bytes[:0] }
func (c *runner) Post([]byte)              {}
func (c *runner) Close(protocol.CloseCode) {}

func (c *runner) Send(b []byte) {
	c.bytes = b
	c.sent += len(b)
	if h, err := c.dec.Header(b); err == nil {
		c.before, c.newest = c.newest, h.Tick
	}
}

// command hands in the command of tick t.
func (c *runner) command(t protocol.Tick, now protocol.Micros) {
	phase := int(t) + 37*c.index
	cmd := protocol.Command{
		Tick: t, MoveX: int8(127 * (phase/40%3 - 1)), MoveY: int8(127 * (phase/60%3 - 1)),
		Aim: uint16(phase * 211), Held: protocol.Buttons(phase / 90 % 2),
	}
	if c.before != 0 {
		cmd.View = protocol.View{A: c.before, B: c.newest, Frac: 128}
	}
	c.input.Echo = c.newest
	c.input.Commands = append(c.input.Commands[:0], cmd)
	c.seat.Input(now, &c.input)
}

// BenchmarkTick is a tick of the arena with 16 people who fight: commands, step, history and snapshots,
// all but the sockets.
func BenchmarkTick(b *testing.B) {
	for _, every := range []int{1, 3} {
		b.Run(fmt.Sprintf("16/every=%d", every), func(b *testing.B) {
			now, tokens := protocol.Micros(0), 0
			rotation, err := maps.NewRotation(map[string]string{"time": "3600", "warmup": "0", "score": "0"}, nil)
			if err != nil {
				b.Fatal(err)
			}
			r, err := New(Config{
				ID: "bench", Host: game.Host{Definition: arena.Game, NewRotation: maps.NewRotation}, Rotation: rotation, Seed: 1, SnapshotEvery: every,
				Now:   func() protocol.Micros { return now },
				Token: func() string { tokens++; return strconv.Itoa(tokens) },
			})
			if err != nil {
				b.Fatal(err)
			}
			var all []*runner
			for i := range 16 {
				c := &runner{index: i}
				if c.seat, err = r.Admit(Entrant{Name: "runner", Sender: c}); err != nil {
					b.Fatal(err)
				}
				all = append(all, c)
			}
			tick := func() {
				next := r.Match().Tick() + 1
				for _, c := range all {
					c.command(next, now)
				}
				now, _ = r.Next()
				r.Tick(now)
			}
			for range 300 {
				tick()
			}
			before := all[3].sent
			b.ReportAllocs()
			for b.Loop() {
				tick()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(16*b.N), "ns/player")
			b.ReportMetric(float64(all[3].sent-before)/float64(b.N), "B/player")
		})
	}
}
