package frame

import (
	"hindsight/protocol"
	"hindsight/protocol/wire"
)

// Encoder writes frames. Each method appends one frame to dst and returns the longer slice. The
// zero value is ready; it must not be copied, belongs to one goroutine, and allocates only when dst
// has to grow.
//
// It does not check lengths: texts, lists and blobs over the limits of package protocol give a frame
// that the other side refuses.
type Encoder struct {
	w    wire.Writer
	past past // of the snapshots written
}

func (e *Encoder) begin(dst []byte, elements int, t Type) *wire.Writer {
	e.w.Reset(dst)
	e.w.Array(elements)
	e.w.Uint(uint64(t))
	return &e.w
}

// Hello appends a Hello.
func (e *Encoder) Hello(dst []byte, h *Hello) []byte {
	w := e.begin(dst, helloElements, TypeHello)
	w.Uint(uint64(h.Version))
	w.String(h.Game)
	w.String(h.Build)
	w.String(h.Name)
	w.String(h.Room)
	w.String(h.Token)
	w.String(h.Ticket)
	w.Bool(h.Watch)
	return w.Bytes()
}

// Input appends an Input. Commands must be in ascending order of tick. A view that lies outside what
// the wire can say (see PROTOCOL.md) travels as none.
func (e *Encoder) Input(dst []byte, in *Input) []byte {
	w := e.begin(dst, inputElements+len(in.Commands), TypeInput)
	status := int64(in.Commands[len(in.Commands)-1].Tick.Sub(in.Echo)) << 1
	if in.Hidden {
		status |= 1
	}
	w.Int(status)
	last := protocol.Tick(0)
	for i := range in.Commands {
		c := &in.Commands[i]
		e.command(c, last)
		last = c.Tick
	}
	return w.Bytes()
}

// command writes a command given after one for tick last, without the zeroes at its end.
func (e *Encoder) command(c *protocol.Command, last protocol.Tick) {
	v := [commandElements]int64{
		int64(c.Tick - last),
		int64(c.MoveX)<<8 + int64(c.MoveY),
		int64(c.Aim),
		int64(c.Held),
		0, 0, 0, // view
		int64(c.Press[0]),
		int64(c.Press[1]),
		int64(c.Select),
	}
	if back, span := int64(c.Tick)-int64(c.View.A), int64(c.View.B)-int64(c.View.A); c.View.A != 0 &&
		back > 0 && back <= maxViewTicks && span >= 0 && span <= maxViewTicks && c.View.Frac < protocol.MaxFrac {
		v[4], v[5], v[6] = back, span, int64(c.View.Frac)
	}
	n := commandElements
	for v[n-1] == 0 && n > 1 {
		n--
	}
	e.w.Array(n)
	for _, x := range v[:n] {
		e.w.Int(x)
	}
}

// Chat appends a Chat.
func (e *Encoder) Chat(dst []byte, c *Chat) []byte {
	w := e.begin(dst, chatElements, TypeChat)
	w.String(c.Text)
	return w.Bytes()
}

// Welcome appends a Welcome.
func (e *Encoder) Welcome(dst []byte, m *Welcome) []byte {
	w := e.begin(dst, welcomeElements, TypeWelcome)
	w.Uint(uint64(m.Version))
	w.String(m.Build)
	w.String(m.Room)
	w.Uint(uint64(m.Player))
	w.String(m.Token)
	w.Uint(uint64(m.TickRate))
	w.Uint(uint64(m.SnapshotEvery))
	w.Uint(uint64(m.MaxLead))
	w.Uint(uint64(m.MaxRewind))
	w.Uint(uint64(m.SeatSeconds))
	return w.Bytes()
}

// Start appends a Start.
func (e *Encoder) Start(dst []byte, s *Start) []byte {
	w := e.begin(dst, startElements, TypeStart)
	w.Uint(uint64(s.Tick))
	w.Uint(uint64(s.Press[0]))
	w.Uint(uint64(s.Press[1]))
	w.String(s.Title)
	w.Bin(s.Blob)
	w.Array(len(s.Roster))
	for i := range s.Roster {
		seat := &s.Roster[i]
		w.Array(seatElements)
		w.Uint(uint64(seat.Player))
		w.String(seat.Name)
		w.Bool(seat.Bot)
		w.Int(int64(seat.Status))
	}
	return w.Bytes()
}
