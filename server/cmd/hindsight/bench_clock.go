package main

import (
	"context"
	"fmt"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/alarm"
	"hindsight/server/lab"
	"hindsight/server/mono"
	"hindsight/server/room"
)

// clockResult is what a room on the real clock showed: metrics 12 and 13.
type clockResult struct {
	room.NoMeter
	players int
	late    lab.Histogram // how late ticks began, in µs
	took    lab.Histogram // how long a tick took, in ns for each player
	overrun int           // ticks that were given up
}

// runClock runs the arena's room on the real clock, with that many clients in this process. Half of a
// client is played by a listener that answers each snapshot with an input. What is missing is the
// socket: isolation (metric 17) is about that and is measured where there are sockets.
func runClock(ctx context.Context, d time.Duration, players int) (*clockResult, error) {
	host, rotation, err := lab.Arena()
	if err != nil {
		return nil, err
	}
	r := &clockResult{players: players, late: lab.Histogram{Bin: 10}, took: lab.Histogram{Bin: 50}}
	tokens := 0
	rm, err := room.New(room.Config{
		ID: "clock", Host: host, Rotation: rotation, Seed: 1, Now: mono.Now, Alarm: alarm.NewClock(mono.Now).New(), Meter: func() room.Meter { return r },
		Token: func() string { tokens++; return fmt.Sprint("clock.", tokens) },
	})
	if err != nil {
		return nil, err
	}
	for i := range players {
		e := &echoer{buf: make([]byte, 0, protocol.MaxFrame)}
		e.input.Commands = make([]protocol.Command, 1)
		if e.seat, err = rm.Admit(room.Entrant{Name: fmt.Sprint("Player ", i+1), Sender: e}); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return r, rm.Run(ctx)
}

// Tick implements room.Meter.
func (r *clockResult) Tick(late, took protocol.Micros) {
	r.late.Add(int64(late))
	r.took.Add(int64(took) * 1000 / int64(r.players))
}

// Overrun implements room.Meter.
func (r *clockResult) Overrun(n int) { r.overrun += n }

// figures returns the metrics that only a real clock knows.
func (r *clockResult) figures() []lab.Figure {
	ms := func(q float64) float64 { return float64(r.late.Quantile(q)) / 1000 }
	took := float64(r.took.Quantile(0.5)) / 1000
	return []lab.Figure{
		{
			Metric: 12, Name: "Tick lateness",
			Values: []lab.Value{{Label: "p50", V: ms(.5), Unit: "ms"}, {Label: "p99", V: ms(.99), Unit: "ms"}, {Label: "most", V: ms(1), Unit: "ms"}},
			Goal:   "≤ 0.1, ≤ 1 ms", Met: ms(.5) <= 0.1 && ms(.99) <= 1,
			Note: "on an otherwise idle machine",
		},
		{
			Metric: 13, Name: "Tick duration of a player",
			Values: []lab.Value{{Label: "p50", V: took, Unit: "µs"}, {Label: "p99", V: float64(r.took.Quantile(.99)) / 1000, Unit: "µs"}},
			Goal:   "≤ 15 µs", Met: took <= 15, Note: "without sockets",
		},
	}
}

// echoer is a client on the real clock. The room's goroutine is the only one that calls it.
type echoer struct {
	seat  room.Seat
	dec   frame.Decoder
	buf   []byte
	input frame.Input
}

// Ready implements room.Sender.
func (e *echoer) Ready() bool { return true }

// Waited implements room.Sender.
func (e *echoer) Waited() protocol.Micros { return 0 }

// Buffer implements room.Sender.
func (e *echoer) Buffer() []byte { return e.buf[:0] }

// Send implements room.Sender: it answers with a command for a tick soon to come.
func (e *echoer) Send(b []byte) {
	e.buf = b
	h, err := e.dec.Header(b)
	if err != nil {
		return
	}
	e.input.Echo = h.Tick
	e.input.Commands[0] = protocol.Command{Tick: h.Tick + 2, MoveX: int8(h.Tick), MoveY: int8(h.Tick >> 3), Aim: uint16(h.Tick * 99), Held: 1, View: protocol.View{A: h.Tick, B: h.Tick}}
	e.seat.Input(mono.Now(), &e.input)
}

// Post implements room.Sender.
func (e *echoer) Post([]byte) {}

// Close implements room.Sender.
func (e *echoer) Close(protocol.CloseCode) {}
